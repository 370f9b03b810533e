"""The configuration: what it may hold, what wins, and what a user reads who mistypes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.choice import Configuration, pick
from policylint.cli import main
from policylint.config import ConfigError, card_folders, read
from policylint.config_schema import schema
from policylint.files import OnDisk
from policylint.plugins import load

ACME = Path(__file__).parent.parent / "fixtures" / "acme"

RULES = load(()).rules
PLAN = {
    "plans": {
        "daily": {
            "regions": {"@@assign": ["eu-west-1"]},
            "rules": {
                "nightly": {
                    "schedule_expression": {"@@assign": "cron(0 5 ? * * *)"},
                    "target_backup_vault_name": {"@@assign": "central"},
                    "lifecycle": {"delete_after_days": {"@@assign": "14"}},
                }
            },
            "selections": {
                "tags": {
                    "tagged": {
                        "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/Backup"},
                        "tag_key": {"@@assign": "backup"},
                        "tag_value": {"@@assign": ["yes"]},
                    }
                }
            },
        }
    }
}
TREE = """
root:
  policies: [backup/base]
  organizational_units:
    - name: Prod
      accounts:
        - {name: payments, id: "111111111111", tags: {tier: gold}}
        - {name: mail, id: "222222222222"}
    - name: Sandbox
      accounts: [{name: play, id: "333333333333"}]
