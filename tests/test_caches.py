"""What is remembered of a document goes when the document goes: an editor has a new version of it at each stroke."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from policylint.document import Document
from policylint.explain import explain
from policylint.lint import lint, lint_files
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.plugins import load
from policylint.policy_types import policy_type
from policylint.report import Report

VERSIONS = 300
MOST = 3  # documents that may still be known when all of them but the last are of no use
TEXT = Path("fixtures/acme/policies/backup/prod.json")
BACKUP = policy_type("backup")
HOST = load([])
FORMATS = [name for name in HOST.formats if name != "html"]  # the page is rendered less often: it is slow


def organization_of(policy: Policy) -> Organization:
    account = Account("shop", "1" * 12, "/root/accounts/0", "Root/shop")
    root = OrganizationalUnit("Root", "", "/root", "Root", (policy,), [account])
    organization = Organization(root, {policy.name: policy}, (BACKUP,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return organization


def checked(policy: Policy) -> Report:
    return lint(organization_of(policy), HOST.rules)


def checked_alone(policy: Policy) -> Report:
    return lint_files([policy], HOST.rules)


def explained(policy: Policy) -> None:
    organization = organization_of(policy)
    assert list(explain(organization, organization.accounts[0], BACKUP, "/plans"))


def rendered(policy: Policy, formats: list[str] = FORMATS) -> None:
    report = checked(policy)
    for name in formats:
        assert list(HOST.formats[name].render(report).chunks)


def as_page(policy: Policy) -> None:
    rendered(policy, ["html"])


@pytest.mark.parametrize(
    ("use", "versions"),
    [(checked, VERSIONS), (checked_alone, VERSIONS), (explained, VERSIONS), (rendered, 30), (as_page, 20)],
)
def test_versions_of_a_text_do_not_pile_up(use: Callable[[Policy], object], versions: int) -> None:
    text = TEXT.read_text(encoding="utf-8").replace('"regions"', '"Region"', 1)  # something is found, and has a fix
    known: list[weakref.ref[Document]] = []
    for number in range(versions):
        document = parse_document(text.replace("{", "{" + " " * number, 1), "prod.json")
        known.append(weakref.ref(document))
        use(Policy("backup/prod", BACKUP, document))
    del document
    gc.collect()
    assert sum(one() is not None for one in known) <= MOST
