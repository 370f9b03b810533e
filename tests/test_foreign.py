"""What is not a management policy is named for what it looks like, and never judged as one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main
from policylint.foreign import KINDS, looks_like
from policylint.parsing import parse_document
from policylint.policy_files import NotAPolicy, _names, read_policy_file
from policylint.policy_types import POLICY_TYPES

SCP = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
BACKUP = {"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}
DESCRIBED = {"Policy": {"PolicySummary": {"Type": "BACKUP_POLICY"}, "Content": json.dumps(BACKUP)}}
TEMPLATE = {"Resources": {"P": {"Type": "AWS::Organizations::Policy", "Properties": {"Content": BACKUP}}}}

FOREIGN: dict[str, tuple[Any, str]] = {
    "scp.json": (SCP, "service control policy"),
    "kyverno.yaml": ({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy"}, "Kyverno"),
    "map.yaml": ({"apiVersion": "v1", "kind": "ConfigMap", "data": {"policy": json.dumps(BACKUP)}}, "Kubernetes"),
    "template.json": (TEMPLATE, "CloudFormation"),
    "sam.yaml": ({"Transform": "AWS::Serverless-2016-10-31", "Resources": {}}, "SAM"),
    "described.json": (DESCRIBED, "--query Policy.Content"),
    "half-described.json": (DESCRIBED["Policy"], "--query Policy.Content"),
    "policies.json": ({"Policies": [{"Id": "p-1", "Type": "BACKUP_POLICY"}]}, "list-policies"),
    "effective.json": ({"EffectivePolicy": {"PolicyContent": "{}"}}, "AWS merged"),
    "accounts.json": ({"Accounts": []}, "aws organizations"),
    "plan.json": ({"BackupPlan": {"BackupPlanName": "x", "Rules": []}}, "AWS Backup itself"),
    "package.json": ({"name": "x", "version": "1.0.0", "dependencies": {}}, "package"),
    "show.json": ({"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {}}, "terraform show"),
    "state.json": ({"version": 4, "terraform_version": "1.9.0", "resources": []}, "Terraform state"),
    "compose.yml": ({"services": {"web": {"image": "nginx"}}}, "Docker Compose"),
    "workflow.yml": ({"on": "push", "jobs": {"a": {"runs-on": "ubuntu"}}}, "GitHub Actions"),
    "api.yaml": ({"openapi": "3.1.0", "info": {}, "paths": {}, "tags": [{"name": "a"}]}, "OpenAPI"),
    "custodian.yml": ({"policies": [{"name": "a", "resource": "ec2"}]}, "Custodian"),
    "playbook.yml": ([{"hosts": "all", "tasks": []}], "Ansible"),
    "wrapped.json": ({"Content": BACKUP, "Name": "x"}, "Save the value of 'Content' as a separate file"),
    "unheard.json": ({"colour": "blue"}, "none of its keys is a top key of one"),
    "list.json": ([1, 2], "not an object"),
    "text.yaml": ("only a text", "not an object"),
    "nothing.json": (None, "not an object"),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, content: Any) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content if isinstance(content, str) and name.endswith(".tf") else json.dumps(content))
    return name


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_alone_is_named_and_nothing_is_checked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = FOREIGN[name]
    assert main([write(name, content), "--format", "json"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"policylint: {name}: ")
    assert words in err
    assert "so it is skipped" in err
    assert "backup policy begins" not in err


def test_a_foreign_file_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    names = [write(name, content) for name, (content, _) in FOREIGN.items()]
    assert main([*names, write("base.json", BACKUP)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 policy checked, on its own: ")
    assert err.count("so it is skipped") == len(FOREIGN)


def test_several_foreign_files_are_all_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write("scp.json", SCP), write("main.tf", "")]) == 3
    first, second, last = capsys.readouterr().err.splitlines()
    assert "scp.json: looks like a service control policy" in first
    assert "main.tf: looks like a Terraform file" in second
    assert last == "policylint: No management policy was named, so nothing is checked."


@pytest.mark.parametrize("name", ["main.tf", "main.tofu", "main.tf.json", "prod.tfvars", "terraform.tfstate"])
def test_terraform_is_not_called_broken_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).write_text('resource "aws_organizations_policy" "x" {}')
    assert main([name]) == 3
    err = capsys.readouterr().err
    assert "policylint does not read Terraform yet" in err
    assert "JSON." not in err


def test_a_tree_among_policies_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write("organization.json", {"root": {}}), write("base.json", BACKUP)]) == 0
    assert "Name its folder" in capsys.readouterr().err


def test_several_documents_in_one_yaml_file_are_known_by_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: ConfigMap\n")
    assert main(["all.yaml"]) == 3
    assert "Kubernetes" in capsys.readouterr().err


def test_fixing_names_a_foreign_file_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write("scp.json", SCP), write("base.json", BACKUP), "--fix"]) == 0
    assert capsys.readouterr().err.count("scp.json") == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [("main.tf", "Terraform"), ("org.tf.json", "Terraform"), ("cdk.json", "CDK"), ("Pulumi.yaml", "Pulumi")],
)
def test_a_folder_of_another_tool_is_named(name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("infra").mkdir()
    Path("infra", name).write_text("")
    assert main(["infra"]) == 3
    assert words in capsys.readouterr().err


def test_the_tree_of_another_tool_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    write("organization.yml", {"AWSTemplateFormatVersion": "2010-09-09-OC", "Organization": {}})
    assert main(["."]) == 2
    assert "organization.yml:1:1: looks like an org-formation template" in capsys.readouterr().err


def test_a_type_that_is_not_checked_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([write("deny.json", SCP), "--type", "rcp"]) == 3
    assert "Resource control policies are not checked, so it is skipped." in capsys.readouterr().err


def test_a_document_of_many_keys_is_no_slip_of_a_policy() -> None:
    content = {f"key{number}": {} for number in range(30)} | {"plan": {}}
    with pytest.raises(NotAPolicy):
        read_policy_file(Path(write("policy.json", content)))


# ---- where the type is known -------------------------------------------------------------------------------


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    main([*arguments, "--format", "json"])
    return list(json.loads(capsys.readouterr().out)["findings"])


@pytest.mark.parametrize("kind", ["tag", "backup"])
@pytest.mark.parametrize(
    "name", ["scp.json", "described.json", "wrapped.json", "template.json", "compose.yml", "map.yaml"]
)
def test_under_a_type_it_is_one_error_that_names_it(name: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    content, _ = FOREIGN[name]
    (finding,) = findings(capsys, write(name, content), "--type", kind)
    assert (finding["rule"], finding["outcome"], finding["severity"]) == ("wrong-top-key", "rejected", "error")
    assert finding["message"].startswith("This looks like ")
    assert f"not like a {kind} policy. AWS rejects the document. " in finding["message"]


def test_attached_in_an_organization_it_is_one_error_at_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    root = {"policies": ["backup/deny"], "accounts": [{"name": "shop", "id": "1" * 12}]}
    write("org/organization.json", {"root": root})
    Path("org/policies/backup").mkdir(parents=True)
    Path("org/policies/backup/deny.json").write_text(json.dumps(SCP, indent=2))
    (finding,) = findings(capsys, "org")
    assert (finding["path"], finding["line"], finding["rule"]) == ("org/policies/backup/deny.json", 3, "wrong-top-key")
    assert finding["accounts"]["count"] == 1
    assert main(["org"]) == 1
    assert "A broken file affects 1 account" in capsys.readouterr().out


def test_loose_in_policies_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    write("organization.json", {"root": {}})
    write("policies/deny.json", SCP)
    write("policies/tag/owner.json", {"tags": {}})
    found = [one["message"] for one in findings(capsys, ".") if one["rule"] == "unread-file"]
    assert len(found) == 1
    assert "It looks like a service control policy" in found[0]


def test_a_terraform_file_among_the_policies_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    write("organization.json", {"root": {}})
    write("policies/tag/README.md", "# Our tags")
    write("policies/tag/owner.tf", "")
    write("policies/scp/deny.json", SCP)
    (finding,) = findings(capsys, ".")
    assert (finding["rule"], finding["path"]) == ("unread-file", "policies/tag/owner.tf")
    assert finding["message"].startswith("This looks like a Terraform file, so it is not read.")


# ---- what is nearly a policy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "folder"),
    [
        ({"plan": BACKUP["plans"]}, "backup"),
        ({"Plans": BACKUP["plans"]}, "backup"),
        ({"tag": {"owner": {}}}, "tag"),
        ({"ec2-attributes": {}}, "ec2"),
        ({"daily": {"regions": {"@@assign": []}, "rules": {"a": {"lifecycle": {}}}}}, "backup"),
        ({"owner": {"tag_key": {"@@assign": "owner"}, "tag_value": {"@@assign": ["a"]}}}, "tag"),
        ({"plans": {}, "Version": "2012-10-17"}, "backup"),
        ({"selections": {"tags": {"a": {"iam_role_arn": {"@@assign": "x"}}}}}, "backup"),
        ({"plans": {"web": {"image": {"@@assign": "x"}}}, "kind": 1, "apiVersion": 1}, "backup"),
    ],
)
def test_what_is_nearly_a_policy_is_judged_as_the_one_meant(content: Any, folder: str) -> None:
    assert read_policy_file(Path(write("policy.json", content))).type.folder == folder


@pytest.mark.parametrize("content", [{}, {"a": {"@@assign": ["x"]}}])
def test_a_policy_of_no_known_type_is_rejected_and_not_called_a_backup_policy(
    content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (finding,) = findings(capsys, write("policy.json", content))
    assert (finding["rule"], finding["outcome"], finding["policy_type"]) == ("wrong-top-key", "rejected", None)
    assert "backup" not in finding["message"]


def test_a_broken_file_is_of_no_type(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy.json").write_text('{"tags": ')
    (finding,) = findings(capsys, "policy.json")
    assert (finding["rule"], finding["policy_type"]) == ("broken-syntax", None)


def test_no_mark_fits_a_policy_with_operators() -> None:
    everything = {key.partition(".")[0]: {} for kind in KINDS for mark in kind.marks for key in mark}
    for kind in POLICY_TYPES.values():
        if kind.checked:
            text = json.dumps({**everything, kind.top_key: {"x": {"@@assign": "y"}}})
            assert looks_like(parse_document(text, "policy.json")) is None


def test_an_object_that_aliases_repeat_is_looked_at_once() -> None:
    value: Any = {"@@assign": "x"}
    for _ in range(100):  # 2^100 objects, if each were looked at wherever it is
        value = {"a": value, "b": value}
    assert set(_names(value)) == {"@@assign", "a", "b"}
