"""A document that AWS rejects is shown with the safe fixes applied: as it is after `--fix`."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from mistakes import mistaken
from test_any_document import BASES, organization_of
from trees import RULES

from policylint.effective import effective_policy
from policylint.fix_proofs import WORSE
from policylint.fixing import mend, with_documents
from policylint.inheritance import resolve
from policylint.lint import lint, lint_files
from policylint.organization import Organization
from policylint.parsing import parse_document
from policylint.plugins import load
from policylint.policy_types import policy_type
from policylint.policy_types.shape import Container, Node
from policylint.reading import NOT_REJECTED, reading
from policylint.report import Report

OBJECTIONS = {name: rule for name, rule in RULES.items() if rule.card.outcome in WORSE}


def run(rules: Any, subject: Any) -> Report:
    """What some rules find."""
    return lint(subject, rules) if isinstance(subject, Organization) else lint_files(subject, rules)


def shown(organization: Organization, kind: str) -> Any:
    """The effective policy of the only account."""
    return effective_policy(resolve(organization, policy_type(kind)), organization.accounts[0]).content()


def fields(content: Any, shape: Node | None) -> bool:
    """Whether an effective policy has no field that its type does not have."""
    if not isinstance(content, dict) or not isinstance(shape, Container) or shape.open:
        return not isinstance(content, dict)
    below = {name: shape.fields.get(name, shape.entry) for name in content}
    return all(below.values()) and all(fields(content[name], below[name]) for name in content)


@given(st.data(), st.sampled_from(sorted(BASES)))
def test_what_is_shown_is_the_same_before_and_after_fixing(data: st.DataObject, kind: str) -> None:
    organization = organization_of(kind, data.draw(mistaken(kind)), data.draw(mistaken(kind)))
    before = shown(organization, kind)
    mended = mend(organization, partial(run, RULES), partial(run, OBJECTIONS), resolve)
    documents = {
        id(policy.document): parse_document(mended.after[policy.document.path], policy.document.path)
        for policy in organization.policies.values()
        if policy.document.path in mended.after
    }
    after = with_documents(organization, documents)
    assert isinstance(after, Organization)
    assert shown(after, kind) == before
    assert fields(before.get(policy_type(kind).top_key, {}), policy_type(kind).content)


@given(st.data(), st.sampled_from(sorted(BASES)))
def test_a_document_that_is_fixed_reads_as_it_did(data: st.DataObject, kind: str) -> None:
    organization = organization_of(kind, data.draw(mistaken(kind)), {})
    policy = next(iter(organization.policies.values()))
    found = reading(policy)
    again = type(policy)(policy.name, policy.type, policy.document.with_value(found.value))
    assert reading(again).value == found.value


def test_the_cards_say_what_aws_rejects() -> None:
    cards = {name: rule.card for name, rule in load(()).rules.items() if rule.card.family == "syntax"}
    accepted = {
        name
        for name, card in cards.items()
        if card.scope != "reading" and (card.outcome != "rejected" or card.severity != "error")
    }
    assert accepted == NOT_REJECTED
