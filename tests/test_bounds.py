"""No input costs out of proportion to its size: steps are counted, at one size and at twice that."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hostile import FAMILIES, write

from policylint import wording
from policylint.card_rules import CardProblems, read_folder
from policylint.cli import main
from policylint.config import ConfigError, read
from policylint.document import Document
from policylint.files import LARGEST_POLICY, OnDisk
from policylint.gathering import Gathering, Variant
from policylint.parsing import parse, parse_document
from policylint.plugins import load
from policylint.source import SourceText

SIZE = 6_000


class Counter:
    """Counts the calls of Python's and of C's functions."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        self.calls += event in ("call", "c_call")


def steps(family: str, size: int, folder: Path) -> int:
    hostile = FAMILIES[family](size)
    write(hostile.files, folder)
    counter = Counter()
    sys.setprofile(counter)
    try:
        main([*hostile.command, str(folder), *hostile.options])
    finally:
        sys.setprofile(None)
    return counter.calls


@pytest.mark.parametrize("family", FAMILIES)
def test_twice_the_input_takes_about_twice_the_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], family: str
) -> None:
    steps(family, SIZE, tmp_path / "warm")  # what is imported and compiled once
    once, twice = (steps(family, size, tmp_path / str(size)) for size in (SIZE, 2 * SIZE))
    assert twice < 2.8 * once, (once, twice)
    assert twice < 5_000_000


def test_strings_that_nothing_closes_are_read_once() -> None:
    # Tried from each of its quotes, this would take hours.
    for start in ('{"a": ${b}, "c', '{"a": NaN, "c'):
        assert parse_document(start + '\\"' * 400_000, "x.json").problems


@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_a_policy_far_above_the_limit_has_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    folder = tmp_path / "policies" / "backup"
    folder.mkdir(parents=True)
    (tmp_path / "organization.yaml").write_text("root: {policies: [backup/x], accounts: [{name: a}]}\n")
    text = '{"plans": {"p": {"wrong": 1}}}'
    (folder / name).write_text(text + " " * (LARGEST_POLICY - len(text)))
    assert main([str(tmp_path), "--select", "syntax"]) == 1
    assert "unknown-field" in capsys.readouterr().out
    (folder / name).write_text(text + " " * (LARGEST_POLICY - len(text) + 1))
    assert main([str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "document-too-large" in shown
    assert "over 256 KiB are not read" in " ".join(shown.split())
    assert "unknown-field" not in shown
    assert main([str(folder / name)]) == 1
    assert "document-too-large" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.json", '{"a": [1, {"plans": 2}], "plans": {"p": {}}, "b": ["%s"]}', "document-too-large"),
        ("x.yaml", "plans:\n  p: {}\n# %s", "document-too-large"),
        ("x.json", '{"a": {"@@assign": "%s"}}', "document-too-large"),
        ("x.json", '{"openapi": "3.0", "tags": ["%s"]}', "looks like an OpenAPI description"),
        ("x.json", '{"version": 4, "terraform_version": "1.5", "resources": ["%s"]}', "looks like a Terraform state"),
        ("x.json", '{"numbers": ["%s"]}', "none of its first keys is a top key of one"),
        ("x.json", '["%s', "none of its first keys is a top key of one"),
    ],
)
def test_a_file_too_large_for_a_policy_is_not_parsed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
    told: str,
) -> None:
    (tmp_path / name).write_text(text % ("x" * LARGEST_POLICY))

    def parsed(source: SourceText, most: int | None = None) -> Document:
        assert len(source.text) < 1000
        return parse(source, most)

    monkeypatch.setattr("policylint.parsing.parse", parsed)
    assert main([str(tmp_path / name)]) == (1 if told == "document-too-large" else 3)
    shown = capsys.readouterr()
    assert told in shown.out + shown.err


def test_aliases_may_stand_for_as_many_values_as_a_file_has_characters() -> None:
    types = ", ".join(f"'ec2:type-{n}'" for n in range(50))
    rules = "".join(f"  key-{n}: {{enforced_for: {{'@@assign': *types}}}}\n" for n in range(60))
    assert not parse_document(f"types: &types [{types}]\ntags:\n{rules}", "x.yaml").problems
    laughs = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
    assert not parse_document(laughs + "c: [*b, *b, *b, *b, *b, *b, *b]\n", "x.yaml").problems
    (problem,) = parse_document(laughs + "c: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n", "x.yaml").problems
    assert (
        problem.message
        == "The aliases of this file expand to more than 1,000 values, which are not read. Write them out."
    )


