"""The backups that plans would make in the next weeks, and how long each is kept: rows for the page's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from policylint import EffectivePolicy, ScheduleError, Timeline, View, has_placeholder, printable
from policylint.schedules import parse

from .html_policies import PolicyTables

Json = dict[str, Any]
WEEKS = 6
RUNS_MOST = WEEKS * 7 * 24  # AWS takes no schedule that runs more often than every hour


def timeline(policies: Iterable[EffectivePolicy], tables: PolicyTables, start: datetime) -> Json:
    """The schedules with their runs, and the rules of backup plans by the index of their node.

    Runs are minutes after `start`, which is UTC as the schedules are.
    """
    schedules: dict[str, Json] = {}
    rules: dict[int, Json] = {}
    for policy in policies:
        words = policy.type.timeline
        if words is None:
            continue
        for rule in (rule for plan in policy.plans() for rule in plan.children(words.runs)):
            index = tables.node_of(rule.node)
            if index not in rules:
                row = rules[index] = _rule(rule, words)
                expression = row["schedule"]
                if expression is not None and expression not in schedules:
                    schedules[expression] = _runs(str(rule.get(words.schedule)), start)
    return {"start": start.strftime("%Y-%m-%dT%H:%MZ"), "days": WEEKS * 7, "schedules": schedules, "rules": rules}


def _rule(rule: View, words: Timeline) -> Json:
    expression = rule.get(words.schedule)
    return {
        "schedule": printable(expression) if isinstance(expression, str) else None,
        "vaults": [printable(text) for store in words.stores for text in rule.texts(store)],
        "continuous": rule.get(words.continuous) == "true",
        **_kept(rule, words),
        "copies": [
            {"vault": printable(str(copy.get(words.copy_store) or copy.folded)), **_kept(copy, words)}
            for copy in rule.children(words.copies)
        ],
    }


def _kept(view: View, words: Timeline) -> Json:
    """After how many days backups are deleted (None: never) and moved to cold storage (None: never)."""
    return {"keep": view.number(words.keep), "cold": view.number(words.cold)}


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
