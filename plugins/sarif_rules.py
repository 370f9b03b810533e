"""The rules as SARIF's reporting descriptors, made of their cards alone: nothing that a run found is in them.

GitHub's side: https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning,
the section "reportingDescriptor object".
"""

from __future__ import annotations

import re
from typing import Any

from policylint import Card, Outcome, Rule, Severity

from .card_links import PROJECT, help_uri
from .sarif_taxonomies import relationships

LONGEST_TEXT = 1024  # characters of a description
LONGEST_NAME = 255
MOST_TAGS = 20  # GitHub rejects more
PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
# What AWS itself rejects or drops is certain; whether a backup fails or a risk matters depends on more than the files.
PRECISION = {
    Outcome.REJECTED: "very-high",
    Outcome.WITHHELD: "very-high",
    Outcome.IGNORED: "very-high",
    Outcome.FAILS: "high",
    Outcome.RISK: "medium",
}


def descriptor(rule: Rule) -> dict[str, Any]:
    """A rule for `driver.rules`. Its level is the card's: what a project configures is with the results."""
    card = rule.card
    sections = _sections(card)
    title = card.title or card.id
    what = " ".join(sections.get("What", "").split()) or title
    found: dict[str, Any] = {"id": card.id}
    name = _pascal_case(card.id)
    if name and name.lower() != card.id.lower():  # a name that only repeats the id says nothing
        found["name"] = name[:LONGEST_NAME]
    found["shortDescription"] = {"text": _cut(_sentence(title))}
    found["fullDescription"] = {"text": _cut(what)}
    if uri := help_uri(card):
        found["helpUri"] = uri
    found["help"] = {"text": _plain(sections) or what, "markdown": _markdown(sections) or what}
    found["defaultConfiguration"] = {"level": str(card.severity)}
    found["properties"] = _properties(card)
    if related := relationships(rule):
        found["relationships"] = related
    return found


def _properties(card: Card) -> dict[str, Any]:
    security = ["security"] if card.security_severity else []
    controls = [f"{mapping.framework}/{mapping.control}" for mapping in card.compliance]
    tags = [*security, card.family, str(card.outcome), *card.policy_types, *controls]
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys(tags))[:MOST_TAGS],
        "precision": PRECISION[card.outcome],
        "problem.severity": PROBLEM_SEVERITY[card.severity],
    }
    if card.security_severity:
        properties["security-severity"] = f"{card.security_severity:.1f}"
    return properties


def _sections(card: Card) -> dict[str, str]:
    """The sections of a card; none where a stranger's rule has a card that no file holds."""
    try:
        return card.sections
    except (OSError, ValueError, IndexError):
        return {}


def _markdown(sections: dict[str, str]) -> str:
    return "\n\n".join(f"## {name}\n\n{_absolute(text)}" for name, text in sections.items())


def _plain(sections: dict[str, str]) -> str:
    """The sections without Markdown's fences and links, for readers that show plain text."""
    parts = (f"{name}:\n{text}" for name, text in sections.items())
    text = re.sub(r"^```\w*\n", "", "\n\n".join(parts) + "\n", flags=re.MULTILINE)
    return re.sub(r"\[([^\]]+)\]\([^)\s]+\)", r"\1", text).strip()


def _absolute(markdown: str) -> str:
    """Links into this repository lead nowhere on GitHub's alert pages: lead them to the project's."""
    linked = re.sub(r"\]\((?:\.\./)*docs/", f"]({PROJECT}/blob/main/docs/", markdown)
    return re.sub(r"^- (docs/\S+)$", rf"- [\1]({PROJECT}/blob/main/\1)", linked, flags=re.MULTILINE)


def _pascal_case(rule_id: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", rule_id))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
