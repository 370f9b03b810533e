"""The tag policy. Source: AWS Organizations User Guide, tag policy syntax and examples."""

from __future__ import annotations

from policylint.policy_types.shape import Container, PolicyType, Setting, Values

RESOURCE_TYPES = Values(
    "a resource type such as ec2:instance, or a service's ALL_SUPPORTED such as ec2:ALL_SUPPORTED",
    pattern=r"[a-z0-9-]+:[A-Za-z0-9_/-]+",
)
# What AWS refuses here is unknown, so nothing is.
REPORTED_TYPES = Values("a resource type such as ec2:instance")

TAG = PolicyType(
    enum="TAG_POLICY",
    folder="tag",
    title="tag policy",
    top_key="tags",
    content=Container(
        entry=Container(
            {
                "tag_key": Setting(
                    Values("a text of 1 to 128 characters", length=(1, 128), scalars=frozenset({"string"}))
                ),
                "tag_value": Setting(Values("a text with at most one '*'", wildcard_limit=1), multi=True),
                "enforced_for": Setting(RESOURCE_TYPES, multi=True),
                "report_required_tag_for": Setting(REPORTED_TYPES, multi=True),
            }
        ),
        entry_names=Values("a tag key of 1 to 128 characters", length=(1, 128)),
        entry_noun="tag",
    ),
    size_limit=10_000,
    attach_limit=10,
    organization_limit=1_000,
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html",
)
