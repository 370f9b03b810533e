"""The types that limit what may be done: they filter one another and don't merge, so that nothing here checks them.

They are known so that an organization can be written down as it is. Source of the numbers: AWS's page of quotas,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from policylint.policy_types.shape import Container, PolicyType

GUIDE = "https://docs.aws.amazon.com/organizations/latest/userguide/"

LIMITS = (
    PolicyType(
        enum="SERVICE_CONTROL_POLICY",
        folder="scp",
        title="service control policy",
        top_key="",
        content=Container(open=True),
        size_limit=10_240,
        attach_limit=10,
        organization_limit=10_000,
        source=GUIDE + "orgs_manage_policies_scps_syntax.html",
        checked=False,
        other_names=("scps",),
        aws_managed=frozenset({"FullAWSAccess"}),
    ),
    PolicyType(
        enum="RESOURCE_CONTROL_POLICY",
        folder="rcp",
        title="resource control policy",
        top_key="",
        content=Container(open=True),
        size_limit=5_120,
        attach_limit=5,
        organization_limit=2_000,
        source=GUIDE + "orgs_manage_policies_rcps_syntax.html",
        checked=False,
        other_names=("rcps",),
        aws_managed=frozenset({"RCPFullAWSAccess"}),
    ),
)
