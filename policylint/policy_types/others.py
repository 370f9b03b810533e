"""The types whose fields are not described yet: their top key, operators and quotas are checked, no more.

Source: the type's own syntax page in the AWS Organizations User Guide, and its page of quotas.
"""

from __future__ import annotations

from policylint.policy_types.shape import Container, PolicyType

GUIDE = "https://docs.aws.amazon.com/organizations/latest/userguide/"


def _type(
    enum: str, folder: str, title: str, top_key: str, page: str, limits: tuple[int | None, int | None]
) -> PolicyType:
    size, stored = limits
    return PolicyType(enum, folder, title, top_key, Container(open=True), size, 10, stored, GUIDE + page)


OTHERS = (
    _type(
        "DECLARATIVE_POLICY_EC2",
        "ec2",
        "EC2 policy",
        "ec2_attributes",
        "orgs_manage_policies_ec2_syntax.html",
        (10_000, 1_000),
    ),
    _type(
        "SECURITYHUB_POLICY",
        "security-hub",
        "Security Hub policy",
        "securityhub",
        "orgs_manage_policies_security_hub_syntax.html",
        (10_000, 1_000),
    ),
    _type(
        "SECURITYHUB_CSPM_POLICY",
        "security-hub-cspm",
        "Security Hub CSPM policy",
        "securityhub_cspm",
        "orgs_manage_policies.html",
        (None, None),
    ),
    _type(
        "INSPECTOR_POLICY",
        "inspector",
        "Inspector policy",
        "inspector",
        "orgs_manage_policies_inspector_syntax.html",
        (10_000, None),
    ),
    _type(
        "BEDROCK_POLICY",
        "bedrock",
        "Bedrock policy",
        "bedrock",
        "orgs_manage_policies_bedrock_syntax.html",
        (10_000, None),
    ),
    _type("S3_POLICY", "s3", "S3 policy", "s3_attributes", "orgs_manage_policies_s3_syntax.html", (10_000, None)),
    _type(
        "UPGRADE_ROLLOUT_POLICY",
        "upgrade-rollout",
        "upgrade rollout policy",
        "upgrade_rollout",
        "orgs_manage_policies_upgrade_syntax.html",
        (10_000, None),
    ),
    _type(
        "NETWORK_SECURITY_DIRECTOR_POLICY",
        "network-security-director",
        "network security director policy",
        "network_security_director",
        "orgs_manage_policies_network_security_director_syntax.html",
        (None, None),
    ),
    _type(
        "GUARDDUTY_POLICY",
        "guardduty",
        "GuardDuty policy",
        "guardduty",
        "orgs_manage_policies_guardduty_syntax.html",
        (None, None),
    ),
)
