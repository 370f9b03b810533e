"""What holds of all report formats, ours and strangers'."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from installed import CHECKOUT

from policylint.lint import lint, lint_files
from policylint.native import read_native
from policylint.plugins import Host, _formats, load
from policylint.policy_files import read_policy_file
from policylint.report import Rendered, Report, Terminal

HOST = load([])
BROKEN = CHECKOUT / "fixtures" / "broken"


def reports() -> Iterator[Report]:
    yield lint(read_native(BROKEN), HOST.rules)
    yield lint_files([read_policy_file(BROKEN / "policies" / "backup" / "no-operators.json")], HOST.rules)


@pytest.mark.parametrize("name", HOST.formats)
def test_a_format_changes_nothing_in_the_report(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no-folder" / "summary.md"))
    for report in reports():
        before = {key: copy(value) for key, value in vars(report).items() if isinstance(value, (list, dict, str, int))}
        twice = [(list(rendered.chunks), list(rendered.notices)) for rendered in _twice(name, report)]
        assert twice[0] == twice[1]
        assert {key: vars(report)[key] for key in before} == before


def _twice(name: str, report: Report) -> Iterator[Rendered]:
    for _ in range(2):
        yield HOST.formats[name].render(report)


def _generator(report: Report) -> Iterator[str]:
    yield f"{len(report.findings)}\n"


def _with_notices(report: Report) -> Rendered:
    return Rendered(["text\n"], ["a notice"])


def _in_colour(report: Report, terminal: Terminal) -> list[str]:
    return [terminal.paint("red", 31)]


@pytest.mark.parametrize(
    ("render", "chunks", "notices"),
    [
        (_generator, None, []),
        (_with_notices, ["text\n"], ["a notice"]),
        (_in_colour, ["\x1b[31mred\x1b[0m"], []),
        (lambda report: ["x"], ["x"], []),
    ],
)
def test_a_strangers_format_takes_and_gives_what_it_likes(
    render: Callable[..., Any], chunks: list[str] | None, notices: list[str]
) -> None:
    new = Host()
    _formats(new, Host())("mine", render, "mine")
    report = next(reports())
    rendered = new.formats["mine"].render(report, Terminal(colour=True))
    assert list(rendered.chunks) == (chunks or [f"{len(report.findings)}\n"])
    assert list(rendered.notices) == notices
