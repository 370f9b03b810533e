"""Whatever stands in files: nothing that is printed steers a terminal, misleads an eye or commands a CI runner."""

from __future__ import annotations

import ast
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from policylint.cli import main
from policylint.plugins import load
from policylint.printing import ANYWHERE, COMMAND, INVISIBLE, json_text, printable, printable_lines, yaml_text

ROOT = Path(__file__).parent.parent
EVIL = [
    "\x1b[2J\x1b]0;title\x07",
    "\u202eright\u2066to\u2069left",
    "zero\u200bwidth\ufeff\u2060\u00ad",
    "tag\U000e0041s",
    "filler\u3164joiner\u034fselector\ufe0f\U000e0101blank\u2800",
    "\x85\u2028::error::pwned",
    "\n::stop-commands::pwned\n",
    "\r##[group]pwned",
    "##vso[task.setvariable variable=x]pwned",
    "##teamcity[buildStatus text='pwned']",
    "section_start:1:pwned\r\x1b[0K",
    "travis_fold:start:pwned",
]
TEXTS = st.text() | st.lists(st.sampled_from([*EVIL, " ", "::", "##", "[", "a"])).map("".join)
CARD = """---
scope: entry
select: $.regions
require: {present: true}
severity: error
message: The plan {name} is wrong.
---

# A rule of ours

## Rationale

Text before.
::stop-commands::pwned
   ::error::pwned \x1b[31m ##[group]pwned ##vso[x] \u202e\u200b section_start:1:pwned
"""


def obeyed(text: str, *, lines: bool = True) -> Iterator[str]:
    """What somebody would obey of a text that is printed."""
    for line in text.split("\n"):
        yield from (found[0] for found in ANYWHERE.finditer(line))
        if line.lstrip().startswith("::"):
            yield line
        for character in line:
            if character not in "\t " and (unicodedata.category(character)[0] in "CZ" or INVISIBLE.match(character)):
                yield repr(character)


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organization in which every name and every value is hostile, and its own card too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    org = tmp_path / "org"
    for folder in ("policies/tag", "rules"):
        (org / folder).mkdir(parents=True)
    rules = {text: {"tag_key": text, "tag_value": EVIL, text: {"@@assign": EVIL}} for text in EVIL}
    (org / "policies" / "tag" / "raw.json").write_text(json.dumps({"tags": rules}, indent=1, ensure_ascii=False))
    good = {f"k{n}": {"tag_value": {"@@assign": [*EVIL, text]}} for n, text in enumerate(EVIL)}
    (org / "policies" / "tag" / "good.json").write_text(json.dumps({"tags": good}, ensure_ascii=False))
    (org / "rules" / "ours.md").write_text(CARD)
    accounts = [{"id": f"{n:012}", "name": text, "policies": ["tag/raw"]} for n, text in enumerate(EVIL)]
    units = [{"name": text.replace("/", "|"), "accounts": []} for text in EVIL]
    good_one = {"id": "999999999999", "name": "good", "policies": ["tag/good"]}
    tree = {"root": {"accounts": [*accounts, good_one], "organizational_units": units}, EVIL[0]: EVIL}
    (org / "organization.json").write_text(json.dumps(tree))
    return org


COMMANDS: list[list[str]] = [
    *(["check", "org", "--format", name] for name in load(()).formats if name not in ("html", "github")),
    ["check", "org", "--diff", "--unsafe-fixes"],
    ["check", "org/policies/tag/raw.json"],
    ["effective", "org", "--account", "good", "--type", "tag"],
    ["effective", "org", "--account", "good", "--type", "tag", "--format", "yaml"],
    ["effective", "org", "--format", "jsonl"],
    ["explain", "org", "/tags/k0/tag_value", "--account", "good"],
    ["explain", "org", "/tags", "--account", EVIL[1]],
    ["explain", "org", f"/tags/{EVIL[0]}", "--account", "good"],
    ["rules", "ours", "--organization", "org"],
    ["rules", EVIL[0]],
    ["test-rules", "org/rules"],
    ["schema"],
    ["plugins"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command)))
def test_nothing_that_is_printed_is_obeyed(evil: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main(command) in (0, 1, 2, 3)
    shown = capsys.readouterr()
    assert shown.out + shown.err
    assert list(obeyed(shown.out)) == []
    assert list(obeyed(shown.err)) == []


def test_annotations_hold_one_command_a_line_and_it_is_ours(evil: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "org", "--format", "github"])
    for line in capsys.readouterr().out.splitlines():
        _, ours, rest = line.rpartition("::")
        assert not line.startswith("::") or line.split(" ", 1)[0] in ("::error", "::warning", "::notice")
        assert list(obeyed(rest if ours else line)) == []


def test_a_diff_that_shows_escapes_says_that_patch_cannot_use_it(
    evil: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "org", "--diff"])
    shown = capsys.readouterr()
    assert "+" in shown.out
    assert "shown escaped, so `patch` can't use this diff" in shown.err


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_and_yaml_hold_the_same_value_and_nothing_that_is_obeyed(value: Any) -> None:
    for text, indented in ((json_text(value), False), (json_text(value, indent=2), True)):
        assert json.loads(text) == value
        assert list(obeyed(text)) == [], indented
    halves = any(unicodedata.category(character) == "Cs" for text in leaves(value) for character in text)
    if isinstance(value, dict) and not halves:
        text = yaml_text(value)
        assert list(obeyed(text)) == []
        assert YAML(typ="safe", pure=True).load(text) == value


@given(TEXTS)
def test_a_line_is_one_line_and_a_text_keeps_its_lines(text: str) -> None:
    assert list(obeyed(printable(text))) == []
    assert "\n" not in printable(text)
    assert not COMMAND.search(printable(text))
    lines = printable_lines(text)
    assert list(obeyed(lines.replace("\r\n", "\n"))) == []
    assert lines.count("\n") == text.count("\n")


def test_what_harms_nobody_stays_as_it_is() -> None:
    plain = "arn:aws:iam::123456789012:role/é日本 # a::b ## [x]\ttab"
    assert printable_lines(plain) == plain
    assert json.loads(json_text(plain)) == plain
    assert "é日本" in json_text(plain)


def test_commands_print_through_the_functions_that_make_texts_harmless() -> None:
    allowed = {"shared.py", "cli.py"}
    for path in [*(ROOT / "policylint").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        if path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            bare = isinstance(called, ast.Name) and called.id == "print"
            written = isinstance(called, ast.Attribute) and ast.unparse(called).startswith(
                ("sys.stdout.write", "sys.stderr.w")
            )
            assert not bare, f"{path}:{node.lineno}"
            assert not written, f"{path}:{node.lineno}"


@pytest.mark.parametrize("character", ["\u3164", "\u034f", "\ufe0f", "\U000e0101", "\u2800", "\u115f", "\u17b4"])
def test_what_no_font_draws_is_shown_as_an_escape(character: str) -> None:
    escape = character.encode("unicode_escape").decode()
    assert printable(f"a{character}b") == f"a{escape}b"
    assert json.loads(json_text({"a": character})) == {"a": character}
    assert YAML(typ="safe").load(yaml_text({"a": character})) == {"a": character}
    assert character not in json_text(character) + yaml_text(character)
