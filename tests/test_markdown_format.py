"""The report as a comment on a pull request: read with a Markdown parser, with hostile names, and with far too much in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from policylint.builtin_plugins.markdown_text import cell, prose
from reports import as_json, shown

from policylint.cli import main
from policylint.printing import printable

ROOT = Path(__file__).parent.parent
ACME = "fixtures/acme/"
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
DETAILS = re.compile(r"<details>\n<summary><code>([^<>]*)</code>: [0-9a-z ,]+</summary>\n|</details>\n")
TALKATIVE = re.compile(r"@\w|#\d|\bwww\.|\w+://|:\w+:")  # what GitHub makes something of, outside of code


def tokens(text: str) -> Iterator[Token]:
    """Every token of a Markdown text, those inside of lines too."""
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def rows(text: str) -> list[list[str]]:
    """The cells of the table, as they read."""
    found: list[list[str]] = []
    before = ""
    for token in MARKDOWN.parse(text):
        if token.type == "tr_open":
            found.append([])
        elif before in ("th_open", "td_open"):
            found[-1].append("".join(child.content for child in token.children or ()))
        before = token.type
    return found


def entries(text: str) -> list[str]:
    """The findings, as they read."""
    parsed = MARKDOWN.parse(text)
    return [
        "".join(child.content for child in parsed[index + 2].children or ())
        for index, token in enumerate(parsed)
        if token.type == "list_item_open"
    ]


def test_markdown_tells_the_units_and_folds_the_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    findings = as_json(capsys, ACME)
    main([ACME, "--format", "markdown"])
    text = capsys.readouterr().out
    assert rows(text) == [
        ["organizational unit", "errors", "warnings", "notes", "affected accounts"],
        ["Root", "0", "0", "2", "5"],
        ["Root/Workloads/Prod", "1", "1", "0", "2"],
        ["Root/Sandbox", "3", "1", "3", "1"],
    ]
    assert [path for path in DETAILS.findall(text) if path] == list(dict.fromkeys(one["path"] for one in findings))
    assert [entry.partition(": ")[0] for entry in entries(text)] == [
        f"{one['severity']} {one['rule']} at {one['line']}:{one['column']}" for one in findings
    ]
    links = [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]
    assert [link.rpartition("/")[2] for link in links] == [f"{one['rule']}.md" for one in findings]
    assert all((ROOT / link.partition("/blob/main/")[2]).is_file() for link in links)


def test_markdown_tells_findings_that_reach_nobody(clean: str, capsys: pytest.CaptureFixture[str]) -> None:
    (Path(clean) / "policies" / "tag" / "unused.json").write_text('{"tags": {"a": 1}}')
    assert rows(shown(capsys, clean, "markdown", "--select", "object-expected"))[1:] == [
        ["no account", "1", "0", "0", "0"]
    ]


def test_markdown_of_single_files_and_of_clean_runs_is_short(clean: str, capsys: pytest.CaptureFixture[str]) -> None:
    everything_well = "no findings."
    assert shown(capsys, clean, "markdown") == f"### policylint\n\n2 accounts, 1 policy checked: {everything_well}\n"
    file = f"{clean}/policies/tag/none.json"
    assert shown(capsys, file, "markdown") == (
        f"### policylint\n\n1 policy checked, on its own: {everything_well} "
        "Rules about a whole organization did not run. Name its folder to run them.\n"
    )


def test_names_do_nothing_in_markdown(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, hostile, "markdown")
    for token in tokens(text):
        if token.type == "html_block":
            assert DETAILS.fullmatch(token.content), token.content
        elif token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://github.com/policylint/policylint/blob/main/rules/")
        elif token.type == "text":
            assert not TALKATIVE.search(re.sub(r" at \d+:\d+: ", "", token.content)), token.content
        else:
            assert token.type not in ("html_inline", "image", "fence", "code_block", "em_open", "softbreak")
    assert {len(row) for row in rows(text)} == {5}
    assert {unescape(path) for path in DETAILS.findall(text)} >= {
        "org/policies/backup/a\\n::error::%0A,b:c|`@octocat`<img>.json"
    }
    assert any("<img src=x onerror=alert(1)>" in entry.replace("\u200b", "") for entry in entries(text))


names = st.text(st.sampled_from("ab1 '`|\\<>&[]()*_~@#:$!\n-./") | st.characters(), min_size=1)


def as_read(inline: Token) -> str:
    """The text of a line, of which nothing may be more than text and code."""
    assert {child.type for child in inline.children or ()} <= {"text", "text_special", "code_inline"}
    assert not any(TALKATIVE.search(child.content) for child in inline.children or () if child.type == "text")
    return "".join(child.content for child in inline.children or ())


def bare(text: str) -> str:
    """A text without what may change on its way: blanks, quotes that become code, spaces of no width."""
    return re.sub("[ '\u200b]", "", text)


@given(names)
def test_any_message_reads_in_markdown_as_it_was(name: str) -> None:
    message = f"'{name}' is wrong: {name}"
    inline = MARKDOWN.parse(f"- {prose(message)}")[3]
    assert bare(as_read(inline)) == bare(printable(f"{name}iswrong:{name}"))


@given(names)
def test_any_name_fills_one_cell_of_a_table(name: str) -> None:
    parsed = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {cell(name)} | 2 |\n")
    first, second = [token for token in parsed if token.type == "inline"][2:]
    assert (bare(as_read(first)), second.content) == (bare(printable(name)), "2")


def crowded(folder: str, units: int, fields: int, name: str = "x") -> None:
    """An organization with very many findings: notes come first in it."""
    policies = Path(folder) / "policies" / "backup"
    policies.mkdir(parents=True)
    rules = {f"{name}{number}": {"lifecycle": {}} for number in range(fields)}
    unknown = {f"{name}{number}": 1 for number in range(fields)}
    policies.joinpath("all.json").write_text(json.dumps({"plans": {"p": {"rules": rules, **unknown}}}, indent=1))
    policies.joinpath("one.json").write_text(json.dumps({"plans": {"a": 1}}))
    below = [
        {"name": f"{name}{number}", "policies": ["backup/one"], "accounts": [{"name": "a"}]} for number in range(units)
    ]
    below.append({"name": "last", "accounts": [{"name": "b"}]})
    tree = {"root": {"policies": ["backup/all"], "organizational_units": below}}
    Path(folder, "organization.json").write_text(json.dumps(tree))


@pytest.mark.parametrize(("units", "fields", "name"), [(3, 3000, "x"), (3000, 3, "x"), (3, 10, "y" * 70_000)])
def test_markdown_fits_into_a_comment_and_tells_what_is_left_out(
    units: int,
    fields: int,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    crowded("org", units, fields, name)
    findings = as_json(capsys, "org")
    text = shown(capsys, "org", "markdown")
    assert len(text) <= 65_000
    assert text.count("<details>") == text.count("</details>") >= 1
    kept = [entry.split()[0] for entry in entries(text)]
    left_out = [one["severity"] for one in findings]
    for severity in kept:
        left_out.remove(severity)
    numbers = [(left_out.count(severity), severity) for severity in ("error", "warning", "note")]
    told = ", ".join(f"{number:,} {severity}{'s' * (number > 1)}" for number, severity in numbers if number)
    assert text.endswith(f"The comment has no room for all findings. Left out: {told}. Run policylint to see them.\n")
    if fields == 3000:
        assert set(kept) == {"error"}
        assert len(kept) > 150
    if units == 3000:
        assert re.search(r"^2,\d{3} more units did not fit in the table\.$", text, re.MULTILINE)
