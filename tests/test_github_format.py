"""The annotations of GitHub Actions, read as GitHub's runner reads them, and the summary of the job."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from policylint.builtin_plugins import github_format
from reports import as_json, report_of, shown

from policylint.cli import main
from policylint.findings import Place
from policylint.places import Location, locate
from policylint.report import Report

ROOT = Path(__file__).parent.parent
ACME = "fixtures/acme/"


@pytest.fixture(autouse=True)
def no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """No summary of a job is written, should these tests run in one."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


class Command(NamedTuple):
    level: str
    properties: dict[str, str]
    message: str


def command(line: str) -> Command | None:
    """The workflow command in a line, read as GitHub's runner does it; None where there is none.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """

    def unescaped(text: str, characters: str) -> str:
        for character in characters:
            text = text.replace(f"%{ord(character):02X}", character)
        return text

    if match := re.match(r"\s*::(\S+?)(?: (.*?))?::(.*)", line, re.DOTALL):
        pairs = (pair.split("=", 1) for pair in (match[2] or "").split(",") if pair)
        properties = {name: unescaped(value, "\r\n:,%") for name, value in pairs}
        return Command(match[1], properties, unescaped(match[3], "\r\n%"))
    if "##[" in line:  # the older way, anywhere in a line
        return Command(line.partition("##[")[2].partition("]")[0], {}, "")
    return None


def annotations(text: str) -> tuple[list[Command], list[str]]:
    """The commands, and below them the plain lines."""
    lines = re.split(r"\r\n|\r|\n", text.removesuffix("\n"))
    commands = [found for line in lines if (found := command(line))]
    plain = lines[len(commands) :]
    assert not any(command(line) for line in plain)
    return commands, plain


def test_github_shows_the_worst_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    levels = {"error": "error", "warning": "warning", "note": "notice"}
    findings = sorted(as_json(capsys, ACME), key=lambda one: list(levels).index(one["severity"]))
    main([ACME, "--format", "github"])
    commands, plain = annotations(capsys.readouterr().out)
    for found, one in zip(commands, findings, strict=True):
        assert found.level == levels[one["severity"]]
        assert found.properties == {
            "file": one["path"],
            "line": str(one["line"]),
            "endLine": str(one["end_line"]),
            "col": str(one["column"]),
            "endColumn": str(one["end_column"]),
            "title": one["rule"],
        }
        assert found.message.startswith(one["message"])
    assert plain[0] == "5 accounts, 5 policies checked: 4 errors, 2 warnings, 5 notes."


def test_github_takes_no_columns_of_several_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(str(ROOT / ACME))

    def several(_: Report, place: Place) -> Location:
        return locate(place)._replace(end_line=locate(place).line + 2)

    monkeypatch.setattr(Report, "where", several)
    for found in annotations("".join(github_format.render(report).chunks))[0]:
        assert found.properties.keys() == {"file", "line", "endLine", "title"}
        assert int(found.properties["endLine"]) == int(found.properties["line"]) + 2


def test_no_name_starts_a_workflow_command(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands, plain = annotations(shown(capsys, hostile, "github"))
    assert {found.level for found in commands} <= {"error", "warning", "notice"}
    assert all(
        found.properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"} for found in commands
    )
    assert len(plain) == 2
    assert any(r"'x\n::error::pwned\r\n##\x5badd-mask]y %0A::stop-commands::z |" in one.message for one in commands)
    assert r"org/policies/backup/a\n::error::%0A,b:c|`@octocat`<img>.json" in {
        one.properties["file"] for one in commands
    }


def test_no_name_starts_a_workflow_command_from_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "x\n::add-mask::y ##[add-mask]z"
    Path(name).mkdir()
    assert main([name, "--format", "github"]) == 3
    assert main([f"{name}/none.json", "--format", "github"]) == 2
    told = capsys.readouterr().err
    assert told.count(r"x\n::add-mask::y") == told.count("\n") == 2
    assert annotations(told)[0] == []


def test_github_gets_ten_of_each_level_and_a_line_on_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    plans = {f"a {number}": {"x": 1} for number in range(13)}
    Path("a.json").write_text(json.dumps({"plans": plans}, indent=1))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    findings = as_json(capsys, "a.json")
    numbers = Counter(one["severity"] for one in findings)
    main(["a.json", "--format", "github"])
    commands, plain = annotations(capsys.readouterr().out)
    assert Counter(one.level for one in commands) == {"error": 10}
    assert numbers == {"error": 26}
    assert plain[0] == "And 16 more findings (16 errors): GitHub shows 10 annotations of each level for a step."
    assert Path("summary.md").read_text().count("\n- **error** ") == 26


def test_github_appends_to_the_summary_of_the_job(
    clean: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    main([clean, "--format", "markdown"])
    markdown = capsys.readouterr().out
    for _ in range(2):
        assert main([clean, "--format", "github"]) == 0
    assert capsys.readouterr().out == "2 accounts, 1 policy checked: no findings.\n" * 2
    assert Path("summary.md").read_text() == f"{markdown}\n{markdown}"


def test_github_tells_that_the_summary_cannot_be_written(
    clean: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "nowhere/summary.md")
    assert main([clean, "--format", "github"]) == 0
    told = "policylint: The job's summary, nowhere/summary.md, can't be written: no such file or directory.\n"
    assert capsys.readouterr().err == told
