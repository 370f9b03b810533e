"""The tag policy. Source: AWS Organizations User Guide, tag policy syntax and examples."""

from __future__ import annotations

from policylint.policy_types.backup import TAG_KEY_IS_NAME
from policylint.policy_types.shape import ENTRY_NAME, Container, MostUses, PolicyType, Setting, Values
from policylint.policy_types.tag_types import BY_SERVICE, ENFORCEABLE

# Services whose resources can be tagged. Which of them AWS enforces tag policies for is a list of its own that grows
# and is narrower: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
SERVICES = (
    "acm|acm-pca|amplifyuibuilder|apigateway|appmesh|appconfig|appstream|athena|auditmanager|backup|backup-gateway|"
    "batch|bugbust|chime|cloud9|cloudformation|cloudfront|cloudtrail|cloudwatch|codeartifact|codebuild|codecommit|"
    "codeguru-reviewer|codepipeline|codestar-connections|cognito-identity|cognito-idp|comprehend|config|connect|"
    "dax|dataexchange|datasync|detective|devicefarm|directconnect|dms|docdb|ds|dynamodb|ec2|ecr|ecs|eks|"
    "elasticache|elasticbeanstalk|elasticfilesystem|elasticloadbalancing|elasticmapreduce|entityresolution|es|"
    "events|firehose|fis|forecast|frauddetector|fsx|gamelift|glacier|globalaccelerator|glue|greengrass|"
    "groundstation|guardduty|healthlake|iam|imagebuilder|inspector|inspector2|internetmonitor|iot|iotanalytics|"
    "iotevents|iotfleethub|iotsitewise|ivs|kafka|kendra|kinesis|kinesisanalytics|kinesisvideo|kms|lambda|lex|"
    "license-manager|logs|lookoutmetrics|m2|macie2|mediaconnect|mediaconvert|mediapackage|mediastore|"
    "mobiletargeting|mq|network-firewall|networkmanager|oam|omics|opsworks|organizations|personalize|pipes|polly|"
    "profile|proton|qldb|quicksight|ram|rbin|rds|redshift|redshift-serverless|rekognition|resiliencehub|"
    "resource-groups|robomaker|rolesanywhere|route53|route53resolver|rum|s3|sagemaker|scheduler|schemas|"
    "secretsmanager|securityhub|securitylake|servicecatalog|servicediscovery|ses|shield|signer|sns|sqs|ssm|"
    "ssm-contacts|ssm-incidents|ssm-sap|sso|states|storagegateway|synthetics|timestream|transcribe|transfer|"
    "vpc-lattice|waf|wafv2|wisdom|worklink|workmail|workspaces|workspaces-web|xray"
)
# SERVICE:* was on that page for these until 2023, and AWS's own samples still write it. Whether AWS still takes it is
# unknown; of the services that never were there, it rejects it. See docs/aws-behaviour.md, "Admission".
ONCE_WITH_WILDCARD = [
    "acm",
    "appmesh",
    "athena",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "config",
    "directconnect",
    "dms",
    "dynamodb",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "firehose",
    "fsx",
    "iotanalytics",
    "iotevents",
    "kinesisanalytics",
    "kms",
    "lambda",
    "ram",
    "redshift",
    "resource-groups",
    "route53resolver",
    "secretsmanager",
    "states",
    "storagegateway",
    "workspaces",
]
WITHOUT_ALL_SUPPORTED = {"elasticloadbalancing", "storagegateway"}
OLDER = {
    f"{service}:*": f"{service}:ALL_SUPPORTED" if service not in WITHOUT_ALL_SUPPORTED else "each resource type"
    for service in ONCE_WITH_WILDCARD
}
# Of these services it is not known which types AWS takes.
UNDESCRIBED = set(SERVICES.split("|")) - BY_SERVICE.keys()
RESOURCE_TYPES = Values(
    "a resource type such as ec2:instance, or a service's ALL_SUPPORTED such as ec2:ALL_SUPPORTED",
    pattern=r"[a-z0-9-]+:[A-Za-z0-9_/-]+",
    listed=rf"({'|'.join(sorted(UNDESCRIBED))}):.*",
    known=ENFORCEABLE,
    older=OLDER,
)
# What AWS rejects here is unknown, so what does not look like a type is only doubtful.
REPORTED_TYPES = Values(
    "a resource type such as ec2:instance, or a service's ALL_SUPPORTED such as ec2:ALL_SUPPORTED",
    listed=r"[a-z0-9-]+:[A-Za-z0-9_/:.-]+",
)

TAG = PolicyType(
    enum="TAG_POLICY",
    folder="tag",
    title="tag policy",
    top_key="tags",
    content=Container(
        entry=Container(
            {
                "tag_key": Setting(
                    Values("a string of 1 to 128 characters", length=(1, 128), scalars=frozenset({"string"})),
                    default=ENTRY_NAME,
                ),
                "tag_value": Setting(
                    Values("a string with at most one '*'", wildcard_limit=1), multi=True, default=("*",)
                ),
                "enforced_for": Setting(RESOURCE_TYPES, multi=True),
                "report_required_tag_for": Setting(REPORTED_TYPES, multi=True),
            },
            rules=(TAG_KEY_IS_NAME,),
        ),
        entry_names=Values("a tag key of 1 to 128 characters", length=(1, 128)),
        entry_noun="tag",
        keeps_empty=True,
    ),
    size_limit=10_000,
    attach_limit=10,
    organization_limit=1_000,
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html",
    merged_size_limit=395_000,
    most_uses=(MostUses("report_required_tag_for", 50, "resource type", "tags", "tag keys", "are required on"),),
)
