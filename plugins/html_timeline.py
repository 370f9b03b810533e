"""The backups that plans would make in the next weeks, and how long each is kept: rows for the page's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from policylint import EffectivePolicy, ScheduleError, View, has_placeholder, printable
from policylint.schedules import parse

from .html_policies import PolicyTables

Json = dict[str, Any]
WEEKS = 6
RUNS_MOST = WEEKS * 7 * 24  # AWS takes no schedule that runs more often than every hour
AIR_GAPPED_VAULT = "target_logically_air_gapped_backup_vault_arn"


def timeline(policies: Iterable[EffectivePolicy], tables: PolicyTables, start: datetime) -> Json:
    """The schedules with their runs, and the rules of backup plans by the index of their node.

    Runs are minutes after `start`, which is UTC as the schedules are.
    """
    schedules: dict[str, Json] = {}
    rules: dict[int, Json] = {}
    for policy in policies:
        if policy.type.enum != "BACKUP_POLICY":
            continue
        for rule in (rule for plan in policy.plans() for rule in plan.children("rules")):
            index = tables.node_of(rule.node)
            if index not in rules:
                row = rules[index] = _rule(rule)
                expression = row["schedule"]
                if expression is not None and expression not in schedules:
                    schedules[expression] = _runs(str(rule.get("schedule_expression")), start)
    return {"start": start.strftime("%Y-%m-%dT%H:%MZ"), "days": WEEKS * 7, "schedules": schedules, "rules": rules}


def _rule(rule: View) -> Json:
    expression = rule.get("schedule_expression")
    return {
        "schedule": printable(expression) if isinstance(expression, str) else None,
        "vaults": _texts(rule, "target_backup_vault_name") + _texts(rule, AIR_GAPPED_VAULT),
        "continuous": rule.get("enable_continuous_backup") == "true",
        **_lifecycle(rule),
        "copies": [
            {"vault": printable(str(copy.get("target_backup_vault_arn") or copy.folded)), **_lifecycle(copy)}
            for copy in rule.children("copy_actions")
        ],
    }


def _texts(rule: View, name: str) -> list[str]:
    return [printable(text) for text in rule.texts(name)]


def _lifecycle(view: View) -> Json:
    """After how many days backups are deleted (None: never) and moved to cold storage (None: never)."""
    return {
        "keep": view.number("lifecycle/delete_after_days"),
        "cold": view.number("lifecycle/move_to_cold_storage_after_days"),
    }


def _runs(expression: str, start: datetime) -> Json:
    """The runs of a schedule up to the end of the timeline; `more` where only the first of them are given."""
    if has_placeholder(expression):
        return {
            "runs": [],
            "more": False,
            "error": "The schedule holds a placeholder, which only its template fills in.",
        }
    try:
        schedule = parse(expression)
    except ScheduleError as error:
        return {"runs": [], "more": False, "error": printable(str(error))}
    end = start + timedelta(weeks=WEEKS)
    runs: list[int] = []
    for run in islice(schedule.runs(start), RUNS_MOST + 1):
        if run >= end:
            break
        runs.append(int((run - start).total_seconds()) // 60)
    return {"runs": runs[:RUNS_MOST], "more": len(runs) > RUNS_MOST, "error": ""}
