"""What the examples of the cards leave open: rules on what policies do to each other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from trees import LOCK, NONE, RULES, VAULT, assigned, found, regions, where

from policylint.cli import main
from policylint.lint import lint
from policylint.policy_types import POLICY_TYPES
from policylint.policy_types.shape import PolicyType
from policylint.testing import organization_of

# ---- overriding ---------------------------------------------------------------------------------------------


def named(message: str) -> str:
    """The message with the file of the lock left out, which lies in a temporary folder."""
    return re.sub(r"\([^()]*\.json:", "(LOCK:", message)


def test_a_new_entry_is_told_at_its_name() -> None:
    (finding,) = found("locked-operator", [{"plans": {**NONE, "p": {}}}], [regions(assigned("a"), "q")])
    assert named(finding.message) == (
        "AWS ignores the new entry 'q', as far as known: locked by backup/root-a (LOCK:3). Remove it, or change the lock."
    )
    assert (where(finding.place), finding.place.part) == ("unit-a/plans/q", "key")


@pytest.mark.parametrize(
    ("above", "sure"),
    [
        (
            {"plans": {"p": {**NONE, "regions": assigned("a")}}},
            " if the lock on 'p' covers everything below (--container-locks subtree): locked by backup/root-a (LOCK:4)",
        ),
        (
            {**NONE, **regions(assigned("a"))},
            " if the lock on the document covers everything below (--container-locks subtree): locked by backup/root-a "
            "(LOCK:2)",
        ),
        (
            {**NONE, "plans": {**NONE, "p": {"regions": assigned("a")}}},
            " if the lock on 'plans' and the document covers everything below (--container-locks subtree): locked by "
            "backup/root-a (LOCK:6) and backup/root-a (LOCK:2)",
        ),
        (
            {"plans": {"p": {**NONE, "regions": {**assigned("a"), **NONE}}}},
            ": locked by backup/root-a (LOCK:11) and backup/root-a (LOCK:4)",
        ),
    ],
)
def test_a_lock_that_may_not_reach_a_setting_is_told_with_its_condition(above: dict[str, Any], sure: str) -> None:
    (finding,) = found("locked-operator", [above], [], [regions(assigned("b"))], locks="subtree")
    assert named(finding.message) == f"AWS ignores '@@assign' of 'regions'{sure}. Remove it, or change the lock."


def test_a_lock_that_covers_all_below_leaves_nothing_open() -> None:
    partial = {"plans": {"p": {**NONE, "regions": assigned("a")}}}
    assert len(found("partial-lock", [partial])) == 1
    assert found("partial-lock", [partial], locks="subtree") == []


def test_what_is_in_the_list_already_has_no_effect() -> None:
    (finding,) = found("operator-without-effect", [regions(assigned("a", "b"))], [regions({"@@append": ["b", "a"]})])
    assert finding.message == "'@@append' of 'regions' has no effect for 'b', 'a': already in the list. Remove it."
    assert where(finding.place) == "unit-a/plans/p/regions/@@append"


def test_every_value_that_an_assignment_drops_is_named() -> None:
    levels = [[regions(assigned("a", "b"))], [regions({"@@append": ["c"]})], [regions(assigned("b"))]]
    (finding,) = found("inherited-list-replaced", *levels)
    assert named(finding.message) == (
        "'@@assign' of 'regions' drops 'a', 'c', which it inherits from backup/root-a (LOCK:5). To add to the list use "
        "'@@append'."
    )
    assert [where(place) for place, _ in finding.related] == ["root-a/plans/p/regions/@@assign"]
    assert found("inherited-list-replaced", [regions(assigned("a"))], [regions(assigned("a", "b"))]) == []


def test_a_single_value_is_no_list() -> None:
    def schedule(value: str) -> dict[str, Any]:
        return {"plans": {"p": {"rules": {"r": {"schedule_expression": {"@@assign": value}}}}}}

    assert found("inherited-list-replaced", [schedule("a")], [schedule("b")]) == []


@pytest.mark.parametrize(
    ("above", "below", "finds"),
    [
        (["@@append"], ["@@assign", "@@append"], True),
        (["@@append"], ["@@append"], False),
        (["@@append", "@@assign"], ["@@append"], False),
        (["@@none"], ["@@all"], True),
        (["@@all"], ["@@none"], False),
    ],
)
def test_a_lock_may_be_tightened(above: list[str], below: list[str], finds: bool) -> None:
    assert bool(found("lock-loosened", [regions({LOCK: above})], [regions({LOCK: below})])) is finds


def open_settings(count: int) -> dict[str, Any]:
    return {"plans": {"p": {"rules": {f"r{n}": VAULT for n in range(count)}}}}


@pytest.mark.parametrize(
    ("settings", "more"), [(1, ""), (3, ""), (4, " and 1 more"), (5, " and 2 more"), (7, " and 4 more")]
)
def test_a_partial_lock_names_the_first_three_settings_and_shows_five(settings: int, more: str) -> None:
    (finding,) = found("partial-lock", [{**NONE, **open_settings(settings)}])
    names = ", ".join(f"'r{n}/target_backup_vault_name'" for n in range(min(settings, 3)))
    assert finding.message.startswith(f"The lock on the document may leave {names}{more} open:")
    shown = [f"root-a/plans/p/rules/r{n}/target_backup_vault_name" for n in range(min(settings, 5))]
    assert [where(place) for place, _ in finding.related] == shown


def test_a_partial_lock_is_told_where_it_is_outermost() -> None:
    inner = {"plans": {"p": {**NONE, "rules": {"r": {**VAULT, "schedule_expression": {"@@assign": "x", **NONE}}}}}}
    (finding,) = found("partial-lock", [{**NONE, **inner}])
    assert "'r/target_backup_vault_name' open" in finding.message
    assert where(finding.place) == f"root-a/{LOCK}"
    assert found("partial-lock", [{LOCK: ["@@all"], **open_settings(1)}]) == []
    assert found("partial-lock", [regions({**assigned("a"), **NONE})]) == []


# ---- what no account gets -----------------------------------------------------------------------------------


def test_settings_overridden_on_every_path_are_told_one_by_one() -> None:
    above = {"plans": {"p": {"regions": assigned("a"), "rules": {"r": VAULT, "s": VAULT}}}}
    below = {
        "plans": {"p": {"regions": assigned("b"), "rules": {"s": {"target_backup_vault_name": {"@@assign": "w"}}}}}
    }
    findings = found("overridden-everywhere", [above], [below])
    assert [(finding.message, where(finding.place), finding.place.part) for finding in findings] == [
        (
            f"No account gets this '{name}': policies on every path below override it.",
            f"root-a/plans/p/{path}",
            "key",
        )
        for name, path in (("regions", "regions"), ("target_backup_vault_name", "rules/s/target_backup_vault_name"))
    ]


def test_policies_without_any_effect_are_told_whole_each() -> None:
    first, second = regions(assigned("a")), regions(assigned("b"), "q")
    below = {"plans": {plan: {"regions": assigned("c")} for plan in "pq"}}
    findings = found("overridden-everywhere", [first, second], [below])
    assert [finding.message.split(":")[0] for finding in findings] == [
        f"'backup/root-{name}' has no effect on any account" for name in "ab"
    ]
    assert [where(finding.place) for finding in findings] == ["root-a/plans", "root-b/plans"]


def test_what_another_rule_tells_is_not_told_again() -> None:
    assert found("overridden-everywhere", [regions(assigned("a")), regions(assigned("b"))]) == []  # shadowed
    assert (
        found("overridden-everywhere", [regions({**assigned("a"), **NONE})], [regions(assigned("b"))]) == []
    )  # locked


def test_a_policy_with_a_control_is_not_called_useless() -> None:
    above = regions({**assigned("a"), LOCK: ["@@assign"]})
    (finding,) = found("overridden-everywhere", [above], [regions(assigned("b"))])
    assert finding.message.startswith("No account gets this 'regions'")


def test_a_removal_is_an_effect() -> None:
    levels = [
        [regions(assigned("a", "b"))],
        [regions({"@@remove": ["a"], "@@append": ["c"]})],
        [regions({"@@remove": ["c"]})],
    ]
    assert found("overridden-everywhere", *levels) == []


def test_values_that_one_account_of_two_gets_are_live() -> None:
    units = [
        {"name": name, "policies": policies, "accounts": [{"id": digit * 12, "name": name}]}
        for name, digit, policies in (
            ("Prod", "1", ["backup/unit-a"]),
            ("Test", "2", []),
            ("Dev", "3", ["backup/unit-a"]),
        )
    ]
    assert found("overridden-everywhere", [regions(assigned("a"))], [regions(assigned("b"))], units=units) == []


def test_units_without_accounts_get_nothing_and_are_told_nothing() -> None:
    units = [
        {"name": "Empty", "policies": ["backup/unit-a"]},
        {"name": "Full", "accounts": [{"id": "1" * 12, "name": "x"}]},
    ]
    assert found("overridden-everywhere", [], [regions(assigned("b"))], units=units) == []


@pytest.mark.parametrize("kind", [kind for kind in POLICY_TYPES.values() if kind.checked], ids=lambda kind: kind.folder)
def test_documents_without_content_break_no_check(kind: PolicyType) -> None:
    """They are reported by rules of their own."""
    contents = {"a": [], "b": {kind.top_key: {}}, "c": {}, "d": {kind.top_key: []}}
    policies = {f"{kind.folder}/{name}": content for name, content in contents.items()}
    account = {"name": "shop", "policies": [f"{kind.folder}/c", f"{kind.folder}/d"]}
    root = {"policies": [f"{kind.folder}/a", f"{kind.folder}/b"], "accounts": [account]}
    tree = json.dumps({"root": root, "policies_content": policies})
    assert lint(organization_of(RULES["locked-operator"], "organization", tree), RULES).failures == []


def test_a_policy_that_only_appends_has_effects_to_lose() -> None:
    (finding,) = found("overridden-everywhere", [regions({"@@append": ["a"]})], [regions(assigned("b"))])
    assert finding.message.startswith("'backup/root-a' has no effect on any account")


def test_what_replaced_a_value_may_be_replaced_itself() -> None:
    levels = [[regions(assigned("a"))], [regions(assigned("b"))], [regions(assigned("c"))]]
    assert [where(finding.place) for finding in found("overridden-everywhere", *levels)] == [
        "root-a/plans",
        "unit-a/plans",
    ]


def test_values_in_what_accounts_share_and_do_not_share_are_live() -> None:
    accounts = [{"id": "1" * 12, "name": "own", "policies": ["backup/account-a"]}, {"id": "2" * 12, "name": "plain"}]
    above = {"plans": {plan: {"regions": assigned("a")} for plan in "pq"}}
    units = [{"name": "Prod", "accounts": accounts}]
    assert found("overridden-everywhere", [above], [], [regions(assigned("b"))], units=units) == []
    assert found("overridden-everywhere", [above], [], [regions(assigned("b"), "q")], units=units) == []


def test_a_list_that_becomes_a_text_drops_nothing_to_speak_of() -> None:
    """Of a type that AWS describes in part nobody knows which settings are lists."""

    def attribute(value: Any) -> dict[str, Any]:
        return {"ec2_attributes": {"x": {"@@assign": value}}}

    for one, other in ((["a"], "b"), ("b", ["a"])):
        assert found("inherited-list-replaced", [attribute(one)], [attribute(other)], kind="ec2") == []


def test_a_control_keeps_its_place_among_operators_put_in_order() -> None:
    setting = {"@@remove": ["a"], LOCK: ["@@none"], "@@assign": ["b"]}
    (finding,) = found("operators-out-of-order", [regions(setting)])
    assert finding.fix
    assert finding.fix.edits[0].around == ("@@assign", LOCK, "@@remove")


def test_a_list_of_which_nobody_knows_may_be_emptied_too() -> None:
    def unknown(setting: dict[str, Any]) -> dict[str, Any]:
        return {"bedrock": {"news": {"more": {"most": setting}}}}

    levels = [[unknown(assigned("a"))], [unknown({"@@remove": ["a"]})]]
    (finding,) = found("list-emptied", *levels, kind="bedrock")
    assert finding.message.endswith("Keep a value. If you want that, assign an empty list.")


# ---- AI services opt-out ------------------------------------------------------------------------------------

AI = "ai-opt-out"
OUT = {"opt_out_policy": {"@@assign": "optOut", **NONE}}
IN = {"opt_out_policy": {"@@assign": "optIn"}}


def ai(*levels: list[dict[str, Any]], rule: str) -> list[Any]:
    return found(rule, *levels, kind=AI)


def test_a_service_that_opts_in_beside_a_locked_default_is_found_with_the_lock() -> None:
    (finding,) = ai([{"services": {"default": OUT}}], [{"services": {"lex": IN}}], rule="service-opts-in")
    assert where(finding.place) == "unit-a/services/lex/opt_out_policy/@@assign"
    assert "'lex' opts in, though ai-opt-out/root-a (" in finding.message
    assert {where(place) for place, _ in finding.related} >= {"root-a/services/default/opt_out_policy/@@assign"}


def test_what_is_locked_out_or_opts_out_is_no_opt_in() -> None:
    locked = {"services": {**NONE, "default": OUT}}
    assert ai([locked], [{"services": {"lex": IN}}], rule="service-opts-in") == []
    assert ai([{"services": {"default": OUT}}], [{"services": {"lex": OUT}}], rule="service-opts-in") == []
    assert ai([{"services": {"default": OUT, "lex": IN}}], rule="service-opts-in") == []  # its author's own exception
    assert ai([{"services": {"lex": OUT}}], [{"services": {"lex": IN}}], rule="service-opts-in") == []


def test_services_without_a_lock_let_an_opt_in_pass() -> None:
    assert len(ai([{"services": {"default": OUT}}], rule="services-unlocked")) == 1
    assert ai([{"services": {**NONE, "default": OUT}}], rule="services-unlocked") == []
    assert ai([{"services": {**NONE}}], [{"services": {"default": OUT}}], rule="services-unlocked") == []
    unlocked = {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    assert ai([unlocked], rule="services-unlocked") == []  # another rule says that


# ---- every human format names the lock -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["table", "text", "json", "jsonl", "github", "gitlab", "junit", "markdown", "sarif"])
def test_each_format_names_the_lock_with_file_and_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "fixtures/acme", "--format", name, "--select", "locked-operator"])
    shown = " ".join(capsys.readouterr().out.replace("&#8203;", "").split())  # which keeps Markdown from reading :10
    assert "fixtures/acme/policies/backup/baseline.json:10" in shown
