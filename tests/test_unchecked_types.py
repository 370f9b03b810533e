"""Service and resource control policies are part of an organization, and nothing is said of their content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main
from policylint.policy_types import POLICY_TYPES, UnknownPolicyType, policy_type

DENY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
TREE = """enabled_policy_types: [scp, RESOURCE_CONTROL_POLICY, tag]
root:
  policies: [scp/deny, scp/FullAWSAccess, rcp/only-us, tag/owner]
  accounts: [{name: shop, id: "111111111111"}]
"""


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organization with a policy of each kind."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("scp/deny", DENY), ("rcp/only-us", DENY), ("tag/owner", '{"tags": {}}')):
        path = tmp_path / "policies" / f"{name}.json"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "organization.yaml").write_text(TREE)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main([".", "--format", "json", *arguments])
    return json.loads(capsys.readouterr().out)


def test_they_are_read_and_counted_and_never_complained_about(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = checked(capsys)
    assert report["findings"] == []
    assert report["summary"]["policies"] == 3
    assert report["summary"]["policies_not_checked"] == {"RESOURCE_CONTROL_POLICY": 1, "SERVICE_CONTROL_POLICY": 1}
    assert main(["."]) == 0
    assert capsys.readouterr().out == (
        "1 account, 3 policies, 2 of them not checked (resource control policies and service control policies): "
        "no findings.\n"
    )


@pytest.mark.parametrize(
    "content", ["{broken", "", "[]", "\x00", '{"tags": {"a": 1}}', "# policylint: ignore[nothing] x"]
)
def test_their_content_may_be_anything(org: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "scp" / "deny.json").unlink()
    (org / "policies" / "scp" / "deny.yaml").write_text(content)
    found = [one for one in checked(capsys, "--profile", "strict")["findings"] if one["path"].endswith("deny.yaml")]
    assert [one["rule"] for one in found if one["rule"] != "unreadable-file"] == []


@pytest.mark.parametrize(
    ("before", "after", "rule", "words"),
    [
        ("scp/deny,", "scp/dney,", "unknown-policy", "'scp/deny'"),
        ("scp/deny,", "scp/deny, scp/deny,", "duplicate-attachment", "twice"),
        ("scp/FullAWSAccess", "scp/FullAwsAcess", "unknown-policy", "scp/FullAwsAcess"),
        ("[scp, ", "[", "policy-type-not-enabled", "'scp'"),
    ],
)
def test_their_attachments_are_verified(
    org: Path, before: str, after: str, rule: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (org / "organization.yaml").write_text(TREE.replace(before, after))
    (finding,) = checked(capsys)["findings"]
    assert finding["rule"] == rule
    assert words in finding["message"]


def test_they_count_towards_what_may_be_attached(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        (org / "policies" / "rcp" / f"r{number}.json").write_text(DENY)
    more = ", ".join(f"rcp/r{number}" for number in range(5))
    (org / "organization.yaml").write_text(TREE.replace("rcp/only-us", f"rcp/only-us, {more}"))
    (finding,) = checked(capsys)["findings"]
    assert finding["message"].startswith(
        "6 resource control policies are attached to 'Root'. AWS rejects more than 5. Merge two of them, or attach one at a higher level."
    )


def test_one_that_is_attached_nowhere_is_no_finding(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "scp" / "elsewhere.json").write_text(DENY)
    assert checked(capsys)["findings"] == []


def test_they_never_enter_the_merge(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["effective", ".", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["policy_type"] for line in lines] == ["TAG_POLICY"]


@pytest.mark.parametrize("command", [["effective"], ["explain", "/Statement"]])
def test_there_is_no_effective_one(org: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    name, *pointer = command
    assert main([name, ".", *pointer, "--account", "shop", "--type", "scp"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "policylint: Service control policies don't merge into an effective policy: each one limits what the others allow.\n"
    )


@pytest.mark.parametrize("output", ["table", "text", "html", "sarif", "markdown", "junit", "gitlab", "github", "jsonl"])
def test_every_format_shows_such_an_organization(org: Path, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([".", "--format", output]) == 0


# ---- how types are named -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("scps", "scp"),
        ("service-control", "scp"),
        ("service_control_policies", "scp"),
        ("Service-Control-Policies", "scp"),
        ("resource-control", "rcp"),
        ("RESOURCE_CONTROL_POLICY", "rcp"),
        ("backup-policies", "backup"),
        ("Tag policies", "tag"),
        ("AISERVICES_OPT_OUT_POLICY", "ai-opt-out"),
        ("ai-services-opt-out", "ai-opt-out"),
        ("chatbot", "chat"),
        ("declarative-policy-ec2", "ec2"),
        ("securityhub", "security-hub"),
        ("SecurityHub_CSPM_Policy", "security-hub-cspm"),
    ],
)
def test_a_type_goes_by_the_names_that_aws_and_people_use(name: str, folder: str) -> None:
    assert policy_type(name).folder == folder


def test_no_name_means_two_types() -> None:
    for kind in POLICY_TYPES.values():
        for name in (kind.enum, kind.folder, kind.title, kind.plural, *kind.other_names):
            assert [one.enum for one in POLICY_TYPES.values() if one.is_named(name)] == [kind.enum]


@pytest.mark.parametrize("name", ["", "policy", "policies", "-", "backup-vault"])
def test_what_names_no_type_is_unknown(name: str) -> None:
    with pytest.raises(UnknownPolicyType):
        policy_type(name)


@pytest.mark.parametrize("folder", ["TAG_POLICY", "tag-policies", "Tag_Policies"])
def test_every_name_may_be_a_folder(org: Path, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "tag").rename(org / "policies" / folder)
    (org / "organization.yaml").write_text(TREE.replace("tag/", f"{folder}/"))
    assert checked(capsys)["findings"] == []


@pytest.mark.parametrize("name", ["backup", "BACKUP_POLICY"])
def test_a_card_names_types_in_either_way(org: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "backup").mkdir()
    (org / "policies" / "backup" / "b.json").write_text('{"plans": {"daily": {}}}')
    (org / "rules").mkdir()
    card = f"---\npolicy_types: [{name}]\nscope: document\nselect: $.plans.*\nfield: regions\nrequire: {{present: true}}\nmessage: seen\n---\n# A card\n"
    (org / "rules" / "own-card.md").write_text(card)
    assert "own-card" in [one["rule"] for one in checked(capsys)["findings"]]
