"""The backup policy. Source: AWS Organizations User Guide, backup policy syntax and examples."""

from __future__ import annotations

import re

from policylint.policy_types.regions import REGIONS
from policylint.policy_types.shape import (
    Apart,
    Container,
    Excludes,
    Needs,
    PolicyType,
    RarerThan,
    Rejection,
    SameAsName,
    ServiceLimit,
    Setting,
    Timeline,
    Values,
    When,
)

TEXT = frozenset({"string"})
NAME = Values("1 to 50 letters, digits, '.', '_' or '-'", pattern=r"[A-Za-z0-9_.-]{1,50}")
# AWS Backup: StartWindowMinutes and CompletionWindowMinutes of CreateBackupPlan, and Lifecycle of its rules.
MINUTES = Values(
    "a whole number of minutes, 60 or more", minimum=60, service_limit=ServiceLimit(52_560_000, "minutes", "AWS Backup")
)
DAYS = Values("a whole number of days, 1 or more", minimum=1, service_limit=ServiceLimit(36_500, "days", "AWS Backup"))
BOOLEAN = Values("true or false, in lower case", one_of=frozenset({"true", "false"}))
ENABLED = Values("'enabled' or 'disabled'", one_of=frozenset({"enabled", "disabled"}), scalars=TEXT)
PARTITION = r"arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc)"
ROLE = Values(
    "a role ARN with the placeholder, such as arn:aws:iam::$account:role/Backup",
    pattern=PARTITION + r":iam::\$account:role/[\w+=,.@/-]+",
)
COPY_VAULT = Values(
    "a vault ARN with a literal Region, such as arn:aws:backup:eu-west-1:$account:backup-vault:copies",
    pattern=PARTITION + r":backup:[a-z0-9-]+:(\$account|[0-9]{12}):backup-vault:[A-Za-z0-9_-]{1,50}",
)
AIR_GAPPED_VAULT = Values(
    "a vault ARN with both placeholders: arn:aws:backup:$region:$account:backup-vault:NAME",
    pattern=PARTITION + r":backup:\$region:\$account:backup-vault:[A-Za-z0-9_-]{1,50}",
)
TAG_KEY = Values("a string of 1 to 128 characters", length=(1, 128), scalars=TEXT)
TAG_VALUE = Values("a string of at most 256 characters", length=(0, 256))
# What AWS Backup's pages list as assignable; AWS's list grows.
RESOURCE_PATTERNS = (
    "backup-gateway:*:*:vm/*",
    "cloudformation:*:*:stack/*",
    "dsql:*:*:cluster/*",
    "dynamodb:*:*:table/*",
    "ec2:*:*:instance/*",
    "ec2:*:*:volume/*",
    "eks:*:*:cluster/*",
    "elasticfilesystem:*:*:file-system/*",
    "fsx:*:*:file-system/*",
    "fsx:*:*:volume/*",
    "rds:*:*:cluster:*",
    "rds:*:*:db:*",
    "redshift:*:*:cluster:*",
    "redshift-serverless:*:*:namespace/*",
    "s3:::*",
    "ssm-sap:*:*:HANA/*",
    "storagegateway:*:*:gateway/*",
    "timestream:*:*:database/*",
)
RESOURCES = Values(
    "'*' or the pattern of a resource type, such as arn:aws:ec2:*:*:volume/*; single resources can't be named",
    pattern=rf"\*|{PARTITION}:[a-z0-9-]+:[^:]*:[^:]*:.*\*",
    listed=rf"\*|{PARTITION}:({'|'.join(re.escape(pattern) for pattern in RESOURCE_PATTERNS)})",
)

