"""Whatever stands in a document, everything that looks at it goes on, and agrees on what is in the effective policy."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from trees import RULES

from policylint.effective import effective_policy
from policylint.errors import NothingThere
from policylint.explain import explain
from policylint.inheritance import resolve
from policylint.lint import lint
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.places import join
from policylint.plugins import load
from policylint.policy_types import policy_type

LOCK = "@@operators_allowed_for_child_policies"
BASES: dict[str, Any] = {
    "backup": {
        "plans": {
            "daily": {
                "regions": {"@@assign": ["eu-west-1"]},
                "rules": {
                    "nightly": {
                        "schedule_expression": {"@@assign": "cron(0 5 ? * * *)"},
                        "target_backup_vault_name": {"@@assign": "Default"},
                        "lifecycle": {"delete_after_days": {"@@assign": "35"}},
                    }
                },
                "selections": {
                    "tags": {
                        "all": {
                            "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/backup"},
                            "tag_key": {"@@assign": "backup"},
                            "tag_value": {"@@append": ["yes"]},
                        }
                    }
                },
            }
        }
    },
    "tag": {
        "tags": {"team": {"tag_key": {"@@assign": "Team"}, "tag_value": {"@@assign": ["red"]}}, "cost/center": {}},
    },
}
SETTINGS: list[Any] = [{"@@assign": "x"}, {"@@append": ["x"]}, {LOCK: ["@@none"]}, {"x": {}}, {}]
SCALARS = [None, True, 12, "x", "12", "", "@@none", "cron(0/5,30 5 ? * * *)", "\ud800x", "${x}", "${x} and more"]
VALUES = st.sampled_from([*SETTINGS, *SCALARS, [], ["x"], [[]], ["${x}"]])
NAMES = st.sampled_from(
    ["@@assign", "@@append", "@@remove", LOCK, "team", "cost/center", "rules", "regions", "tag_key", "${x}", "x", ""]
)


def containers(value: Any) -> list[dict[str, Any]]:
    """Every object in a document."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict) else []), *(found for item in below for found in containers(item))]


@st.composite
def documents(draw: st.DrawFn, kind: str) -> Any:
    """A sound document in which something was replaced, added or taken away, one to three times."""
    document = copy.deepcopy(BASES[kind])
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(containers(document) or [{}]))
        name = draw(st.sampled_from(sorted(place)) | NAMES if place else NAMES)
        if draw(st.integers(0, 4)):
            place[name] = copy.deepcopy(draw(VALUES))
        else:
            place.pop(name, None)
    return document


def organization_of(kind: str, above: Any, own: Any) -> Organization:
    """An organization of one account, with a policy at the root and one of its own."""
    found = policy_type(kind)
    above_policy, own_policy = (
        Policy(f"{kind}/{name}", found, parse_document(json.dumps(content), f"policies/{kind}/{name}.json"))
        for name, content in (("above", above), ("own", own))
    )
    root = OrganizationalUnit("Root", "", "/root", "Root", (above_policy,))
    root.accounts.append(Account("shop", "1" * 12, "/root/accounts/0", "Root/shop", (own_policy,)))
    policies = {policy.name: policy for policy in (above_policy, own_policy)}
    organization = Organization(root, policies, (found,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return organization


def pointers(value: Any, pointer: str = "") -> list[str]:
    """The pointer of everything in an effective policy but its outermost object."""
    found = [(join(pointer, name), item) for name, item in value.items()] if isinstance(value, dict) else []
    return [one for below, item in found for one in (below, *pointers(item, below))]


@given(st.data(), st.sampled_from(sorted(BASES)))
def test_whatever_is_written_is_judged_shown_and_explained(data: st.DataObject, kind: str) -> None:
    organization = organization_of(kind, data.draw(documents(kind)), data.draw(documents(kind)))
    report = lint(organization, RULES)
    assert report.failures == []
    (account,) = organization.accounts
    content = effective_policy(resolve(organization, policy_type(kind)), account).content()
    for pointer in pointers(content):
        told = list(explain(organization, account, policy_type(kind), pointer))
        assert told[1] != "  is not in the effective policy.", pointer
    for name in BASES[kind][policy_type(kind).top_key]:
        pointer = join(f"/{policy_type(kind).top_key}", name)
        try:
            told = list(explain(organization, account, policy_type(kind), pointer))
        except NothingThere:
            told = ["", "  is not in the effective policy."]
        assert (told[1] == "  is not in the effective policy.") == (pointer not in pointers(content))


@given(st.data(), st.sampled_from(sorted(BASES)), st.sampled_from(sorted(load([]).formats)))
def test_whatever_is_found_is_told_in_every_format(data: st.DataObject, kind: str, name: str) -> None:
    report = lint(organization_of(kind, data.draw(documents(kind)), data.draw(documents(kind))), RULES)
    text = "".join(load([]).formats[name].render(report).chunks)
    assert text.strip() or not report.findings
    text.encode()  # a lone half of a pair, which JSON may hold, is written so that it can leave the process
