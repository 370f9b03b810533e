"""SARIF as GitHub code scanning wants it, in what no validator sees; `.ci/validate-sarif` has strangers read it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from policylint.builtin_plugins.sarif_format import render

from policylint.cli import main
from policylint.lint import lint_files
from policylint.plugins import load
from policylint.policy_files import read_policy_file
from policylint.printing import printable
from policylint.rules import CardError, load_card

CHECKOUT = Path(__file__).parent.parent
SNAPSHOT = Path(__file__).parent / "snapshots" / "small.sarif"
TREE = """\
root:
  policies: [backup/base]
  organizational_units:
    - name: Prod
      policies: [backup/prod]
      accounts: [{name: payments, id: "111111111111"}, {name: orders, id: "222222222222"}]
"""
BASE = """\
plans:
  daily:
    "@@operators_allowed_for_child_policies": ["@@none"]
    regions:
      "@@assign": [eu-west-1]
      "@@operators_allowed_for_child_policies": ["@@none"]
    rules:
      nightly:
        schedule_expression: {"@@assign": "cron(0 5 ? * * *)"}
        target_backup_vault_name: {"@@assign": central}
        complete-backup-window-minutes: {"@@assign": 600}
"""
PROD = '{"plans": {"daily": {\n  "regions": {"@@assign": ["us-east-1"]}\n}}}\n'
CHOSEN = "locked-operator,unknown-field,partial-lock,kept-forever"
LINK = re.compile(r"(?<!\\)(?:\\\\)*\[((?:[^\\\[\]]|\\[\\\[\]])*)\]\(([^)]*)\)")


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small organization below the working directory."""
    monkeypatch.chdir(tmp_path)
    return written(tmp_path / "org", TREE, {"base.yaml": BASE, "prod.json": PROD})


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The organization with odd names that the validators get too."""
    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, CHECKOUT / ".ci" / "odd_organization.py", tmp_path / "odd names"], check=True)
    return tmp_path / "odd names"


def written(folder: Path, tree: str, policies: dict[str, str]) -> Path:
    """An organization with backup policies, written down."""
    backup = folder / "policies" / "backup"
    backup.mkdir(parents=True)
    (folder / "organization.yaml").write_text(tree)
    for name, text in policies.items():
        (backup / name).write_text(text)
    return folder


def run(path: Path | str, *arguments: str) -> dict[str, Any]:
    """The single run of the report, written to a file as in a workflow."""
    main([str(path), "--format", "sarif", "--output", "out.sarif", *arguments])
    (found,) = json.loads(Path("out.sarif").read_bytes())["runs"]
    return dict(found)


def rules(found: dict[str, Any]) -> list[dict[str, Any]]:
    return list(found["tool"]["driver"]["rules"])


def messages(found: dict[str, Any]) -> list[str]:
    return [result["message"]["text"] for result in found["results"]]


def uris(found: dict[str, Any]) -> set[str]:
    places = [
        place for result in found["results"] for place in (*result["locations"], *result.get("relatedLocations", ()))
    ]
    return {place["physicalLocation"]["artifactLocation"]["uri"] for place in places}


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def test_the_whole_report_of_a_small_organization(org: Path) -> None:
    run("org", "--select", CHOSEN)
    text = Path("out.sarif").read_text(encoding="utf-8").replace(f'"{version("policylint")}"', '"VERSION"')
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8"), "If this is meant, run the tests with UPDATE_SNAPSHOTS=1."


def test_a_clean_run_has_no_results_and_all_rules(org: Path) -> None:
    (org / "policies/backup/base.yaml").write_text('plans: {"@@operators_allowed_for_child_policies": ["@@all"]}\n')
    (org / "policies/backup/prod.json").write_text("{}")
    found = run("org", "--select", "unknown-field")
    assert found["results"] == []
    assert "unknown-field" in {rule["id"] for rule in rules(found)}
    assert found["invocations"] == [{"executionSuccessful": True, "exitCode": 0, "toolExecutionNotifications": []}]
    listed = [rule["id"] for rule in rules(run("org", "--select", "all"))]
    assert listed == sorted(load([]).rules)


def test_the_rules_are_the_same_whatever_was_found(org: Path, odd: Path) -> None:
    assert rules(run("org")) == rules(run(odd))


def test_a_configured_severity_is_the_results_and_not_the_rules(org: Path) -> None:
    (org / "policylint.yaml").write_text("rules: {kept-forever: error}\n")
    (result,) = (one for one in run("org")["results"] if one["ruleId"] == "kept-forever")
    (rule,) = (one for one in rules(run("org")) if one["id"] == "kept-forever")
    assert (result["level"], rule["defaultConfiguration"]) == ("error", {"level": "note"})


def test_a_rule_that_is_on_for_some_accounts_is_listed(org: Path) -> None:
    (org / "policylint.yaml").write_text(
        "rules: {kept-forever: off}\noverrides:\n  - accounts: [orders]\n    rules: {kept-forever: error}\n"
    )
    found = run("org")
    assert "kept-forever" in {result["ruleId"] for result in found["results"]}
    assert "kept-forever" in {rule["id"] for rule in rules(found)}


def test_results_point_at_their_rules(org: Path) -> None:
    found = run("org")
    assert found["results"]
    assert all(rules(found)[result["ruleIndex"]]["id"] == result["ruleId"] for result in found["results"])


def test_rules_have_every_text_within_the_limits(org: Path) -> None:
    for rule in rules(run("org", "--select", "all")):
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert "## Why\n" in rule["help"]["markdown"]
        assert "```" not in rule["help"]["text"]
        assert (CHECKOUT / rule["helpUri"].partition("/blob/main/")[2]).is_file()
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert len(rule["properties"]["tags"]) <= 10


def test_links_in_help_leave_this_repository_with_it(org: Path) -> None:
    for rule in rules(run("org", "--select", "all")):
        for _, target in LINK.findall(rule["help"]["markdown"]):
            assert target.startswith("https://"), rule["id"]
            assert (CHECKOUT / target.partition("/blob/main/")[2]).exists()


def test_only_rules_about_harm_are_security_alerts(org: Path) -> None:
    listed = {rule["id"]: rule["properties"] for rule in rules(run("org", "--select", "all"))}
    scores = {name: found["security-severity"] for name, found in listed.items() if "security-severity" in found}
    assert scores.keys() == {name for name, found in listed.items() if "security" in found["tags"]}
    assert {"unlocked-baseline", "partial-lock", "no-copy-to-another-account"} <= scores.keys()
    # From 7.0 on, GitHub fails a pull request by default; these are only risks.
    assert all(isinstance(score, str) and 0 < float(score) < 7 for score in scores.values())


@pytest.mark.parametrize("text", ["0.0", "10.1", "7", "high", "nan", "[5.0]"])
def test_a_security_severity_that_github_would_pass_over_is_refused(tmp_path: Path, text: str) -> None:
    card = (CHECKOUT / "rules/override/partial-lock.md").read_text()
    path = tmp_path / "partial-lock.md"
    path.write_text(re.sub("^security_severity: .*$", f"security_severity: {text}", card, flags=re.MULTILINE))
    with pytest.raises(CardError, match="security_severity"):
        load_card(path)


def test_messages_are_sentences_that_name_the_accounts(org: Path) -> None:
    found = run("org")
    assert all(text.endswith(".") for text in messages(found))
    assert any("Affects 2 accounts: 'Root'." in text for text in messages(found))
    alone = run("org/policies/backup/base.yaml", "--type", "backup")
    assert any("Did you mean 'complete_backup_window_minutes'?" in text for text in messages(alone))
    assert all(re.search(r"[^?!.]\.$", text) for text in messages(alone))


def test_related_places_are_linked_in_the_message(org: Path) -> None:
    (result,) = (one for one in run("org")["results"] if one["ruleId"] == "locked-operator")
    links = LINK.findall(result["message"]["text"])
    assert links == [("locked by 'backup/base'", "1")]
    (related,) = result["relatedLocations"]
    assert related["id"] == 1
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "org/policies/backup/base.yaml"
    assert related["physicalLocation"]["region"]["startLine"] == 6


def test_odd_names_are_harmless(odd: Path) -> None:
    found = run("odd names")
    Path("out.sarif").read_bytes().decode("utf-8")
    assert all(printable(text) == text for text in strings((found["results"], found["invocations"])))
    for result in found["results"]:
        numbers = {str(place["id"]) for place in result.get("relatedLocations", ())}
        assert {target for _, target in LINK.findall(result["message"]["text"])} <= numbers
    assert any("a \\[b\\](https://example.com)" in text for text in messages(found))


def test_uris_are_relative_and_percent_encoded(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = uris(run("odd names"))
    assert "odd%20names/policies/backup/50%25%20of%20%5B%C3%A9%5D%20%231%2C%20a%3Ab%20%1B%5B31m.json" in wanted
    assert all(Path(unquote(uri)).is_file() for uri in wanted)
    assert uris(run("./odd names/")) == uris(run(odd)) == uris(run("odd names/../odd names")) == wanted
    Path(".git").mkdir()
    monkeypatch.chdir(odd)
    assert uris(run(".")) == uris(run("../odd names")) == wanted


def test_a_file_outside_has_its_uri_from_the_named_folder_and_a_notice(
    org: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (org.parent / "elsewhere").mkdir()
    monkeypatch.chdir(org.parent / "elsewhere")
    found = run("../org")
    assert "policies/backup/base.yaml" in uris(found)
    assert not any(uri.startswith(("/", ".", "file:")) for uri in uris(found))
    (notice,) = found["invocations"][0]["toolExecutionNotifications"]
    assert notice["level"] == "warning"
    assert "outside the repository, such as '../org/" in notice["message"]["text"]
    assert notice["message"]["text"] in capsys.readouterr().err


def test_a_symbolic_link_gives_the_file_that_it_leads_to(org: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = org / "policies/backup/base.yaml"
    policy.rename("kept.yaml")
    policy.symlink_to("../../../kept.yaml")
    wanted = {"kept.yaml", "org/policies/backup/prod.json"}
    Path(".git").mkdir()
    assert uris(run("org", "--select", CHOSEN)) == wanted
    Path("ci").mkdir()
    monkeypatch.chdir("ci")
    assert uris(run("../org", "--select", CHOSEN)) == wanted


def test_regions_are_small_and_count_characters(org: Path) -> None:
    path = org / "policies/backup/prod.json"
    path.write_text('{"plans": {\n "𝄞é": {}, "daily": {"regionss": {"@@assign": ["eu-west-1"]}}}}\n')
    (result,) = (one for one in run("org", "--select", "unknown-field")["results"] if "regionss" in str(one))
    region = result["locations"][0]["physicalLocation"]["region"]
    start = path.read_text().splitlines()[1].index('"regionss"') + 1
    assert region == {"startLine": 2, "startColumn": start, "endLine": 2, "endColumn": start + len('"regionss"')}


def test_fingerprints_stay_whatever_moves_around_a_fault(org: Path) -> None:
    def prints(folder: str = "org") -> dict[str, Any]:
        return {
            result["ruleId"]: result["partialFingerprints"] for result in run(folder, "--select", CHOSEN)["results"]
        }

    before = prints()
    assert len({str(each) for each in before.values()}) == len(before)
    assert all(each.keys() == {"policylint/v1"} for each in before.values())
    assert prints(str(org.resolve())) == before
    base = org / "policies/backup/base.yaml"
    base.write_text("# a new line\n\n" + BASE.replace("  ", "   "))
    assert prints() == before
    prod = org / "policies/backup/prod.json"
    prod.write_text(json.dumps(json.loads(prod.read_text()), indent=7))
    assert prints() == before
    tree = org / "organization.yaml"
    tree.write_text(tree.read_text().replace("name: ", "name: new-"))
    assert prints() == before
    Path("infra").mkdir()
    org.rename("infra/aws")
    assert prints("infra/aws") == before


def test_faults_of_broken_text_have_fingerprints_of_their_own(org: Path) -> None:
    (org / "policies/backup/prod.json").write_text('{"plans": {}, "plans": {},\n "plans": {}}')
    found = [one["partialFingerprints"]["policylint/v1"] for one in run("org", "--select", "duplicate-key")["results"]]
    assert len(set(found)) == len(found) == 2


def test_results_are_in_order_and_the_text_is_the_same_under_any_hash_seed(odd: Path) -> None:
    def output(seed: str) -> bytes:
        command = [sys.executable, "-m", "policylint", "odd names", "--format", "sarif"]
        return subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout

    text = output("1")
    assert text == output("2")
    assert text.startswith(b'{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json"')
    assert text.endswith(b"}\n")
    spots = []
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        path = unquote(place["artifactLocation"]["uri"])
        spots.append((path, region["startLine"], region["startColumn"], result["ruleId"]))
    assert spots == sorted(spots)


def test_the_worst_5000_are_kept_and_the_cut_is_told(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = "".join(f'    "r{number}": {{"lifecycle": {{}}}},\n' for number in range(100))
    wrong = "".join(f'    "unknown{number}": 1,\n' for number in range(5010))
    plan = f'{{"plans": {{"z": {{\n  "rules": {{\n{same}    "last": {{}}\n  }},\n{wrong}    "end": 1\n}}}}}}\n'
    (org / "policies/backup/prod.json").write_text(plan)
    found = run("org", "--select", "unknown-field,partial-lock,kept-forever")
    assert len(found["results"]) == 5000
    assert {result["level"] for result in found["results"]} == {"error"}
    notice = found["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert re.fullmatch(r"GitHub keeps 5,000 results; the SARIF has the worst 5,000 of 5,\d+\.", notice)
    assert notice in capsys.readouterr().err


def test_a_policy_on_a_single_line_is_told(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies/backup/prod.json").write_text('{"plans": {"daily": {"a": 1, "b": 2}}}')
    found = run("org", "--select", "unknown-field")
    (notice,) = found["invocations"][0]["toolExecutionNotifications"]
    assert "'org/policies/backup/prod.json' are on its only line" in notice["message"]["text"]
    assert "are on its only line" in capsys.readouterr().err


def test_a_failing_plugin_is_told_and_others_are_named(org: Path) -> None:
    report = lint_files([read_policy_file(Path("org/policies/backup/base.yaml"))], load([]).rules)
    report = replace(
        report, failures=["The plugin 'x' is left out: it broke"], plugins=(("y", "1.2"), ("z", "")), exit_code=2
    )
    (found,) = json.loads("".join(render(report).chunks))["runs"]
    assert found["tool"]["extensions"] == [{"name": "y", "version": "1.2"}, {"name": "z"}]
    (invocation,) = found["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    (told,) = invocation["toolExecutionNotifications"]
    assert told == {"level": "error", "message": {"text": "The plugin 'x' is left out: it broke."}}


def test_a_rule_of_a_plugin_needs_only_the_texts_it_has(org: Path) -> None:
    report = lint_files([read_policy_file(Path("org/policies/backup/base.yaml"))], load([]).rules)
    rule = report.rules["partial-lock"]
    card = replace(
        rule.card, id="own", title="", family="ours", sources=("https://example.com/own",), path=Path("own.md")
    )
    report = replace(report, findings=[], rules={"own": replace(rule, card=card)})
    (own,) = rules(json.loads("".join(render(report).chunks))["runs"][0])
    assert own["helpUri"] == "https://example.com/own"
    assert all(own[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    assert "name" not in own


def test_accepted_findings_raise_no_alert(org: Path) -> None:
    (org / "policylint.yaml").write_text("ignores:\n  - rule: partial-lock\n    reason: agreed\n")
    assert "partial-lock" not in {result["ruleId"] for result in run("org")["results"]}


def test_frameworks_are_taxonomies_that_rules_point_into(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(org), "--format", "sarif", "--fail-on", "never"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    taxa = {(taxonomy["name"], taxon["id"]) for taxonomy in run["taxonomies"] for taxon in taxonomy["taxa"]}
    targets = {
        (relation["target"]["toolComponent"]["name"], relation["target"]["id"])
        for rule in run["tool"]["driver"]["rules"]
        for relation in rule.get("relationships", ())
    }
    assert targets == taxa
    assert [one["name"] for one in run["tool"]["driver"]["supportedTaxonomies"]] == [
        taxonomy["name"] for taxonomy in run["taxonomies"]
    ]


def test_accepted_findings_are_left_out_unless_asked_for(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policylint.yaml").write_text("ignores: [{rule: partial-lock, reason: settled in May}]\n")
    arguments = [str(org), "--format", "sarif", "--fail-on", "never", "--select", "partial-lock"]
    main(arguments)
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []
    main([*arguments, "--show-suppressed"])
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "settled in May"}]