# Fields that depend on each other: docs/aws-behaviour.md, "Admission" and "Validity of the effective policy".
TAG_KEY_IS_NAME = SameAsName(
    "tag_key",
    Rejection(
        "name-differs-from-tag-key",
        "The entry '{name}' has the tag key '{value}', which differs in more than case. AWS rejects the document. Write one name twice.",
    ),
    any_case=True,
)
COPY_IS_ITS_KEY = SameAsName(
    "target_backup_vault_arn",
    Rejection(
        "copy-differs-from-target",
        "The copy is named '{name}', and its target is '{value}'. AWS rejects the document. Write one ARN twice.",
    ),
)
CONTINUOUS = When("enable_continuous_backup", "true", "continuous backup")
CONTINUOUS_LONGEST_DAYS = 35
CONTINUOUS_REJECTED = Rejection(
    "continuous-backup-incomplete",
    f"Continuous backup needs, in the same document, a delete_after_days of at most {CONTINUOUS_LONGEST_DAYS} and no cold storage. AWS rejects anything else.",
)
ARCHIVED = When("lifecycle/opt_in_to_archive_for_supported_resources", "true", "archive opt-in")
ARCHIVE_REJECTED = "archive-opt-in-incomplete"
RULE_FIELDS = (
    Needs(CONTINUOUS, "lifecycle/delete_after_days", at_most=CONTINUOUS_LONGEST_DAYS, rejection=CONTINUOUS_REJECTED),
    Excludes(CONTINUOUS, "lifecycle/move_to_cold_storage_after_days", CONTINUOUS_REJECTED),
    RarerThan(
        ARCHIVED,
        "schedule_expression",
        days=28,
        each="copy_actions",
        rejection=Rejection(
            ARCHIVE_REJECTED,
            "Archive opt-in needs, in the same document, a schedule with at least 28 days between runs. AWS rejects the opt-in without it.",
            at="block",
        ),
    ),
    Apart(
        ARCHIVED,
        "lifecycle/move_to_cold_storage_after_days",
        "lifecycle/delete_after_days",
        days=90,
        each="copy_actions",
        rejection=Rejection(
            ARCHIVE_REJECTED,
            "Archive opt-in needs, in the same document, move_to_cold_storage_after_days and a delete_after_days at least 90 days later. AWS rejects the opt-in without them.",
            at="block",
        ),
    ),
    Needs(
        When("scan_actions", noun="'scan_actions' of a rule"), "../../scan_settings", noun="'scan_settings' of its plan"
    ),
)

LIFECYCLE = Container(
    {
        "move_to_cold_storage_after_days": Setting(DAYS),
        "delete_after_days": Setting(DAYS),
        "opt_in_to_archive_for_supported_resources": Setting(BOOLEAN),
    }
)
# Whoever mentions a tag in a document gives its key and its value there: docs/aws-backup-policies.md.
TAG = Container(
    {
        "tag_key": Setting(TAG_KEY, required_in_document=True),
        "tag_value": Setting(TAG_VALUE, required_in_document=True),
    },
    rules=(TAG_KEY_IS_NAME,),
)
TAGS = Container(entry=TAG, entry_noun="tag")

RULE = Container(
    {
        "schedule_expression": Setting(Values("a schedule such as cron(0 5 ? * * *)", check="schedule", scalars=TEXT)),
        "start_backup_window_minutes": Setting(MINUTES),
        "complete_backup_window_minutes": Setting(MINUTES),
        "enable_continuous_backup": Setting(BOOLEAN),
        "target_backup_vault_name": Setting(
            Values("a vault name: 1 to 50 letters, digits, '_' or '-'", pattern=r"[A-Za-z0-9_-]{1,50}"), required=True
        ),
        "target_logically_air_gapped_backup_vault_arn": Setting(AIR_GAPPED_VAULT),
        "lifecycle": LIFECYCLE,
        "copy_actions": Container(
            entry=Container(
                {
                    "target_backup_vault_arn": Setting(COPY_VAULT, required_in_document=True),
                    "lifecycle": LIFECYCLE,
                },
                rules=(COPY_IS_ITS_KEY,),
            ),
            entry_names=COPY_VAULT,
            entry_noun="copy",
        ),
        "recovery_point_tags": TAGS,
        "index_actions": Container(
            {
                "resource_types": Setting(
                    Values("'EBS' or 'S3'", one_of=frozenset({"EBS", "S3"})), multi=True, empty=frozenset()
                )
            }
        ),
        "scan_actions": Container(
            {
                "guardduty": Container(
                    {
                        "scan_mode": Setting(
                            Values(
                                "'FULL_SCAN' or 'INCREMENTAL_SCAN'",
                                one_of=frozenset({"FULL_SCAN", "INCREMENTAL_SCAN"}),
                            )
                        )
                    }
                )
            }
        ),
    },
    rules=RULE_FIELDS,
)

