"""What settings change is said in one line of every format: a change that turns checks off does not do so in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main
from policylint.plugins import load

POLICY = """\
plans:
  daily:
    regions: {"@@assign": [eu-west-1]}
    # policylint: ignore[missing-operator] agreed
    rules: []
"""
OFF = "ignore: [all]\nfail_on: never\n"


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    policies = tmp_path / "org" / "policies" / "backup"
    policies.mkdir(parents=True)
    (policies / "base.json").write_text('{"plans": {"daily": {"regions": ["eu-west-1"]}}}')
    tree = "root: {policies: [backup/base], accounts: [{name: a}, {name: b}]}\n"
    (tmp_path / "org" / "organization.yaml").write_text(tree)
    return tmp_path / "org"


def settings(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Any]:
    capsys.readouterr()
    main(["check", "org", "--format", "json", *arguments])
    return list(json.loads(capsys.readouterr().out)["summary"]["settings"])


@pytest.mark.parametrize("name", load(()).formats)
def test_every_format_says_that_the_checks_are_off(org: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (org / "policylint.yaml").write_text(OFF)
    assert main(["check", "org", "--format", name]) == 0
    shown = capsys.readouterr()
    assert "org/policylint.yaml" in shown.out + shown.err
    assert " rules off and never fails" in shown.out + shown.err


@pytest.mark.parametrize("name", load(()).formats)
def test_where_nothing_is_set_nothing_is_said(org: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    main(["check", "org", "--format", name])
    shown = capsys.readouterr()
    assert "Settings:" not in shown.out + shown.err


def test_a_report_in_a_file_is_no_reason_for_silence(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text(OFF)
    for name in ("sarif", "gitlab", "table"):
        main(["check", "org", "--format", name, "--output", "report"])
        assert capsys.readouterr().err.count("and never fails.") == 1


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("rules: {missing-operator: off}\n", "turns 1 rule off"),
        ("rules: {missing-operator: note, kept-forever: error}\n", "makes 1 rule quieter and makes 1 rule louder"),
        ("rules: {short-retention: {minimum_days: 1}}\n", "sets the options of 1 rule"),
        ("overrides: [{accounts: [a], rules: {missing-operator: off}}]\n", "turns 1 rule off for 1 account"),
        ("overrides: [{accounts: ['*'], rules: {missing-operator: note}}]\n", "sets 1 rule for 2 accounts"),
        ("ignores: [{rule: missing-operator, reason: agreed}]\n", "suppresses 1 finding"),
        ("fail_on: warning\n", "fails from warnings on"),
        ("profile: recommended\n", None),
        ("fail_on: error\n", None),
    ],
)
def test_each_kind_of_setting_has_its_words(
    org: Path, capsys: pytest.CaptureFixture[str], text: str, effect: str | None
) -> None:
    (org / "policylint.yaml").write_text(text)
    expected = [{"source": "org/policylint.yaml", "effect": effect}] if effect else []
    assert settings(capsys) == expected


def test_a_profile_counts_against_the_recommended_one(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text("profile: minimal\n")
    assert settings(capsys)[0]["effect"].endswith(" rules off")
    (org / "policylint.yaml").write_text("profile: strict\n")
    assert settings(capsys)[0]["effect"].endswith(" rules on")


def test_the_table_of_another_tool_is_named(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text('[tool.policylint]\nfail_on = "never"\n')
    assert settings(capsys) == [{"source": "pyproject.toml [tool.policylint]", "effect": "never fails"}]


def test_a_baseline_and_comments_are_named(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "backup" / "base.json").unlink()
    (org / "policies" / "backup" / "base.yaml").write_text(
        "plans:\n  # policylint: ignore[missing-element, missing-operator] agreed\n  daily: {regions: [eu-west-1]}\n"
    )
    main(["baseline", "org"])
    found = {one["source"]: one["effect"] for one in settings(capsys)}
    assert found.keys() == {"comments", "org/policylint-baseline.json"}
    assert found["comments"].startswith("in org/policies/backup/base.yaml suppress ")
    assert found["org/policylint-baseline.json"].startswith("suppresses ")


def test_the_command_line_has_the_last_word(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text("profile: minimal\nfail_on: never\n")
    assert settings(capsys, "--fail-on", "error", "--profile", "recommended") == []
    assert settings(capsys, "--no-config") == []
    assert main(["check", "org", "--no-config"]) == 1


def test_no_config_leaves_a_broken_configuration_unread(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text("[")
    assert main(["check", "org"]) == 2
    assert main(["check", "org", "--no-config"]) == 1
    with pytest.raises(SystemExit, match="2"):
        main(["check", "org", "--no-config", "--config", "x.yaml"])


# ---- settings of another checkout --------------------------------------------------------------------------


@pytest.fixture
def base(org: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trusted checkout of the same repository: it has a configuration, a card and a baseline."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "org" / "rules").mkdir(parents=True)
    (folder / "org" / "organization.yaml").write_text((org / "organization.yaml").read_text())
    return folder


def test_another_checkout_has_the_say_over_settings(org: Path, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text(OFF)
    assert main(["check", "org"]) == 0
    assert main(["check", "org", "--settings-from", str(base)]) == 1
    assert settings(capsys, "--settings-from", str(base)) == []
    (base / "org" / "policylint.yaml").write_text(
        "ignores: [{rule: missing-operator, file: policies/backup/base.json, reason: agreed}]\n"
    )
    assert settings(capsys, "--settings-from", str(base)) == [
        {"source": "base:org/policylint.yaml", "effect": "suppresses 1 finding"}
    ]


def test_another_checkout_gives_the_baseline_and_the_cards(
    org: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["baseline", "org"])
    (org / "policylint-baseline.json").rename(base / "org" / "policylint-baseline.json")
    card = "---\nselect: $.regions\nrequire: {present: true}\nmessage: x\n---\n\n# Ours\n"
    (base / "org" / "rules" / "of-the-base.md").write_text(card)
    (found,) = settings(capsys, "--settings-from", str(base))
    assert found["source"] == "base:org/policylint-baseline.json"
    assert main(["check", "org", "--settings-from", str(base), "--select", "of-the-base"]) == 0
    assert main(["check", "org", "--select", "of-the-base"]) == 2


def test_another_checkout_has_to_be_there_and_to_hold_the_same(
    org: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "org", "--settings-from", "nowhere"]) == 2
    assert "nowhere: no such folder." in capsys.readouterr().err
    (base / "org" / "policies" / "tag").mkdir(parents=True)
    (base / "org" / "policies" / "tag" / "x.json").write_text('{"tags": {}}')
    assert main(["check", str(base / "org"), "--settings-from", str(base)]) == 2
    assert "is not below it" in capsys.readouterr().err
