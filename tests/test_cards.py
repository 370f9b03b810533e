"""Every rule has a card, every card is sound, and its examples do what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from snapshots import FOLDER as SNAPSHOTS
from snapshots import assert_snapshot

from policylint.findings import Finding, Place
from policylint.plugins import load
from policylint.policy_types import POLICY_TYPES
from policylint.rules import SECTIONS, Rule, load_card
from policylint.testing import run_example

RULES = load([]).rules
FOLDER = Path(__file__).parent.parent / "rules"
CARDS = sorted(FOLDER.glob("*/*.md"))
# Nothing that a card can hold shows these: bytes that are no text, files of 64 MiB, thousands of units.
WITHOUT_EXAMPLES = {
    "unknown-target",
    "unreadable-file",
    "document-too-large",
    "too-many-accounts",
    "too-many-organizational-units",
    "too-many-policies",
    "unused-ignore",
    "expired-ignore",
    "malformed-ignore",
    "stale-baseline",
    "old-baseline",
    "unrecorded-ignore",
    "override-without-accounts",
    "card-without-accounts",
    "malformed-inventory",
}
EXAMPLES = [
    pytest.param(rule, section, kind, text, id=f"{rule.id}-{section}-{number}")
    for rule in RULES.values()
    for section in ("Avoid", "Prefer")
    for number, (kind, text) in enumerate(rule.card.examples(section))
]
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@pytest.mark.parametrize(("rule", "section", "kind", "text"), EXAMPLES)
def test_avoid_is_found_and_prefer_is_not(rule: Rule, section: str, kind: str, text: str) -> None:
    found = run_example(rule, kind, text)
    assert bool(found) == (section == "Avoid"), [finding.message for finding in found]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule.id not in WITHOUT_EXAMPLES], ids=lambda rule: rule.id
)
def test_a_rule_says_of_its_examples_what_it_said(rule: Rule) -> None:
    """Every word, place and reason. `UPDATE_SNAPSHOTS=1` takes what is said now."""
    lines: list[str] = []
    for number, (kind, text) in enumerate(rule.card.examples("Avoid"), 1):
        lines.append(f"{kind} example {number}")
        for finding in run_example(rule, kind, text):
            lines += said(finding)
    text = re.sub(
        r"\(/[^()]*/([\w-]+/[\w.-]+:[0-9]+)\)", r"(policies/\1)", "\n".join(lines) + "\n"
    )  # a temporary folder
    assert_snapshot(f"rules/{rule.id}.txt", text)


def test_no_snapshot_outlives_its_rule() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("rules/*")} == RULES.keys() - WITHOUT_EXAMPLES


def said(finding: Finding) -> Iterator[str]:
    """A finding, line by line."""
    yield f"  {where(finding.place)}: {finding.severity}, {finding.outcome}: {finding.message}"
    yield f"    accounts: {', '.join((*finding.accounts.organizational_units, *finding.accounts.names)) or 'none'}"
    if finding.aws:
        yield f"    AWS: {finding.aws.error_code} at {finding.aws.path_to_error}"
    for place, message in finding.related:
        yield f"    {where(place)}: {message}"
    if finding.fix:
        yield f"    fix, {'safe' if finding.fix.safe else 'unsafe'}: {finding.fix.message}"


def where(place: Place) -> str:
    """A place: the file's name, the pointer and whether its key or its value is meant."""
    return f"{Path(place.document.path).name}#{place.pointer} ({place.part})"


@each_rule
def test_a_card_has_its_sections(rule: Rule) -> None:
    examples = () if rule.id in WITHOUT_EXAMPLES else ("Avoid", "Prefer")
    wanted = {"What", "Why", "Sources", *examples}
    assert wanted <= rule.card.sections.keys() <= {*SECTIONS, "Options"}
    assert all(f"`{name}`" in rule.card.sections["Options"] for name in rule.card.options)
    assert all(text.strip() for text in rule.card.sections.values())
    assert all(rule.card.examples(section) for section in examples)


@each_rule
def test_a_card_names_its_authority(rule: Rule) -> None:
    assert rule.card.sources
    for source in rule.card.sources:
        assert source.startswith("https://docs.aws.amazon.com/") or (FOLDER.parent / source).is_file(), source


@each_rule
def test_a_card_is_about_known_types(rule: Rule) -> None:
    assert set(rule.card.policy_types) <= POLICY_TYPES.keys()
    assert rule.card.title
    assert rule.card.since
    assert rule.id.replace("-", "").isalnum()
    assert rule.id.islower()


@each_rule
def test_a_rule_has_a_check_or_is_found_while_reading(rule: Rule) -> None:
    assert (rule.check is None) == (rule.card.scope == "reading")


def test_every_card_is_a_rule() -> None:
    assert {card.stem for card in CARDS} == RULES.keys()
    assert {card: RULES[card.stem].card.path for card in CARDS} == {card: card for card in CARDS}


@pytest.mark.parametrize("path", CARDS, ids=[path.stem for path in CARDS])
def test_front_matter_is_what_a_yaml_parser_reads(path: Path) -> None:
    front = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8").split("---\n")[1])
    card = load_card(path)
    types = [] if front["policy_types"] == ["all"] else front["policy_types"]
    assert (card.id, card.family) == (path.stem, path.parent.name)
    known = {"outcome", "severity", "policy_types", "scope", "since", "sources", "options", "profiles"}
    assert [":".join(mapping) for mapping in card.compliance] == front.get("compliance", [])
    assert front.get("grouped", False) is card.grouped
    known |= {"grouped", "compliance", "select", "field", "require", "message"}
    if card.selection:
        select, require, message, below, _ = astuple(card.selection)
        assert [select, require, message, below] == [
            front.get(key, "") for key in ("select", "require", "message", "field")
        ]
    assert front.keys() <= {*known, "security_severity", "worse"}
    assert front.get("worse", "") == card.worse
    assert front.get("security_severity") == card.security_severity
    assert front.get("options", {}) == card.options
    assert front.get("profiles", []) == list(card.profiles)
    assert (card.outcome, card.scope, card.since) == (front["outcome"], front["scope"], front["since"])
    assert front.get("severity", card.severity) == card.severity
    assert (list(card.policy_types), list(card.sources)) == (types, front["sources"])