CONDITIONS = Container(
    entry=Container(
        {
            "condition_key": Setting(Values("a key such as aws:ResourceTag/tier"), required_in_document=True),
            "condition_value": Setting(TAG_VALUE, required_in_document=True),
        }
    ),
    entry_noun="condition",
)
OPERATORS = ("string_equals", "string_not_equals", "string_like", "string_not_like")
ALL_CONDITIONS = Container(dict.fromkeys(OPERATORS, CONDITIONS))

SELECTIONS = Container(
    {
        "tags": Container(
            entry=Container(
                {
                    "iam_role_arn": Setting(ROLE, required=True),
                    "tag_key": Setting(TAG_KEY, required=True, required_in_document=True),
                    "tag_value": Setting(
                        TAG_VALUE, multi=True, empty=frozenset(), required=True, required_in_document=True, at_least=1
                    ),
                    "conditions": ALL_CONDITIONS,
                }
            ),
            entry_names=NAME,
            entry_noun="selection",
        ),
        "resources": Container(
            entry=Container(
                {
                    "iam_role_arn": Setting(ROLE, required=True),
                    "resource_types": Setting(RESOURCES, multi=True, empty=frozenset()),
                    "not_resource_types": Setting(RESOURCES, multi=True),
                    "conditions": ALL_CONDITIONS,
                },
                one_required_in_document=("resource_types", "conditions"),
            ),
            entry_names=NAME,
            entry_noun="selection",
        ),
    },
    required=True,
)

PLAN = Container(
    {
        "regions": Setting(
            Values("a Region code such as eu-west-1", one_of=REGIONS, scalars=TEXT),
            multi=True,
            required=True,
            at_least=1,
        ),
        "rules": Container(entry=RULE, entry_names=NAME, entry_noun="rule", required=True, at_most=10),
        "selections": SELECTIONS,
        "backup_plan_tags": TAGS,
        "advanced_backup_settings": Container(
            {
                "ec2": Container({"windows_vss": Setting(ENABLED)}),
                "s3": Container({"backup_acls": Setting(ENABLED), "backup_object_tags": Setting(ENABLED)}),
            }
        ),
        "scan_settings": Container(
            {
                "guardduty": Container(
                    {
                        "resource_types": Setting(
                            Values("'EBS', 'EC2', 'S3' or 'ALL'", one_of=frozenset({"EBS", "EC2", "S3", "ALL"})),
                            multi=True,
                            empty=frozenset(),
                        ),
                        "scanner_role_arn": Setting(ROLE),
                    }
                )
            }
        ),
    }
)

BACKUP = PolicyType(
    enum="BACKUP_POLICY",
    folder="backup",
    title="backup policy",
    top_key="plans",
    content=Container(entry=PLAN, entry_names=NAME, entry_noun="plan"),
    size_limit=10_000,
    attach_limit=10,
    organization_limit=1_000,
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html",
    misnamed_fields={
        "to_delete_after_days": "delete_after_days",
        "to_move_to_cold_storage_after_days": "move_to_cold_storage_after_days",
    },
    timeline=Timeline(
        runs="rules",
        places="regions",
        schedule="schedule_expression",
        stores=("target_backup_vault_name", "target_logically_air_gapped_backup_vault_arn"),
        continuous="enable_continuous_backup",
        keep="lifecycle/delete_after_days",
        cold="lifecycle/move_to_cold_storage_after_days",
        copies="copy_actions",
        copy_store="target_backup_vault_arn",
    ),
)
