"""The frameworks that rules answer to, as SARIF's taxonomies. GitHub passes over them; other readers don't."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policylint import FRAMEWORKS, Rule


def taxonomies(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """A taxonomy for each framework, with the controls that some of the rules answer to."""
    answered = {mapping for rule in rules for mapping in rule.card.compliance}
    return [
        {
            "name": framework.title,
            "informationUri": framework.source,
            "shortDescription": {"text": f"{framework.title}."},
            "isComprehensive": False,
            "taxa": [
                {"id": control, "shortDescription": {"text": f"{title}."}}
                for control, title in framework.controls.items()
                if (name, control) in answered
            ],
        }
        for name, framework in FRAMEWORKS.items()
        if any(mapping.framework == name for mapping in answered)
    ]


def supported(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """References from the driver to the taxonomies of the run."""
    return [{"name": taxonomy["name"], "index": index} for index, taxonomy in enumerate(found)]


def relationships(rule: Rule) -> list[dict[str, Any]]:
    """References from a rule to the controls that it answers to."""
    return [
        {
            "target": {"id": mapping.control, "toolComponent": {"name": FRAMEWORKS[mapping.framework].title}},
            "kinds": ["relevant"],
        }
        for mapping in rule.card.compliance
    ]
