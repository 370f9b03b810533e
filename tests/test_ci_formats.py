"""The reports for programs and pipelines: each read back by a stranger's reader, and with hostile names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from junitparser import JUnitXml
from policylint.builtin_plugins import jsonl_format
from reports import HOSTILE, as_json, report_of, shown
from snapshots import assert_snapshot

from policylint import builtin_plugins
from policylint.cli import main
from policylint.printing import printable

ROOT = Path(__file__).parent.parent
ACME = "fixtures/acme/"
FORMATS = {
    "jsonl": "acme.jsonl",
    "gitlab": "acme.gitlab.json",
    "junit": "acme.junit.xml",
    "markdown": "acme.md",
    "github": "acme.github.txt",
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_company(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    main([ACME, "--format", name])
    assert_snapshot(FORMATS[name], capsys.readouterr().out)


def test_the_readme_and_the_help_name_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    section = (ROOT / "README.md").read_text().partition("## Report formats")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(builtin_plugins.FORMATS)
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    told = capsys.readouterr().out.partition("--format FORMAT ")[2].partition("--output FILE")[0]
    assert set(builtin_plugins.FORMATS) <= set(re.findall(r"\w+", told))


# jsonl


def lines(text: str) -> list[dict[str, Any]]:
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_jsonl_has_a_line_for_each_account_that_a_finding_reaches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    findings = as_json(capsys, ACME)
    main([ACME, "--format", "jsonl"])
    found = lines(capsys.readouterr().out)
    assert [line["fingerprint"] for line in found] == [
        one["fingerprint"] for one in findings for _ in range(one["accounts"]["count"] or 1)
    ]
    assert [line["account"]["name"] for line in found[:5]] == [
        "management",
        "payments",
        "orders",
        "integration",
        "playground",
    ]
    told = {one["fingerprint"]: one for one in findings}
    for line in found:
        assert list(line.pop("account")) == ["id", "name", "path"]
        assert line == {key: told[line["fingerprint"]][key] for key in line}


def test_jsonl_without_accounts_has_a_line_for_each_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main([f"{ACME}policies/backup/sandbox.json", "--format", "jsonl"])
    (line,) = lines(capsys.readouterr().out)
    assert list(line) == [
        "account",
        "rule",
        "severity",
        "outcome",
        "message",
        "path",
        "line",
        "column",
        "pointer",
        "policy_type",
        "fingerprint",
    ]
    assert (line["account"], line["rule"], line["line"]) == (None, "unknown-field", 8)


def test_jsonl_of_a_clean_run_is_empty(clean: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, clean, "jsonl") == ""


def test_jsonl_keeps_names_whole_and_each_on_its_line(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, hostile, "jsonl")
    assert len(text.splitlines()) == text.count("\n")
    names = {line["account"]["name"] for line in lines(text) if line["account"]}
    assert HOSTILE in names


def test_jsonl_makes_a_line_when_it_is_asked_for_and_each_half_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    json_text = jsonl_format.json_text
    monkeypatch.setattr(jsonl_format, "json_text", lambda value: made.append(value) or json_text(value))
    report = report_of(str(ROOT / ACME))
    chunks = jsonl_format.render(report).chunks
    next(chunks)
    assert len(made) == 2
    assert len(list(chunks)) + 1 > len(report.findings)
    assert len(made) == len(report.findings) + len(report.organization.accounts if report.organization else ())


# gitlab

# Written from https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!/|\./|\.\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def code_quality(text: str) -> list[dict[str, Any]]:
    """The issues, held against what GitLab documents; it takes no byte order mark."""
    assert text.startswith("[")
    issues: list[dict[str, Any]] = json.loads(text)
    jsonschema.validate(issues, CODE_QUALITY)
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints)
    return issues


def test_gitlab_gets_each_finding_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    findings = as_json(capsys, ACME)
    main([ACME, "--format", "gitlab"])
    issues = code_quality(capsys.readouterr().out)
    levels = {"error": "major", "warning": "minor", "note": "info"}
    assert [
        (issue["check_name"], issue["severity"], issue["location"]["path"], issue["location"]["lines"]["begin"])
        for issue in issues
    ] == [(one["rule"], levels[one["severity"]], one["path"], one["line"]) for one in findings]
    assert issues[0]["description"].endswith("Affects 5 accounts: 'Root'.")


def test_gitlab_fingerprints_differ_where_faults_are_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text('{"plans": {}, "plans": {}, "plans": {}}')
    Path("b.json").write_text('{"plans": {}, "plans": {}}')
    main(["a.json", "b.json", "--format", "gitlab", "--select", "duplicate-key"])
    assert len(code_quality(capsys.readouterr().out)) == 3


def test_gitlab_paths_start_at_the_top_of_the_repository(
    hostile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {issue["location"]["path"] for issue in code_quality(shown(capsys, hostile, "gitlab"))}
    assert all(Path(path).is_file() for path in wanted)
    Path(".git").mkdir()
    monkeypatch.chdir("org/policies")
    assert {issue["location"]["path"] for issue in code_quality(shown(capsys, "..", "gitlab"))} == wanted


def test_gitlab_cannot_show_what_is_outside_of_the_repository(
    hostile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("repository").mkdir()
    monkeypatch.chdir("repository")
    main(["../org", "--format", "gitlab"])
    printed = capsys.readouterr()
    assert "organization.json" in {issue["location"]["path"] for issue in code_quality(printed.out)}
    assert re.search(r"outside the repository, such as '../org/.*'. GitLab can't show these locations", printed.err)


def test_gitlab_of_a_clean_run_is_an_empty_array(clean: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, clean, "gitlab") == "[]\n"


# junit


def cases(text: str) -> list[tuple[str, str, str, str, str]]:
    """Of each failed case the file, name, type, message and text, as junitparser reads them."""
    suites = JUnitXml.fromstring(text.encode("utf-8"))
    failed = []
    for suite in suites:
        assert (suite.tests, suite.failures, suite.errors) == (len(suite), len(suite), 0)
        for case in suite:
            (failure,) = case.result
            failed.append((suite.name, case.name, failure.type, failure.message, failure.text))
    assert (suites.tests, suites.failures, suites.errors) == (len(failed), len(failed), 0)
    return failed


def test_junit_has_a_failed_case_for_each_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    findings = as_json(capsys, ACME)
    main([ACME, "--format", "junit"])
    failed = cases(capsys.readouterr().out)
    assert [(path, name, kind, message) for path, name, kind, message, _ in failed] == [
        (one["path"], f"{one['rule']} at {one['pointer']}", one["severity"], one["message"]) for one in findings
    ]
    assert all(
        text.startswith(f"{one['path']}:{one['line']}:{one['column']}: ")
        for (*_, text), one in zip(failed, findings, strict=True)
    )
    assert len({(path, name) for path, name, *_ in failed}) == len(failed)


def test_junit_names_faults_of_broken_text_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_text('{"plans": {},\n "plans": {}}')
    main(["a.json", "--format", "junit", "--select", "duplicate-key"])
    assert [name for _, name, *_ in cases(capsys.readouterr().out)] == ["duplicate-key at 2:2"]


def test_junit_has_one_passed_case_when_all_is_well(clean: str, capsys: pytest.CaptureFixture[str]) -> None:
    (suite,) = JUnitXml.fromstring(shown(capsys, clean, "junit").encode("utf-8"))
    ((case,), figures) = list(suite), (suite.tests, suite.failures, suite.errors)
    assert (case.is_passed, figures) == (True, (1, 0, 0))


def test_junit_is_xml_whatever_names_hold(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    failed = cases(shown(capsys, hostile, "junit"))
    assert any(r"\x00\x1b[31m\u202e\u2028\ufffe\ud800 ]]>" in message for *_, message, _ in failed)
    assert all(printable(text) == text for case in failed for text in case)


# The attributes that Jenkins takes and those that it asks for, by element, as its xUnit plugin's junit-10.xsd has them:
# https://github.com/jenkinsci/xunit-plugin/tree/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd
JENKINS = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, set()),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package", "file"},
        {"name", "tests", "failures", "errors"},
    ),
    "testcase": ({"name", "classname", "time", "group"}, {"name"}),
    "failure": ({"type", "message"}, set()),
}


def test_junit_has_nothing_that_jenkins_refuses(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = ElementTree.fromstring(shown(capsys, hostile, "junit"))
    assert {element.tag for element in root.iter()} == JENKINS.keys()
    for element in root.iter():
        taken, asked_for = JENKINS[element.tag]
        assert asked_for <= set(element.keys()) <= taken
