"""Sources become one organization."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.folding import fold
from policylint.joining import SeveralOrganizations, organization_of
from policylint.organization import WHOLE, Organization
from policylint.parsing import parse_document
from policylint.places import Place
from policylint.policy_types import policy_type
from policylint.source_keys import ROOT, in_order, is_before
from policylint.sources import AccountEntry, Attachment, PolicyEntry, Source, UnitEntry
from policylint.tree_checks import CHECKS

HERE = Place(parse_document("{}", "tree.json"))
BACKUP, TAG = policy_type("backup"), policy_type("tag")


def source(name: str = "tree", **given: Any) -> Source:
    return Source(name, given.pop("document", parse_document("{}", f"{name}.json")), **given)


def unit(name: str, parent: str | None = ROOT, *, key: str = "", id: str = "") -> UnitEntry:
    return UnitEntry((key,) if key else (), name, parent, HERE, id)


def account(name: str, id: str = "", parent: str | None = ROOT) -> AccountEntry:
    return AccountEntry(name, id, parent, HERE)


def policy(name: str, text: str = "{}", *, key: str = "", id: str = "") -> PolicyEntry:
    return PolicyEntry((key or f"p:{name}",), name, BACKUP, parse_document(text, f"{name}.json"), None, id)


def attach(policy: str, target: str, *after: str) -> Attachment:
    return Attachment(f"p:{policy}", target, HERE, tuple(f"p:{one}" for one in after))


def seen(organization: Organization) -> Any:
    """All that an organization says, whatever the order of siblings."""
    return (
        sorted(
            (unit.path, unit.id, tuple(policy.name for policy in unit.policies), unit.unordered, unit.stub)
            for unit in organization.root.walk()
        ),
        sorted(
            (one.path, one.id, tuple(policy.name for policy in one.policies), one.status, one.unordered)
            for one in organization.accounts
        ),
        sorted(organization.policies),
        sorted(organization.notes),
        organization.complete,
    )


# ---- properties ----------------------------------------------------------------------------------------------


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """A source without contradictions: everything has a key of its own."""
    units = [UnitEntry((ROOT,), "Root", None, HERE)]
    for number in range(draw(st.integers(0, 6))):
        parent = draw(st.sampled_from(units)).keys[0]
        identity = draw(st.sampled_from(["", f"ou-ab12-{number:08d}"]))
        units.append(UnitEntry((f"u{number}",), f"U{number}", parent, HERE, identity))
    accounts = [
        AccountEntry(f"a{number}", f"{number:012d}", draw(st.sampled_from(units)).keys[0], HERE, (f"a{number}",))
        for number in range(draw(st.integers(0, 6)))
    ]
    policies = [policy(f"policy{number}") for number in range(draw(st.integers(0, 4)))]
    attachments = []
    targets = [entry.keys[0] for entry in (*units, *accounts)]
    for target in draw(st.lists(st.sampled_from(targets), unique=True)):
        those = draw(st.lists(st.sampled_from([one.name for one in policies]), unique=True)) if policies else []
        chained = draw(st.booleans())
        for number, name in enumerate(those):
            attachments.append(attach(name, target, *(those[number - 1 : number] if chained and number else ())))
    complete = draw(st.frozensets(st.sampled_from(sorted(WHOLE))))
    return source(units=units, accounts=accounts, policies=policies, attachments=attachments, complete=complete)


def split(whole: Source, chance: random.Random) -> list[Source]:
    """The entries of a source in two, which both say as much of what they hold."""
    halves = [replace(whole, units=[], accounts=[], policies=[], attachments=[]) for _ in range(2)]
    for kind in ("units", "accounts", "policies", "attachments"):
        for entry in getattr(whole, kind):
            getattr(chance.choice(halves), kind).append(entry)
    return halves


@given(sources(), st.randoms(use_true_random=False))
def test_a_source_that_is_split_in_two_gives_the_same_organization(whole: Source, chance: random.Random) -> None:
    halves = split(whole, chance)
    assert seen(organization_of(halves)) == seen(organization_of([whole]))


@given(sources(), st.randoms(use_true_random=False))
def test_the_order_of_sources_does_not_matter_where_nothing_conflicts(whole: Source, chance: random.Random) -> None:
    halves = split(whole, chance)
    assert seen(organization_of(halves)) == seen(organization_of(halves[::-1]))


@given(sources(), st.randoms(use_true_random=False))
def test_what_two_sources_repeat_is_there_once(whole: Source, chance: random.Random) -> None:
    again = replace(whole, name="again")
    assert seen(organization_of([whole, again])) == seen(organization_of([whole]))


@given(sources(), st.randoms(use_true_random=False))
def test_every_account_is_in_the_tree_exactly_once(whole: Source, chance: random.Random) -> None:
    for those in ([whole], split(whole, chance)):
        found = organization_of(those)
        ids = [one.id for one in found.accounts if not one.stand_in]
        assert sorted(ids) == sorted(entry.id for entry in whole.accounts)
        assert fold([found.root.account_range], found).count == len(whole.accounts)
        assert [one.index for one in found.accounts] == list(range(len(found.accounts)))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8))
def test_an_order_keeps_what_is_stated(pairs: Sequence[tuple[int, int]]) -> None:
    names = [str(number) for number in range(6)]
    after = {str(later): {str(one) for one, other in pairs if other == later} for _, later in pairs}
    ordered, certain = in_order(names, after)
    assert sorted(ordered) == names
    if not any(is_before(name, name, after) for name in names):
        assert all(ordered.index(str(one)) < ordered.index(str(later)) for one, later in pairs)
        assert certain == all(is_before(one, other, after) for one, other in pairwise(ordered))


# ---- what is the same ----------------------------------------------------------------------------------------


def test_units_are_the_same_by_path_and_accounts_by_name() -> None:
    one = source("one", units=[unit("Prod", key="x")], accounts=[account("shop", parent="x")])
    two = source(
        "two",
        units=[unit("Prod", key="y", id="ou-ab12-11111111"), unit("Deep", "y", key="z")],
        accounts=[account("shop", "111111111111", "y"), account("mill", "222222222222", "z")],
    )
    found = organization_of([one, two])
    assert [one.path for one in found.root.walk()] == ["Root", "Root/Prod", "Root/Prod/Deep"]
    assert [(one.path, one.id) for one in found.accounts] == [
        ("Root/Prod/shop", "111111111111"),
        ("Root/Prod/Deep/mill", "222222222222"),
    ]


def test_things_with_different_ids_are_never_the_same() -> None:
    one = source("one", units=[unit("Prod", id="ou-ab12-11111111")], accounts=[account("shop", "111111111111")])
    two = source("two", units=[unit("Prod", id="ou-ab12-22222222")], accounts=[account("shop", "222222222222")])
    found = organization_of([one, two])
    assert [below.id for below in found.root.organizational_units] == ["ou-ab12-11111111", "ou-ab12-22222222"]
    assert [one.id for one in found.accounts] == ["111111111111", "222222222222"]


def test_a_name_that_one_source_has_twice_says_nothing() -> None:
    one = source("one", accounts=[account("shop", "111111111111"), account("shop", "222222222222")])
    found = organization_of([one, source("two", accounts=[account("shop")])])
    assert len(found.accounts) == 3


def test_a_third_source_joins_what_two_others_call_differently() -> None:
    """As a state does, which has both the address of the files and the id of the export."""
    files = source("files", policies=[policy("daily", key="address:daily")])
    export = source("export", policies=[policy("daily", id="p-11111111", key="export:1")])
    state = source("state", policies=[policy("daily", id="p-11111111", key="address:daily")])
    assert len(organization_of([files, export]).policies) == 2
    assert len(organization_of([files, export, state]).policies) == 1


def test_policies_of_one_name_are_two() -> None:
    found = organization_of(
        [source("dev", policies=[policy("daily", key="a")]), source("prod", policies=[policy("daily", key="b")])]
    )
    assert list(found.policies) == ["daily", "daily (prod)"]


def test_many_policies_of_one_name_have_short_names_of_their_own() -> None:
    """A file may list thousands of one name: what they are called grows by a number, not by a sign for each."""
    many = organization_of([source(policies=[policy("a", key=f"p:{number}") for number in range(3000)])])
    assert len(many.policies) == 3000
    assert max(map(len, many.policies)) < 20


@pytest.mark.parametrize(
    ("one", "two", "several"),
    [("r-ab12", "r-cd34", True), ("r-ab12", "o-1234567890", False), ("r-ab12", "r-xxxx", False)],
)
def test_sources_of_two_organizations_are_no_one_organization(one: str, two: str, several: bool) -> None:
    those = [source("infra", organization_ids=frozenset({one})), source("export", organization_ids=frozenset({two}))]
    if not several:
        organization_of(those)
        return
    with pytest.raises(SeveralOrganizations, match=r"'infra' and 'export'.*'r-ab12' and 'r-cd34'"):
        organization_of(those)


def test_sources_whose_roots_have_different_ids() -> None:
    one, two = (
        source(name, units=[UnitEntry((ROOT,), "Root", None, HERE, id)])
        for name, id in [("a", "r-ab12"), ("b", "r-cd34")]
    )
    with pytest.raises(SeveralOrganizations, match="'r-ab12' and 'r-cd34'"):
        organization_of([one, two])


# ---- where sources disagree ----------------------------------------------------------------------------------


def test_the_first_source_counts_and_a_note_says_so() -> None:
    one = source("one", policies=[policy("daily", '{"plans": {}}')], units=[unit("A", key="a"), unit("B", key="b")])
    one.accounts = [account("shop", "111111111111", "a")]
    two = source(
        "two", policies=[policy("daily", '{"plans": {"x": {}}}')], accounts=[account("shop", "111111111111", "b")]
    )
    found = organization_of([one, two])
    assert found.policies["daily"].document.value == {"plans": {}}
    assert [one.path for one in found.accounts] == ["Root/A/shop"]
    assert sorted(found.notes) == [
        "'daily' has other content in daily.json:1 than in daily.json:1, which counts.",
        "'shop' lies in 'Root/B' in tree.json:1, and in 'Root/A' in tree.json:1, which counts.",
    ]


def test_content_that_is_only_written_otherwise_is_no_difference() -> None:
    one, two = (
        source(name, policies=[policy("daily", text)])
        for name, text in [("a", '{"plans":{}}'), ("b", '{ "plans": {} }')]
    )
    assert organization_of([one, two]).notes == []


def test_what_only_an_export_knows_is_attached_by_hand() -> None:
    files = source("files", policies=[policy("a"), policy("b")], attachments=[attach("a", ROOT)])
    export = source("export", kind="export", policies=[policy("c")], attachments=[attach("b", ROOT), attach("c", ROOT)])
    found = organization_of([files, export])
    assert [one.name for one in found.root.policies] == ["a", "b", "c"]
    assert found.notes == ["'b' is attached to 'Root' outside the files, as export shows."]


# ---- what is not known ---------------------------------------------------------------------------------------


def test_a_target_that_no_source_places_is_a_stub() -> None:
    found = organization_of(
        [
            source(
                policies=[policy("a")], attachments=[attach("a", "id:ou-ab12-99999999"), attach("a", "id:999999999999")]
            )
        ]
    )
    assert [(one.path, one.stub) for one in found.root.walk()] == [("Root", False), ("Root/ou-ab12-99999999", True)]
    assert [(one.id, one.stub, one.stand_in) for one in found.accounts] == [
        ("999999999999", True, False),
        ("", False, True),
    ]
    assert found.notes[0].startswith(
        "'ou-ab12-99999999' is not in the tree. It is checked as if it lay directly below the root."
    )
    assert len(found.notes) == 2


def test_without_a_tree_a_stand_in_stands_for_the_accounts_of_each_unit() -> None:
    units = [unit("A", key="a"), unit("B", "a", key="b"), unit("C", key="c")]
    found = organization_of([source(units=units, accounts=[account("x", parent="c")], complete=frozenset())])
    assert [(one.name, one.stand_in) for one in found.accounts] == [("any account in Root/A/B", True), ("x", False)]
    assert organization_of([source(units=units)]).accounts == []


def test_neither_stubs_nor_stand_ins_are_counted() -> None:
    attachments = [attach("a", "id:999999999999"), attach("a", "u")]
    found = organization_of(
        [source(units=[unit("U", key="u")], policies=[policy("a")], attachments=attachments, complete=frozenset())]
    )
    assert len(found.accounts) == 2
    everyone = fold([found.root.account_range], found)
    assert (everyone.count, everyone.organizational_units) == (0, ("Root",))
    single = fold([(0, 1)], found)
    assert (single.count, single.ids) == (0, ("999999999999",))


def test_an_account_without_a_unit_is_not_put_anywhere() -> None:
    found = organization_of([source(accounts=[account("x", "111111111111", None), account("y")])])
    assert [one.name for one in found.accounts] == ["y"]
    assert found.notes[0].startswith("1 account is listed without a unit, so not checked. ")


def test_a_target_may_be_named_where_the_name_is_plain() -> None:
    units, accounts = [unit("A", key="a")], [account("x", "111111111111", "a"), account("y"), account("y", parent="a")]
    attachments = [attach("p", "path:Root/A"), attach("p", "account-name:x"), attach("p", "account-name:y")]
    found = organization_of([source(units=units, accounts=accounts, policies=[policy("p")], attachments=attachments)])
    reached = [one.path for one in (*found.root.walk(), *found.accounts) if one.policies]
    assert reached == ["Root/A", "Root/A/x"]
    assert found.notes == ["It is not known what is meant by the target 'y' in tree.json:1."]
    assert "attachments" not in found.complete


def test_units_that_lie_in_each_other_are_not_lost() -> None:
    found = organization_of([source(units=[unit("A", "b", key="a"), unit("B", "a", key="b")])])
    assert [one.path for one in found.root.walk()] == ["Root", "Root/A", "Root/A/B"]
    assert found.notes == ["'A' lies below itself in the sources. It is checked as if it lay directly below the root."]


def test_what_is_absent_is_a_finding_only_where_all_is_known() -> None:
    def told(**given: Any) -> list[str]:
        found = organization_of([source(policies=[policy("a"), policy("b")], attachments=[attach("a", ROOT)], **given)])
        return [rule for rule, check in CHECKS.items() for _ in check(found)]

    missing = {"accounts": [account("x", "111111111111")], "management_account": "999999999999"}
    assert told(**missing) == ["unknown-management-account", "unattached-policy"]
    assert told(**missing, complete=WHOLE - {"attachments"}) == ["unknown-management-account"]
    assert told(**missing, complete=WHOLE - {"tree"}) == ["unattached-policy"]
    assert told(complete=WHOLE | {"types"}, enabled_types=(TAG,)) == ["policy-type-not-enabled", "unattached-policy"]
    assert told(complete=WHOLE | {"types"}, enabled_types=(BACKUP,)) == ["unattached-policy"]


def test_one_source_that_lacks_attachments_lacks_them_for_all() -> None:
    some = source("some", attachments=[attach("a", ROOT)], policies=[policy("a")], complete=frozenset())
    accounts = source("accounts", accounts=[account("x")], complete=frozenset({"tree"}))
    assert "attachments" not in organization_of([source(), some]).complete
    assert "attachments" in organization_of([source(policies=[policy("a")]), accounts]).complete


def test_an_attachment_of_a_policy_that_nobody_knows_is_said() -> None:
    found = organization_of([source(accounts=[account("x")], attachments=[attach("gone", ROOT)])])
    assert found.notes == ["No source holds the policy 'gone', which is attached to 'Root'."]
    assert found.unresolved == {"": [(0, 1)]}


# ---- the order of attachments --------------------------------------------------------------------------------


def test_the_order_is_as_stated_else_by_name() -> None:
    policies = [policy(name) for name in ("c", "a", "b")]
    stated = [attach("c", ROOT), attach("a", ROOT, "c"), attach("b", ROOT, "a")]
    found = organization_of([source(policies=policies, attachments=stated)])
    assert ([one.name for one in found.root.policies], found.root.unordered) == (["c", "a", "b"], ())
    found = organization_of([source(policies=policies, attachments=[attach(name, ROOT) for name in "cab"])])
    assert ([one.name for one in found.root.policies], found.root.unordered) == (["a", "b", "c"], (BACKUP,))


def test_policies_of_different_types_need_no_order() -> None:
    policies = [policy("a"), policy("b")]
    policies[1].type = TAG
    found = organization_of([source(policies=policies, attachments=[attach("a", ROOT), attach("b", ROOT)])])
    assert found.root.unordered == ()
