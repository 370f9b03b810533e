"""The AI services opt-out policy. Source: AWS Organizations User Guide, AI services opt-out policy syntax."""

from __future__ import annotations

from policylint.policy_types.shape import Container, PolicyType, Setting, Values

SERVICES = frozenset(
    [
        "default",
        "aidevops",
        "aiops",
        "awssupplychain",
        "biodiscovery",
        "chimesdkvoiceanalytics",
        "cloudwatch",
        "codeguruprofiler",
        "codewhisperer",
        "comprehend",
        "config",
        "connect",
        "connectamd",
        "connectdecision",
        "connecthealth::operations",
        "connecthealth::training",
        "connectoptimization",
        "connecttalent",
        "contactlens",
        "datazone",
        "dms",
        "entityresolution",
        "finopsagent",
        "frauddetector",
        "glue",
        "guardduty",
        "lex",
        "polly",
        "q",
        "quicksightq",
        "rekognition",
        "scenariodiscovery",
        "securityhub",
        "securitylake",
        "textract",
        "transcribe",
        "transform",
        "translate",
        "workspaces",
    ]
)

AI_OPT_OUT = PolicyType(
    enum="AISERVICES_OPT_OUT_POLICY",
    folder="ai-opt-out",
    title="AI services opt-out policy",
    top_key="services",
    content=Container(
        entry=Container(
            {"opt_out_policy": Setting(Values("exactly 'optIn' or 'optOut'", one_of=frozenset({"optIn", "optOut"})))}
        ),
        entry_names=Values("'default' or a service's name in lower case", pattern=r"[a-z0-9:]+", known=SERVICES),
        entry_noun="service",
    ),
    size_limit=2_500,
    attach_limit=5,
    organization_limit=1_000,
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html",
    documented_controls=frozenset({"@@all", "@@none"}),
)
