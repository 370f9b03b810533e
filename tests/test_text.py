"""The report that shows the source, as a whole and where it is hard: tabs, wide characters, long lines, hostile names."""

from __future__ import annotations

import json
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from snapshots import assert_snapshot
from wcwidth import wcswidth

from policylint.cli import main
from policylint.printing import printable

ACME = Path(__file__).parent.parent / "fixtures" / "acme"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main([*arguments, "--format", "text"])
    return capsys.readouterr().out


def refused(folder: Path, text: str, name: str = "policy.json") -> str:
    """A policy file with this text."""
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return name


def marks(text: str) -> list[tuple[str, str]]:
    """For each line of carets what it marks in the source line above it; a wide character counts twice."""
    found = []
    lines = text.splitlines()
    for above, below in pairwise(lines):
        if match := re.fullmatch(r" *\| ( *)(\^+)", below):
            source = above.partition("| ")[2]
            before, width = wcswidth(match[1]), len(match[2])
            cells = [character for character in source for _ in range(max(wcswidth(character), 0))]
            found.append(("".join(cells[before : before + width]), source))
    return found


def test_the_example_company(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ACME.parent.parent)
    text = shown(capsys, "fixtures/acme/")
    assert_snapshot("acme.txt", text)
    source_lines = [line for line in text.splitlines() if not re.match(r" *\d+ \|", line)]
    assert max(map(wcswidth, source_lines)) <= 80


def test_a_kind_line_and_what_did_not_run_when_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        shown(capsys, refused(tmp_path, '{"plans": {}}')) == "1 policy checked, on its own: no findings.\n"
        "Rules about a whole organization did not run. Name its folder to run them.\n"
    )


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ('{"plans": {"p":\t{"regions":\t{"@@assign": ["mars-1"]}}}}', '"mars-1"'),
        ('{"plans": {"計画": {}}}', '"計画"'.replace("計", "計計").replace("画", "画画")),
        ('{"plans": {"e\u0301e\u0301 x": {}}}', '"ee x"'),
        ('{"plans": {"🚀 x": {}}}', '"🚀🚀 x"'),
    ],
)
def test_carets_stand_below_what_they_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, marked: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = marks(shown(capsys, refused(tmp_path, text)))
    assert marked in {mark for mark, _ in found}, found


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], newline: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = refused(tmp_path, newline.join(['{"plans": {', '  "a b": {}', "}}"]))
    text = shown(capsys, name)
    assert '2 |   "a b": {}\n  |   ^^^^^\n' in text


def test_a_long_line_is_cut_around_the_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    plans = ", ".join(f'"plan-{number}": {{}}' for number in range(200))
    text = shown(
        capsys,
        refused(tmp_path, f'{{"plans": {{{plans}, "a b": {{}}, {plans.replace("plan", "next")}}}}}'),
        "--select",
        "syntax",
    )
    assert ('"a b"', next(source for mark, source in marks(text) if mark == '"a b"')) in marks(text)
    assert max(map(len, text.splitlines())) <= 80


def test_names_cannot_steer_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = refused(tmp_path, json.dumps({"plans": {"\x1b[31mred\u202e": {}}}, ensure_ascii=False), "a\x1b[2Jb.json")
    text = shown(capsys, name)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_terminal_gets_colours_and_links(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = shown(capsys, str(ACME))
    assert "\x1b[1;31merror[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(capsys, str(ACME), "--no-color")


def test_the_table_and_the_text_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, str(ACME))
    main([str(ACME)])
    table = capsys.readouterr().out
    assert text.splitlines()[-2:] == table.splitlines()[-2:]
    assert os.path.relpath(ACME) in text


def test_no_name_gives_a_command_to_the_runner_of_github_actions() -> None:
    text = printable("a ::error::b ##[add-mask]c arn:aws:iam::$account:role/x")
    assert text == "a :\\x3aerror::b ##\\x5badd-mask]c arn:aws:iam::$account:role/x"
