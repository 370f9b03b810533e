"""Whatever is wrong in whatever layout: after `--fix` it is gone, the values are those meant, the rest is as it was."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policylint.fixing import Mended, mend
from policylint.inheritance import resolve
from policylint.lint import lint_files
from policylint.organization import Policy
from policylint.parsing import parse_document
from policylint.plugins import load
from policylint.policy_types import POLICY_TYPES
from policylint.report import Report
from policylint.scalars import text_of

LOSES_A_COMMENT = "a comment would be lost"
BACKUP = POLICY_TYPES["BACKUP_POLICY"]
RULES = {name: rule for name, rule in load(()).rules.items() if rule.card.family == "syntax"}
ASSIGN = st.sampled_from(["@@assign", "@@asign", "@@asssign", "assign", "@@_assign", "@@assing"])


def setting(right: Any, *wrong: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """A setting as it should be, and as somebody wrote it."""
    fine = {"@@assign": right}
    written = st.builds(lambda operator, value: {operator: value}, ASSIGN, st.sampled_from([right, *wrong]))
    bare = st.sampled_from([right, *wrong])
    return st.tuples(st.just(fine), st.one_of(st.just(fine), written, bare))


def members(**fields: st.SearchStrategy[tuple[Any, Any]]) -> st.SearchStrategy[tuple[Any, Any]]:
    """An object of such settings; the names in `MISNAMED` may be wrong too."""
    pairs = st.tuples(*(st.tuples(st.just(name), name_of(name), pair) for name, pair in fields.items()))
    return pairs.map(lambda found: ({n: p[0] for n, _, p in found}, {wrong: p[1] for _, wrong, p in found}))


def name_of(name: str) -> st.SearchStrategy[str]:
    camel = re.sub("_(.)", lambda match: match[1].upper(), name)
    misnamed = [f"to_{name}"] if name == "delete_after_days" else []
    return st.sampled_from([name, *([camel, name.replace("_", "-"), *misnamed] if "_" in name else [])])


ARN = "arn:aws:backup:eu-west-2:$account:backup-vault:"
COPY = st.sampled_from([f"{ARN}Copies", f"{ARN}COPIES"]).map(
    lambda key: (
        {f"{ARN}Copies": {"target_backup_vault_arn": {"@@assign": f"{ARN}Copies"}}},
        {key: {"target_backup_vault_arn": {"@@assign": f"{ARN}Copies"}}},
    )
)
RULE = members(
    schedule_expression=setting("cron(0 5,17 ? * * *)", "0 5,17 ? * * *", ["cron(0 5,17 ? * * *)"]),
    start_backup_window_minutes=setting("60", 60, "60.0", "60 minutes", ["60"]),
    target_backup_vault_name=setting("central", ["central"]),
    lifecycle=members(delete_after_days=setting("120", 120, "120 days")),
    copy_actions=COPY,
)
PLAN = members(
    regions=setting(["eu-west-1", "eu-west-2"], ["eu-west-1", "EU-West-2"]),
    rules=st.tuples(RULE, RULE).map(lambda two: tuple({"one": a, "two": b} for a, b in zip(*two, strict=True))),
)
DOCUMENTS = PLAN.map(lambda pair: tuple({"plans": {"daily": plan}} for plan in pair))


@st.composite
def yaml_texts(draw: st.DrawFn, value: Any) -> str:
    """A YAML text of a value in some layout, with comments wherever they may stand."""
    step = draw(st.sampled_from([2, 4]))
    out = draw(st.booleans())  # whether the items of a list stand below the name, not further in
    quote = draw(st.sampled_from(["'", '"']))
    count = 0

    def scalar(item: Any, flow: bool = False) -> str:
        text = text_of(item)
        plain = re.fullmatch(r"[A-Za-z0-9][\w$.-]*" if flow else r"[A-Za-z0-9][\w$:.()?*, -]*", text)
        return text if plain and draw(st.booleans()) else f"{quote}{text}{quote}"

    def comment() -> str:
        nonlocal count
        count += 1
        return f"  # {count}" if draw(st.booleans()) else ""

    def flow(item: Any) -> str:
        if isinstance(item, dict):
            return "{" + ", ".join(f"{scalar(key, True)}: {flow(below)}" for key, below in item.items()) + "}"
        return "[" + ", ".join(map(flow, item)) + "]" if isinstance(item, list) else scalar(item, True)

    def block(item: Any, margin: int) -> list[str]:
        lines = []
        for key, below in item.items():
            start = " " * margin + f"{scalar(key)}:"
            if isinstance(below, dict) and draw(st.integers(0, 3)):
                lines += [start + comment(), *block(below, margin + step)]
            elif isinstance(below, list) and draw(st.booleans()):
                dash = " " * (margin if out else margin + step) + "- "
                lines += [start + comment()]
                lines += [
                    dash + scalar(one) + (comment() if one not in below[:i] else "") for i, one in enumerate(below)
                ]
            else:
                lines.append(f"{start} {scalar(below) if isinstance(below, str | int) else flow(below)}{comment()}")
        return lines

    return "# start\n" + "\n".join(block(value, 0)) + draw(st.sampled_from(["", "\n", "\n# end\n"]))


@st.composite
def files(draw: st.DrawFn) -> tuple[Any, str, str]:
    """What somebody meant, what they wrote, and the name of the file."""
    right, written = draw(DOCUMENTS)
    if draw(st.booleans()):
        text, path = draw(yaml_texts(written)), "policy.yaml"
    else:
        indent = draw(st.sampled_from([None, 0, 2, "\t"]))
        text, path = draw(st.sampled_from(["", "\ufeff"])) + json.dumps(written, indent=indent), "policy.json"
    return right, text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))), path


def policy_of(text: str, path: str) -> Policy:
    return Policy("written", BACKUP, parse_document(text, path))


def check(policies: Any) -> Report:
    return lint_files(policies, RULES)


def mended(policy: Policy) -> tuple[Mended, Policy]:
    outcome = mend([policy], check, check, resolve)
    path = policy.document.path
    return outcome, policy_of(outcome.after.get(path, policy.document.text), path)


def as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, as_texts(item)) for key, item in value.items()]
    return [as_texts(item) for item in value] if isinstance(value, list) else text_of(value)


@given(files())
def test_every_fault_is_gone_and_the_values_are_those_meant(drawn: tuple[Any, str, str]) -> None:
    right, *file = drawn
    outcome, after = mended(policy_of(*file))
    if outcome.refused:  # a comment that stands where the fix would have to write is not thrown away
        assert {refusal.reason for refusal in outcome.refused} <= {LOSES_A_COMMENT}
        return
    assert as_texts(after.document.value) == as_texts(right)
    assert [finding for finding in check([after]).findings if finding.outcome == "rejected"] == []


@given(files())
def test_comments_and_untouched_lines_stay(drawn: tuple[Any, str, str]) -> None:
    policy = policy_of(*drawn[1:])
    _, after = mended(policy)
    old, new = policy.document.text, after.document.text
    assert re.findall(r"#.*", old) == re.findall(r"#.*", new)
    assert ("\r\n" in old) == ("\r\n" in new) or "\n" not in old
    assert new.count("\r\n") in (0, new.count("\n"))
    assert untouched(policy) <= set(new.split("\n"))


def untouched(policy: Policy) -> set[str]:
    """The lines of a text in which nothing is found."""
    document = policy.document
    lines = document.text.split("\n")
    for finding in check([policy]).findings:
        edited = (edit.place for edit in finding.fix.edits) if finding.fix else ()
        for place in (finding.place, *edited):
            # A fault may hide others inside of it, and a list is one thing.
            pointer = re.sub(r"/\d+$", "", place.pointer)
            first = document.position(document.key_span(pointer).start).line
            last = document.position(document.value_span(pointer).end).line
            for number in range(first, last + 1):
                lines[number - 1] = ""
    return set(lines) - {""}