CARD = '---\nselect: "{}"\nrequire: {{present: true}}\nmessage: no\n---\n\n# X\n'


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("$..*[0]", None),
        ("$.rules.* | $.selections.tags.*", None),
        (" | ".join(["$.a[0]"] * 5), None),
        (" | ".join(["$.a"] * 6), "has more than 4 '|'"),
        ("$..a | $..b", "goes down with '..' more than once"),
        ("$..a..b", "goes down with '..' more than once"),
        ("$" + "[0]" * 25, "has more than 20 steps"),
        ("$..a.`parent`", "has a step of the kind 'Parent'"),
        ("$.a where $.b[0]", "has a step of the kind 'Where'"),
        ("$.a & $.b[0]", "has '&', which selects nothing in a card."),
        ("$.(a|b)", "has '|' inside a path."),
        ("$.a|b[0]", "has '|' inside a path."),
        ("$['a|b&c'][0]", None),
        ("$" + ".a" * 300, "has more than 500 characters"),
    ],
)
def test_a_path_of_a_card_is_bounded(tmp_path: Path, path: str, told: str | None) -> None:
    (tmp_path / "x.md").write_text(CARD.format(path))
    if told is None:
        assert len(read_folder(OnDisk(tmp_path, anywhere=True))) == 1
    else:
        with pytest.raises(CardProblems, match=r"x\.md:2:9: ") as raised:
            read_folder(OnDisk(tmp_path, anywhere=True))
        assert told in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("overrides:\n" + "  - {accounts: [a], rules: {}}\n" * 101, ":1:1: There are 101 overrides, and at most 100"),
        ("ignores:\n" + "  - {rule: kept-forever, reason: r}\n" * 501, ":1:1: There are 501 ignores, and at most 500"),
        (f"ignores: [{{rule: kept-forever, reason: r, accounts: [{'a*, ' * 2001}]}}]", "2,001 patterns"),
    ],
)
def test_a_configuration_is_bounded(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "policylint.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read(OnDisk(path.parent), path.name, load([]).rules.values())
    assert told in str(raised.value)


def test_hints_run_out_and_come_again_with_the_next_run() -> None:
    known = [f"name-{n}" for n in range(1_000)]
    wording.start()
    hints = [wording.nearest(f"nane-{n}", known) for n in range(30)]
    assert hints[:15] == [f"name-{n}" for n in range(15)]
    assert set(hints[15:]) == {""}
    assert wording.nearest("nane", ["name"]) == "name"  # short lists cost nothing
    wording.start()
    assert wording.nearest("nane-7", known) == "name-7"


def test_inventories_are_bounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (tmp_path / "policies" / "tag").mkdir(parents=True)
    (tmp_path / "policies" / "tag" / "x.json").write_text('{"tags": {}}')
    (tmp_path / "organization.yaml").write_text("root: {policies: [tag/x], accounts: [{name: a}]}\n")
    for rows, told in (
        ("".join(f"a{n}*,eu-west-1,v\n" for n in range(251)), "More than 250 patterns name accounts"),
        (",,\n" * 1001, "More than 1,000 entries of this file are malformed"),
    ):
        (inventory / "vaults.csv").write_text(f"account,region,name\n{rows}")
        main([str(tmp_path)])
        assert told in " ".join(capsys.readouterr().out.split())


def test_unknown_keys_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policies" / "tag").mkdir(parents=True)
    (tmp_path / "policies" / "tag" / "x.json").write_text('{"tags": {}}')
    keys = "".join(f"k{n}: 1\n" for n in range(150))
    (tmp_path / "organization.yaml").write_text(f"root: {{policies: [tag/x], accounts: [{{name: a}}]}}\n{keys}")
    main([str(tmp_path), "--select", "unknown-key"])
    shown = capsys.readouterr().out
    assert shown.count("[unknown-key]") == 101
    assert "50 more keys of this object are unknown too" in " ".join(shown.split())


def test_fixing_gives_up_after_many_attempts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policylint.fixing.MOST_FAILURES", 3)
    write(FAMILIES["one line to fix"](9_000).files, tmp_path)
    main([str(tmp_path), "--diff"])
    assert "too many other problems could not be fixed here" in capsys.readouterr().err


def test_a_check_that_breaks_again_and_again_is_run_no_more() -> None:
    rule = load([]).rules["kept-forever"]
    calls = []

    def breaking(thing: object) -> Any:
        calls.append(thing)
        raise TimeoutError("too long")
        yield

    broken = replace(rule, check=breaking, takes=frozenset())
    gathering = Gathering({rule.id: broken})
    for number in range(10):
        gathering.run(Variant(broken, None), number, "BACKUP_POLICY", (), None)
    assert calls == [0, 1, 2]
    assert list(gathering.failures) == [rule.id]
