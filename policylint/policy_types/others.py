"""The types of which AWS documents less: their top key, operators, quotas, and which settings hold lists.

What is not described here is left alone, and values are not checked. Source: the type's own syntax page in the AWS
Organizations User Guide, and its page of quotas.
"""

from __future__ import annotations

from policylint.policy_types.shape import Container, Node, PolicyType, Setting, Values

GUIDE = "https://docs.aws.amazon.com/organizations/latest/userguide/"
ANY = Values("a string")
ONE = Setting(ANY)
LIST = Setting(ANY, multi=True)


def _open(**fields: Node) -> Container:
    return Container(fields, open=True)


def _each(entry: Node, noun: str, **fields: Node) -> Container:
    """A container whose entries have names of the user's choosing."""
    return Container(fields, entry=entry, entry_noun=noun)


def _type(
    enum: str,
    folder: str,
    title: str,
    top_key: str,
    page: str,
    limits: tuple[int | None, int | None],
    content: Container,
    **misnamed: str,
) -> PolicyType:
    size, stored = limits
    return PolicyType(enum, folder, title, top_key, content, size, 10, stored, GUIDE + page, misnamed)


REGION_LISTS: dict[str, Node] = {"enable_in_regions": LIST, "disable_in_regions": LIST}
SCAN = _open(**REGION_LISTS)

WATERMARK = _open(
    watermark_key=ONE,
    source_image_region=ONE,
    maximum_days_since_source_image_created=ONE,
    maximum_days_since_watermark_created=ONE,
)
CRITERION = _open(
    allowed_image_providers=LIST,
    image_names=LIST,
    marketplace_product_codes=LIST,
    creation_date_condition=_open(maximum_days_since_created=ONE),
    deprecation_time_condition=_open(maximum_days_since_deprecated=ONE),
    image_watermarks=_each(WATERMARK, "watermark"),
)
EC2 = _open(
    exception_message=ONE,
    vpc_block_public_access=_open(internet_gateway_block=_open(mode=ONE, exclusions_allowed=ONE)),
    serial_console_access=_open(status=ONE),
    image_block_public_access=_open(state=ONE),
    allowed_images_settings=_open(state=ONE, image_criteria=_each(CRITERION, "criterion")),
    instance_metadata_defaults=_open(
        http_tokens=ONE,
        http_put_response_hop_limit=ONE,
        http_endpoint=ONE,
        instance_metadata_tags=ONE,
        http_tokens_enforced=ONE,
    ),
    vpc_encryption_control=_open(mode=ONE, exclusions=LIST),
    snapshot_block_public_access=_open(state=ONE),
)

INSPECTOR = _open(
    enablement=_open(
        ec2_scanning=SCAN,
        ecr_scanning=SCAN,
        lambda_standard_scanning=_open(**REGION_LISTS, lambda_code_scanning=SCAN),
        code_repository_scanning=SCAN,
    )
)

GUARDRAIL = _open(
    identifier=ONE,
    selective_content_guarding=_open(system=ONE, messages=ONE),
    model_enforcement=_open(included_models=LIST, excluded_models=LIST),
)
BEDROCK = _open(guardrail_inference=_each(_open(config_1=GUARDRAIL), "Region"))

PATCH_ORDER = _open(patch_order=ONE)
UPGRADE_ROLLOUT = _open(default=PATCH_ORDER, tags=_each(_open(tag_values=_each(PATCH_ORDER, "tag value")), "tag"))

FEATURE = _open(status=ONE)
GUARDDUTY_FEATURES = (
    "foundational",
    "s3_data_events",
    "eks_audit_logs",
    "ebs_malware_protection",
    "rds_login_events",
    "lambda_network_logs",
    "ai_protection",
)
GUARDDUTY_BLOCK = Container(
    {
        **dict.fromkeys(GUARDDUTY_FEATURES, FEATURE),
        "runtime_monitoring": _open(status=ONE, additional_configuration=_each(FEATURE, "feature")),
    },
    open=True,
)
GUARDDUTY = _open(enablement=_each(GUARDDUTY_BLOCK, "Region", default=GUARDDUTY_BLOCK))

OTHERS = (
    _type(
        "DECLARATIVE_POLICY_EC2",
        "ec2",
        "EC2 policy",
        "ec2_attributes",
        "orgs_manage_policies_ec2_syntax.html",
        (10_000, 1_000),
        EC2,
        internet_gateway="internet_gateway_block",  # as an older state of AWS's page had it
    ),
    _type(
        "SECURITYHUB_POLICY",
        "security-hub",
        "Security Hub policy",
        "securityhub",
        "orgs_manage_policies_security_hub_syntax.html",
        (10_000, 1_000),
        SCAN,
    ),
    _type(
        "SECURITYHUB_CSPM_POLICY",
        "security-hub-cspm",
        "Security Hub CSPM policy",
        "securityhub_cspm",
        "orgs_manage_policies.html",
        (None, None),
        _open(),  # AWS has no page on its syntax
    ),
    _type(
        "INSPECTOR_POLICY",
        "inspector",
        "Inspector policy",
        "inspector",
        "orgs_manage_policies_inspector_syntax.html",
        (10_000, None),
        INSPECTOR,
    ),
    _type(
        "BEDROCK_POLICY",
        "bedrock",
        "Bedrock policy",
        "bedrock",
        "orgs_manage_policies_bedrock_syntax.html",
        (10_000, None),
        BEDROCK,
    ),
    _type(
        "S3_POLICY",
        "s3",
        "S3 policy",
        "s3_attributes",
        "orgs_manage_policies_s3_syntax.html",
        (10_000, None),
        _open(public_access_block_configuration=ONE),
    ),
    _type(
        "UPGRADE_ROLLOUT_POLICY",
        "upgrade-rollout",
        "upgrade rollout policy",
        "upgrade_rollout",
        "orgs_manage_policies_upgrade_syntax.html",
        (10_000, None),
        UPGRADE_ROLLOUT,
    ),
    _type(
        "NETWORK_SECURITY_DIRECTOR_POLICY",
        "network-security-director",
        "network security director policy",
        "network_security_director",
        "orgs_manage_policies_network_security_director_syntax.html",
        (None, None),
        _open(enablement=_open(network_security_scan=SCAN)),
    ),
    _type(
        "GUARDDUTY_POLICY",
        "guardduty",
        "GuardDuty policy",
        "guardduty",
        "orgs_manage_policies_guardduty_syntax.html",
        (None, None),
        GUARDDUTY,
    ),
)
