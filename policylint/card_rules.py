"""Reads cards that need no Python: `select` and `require` in the front matter. Mistakes in them are reported at their line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from posixpath import splitext
from typing import Any

from policylint.card_checks import WORD, WORDS, rule_of
from policylint.card_schema import front_matter
from policylint.document import Document
from policylint.errors import ConfigError
from policylint.files import LINKED_FOLDER, Files, Unreadable, entries
from policylint.findings import DEFAULT_SEVERITY, Outcome, Place, Severity
from policylint.parsing import read_text
from policylint.places import locate
from policylint.policy_types import DEFAULT_TYPE, POLICY_TYPES, Registry
from policylint.requirements import RequirementError, check
from policylint.rules import ID, OLD_SCOPES, Card, Rule, Selection
from policylint.schema import Slip, slips
from policylint.selecting import SelectError, Selector
from policylint.source import LINE_END, SourceText

WORSE_BY = {"at_least": "lower", "at_most": "higher"}  # what a requirement says of the numbers that break it


class CardProblems(ConfigError):
    """Cards can't be used; `problems` describe each one with file, line and column."""


def read_folder(files: Files, folder: str = "", types: Registry = POLICY_TYPES) -> list[Rule]:
    """The rules of the cards in a folder, about policies of these types. Raises CardProblems with the problems of all of them."""
    rules: list[Rule] = []
    problems: list[str] = []
    for name, problem, is_folder in entries(files, folder):
        ending = splitext(name)[1]
        if is_folder:
            problem = problem or _cards_below(files, name)
        elif ending.lower() != ".md" or name.rpartition("/")[2].lower() == "readme.md":
            continue
        elif ending != ".md":
            problem = "A card's name ends in '.md', in lower case. Rename it."
        elif not problem:
            try:
                rules.append(read_card(files, name, types))
            except CardProblems as error:
                problems.extend(error.problems)
        if problem:
            problems.append(f"{files.named(name)}: {problem}")
    if problems:
        raise CardProblems(problems)
    return rules


def _cards_below(files: Files, name: str) -> str:
    """What is wrong with a folder in a folder of cards: what is in it is not read."""
    if files.is_link(name):
        return LINKED_FOLDER
    try:
        cards = any(below.lower().endswith(".md") for below in files.names(name))
    except Unreadable as error:
        return str(error)
    if name.endswith(".md"):
        return "This is a folder with the name of a card."
    return "Cards in this folder are not read. Move them up." if cards else ""


def read_card(files: Files, name: str, types: Registry = POLICY_TYPES) -> Rule:
    """The rule of one card. Raises CardProblems."""
    from policylint.yaml_text import parse_yaml

    read = read_text(files, name)
    path = Path(files.base, name)
    shown, text = read.path, LINE_END.sub("\n", read.text)
    if read.problems:
        raise CardProblems([f"{shown}: {read.problems[0].message}"])
    if not ID.fullmatch(path.stem):
        raise CardProblems([f"{shown}: a card's file name is its rule's id: lower-case words with dashes between."])
    head, mark, body = text.partition("\n---\n")
    if not text.startswith("---\n") or not mark:
        raise CardProblems([f"{shown}:1:1: a card starts with front matter between two lines of ---."])
    # The first line of dashes stays away, its line break does not: so every line keeps its number.
    document = parse_yaml(SourceText(shown, head.removeprefix("---"), language="yaml"))
    places = [(problem.message, Place(document, "", "value", problem.span)) for problem in document.problems]
    if not places:
        places = [(slip.message, _place(document, slip)) for slip in slips(document.value, front_matter(types))]
    if not places:
        places = list(_faults(document, body))
    if places:
        raise CardProblems([f"{locate(place)}: {message}" for message, place in places])
    return rule_of(replace(_card(document.value, body, path, types), source=read.source))


def _place(document: Document, slip: Slip) -> Place:
    return Place(document, slip.pointer, "key" if slip.at_key else "value")


def _faults(document: Document, body: str) -> Iterator[tuple[str, Place]]:
    """What the schema can't say."""
    front = document.value
    if front.get("field", "").startswith("$"):
        yield (
            "a field is named from what is selected: lifecycle.delete_after_days, without $.",
            Place(document, "/field"),
        )
    try:
        Selector(front["select"])
    except SelectError as error:
        yield f"{error}", Place(document, "/select")
    try:
        check(front["require"])
    except RequirementError as error:
        yield f"{error}", Place(document, f"/require/{error.key}" if error.key else "/require", "key")
    for word in WORD.findall(front["message"]):
        if word not in WORDS:
            yield (
                f"'{{{word}}}' has no meaning. Known are {', '.join(WORDS)}, in braces.",
                Place(document, "/message"),
            )
    if not any(line.startswith("# ") for line in body.splitlines()):
        yield "the card has no title. Add a line '# What is wrong' below the front matter.", Place(document)


def _card(front: dict[str, Any], body: str, path: Path, types: Registry) -> Card:
    outcome = Outcome(front.get("outcome", "risk"))
    named = front.get("policy_types", [DEFAULT_TYPE])
    return Card(
        id=path.stem,
        family=path.parent.name,
        title=next(line[2:].strip() for line in body.splitlines() if line.startswith("# ")),
        outcome=outcome,
        severity=Severity(front["severity"]) if "severity" in front else DEFAULT_SEVERITY[outcome],
        policy_types=() if named == ["all"] else tuple(map(types.enum_of, named)),
        scope=OLD_SCOPES.get(front.get("scope", ""), front.get("scope", "entry")),
        since=front.get("since", ""),
        sources=tuple(front.get("sources", ())),
        path=path,
        profiles=tuple(front.get("profiles", ())),
        worse=front.get("worse") or next((way for key, way in WORSE_BY.items() if key in front["require"]), ""),
        grouped=front.get("grouped", False),
        selection=Selection(
            front["select"], front["require"], front["message"], front.get("field", ""), front.get("where", {})
        ),
    )
