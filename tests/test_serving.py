"""Plans are measured against what backs up the same resources, and copies by the Region and account that they leave."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.findings import Finding
from policylint.plugins import load
from policylint.testing import run_example

RULES = load([]).rules
DAILY, WEEKLY, MONTHLY, YEARLY = (f"cron(0 5 {when} *)" for when in ("? * *", "? * SUN", "1 * ?", "1 1 ?"))
VOLUMES, BUCKETS = "arn:aws:ec2:*:*:volume/*", "arn:aws:s3:::*"
ROLE = "arn:aws:iam::$account:role/Backup"


def assign(value: Any) -> dict[str, Any]:
    return {"@@assign": value}


def conditions(operator: str = "string_equals", **tags: str) -> dict[str, Any]:
    made = {
        name: {"condition_key": assign(f"aws:ResourceTag/{name}"), "condition_value": assign(value)}
        for name, value in tags.items()
    }
    return {"conditions": {operator: made}}


def tagged(*values: str, key: str = "tier", **more: Any) -> dict[str, Any]:
    selection = {"iam_role_arn": assign(ROLE), "tag_key": assign(key), "tag_value": assign(list(values)), **more}
    return {"tags": {"s": selection}}


def typed(*types: str, without: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    selection = {"iam_role_arn": assign(ROLE), **more}
    if types:
        selection["resource_types"] = assign(list(types))
    if without:
        selection["not_resource_types"] = assign(list(without))
    return {"resources": {"s": selection}}


def rule(schedule: str | None = DAILY, days: Any = 35, *, copies: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"target_backup_vault_name": assign("central"), **more}
    if schedule:
        made["schedule_expression"] = assign(schedule)
    if days:
        made["lifecycle"] = {"delete_after_days": assign(days)}
    if copies:
        made["copy_actions"] = {arn: {"target_backup_vault_arn": assign(arn)} for arn in map(vault, copies)}
    return made


def vault(target: str) -> str:
    region, _, account = target.partition(" ")
    return f"arn:aws:backup:{region}:{account or '$account'}:backup-vault:copies"


def plan(
    *rules: dict[str, Any], takes: dict[str, Any] | None = None, regions: tuple[str, ...] = ("eu-west-1",)
) -> dict[str, Any]:
    return {
        "regions": assign(list(regions)),
        "rules": {f"r{number}": one for number, one in enumerate(rules)},
        "selections": takes or tagged("gold"),
    }


def found(rule_id: str, **plans: dict[str, Any]) -> list[Finding]:
    return run_example(RULES[rule_id], "json", json.dumps({"plans": plans}))


def places(rule_id: str, **plans: dict[str, Any]) -> list[str]:
    return [one.place.pointer.removeprefix("/plans/").partition("/lifecycle")[0] for one in found(rule_id, **plans)]


# ---- which selections meet ----------------------------------------------------------------------------------

SAME = [
    (tagged("gold"), tagged("gold")),
    (tagged("gold"), tagged("silver", "gold")),
    (tagged("gold"), typed("*")),
    (tagged("gold"), typed(**conditions(tier="gold"))),
    (tagged("gold", **conditions(stage="prod")), tagged("gold")),
    (tagged("gold", **conditions(stage="prod")), tagged("prod", key="stage")),
    (tagged("gold"), typed("*", **conditions("string_like", tier="g*"))),
    (tagged("g[1]x"), typed("*", **conditions("string_like", tier="g[1]*"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="*"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="g*o*d"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="*old"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="gold"))),
    (tagged("a gold one"), typed("*", **conditions("string_like", tier="a *d one"))),
    (tagged("a" * 60), typed("*", **conditions("string_like", tier="*a" * 30))),
    (typed(VOLUMES), typed("*")),
    (typed(VOLUMES), typed(BUCKETS, VOLUMES)),
    (typed(VOLUMES), typed("*", without=(BUCKETS,))),
    (typed("*", without=(BUCKETS,)), typed("*", without=(BUCKETS,))),
    (typed(VOLUMES, **conditions(tier="gold")), tagged("gold")),
]
OTHER = [
    (tagged("gold"), tagged("silver")),
    (tagged("gold"), tagged("Gold")),
    (tagged("gold"), tagged("gold", key="Tier")),
    (tagged("gold", "silver"), tagged("gold")),
    (tagged("gold"), tagged("gold", **conditions(stage="prod"))),
    (tagged("gold"), typed("*", **conditions("string_not_equals", tier="gold"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="s*"))),
    (tagged("gold"), typed("*", **conditions("string_like", stage="g*"))),
    (tagged("g1x"), typed("*", **conditions("string_like", tier="g[1]*"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="gol?"))),
    (tagged("go ld"), typed("*", **conditions("string_like", tier="g*"))),
    (tagged("golden"), typed("*", **conditions("string_like", tier="g*d"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="gol*ld"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="g*l*o*"))),
    (tagged("gold"), typed("*", **conditions("string_like", tier="golden"))),
    (tagged("g ld"), typed("*", **conditions("string_like", tier="g*l*d"))),
    (tagged("a" * 60), typed("*", **conditions("string_like", tier="*a" * 30 + "b"))),
    (tagged("gold"), typed(VOLUMES)),
    (tagged("gold"), typed("*", without=(BUCKETS,))),
    (typed("*"), typed(VOLUMES)),
    (typed(BUCKETS), typed("*", without=(BUCKETS,))),
    (typed(VOLUMES, BUCKETS), typed(VOLUMES)),
]


@pytest.mark.parametrize(
    ("takes", "wider", "same"), [*((*one, True) for one in SAME), *((*one, False) for one in OTHER)]
)
def test_a_plan_is_served_by_one_that_takes_all_of_its_resources(
    takes: dict[str, Any], wider: dict[str, Any], same: bool
) -> None:
    yearly, daily = plan(rule(YEARLY), takes=takes), plan(rule(), takes=wider)
    expected = [] if same else ["yearly/rules/r0/schedule_expression/@@assign"]
    assert places("rare-schedule", yearly=yearly, daily=daily) == expected
    assert places("rare-schedule", daily=daily, yearly=yearly) == expected


def test_two_plans_together_may_serve_a_third() -> None:
    yearly = plan(rule(YEARLY), takes=tagged("gold", "silver"))
    gold, silver = plan(rule(), takes=tagged("gold")), plan(rule(), takes=tagged("silver"))
    assert found("rare-schedule", yearly=yearly, gold=gold, silver=silver) == []
    assert found("rare-schedule", yearly=yearly, gold=gold) != []


def test_a_plan_serves_its_own_regions_only() -> None:
    both = ("eu-west-1", "eu-central-1")
    yearly = plan(rule(YEARLY), regions=both)
    assert found("rare-schedule", yearly=yearly, daily=plan(rule(), regions=both)) == []
    assert found("rare-schedule", yearly=yearly, daily=plan(rule(), regions=both[:1])) != []
    other = plan(rule(), regions=both[1:])
    assert found("rare-schedule", yearly=yearly, daily=plan(rule(), regions=both[:1]), other=other) == []


@pytest.mark.parametrize(
    "doubtful",
    [
        plan(rule(), takes=tagged("${tier}")),
        plan(rule(), takes=tagged("gold", key="${key}")),
        plan(rule(), regions=("${region}",)),
        plan(rule(), regions=("eu-central-1", "${region}")),
        plan(rule(), takes=tagged("silver", "${tier}")),
        plan(rule(), takes=typed("*", without=("${type}",))),
        plan(rule("${when}")),
    ],
)
def test_what_is_not_known_may_serve(doubtful: dict[str, Any]) -> None:
    assert found("rare-schedule", yearly=plan(rule(YEARLY)), other=doubtful) == []
    rare = json.loads(json.dumps(doubtful).replace(DAILY, YEARLY).replace("${when}", YEARLY))
    assert found("rare-schedule", yearly=plan(rule(YEARLY)), other=rare) != []


def test_what_a_placeholder_takes_may_be_served() -> None:
    yearly = plan(rule(YEARLY), takes=tagged("${tier}"))
    assert found("rare-schedule", yearly=yearly, daily=plan(rule(), takes=tagged("silver"))) == []
    assert found("rare-schedule", yearly=yearly) != []


def test_a_plan_that_takes_nothing_is_measured_alone() -> None:
    nothing = {**plan(rule(YEARLY)), "selections": {"tags": {}}}
    assert found("rare-schedule", yearly=nothing, daily=plan(rule())) != []


# ---- schedules and retention --------------------------------------------------------------------------------


def test_of_plans_that_are_all_rare_the_best_is_named_once() -> None:
    (finding,) = found(
        "rare-schedule", yearly=plan(rule(YEARLY)), weekly=plan(rule(WEEKLY)), monthly=plan(rule(MONTHLY))
    )
    assert finding.place.pointer == "/plans/weekly/rules/r0/schedule_expression/@@assign"
    assert finding.message.startswith("'weekly' leaves up to 7 days between backups (allowed: 1 day)")


def test_each_plan_is_named_that_is_the_best_of_something() -> None:
    weekly = plan(rule(WEEKLY), takes=tagged("gold"))
    monthly = plan(rule(MONTHLY), takes=tagged("gold", "silver"))
    assert [one.split("/")[0] for one in places("rare-schedule", weekly=weekly, monthly=monthly)] == [
        "weekly",
        "monthly",
    ]


def test_a_rule_without_schedule_runs_every_day() -> None:
    assert found("rare-schedule", daily=plan(rule(None)), yearly=plan(rule(YEARLY))) == []


@pytest.mark.parametrize(
    ("beside", "finds"),
    [
        ([rule(DAILY, 35)], False),
        ([rule(MONTHLY, 365)], False),
        ([rule(DAILY, None)], False),
        ([rule(DAILY, "${days}")], False),
        ([rule("${when}", 365)], False),
        ([rule(DAILY, 35, enable_continuous_backup=assign("true"))], False),
        ([rule(DAILY, 34)], True),
        ([rule(YEARLY, 2555)], True),  # between 3 days and a year there is nothing
        ([rule("cron(0 5 1 1,3,5,7,9,11 ? *)", 365)], True),
        ([], True),
    ],
)
def test_a_short_retention_is_fine_where_some_backups_are_kept_longer(beside: list[Any], finds: bool) -> None:
    short = rule("cron(0 0/4 ? * * *)", 3)
    assert bool(found("short-retention", tiers=plan(short, *beside))) is finds
    if beside:
        assert bool(found("short-retention", often=plan(short), other=plan(*beside))) is finds
        assert found("short-retention", often=plan(short), other=plan(*beside, takes=tagged("silver"))) != []


def test_of_short_retentions_the_longest_is_named() -> None:
    assert places("short-retention", tiers=plan(rule(DAILY, 3), rule(WEEKLY, 14), rule(DAILY, 7))) == ["tiers/rules/r1"]
    assert places("short-retention", a=plan(rule(DAILY, 3)), b=plan(rule(DAILY, 14))) == ["b/rules/r0"]
    assert places("short-retention", a=plan(rule(DAILY, 3)), b=plan(rule(DAILY, 3))) == ["a/rules/r0"]


# ---- copies -------------------------------------------------------------------------------------------------

BOTH = ("eu-west-1", "eu-central-1")


@pytest.mark.parametrize(
    ("copies", "lost"),
    [
        ((), ""),
        (("eu-west-1",), "eu-west-1"),
        (("eu-central-1",), "eu-central-1"),
        (("eu-central-1 222222222222",), "eu-central-1"),
        (BOTH, None),
        (("eu-north-1",), None),
    ],
)
def test_each_region_of_a_plan_is_looked_at_by_itself(copies: tuple[str, ...], lost: str | None) -> None:
    messages = [one.message for one in found("no-copy-to-another-region", p=plan(rule(copies=copies), regions=BOTH))]
    where = f" in '{lost}'" if lost else ""
    advice = "are copied to no other Region, so they are lost with their Region. Add a copy action."
    assert messages == ([] if lost is None else [f"Backups of 'p'{where} {advice}"])


def test_a_copy_by_another_rule_or_plan_of_the_same_resources_counts() -> None:
    away = rule(MONTHLY, copies=("eu-north-1 222222222222",))
    for rule_id in ("no-copy-to-another-region", "no-copy-to-another-account", "no-air-gapped-vault"):
        assert found(rule_id, p=plan(rule(), away)) == []
        assert found(rule_id, p=plan(rule()), q=plan(away)) == []
        assert len(found(rule_id, p=plan(rule()), q=plan(away, takes=tagged("silver")))) == 1
        assert found(rule_id, p=plan(rule()), q=plan(away, takes=tagged("${tier}"))) == []
        assert len(found(rule_id, p=plan(rule(), takes=tagged("gold", "silver")), q=plan(away))) == 1
        assert len(found(rule_id, p=plan(rule()), q=plan(away, regions=("eu-west-2",)))) == 1


@pytest.mark.parametrize(
    ("regions", "copies", "count"),
    [
        (("eu-west-1",), ("eu-west-1",), 1),
        (("eu-west-1",), ("eu-central-1",), 0),
        (("eu-west-1",), ("eu-west-1 222222222222",), 0),
        (BOTH, BOTH, 0),  # each leads away from the other Region
        (BOTH, ("eu-west-1",), 0),
    ],
)
def test_a_copy_gains_something_where_it_leaves_one_of_the_regions(
    regions: tuple[str, ...], copies: tuple[str, ...], count: int
) -> None:
    assert len(found("copy-without-gain", p=plan(rule(copies=copies), regions=regions))) == count


def test_an_account_that_holds_the_copies_has_none_elsewhere() -> None:
    tree: dict[str, Any] = {
        "root": {
            "policies": ["backup/all"],
            "accounts": [{"id": "1" * 12, "name": "shop"}, {"id": "2" * 12, "name": "vaults"}],
        },
        "policies_content": {"backup/all": {"plans": {"p": plan(rule(copies=("eu-north-1 222222222222",)))}}},
    }
    (finding,) = run_example(RULES["no-copy-to-another-account"], "organization", json.dumps(tree))
    assert finding.accounts.names == ("vaults",)
    assert finding.message == (
        "The account of the copies has backups of 'p' too and copies them to itself, so an attacker in it can delete them all. Add a copy to another account."
    )
    second = plan(rule(copies=("eu-north-1 222222222222", "eu-north-1 333333333333")))
    tree["policies_content"]["backup/all"]["plans"]["p"] = second
    assert run_example(RULES["no-copy-to-another-account"], "organization", json.dumps(tree)) == []


# ---- backed up twice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (tagged("gold"), tagged("silver", "gold"), "what is tagged 'tier: gold'"),
        (tagged("gold"), tagged("gold", **conditions(stage="prod")), "what is tagged 'stage: prod' and 'tier: gold'"),
        (typed(VOLUMES), typed("*"), f"'{VOLUMES}'"),
        (typed("*"), tagged("gold"), "what is tagged 'tier: gold'"),
        (typed("*"), typed("*"), "every resource"),
        (typed(VOLUMES, **conditions(tier="gold")), tagged("gold"), f"'{VOLUMES}' tagged 'tier: gold'"),
        (tagged("gold", **conditions(stage="a")), tagged("gold", **conditions(stage="b")), ""),
        (typed("*"), typed("*", **conditions("string_not_equals", tier="a")), "what is tagged not 'tier: a'"),
        (tagged("gold"), tagged("silver"), ""),
        (tagged("${tier}"), tagged("${tier}"), ""),
    ],
)
@pytest.mark.parametrize("rule_id", ["backed-up-twice", "two-continuous-rules"])
def test_plans_meet_in_what_both_surely_take(rule_id: str, one: Any, other: Any, what: str) -> None:
    continuous = rule(enable_continuous_backup=assign("true"))
    findings = found(rule_id, a=plan(continuous, takes=one), b=plan(continuous, takes=other))
    assert [finding.place.pointer.split("/")[2] for finding in findings] == (["b"] if what else [])
    assert all(f"'a' and 'b' both back up {what}" in finding.message for finding in findings)
    apart = plan(continuous, takes=other, regions=("eu-central-1",))
    assert found(rule_id, a=plan(continuous, takes=one), b=apart) == []


# ---- schedules together -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedules", "told"),
    [
        (["cron(0 5 ? * MON-FRI *)", "cron(0 5 ? * SAT,SUN *)"], ""),
        (["cron(0 5 ? * MON-FRI *)", "cron(0 5 ? * SAT *)"], "2 days"),
        (["cron(0 5 ? * MON-FRI *)", "cron(0 6 ? * SAT,SUN *)"], "25 hours"),
        (["cron(0 5 1/2 * ? *)", "cron(0 5 2/2 * ? *)"], ""),
        (["cron(0 5 ? * MON-FRI *)", "cron(0 5 ? * SAT,SUN 2027)"], "3 days"),  # these come to an end
        (["cron(0 5 ? * SUN *)", "cron(0 5 ? * SUN *)"], "7 days"),
        (["cron(0 5 1 1 ? *)", "cron(0 5 1 7 ? *)"], "184 days"),
    ],
)
def test_schedules_of_the_same_resources_count_together(schedules: list[str], told: str) -> None:
    expected = [f"leaves up to {told} between backups"] if told else []
    one_plan = found("rare-schedule", p=plan(*map(rule, schedules)))
    assert [part for one in one_plan for part in expected if part in one.message] == expected
    two_plans = found("rare-schedule", p=plan(rule(schedules[0])), q=plan(rule(schedules[1])))
    assert [part for one in two_plans for part in expected if part in one.message] == expected
    assert len(one_plan) == len(two_plans) == len(expected)


@pytest.mark.parametrize("rule_id", ["backed-up-twice", "two-continuous-rules"])
def test_the_first_plan_of_all_that_meet_is_named(rule_id: str) -> None:
    continuous = rule(enable_continuous_backup=assign("true"))
    other = plan(continuous, takes=tagged("silver"))
    plans = {
        "a": other,
        "b": plan(continuous),
        "c": plan(continuous),
        "d": plan(continuous, takes=tagged("gold", "silver")),
    }
    messages = [one.message.partition(" both ")[0] for one in found(rule_id, **plans)]
    assert messages == ["'b' and 'c'", "'a' and 'd'"]


def test_only_plans_of_the_same_kind_and_times_meet() -> None:
    continuous = rule(enable_continuous_backup=assign("true"))
    assert found("backed-up-twice", a=plan(continuous), b=plan(rule())) == []
    assert found("backed-up-twice", a=plan(rule()), b=plan(rule(WEEKLY))) == []
    assert found("two-continuous-rules", a=plan(continuous), b=plan(rule())) == []
    (finding,) = found("backed-up-twice", a=plan(rule(WEEKLY), rule()), b=plan(rule(MONTHLY), rule()))
    assert finding.place.pointer == "/plans/b/rules/r1/schedule_expression/@@assign"
    assert finding.related[0].place.pointer == "/plans/a/rules/r1/schedule_expression/@@assign"
    assert finding.related[0].message == "the same times in 'a'"


@pytest.mark.parametrize(("days", "finds"), [(34, True), (35, False)])
def test_a_rule_that_runs_rarely_is_short_by_its_days_alone(days: int, finds: bool) -> None:
    assert bool(found("short-retention", p=plan(rule(YEARLY, days)))) is finds
