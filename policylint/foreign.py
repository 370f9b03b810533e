"""Documents that are not management policies: what they look like, and what to do about it.

A table of marks, each with a name and an advice. A mark is what a document of the kind has: paths of keys (`*` is any
member), each with a pattern for the text there; an empty pattern takes any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from policylint.document import Document
from policylint.places import Span
from policylint.policy_types import POLICY_TYPES, Registry

SKETCHED = 1024 * 1024
# A string may end with the text: else each of its quotes would be tried as a start.
JSON_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|[{}\[\]:,]', re.DOTALL)
MEMBERS_MOST = 100  # so many members of an object are looked at for a `*`


class Kind(NamedTuple):
    """What a document looks like, with its article, what to do about it, and its marks: one of them is enough."""

    name: str
    advice: str
    marks: tuple[Mapping[str, str], ...]


class Foreign(NamedTuple):
    """What a document looks like, what to do about it, and the place of the key that shows it."""

    name: str
    advice: str
    span: Span = Span(0, 0)


def _keys(*paths: str, **patterns: str) -> Mapping[str, str]:
    return {**dict.fromkeys(paths, ""), **patterns}


NO_POLICY = "policylint checks management policies only, so leave it out."
TERRAFORM = "policylint does not read Terraform yet: name the JSON files of the policies."
CONTENT = (
    "Save its content alone: `aws organizations describe-policy --policy-id ID --query Policy.Content --output text`."
)
RENDERED = "Save the policy in it as a separate JSON file, and name that."
WHOLE_FOLDER = "Name the folder that it is in, to check the whole organization."

# From the special to the general: the first that fits is taken.
KINDS = (
    Kind(
        "a service control policy or another IAM policy",
        "Service and resource control policies belong in policies/scp/ and policies/rcp/, where their content is not checked.",
        (_keys("Statement"), _keys("PolicyVersion.Document"), _keys("PolicyDocument.Statement")),
    ),
    Kind("a Kyverno policy", NO_POLICY, (_keys("kind", apiVersion=r"kyverno\.io/|policies\.kyverno\.io/"),)),
    Kind("a Kubernetes manifest", NO_POLICY, (_keys("apiVersion", "kind"),)),
    Kind("an AWS SAM template", RENDERED, (_keys("Resources", Transform="AWS::Serverless"),)),
    Kind(
        "an org-formation template", RENDERED, (_keys(AWSTemplateFormatVersion=r".*-OC"), {"Resources.*.Type": "OC::"})
    ),
    Kind("a CloudFormation template", RENDERED, (_keys("AWSTemplateFormatVersion"), {"Resources.*.Type": r"\w+::"})),
    Kind(
        "the output of `aws organizations describe-policy`",
        CONTENT,
        (_keys("Policy.Content"), _keys("Content", "PolicySummary")),
    ),
    Kind("the output of `aws organizations list-policies`", CONTENT, (_keys("Policies.*.Type"), {"Policies": ""})),
    Kind(
        "the output of `aws organizations describe-effective-policy`",
        "It is what AWS merged, not what is attached: name the attached policies.",
        (_keys("EffectivePolicy"),),
    ),
    Kind(
        "the output of `aws organizations`",
        "Write the tree to organization.yaml, and the policies to files below policies/.",
        tuple(
            _keys(key)
            for key in ("Roots", "OrganizationalUnits", "Accounts", "Targets", "Parents", "Children", "Organization.Id")
        ),
    ),
    Kind(
        "a backup plan of AWS Backup itself",
        "A backup policy of AWS Organizations has another form: it begins with 'plans', and its values have operators.",
        (_keys("BackupPlanName"), _keys("BackupPlan"), _keys("BackupSelection")),
    ),
    Kind(
        "the output of `terraform show -json`",
        TERRAFORM,
        (_keys("format_version", "terraform_version"), _keys("format_version", "planned_values")),
    ),
    Kind("a Terraform state", TERRAFORM, (_keys("terraform_version", "resources"), _keys("terraform_version", "lineage"))),
    Kind(
        "a Terraform file",
        TERRAFORM,
        (_keys("resource.aws_organizations_policy"), _keys("resource", "terraform"), _keys("resource", "provider")),
    ),
    Kind("a Pulumi export", RENDERED, (_keys("deployment.resources"),)),
    Kind("a Docker Compose file", NO_POLICY, (_keys("services.*.image"), _keys("services.*.build"))),
    Kind("a GitHub Actions workflow", NO_POLICY, (_keys("jobs", "on"), _keys("jobs.*.runs-on"))),
    Kind("a GitHub action", NO_POLICY, (_keys("runs.using"),)),
    Kind("an OpenAPI description", NO_POLICY, (_keys("openapi"), _keys("swagger"))),
    Kind("an Azure template", NO_POLICY, ({"$schema": r".*deploymentTemplate"},)),
    Kind("an Azure policy", NO_POLICY, (_keys("policyRule"), _keys("properties.policyRule"))),
    Kind("a JSON Schema", NO_POLICY, ({"$schema": r".*json-schema\.org"}, _keys("$defs", "properties"))),
    Kind("a SARIF report", NO_POLICY, (_keys("runs.*.tool"),)),
    Kind("a Cloud Custodian policy", NO_POLICY, (_keys("policies.*.resource"),)),
    Kind("a policy of Google Cloud", NO_POLICY, (_keys("bindings.*.role"),)),
    Kind("an organization's tree", WHOLE_FOLDER, (_keys("root.accounts"), _keys("root.organizational_units"), _keys("root.policies"))),
    Kind(
        "a configuration of the Landing Zone Accelerator",
        WHOLE_FOLDER,
        (_keys("organizationalUnits", "enable"), _keys("mandatoryAccounts"), _keys("homeRegion")),
    ),
    Kind("a report or a baseline of policylint", NO_POLICY, (_keys("findings", "version"),)),
    Kind("a configuration of pre-commit", NO_POLICY, (_keys("repos.*.hooks"),)),
    Kind("a configuration of the Serverless Framework", NO_POLICY, (_keys("service", "provider"),)),
    Kind("a configuration of the AWS CDK", NO_POLICY, (_keys("app", "context"),)),
    Kind("a configuration of TypeScript", NO_POLICY, (_keys("compilerOptions"),)),
    Kind("a notebook", NO_POLICY, (_keys("cells", "nbformat"),)),
    Kind("an Ansible playbook", NO_POLICY, (_keys("*.hosts"), _keys("*.import_playbook"))),
    Kind("a lock file of a package manager", NO_POLICY, (_keys("lockfileVersion"), _keys("packages", "content-hash"))),
    Kind(
        "the manifest of a package, such as package.json",
        NO_POLICY,
        (_keys("name", "version"), _keys("dependencies"), _keys("devDependencies"), _keys("name", "scripts")),
    ),
)  # fmt: skip

ENDINGS = {
    ".tf": ("a Terraform file", TERRAFORM),
    ".tofu": ("a Terraform file", TERRAFORM),
    ".tfvars": ("a Terraform file", TERRAFORM),
    ".tf.json": ("a Terraform file", TERRAFORM),
    ".tfvars.json": ("a Terraform file", TERRAFORM),
    ".tfstate": ("a Terraform state", TERRAFORM),
    ".tfplan": ("a Terraform plan", TERRAFORM),
    ".hcl": ("a file of Terragrunt or Terraform", TERRAFORM),
    ".bicep": ("an Azure template", NO_POLICY),
    ".rego": ("a policy of Open Policy Agent", NO_POLICY),
    ".cedar": ("a Cedar policy", NO_POLICY),
    ".md": ("a Markdown text", NO_POLICY),
    ".toml": ("a TOML file", NO_POLICY),
}


TEXTS = {".md", ".markdown", ".rst", ".adoc", ".html", ".pdf", ".png", ".svg", ".jpg", ".jpeg", ".drawio"}
DOCUMENTATION = {
    "README",
    "LICENSE",
    "LICENCE",
    "NOTICE",
    "CHANGELOG",
    "CONTRIBUTING",
    "CODEOWNERS",
    "OWNERS",
    "MAINTAINERS",
}
FOLDERS = {
    "cdk.json": Foreign("an AWS CDK application", RENDERED),
    "pulumi.yaml": Foreign("a Pulumi project", RENDERED),
    "samconfig.toml": Foreign("an AWS SAM application", RENDERED),
}


def by_contents(names: Iterable[str]) -> Foreign | None:
    """What a folder is by the names of what is in it: a project of a tool whose files are not read yet."""
    for name in sorted(names):
        found = FOLDERS.get(name.lower()) or by_name(Path(name))
        if found and found.advice in (TERRAFORM, RENDERED):
            return found
    return None


def why_unread(path: PurePath) -> str:
    """Why a file among policies whose name ends otherwise is not read, as sentences; empty where nobody expects it to be.

    The path is that below the folder of policies: what is hidden, or plainly documents something, is not a policy.
    """
    hidden = any(part.startswith(".") for part in path.parts)
    stem, ending = path.name.partition(".")[0].upper(), path.suffix.lower()
    if hidden or stem in DOCUMENTATION or ending in TEXTS:
        return ""
    if found := by_name(path):
        return f"This looks like {found.name}, so it is not read. {found.advice}"
    name = path.name.partition(".")[0]
    what = f"The extension '{ending}' is not one" if ending else "Its name has no extension"
    return f"This file is not read. {what} of a policy file. Name it '{name}.json' or '{name}.yaml', or move it."


def by_name(path: PurePath) -> Foreign | None:
    """What a file is by the ending of its name alone, so that nobody tries to read it as JSON."""
    name = path.name.lower()
    found = next((ending for ending in ENDINGS if name.endswith(ending)), "")
    return Foreign(*ENDINGS[found]) if found else None


def looks_like(document: Document, types: Registry = POLICY_TYPES) -> Foreign | None:
    """What a document looks like that is not a management policy; None where it has no known mark, or is a policy of
    one of the types.

    Text that is broken as a whole, such as several YAML documents in one file, is known by the keys at its line starts.
    """
    value = document.value
    if isinstance(value, dict) and "@@" in document.text and any(map(types.by_top_key, value)):
        return None
    if value is None:
        return _in_broken_text(document)
    for kind in KINDS:
        for mark in kind.marks:
            if all(any(re.match(pattern, text) for text in _texts_at(value, path)) for path, pattern in mark.items()):
                key = next(iter(mark)).partition(".")[0]
                return Foreign(kind.name, kind.advice, document.key_span(f"/{key}"))
    return None


def _texts_at(value: Any, path: str) -> Iterator[str]:
    """What is at a path, as texts; of objects and lists that they are there."""
    key, _, below = path.partition(".")
    members = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    found = islice(members.values(), MEMBERS_MOST) if key == "*" else [members[key]] if key in members else []
    for one in found:
        if below:
            yield from _texts_at(one, below)
        else:
            yield one if isinstance(one, str) else ""


def _in_broken_text(document: Document) -> Foreign | None:
    if not document.is_yaml:
        return None
    keys = _keys_at_line_starts(document.text)
    for kind in KINDS:
        for mark in kind.marks:
            if all(key in keys and re.match(pattern, keys[key]) for key, pattern in mark.items()):
                return Foreign(kind.name, kind.advice)
    return None


def _keys_at_line_starts(text: str) -> dict[str, str]:
    lines = re.finditer(r"^([\w$-]+):[ \t]*([^\r\n]*)", text, re.MULTILINE)
    return {line[1]: line[2].strip("\"' ") for line in lines}


def outermost_keys(document: Document) -> dict[str, str]:
    """The outermost keys in the first megabyte of a text that is too large to be parsed, with the texts there."""
    text = document.text[:SKETCHED]
    if document.is_yaml and not text.lstrip().startswith("{"):
        return _keys_at_line_starts(text)
    keys: dict[str, str] = {}
    depth, last, key = 0, "", ""
    for token in JSON_TOKEN.finditer(text):
        sign = token[0][0]
        if sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif depth == 1 and sign == '"':
            last = token[1]
            if key:
                keys[key] = last
        elif depth == 1:
            key = last if sign == ":" else ""
            if key:
                keys.setdefault(key, "")
    return keys