"""


@pytest.fixture
def organization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "policies" / "backup").mkdir(parents=True)
    (tmp_path / "org" / "organization.yaml").write_text(TREE)
    (tmp_path / "org" / "policies" / "backup" / "base.json").write_text(json.dumps(PLAN))
    return tmp_path / "org"


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["org", "--format", "json", *arguments])
    return {finding["rule"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}


def test_a_rule_can_be_off_louder_or_stricter(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert findings(capsys)["short-retention"]["severity"] == "warning"
    config = organization / "policylint.yaml"
    config.write_text("rules:\n  short-retention: off\n")
    assert "short-retention" not in findings(capsys)
    config.write_text("rules:\n  short-retention: error\n")
    assert findings(capsys)["short-retention"]["severity"] == "error"
    config.write_text("rules:\n  short-retention: {minimum_days: 14}\n")
    assert "short-retention" not in findings(capsys)


def test_an_override_holds_for_its_accounts_only(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = organization / "policylint.yaml"
    config.write_text("overrides:\n  - organizational_units: [Root/Sandbox]\n    rules: {short-retention: off}\n")
    assert findings(capsys)["short-retention"]["accounts"]["organizational_units"] == ["Root/Prod"]
    config.write_text("overrides:\n  - tags: {tier: gold}\n    rules: {short-retention: off}\n")
    reached = findings(capsys)["short-retention"]["accounts"]
    assert (reached["organizational_units"], reached["ids"]) == (["Root/Sandbox"], ["222222222222"])


def test_where_overrides_meet_the_later_one_wins(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (organization / "policylint.yaml").write_text(
        "rules: {short-retention: off}\n"
        "overrides:\n"
        "  - organizational_units: [Root/Prod]\n"
        "    rules: {short-retention: error}\n"
        "  - accounts: [mail]\n"
        "    rules: {short-retention: off}\n"
    )
    found = findings(capsys)["short-retention"]
    assert (found["severity"], found["accounts"]["ids"]) == ("error", ["111111111111"])


@pytest.mark.parametrize(
    ("condition", "column", "told"),
    [
        (
            "organizational_units: [Root/Prod, Root/Sandbx]",
            39,
            "There is no organizational unit 'Root/Sandbx'. Did you mean 'Root/Sandbox'?",
        ),
        ("accounts: [paymnts]", 16, "No account is named 'paymnts'. Did you mean 'payments'?"),
        ('accounts: ["9*"]', 16, "No account is named '9*'."),
        ("tags: {teir: gold}", 18, "No account has the tag 'teir'. Did you mean 'tier'?"),
        ("tags: {tier: glod}", 18, "No account's tag 'tier' is 'glod'. Did you mean 'gold'?"),
        (
            "{organizational_units: [Root/Sandbox], accounts: [mail], rules: {short-retention: off}}",
            5,
            "No account meets all conditions of this override, so its settings apply to none.",
        ),
    ],
)
def test_an_override_for_nobody_is_told_at_its_line(
    organization: Path, capsys: pytest.CaptureFixture[str], condition: str, column: int, told: str
) -> None:
    settings = "" if condition.startswith("{") else "\n    rules: {short-retention: off}"
    (organization / "policylint.yaml").write_text(f"overrides:\n  - {condition}{settings}\n")
    found = findings(capsys)["override-without-accounts"]
    assert (found["path"], found["line"], found["column"]) == ("org/policylint.yaml", 2, column)
    assert (found["severity"], found["message"]) == ("warning", told)


@pytest.mark.parametrize(
    "condition",
    ["organizational_units: [Root/*]", "organizational_units: [Root/Later/]", "accounts: [play]", "tags: {tier: '*'}"],
)
def test_an_override_for_somebody_is_not_told(
    organization: Path, capsys: pytest.CaptureFixture[str], condition: str
) -> None:
    """Root/Later has no account yet: it is there all the same."""
    (organization / "organization.yaml").write_text(TREE + "    - name: Later\n")
    (organization / "policylint.yaml").write_text(f"overrides:\n  - {condition}\n    rules: {{short-retention: off}}\n")
    assert "override-without-accounts" not in findings(capsys)


def test_the_command_line_beats_the_file(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (organization / "policylint.yaml").write_text("ignore: [short-retention]\nrules: {kept-forever: note}\n")
    assert list(findings(capsys, "--select", "short-retention")) == ["short-retention"]
    assert "short-retention" not in findings(capsys, "--select", "best_practice", "--ignore", "short-retention")
    (organization / "policylint.yaml").write_text("fail_on: warning\n")
    assert main(["org"]) == 1
    assert main(["org", "--fail-on", "error"]) == 0


def test_files_that_cannot_be_read_are_told_whatever_is_selected(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (organization / "policies" / "backup" / "base.json").write_text("{")
    assert list(findings(capsys, "--select", "short-retention")) == ["broken-syntax"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selct: []\n", ":1:1: 'selct' is not known here. Did you mean 'select'?"),
        (
            "rules:\n  short-retenton: off\n",
            ":2:3: 'short-retenton' is not known here. Did you mean 'short-retention'?",
        ),
        (
            "rules:\n  short-retention: loud\n",
            ":2:20: 'loud' is not known here. Known are off, on, error, warning, note.",
        ),
        (
            "rules:\n  short-retention: {days: 3}\n",
            "'days' is not known here. Known are severity, except, minimum_days.",
        ),
        (
            "rules:\n  short-retention: {minimum_days: many}\n",
            ":2:35: A whole number belongs here, 0 or more (default: 35).",
        ),
        ("ignore: kept-forever\n", ":1:9: A list belongs here: rules or families to leave out."),
        ("profile: [strict]\n", ":1:10: A string belongs here: the set of rules to start from"),
        ("overrides:\n  - accounts: [a]\n", ":2:5: 'rules' is missing: what differs from the card, rule by rule."),
        ("ignores:\n  - {rule: kept-forever, reason: x, until: soon}\n", "'soon' is not a date such as 2027-01-31."),
        (
            'ignores:\n  - rule: kept-forever\n    reason: ""\n',
            ":3:13: A string belongs here, and this one is empty: why the finding is suppressed.",
        ),
        ("ignores:\n  - {reason: x}\n", ":2:5: 'rule' is missing: the rule's id."),
        ("rules: [\n", "policylint.yaml:1:9: This is not YAML"),
    ],
)
def test_a_slip_is_told_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "policylint.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read(OnDisk(path.parent), path.name, RULES.values())
    assert told in raised.value.problems[0]


@pytest.mark.parametrize("text", ["", "\n", "# later\n\n  # profile: strict\n", "---\n", "\ufeff# later\n"])
def test_a_configuration_without_settings_settles_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policylint.yaml"
    path.write_text(text, encoding="utf-8")
    assert card_folders(OnDisk(path.parent), path.name) == []
    assert read(OnDisk(path.parent), path.name, RULES.values()) == Configuration(folder=tmp_path, path=str(path))


def test_an_unreadable_configuration_is_not_taken_as_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "policylint.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError):
        read(OnDisk(path.parent), path.name, RULES.values())


def test_every_slip_is_told_and_the_run_stops(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (organization / "policylint.yaml").write_text("selct: []\nignroe: []\n")
    assert main(["org"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "'select'" in told.err
    assert "'ignore'" in told.err


def test_pyproject_toml_serves_as_well(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[tool.policylint.rules]\nshort-retention = 'off'\n")
    assert "short-retention" not in findings(capsys)
    Path("pyproject.toml").write_text("[tool.policylint]\nselct = []\n")
    assert main(["org"]) == 2
    assert "tool.policylint.selct: 'selct' is not known here." in capsys.readouterr().err


def test_a_mistyped_selector_names_the_nearest(organization: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["org", "--select", "overide"]) == 2
    assert "Did you mean 'override'?" in capsys.readouterr().err


def test_profiles_nest() -> None:
    minimal, recommended, strict = (
        pick(RULES, Configuration(profile=profile)).keys() for profile in ("minimal", "recommended", "strict")
    )
    assert minimal < recommended <= strict == RULES.keys() - {"policy-incomplete-alone"}


def test_complete_policies_are_asked_for_by_a_profile_or_one_key(tmp_path: Path) -> None:
    recommended = pick(RULES, Configuration()).keys()
    wanted = recommended | {"policy-incomplete-alone"}
    assert pick(RULES, Configuration(profile="self-contained")).keys() == wanted
    path = tmp_path / "policylint.yaml"
    path.write_text("self_contained: true\n")
    assert pick(RULES, read(OnDisk(path.parent), path.name, RULES.values())).keys() == wanted
    path.write_text("self_contained: yes please\n")
    with pytest.raises(ConfigError, match="true or false belongs here"):
        read(OnDisk(path.parent), path.name, RULES.values())


def test_the_schema_names_every_rule_and_option() -> None:
    settings = schema(RULES.values())["$defs"]["settings"]["properties"]
    assert settings.keys() == RULES.keys()
    assert settings["short-retention"]["oneOf"][1]["properties"].keys() == {"severity", "except", "minimum_days"}


def test_the_example_in_the_docs_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text()
    path = tmp_path / "policylint.yaml"
    path.write_text(page.partition("```yaml configuration\n")[2].partition("```")[0])
    configuration = read(OnDisk(path.parent), path.name, RULES.values())
    assert configuration.profile == "recommended"
    assert [one.excepted for one in configuration.overrides] == [("Root/Suspended",), (), ()]
    assert configuration.ignores[0].until == "2027-03-31"
    path.write_text(
        page.partition("## Exceptions from a rule")[2].partition("```yaml configuration\n")[2].partition("```")[0]
    )
    (exceptions,) = read(OnDisk(path.parent), path.name, RULES.values()).overrides
    assert exceptions.excepted == ("Root/Suspended", "Root/Sandbox/*", "111111111111")


def test_a_framework_is_a_profile_and_its_controls_are_shown(
    organization: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["org", "--profile", "nist-800-53"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "[short-retention, CP-9]" in shown
    assert "kept-forever" not in shown
    assert main(["rules", "--profile", "soc-2"]) == 0
    assert "(A1.2)" in capsys.readouterr().out
    assert main(["org", "--profile", "nist"]) == 2
    assert "No profile is named 'nist'." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: {short-retention: }", "There is no value here. Known are "),
        ("overrides: [{accounts: [222222222222], rules: {}}]", "Put it in quotes."),
        ("rules: {}\nrules: {}", "The name 'rules' appears twice in one object. Keep one of the two."),
    ],
)
def test_slips_say_what_to_write(tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "policylint.yaml"
    config.write_text(f"{text}\n")
    assert main([str(ACME), "--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "AWS refuses" not in error


def test_the_sample_of_the_documentation_runs(tmp_path: Path) -> None:
    page = (ACME.parent.parent / "docs" / "configuration.md").read_text()
    sample = page.partition("```yaml\n")[2].partition("```")[0]
    config = tmp_path / "policylint.yaml"
    config.write_text(sample)
    assert main([str(ACME), "--config", str(config)]) in (0, 1)


@pytest.mark.parametrize("text", ["tool = 3  # [tool.policylint]", "tool.policylint.fail_on = 'never'"])
def test_a_table_of_tools_may_be_written_in_other_ways(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f"{text}\n")
    assert main([str(ACME)]) == (0 if "never" in text else 1)
