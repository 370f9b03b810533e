"""The pages on AWS's behaviour are true of policylint: their examples run, their tables are the code's, their links lead somewhere.

How an example is written:

- a fenced block ```yaml merge: documents by level from the top down (a list: peers in attachment order), then `effective`,
  `effective subtree` (the other reading of container locks), `errors` (code, message, path, levels that contribute);
- ```yaml setting: the same for one list setting, with `result`;
- ```yaml admission: documents that AWS has `accepted` and `rejected`, all `inside` a path;
- a table below a comment `<!-- tested: KIND -->`.
"""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from policylint.admission import inspect
from policylint.effective import EffectivePolicy, effective_policy
from policylint.inheritance import resolve
from policylint.merge import ContainerLocks
from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse_document
from policylint.plugins import load
from policylint.policy_types import POLICY_TYPES, policy_type
from policylint.schedules import ARCHIVE, HOURLY, ScheduleError, judge, judge_at, parse
from policylint.validity import validation_errors

ROOT = Path(__file__).parent.parent
PAGES = ("docs/aws-behaviour.md", "docs/aws-backup-policies.md")
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"<!-- tested: (\S+) ?(.*?) -->\n((?:\|.*\n)+)")
CODE = re.compile(r"`([^`]*)`")
READINGS: tuple[ContainerLocks, ...] = ("entries", "subtree")
# The findings that say "AWS rejects the document"; a list of AWS's that grows is only a warning of policylint's.
REJECTIONS = {id for id, rule in load([]).rules.items() if rule.card.outcome == "rejected"} | {"unlisted-value"}


class Row(NamedTuple):
    """A line of a tested table: its cells by column."""

    argument: str
    cells: dict[str, str]


def blocks(kind: str) -> list[Any]:
    found = []
    for page, text in TEXTS.items():
        for match in FENCE.finditer(text):
            if match[1] == f"yaml {kind}":
                line = text.count("\n", 0, match.start()) + 1
                document = parse_document(match[2], "example.yaml")
                assert not document.problems, f"{page}:{line} {document.problems[0].message}"
                found.append(pytest.param(document.value, id=f"{page}:{line}"))
    assert found, kind
    return found


def rows(kind: str) -> list[Any]:
    found = []
    for page, text in TEXTS.items():
        for match in TABLE.finditer(text):
            if match[1] != kind:
                continue
            line = text.count("\n", 0, match.start(3)) + 1
            heads, _, *lines = (split(row) for row in match[3].splitlines())
            for number, cells in enumerate(lines, line + 2):
                assert len(cells) == len(heads), f"{page}:{number}"
                row = Row(match[2], dict(zip(heads, cells, strict=True)))
                found.append(pytest.param(row, id=f"{page}:{number}"))
    assert found, kind
    return found


def split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def codes(cell: str) -> list[Any]:
    """The JSON values in a cell."""
    return [json.loads(code) for code in CODE.findall(cell)]


# ---- the merge ----------------------------------------------------------------------------------------------


def effective(levels: dict[str, Any], locks: ContainerLocks) -> EffectivePolicy:
    """What the last level, an account, has when these documents are attached along its path."""
    attached = {name: documents if isinstance(documents, list) else [documents] for name, documents in levels.items()}
    kind = next(
        found for peers in attached.values() for doc in peers for key in doc if (found := POLICY_TYPES.by_top_key(key))
    )
    tuples = [
        tuple(Policy(name, kind, parse_document(json.dumps(doc), f"{name}.json")) for doc in peers)
        for name, peers in attached.items()
    ]
    root = unit = OrganizationalUnit("Root", "", "/root", "Root", tuples[0])
    for name, peers in list(zip(attached, tuples, strict=True))[1:-1]:
        child = OrganizationalUnit(name, "", "", f"{unit.path}/{name}", peers)
        unit.organizational_units.append(child)
        unit = child
    account = Account("account", "1" * 12, "", f"{unit.path}/account", tuples[-1])
    unit.accounts.append(account)
    organization = Organization(root, {}, (kind,), parse_document("{}", "organization.json"))
    organization.number_accounts()
    return effective_policy(resolve(organization, kind, container_locks=locks), account)


@pytest.mark.parametrize("example", blocks("merge"))
def test_merges(example: dict[str, Any]) -> None:
    answers = {key: example[key] for key in ("effective", "effective subtree", "errors") if key in example}
    assert answers, "the example shows no outcome"
    levels = {key: documents for key, documents in example.items() if key not in answers}
    for reading in READINGS:
        policy = effective(levels, reading)
        if "effective" in answers:
            subtree = answers.get("effective subtree", answers["effective"])
            assert policy.content() == (subtree if reading == "subtree" else answers["effective"])
        if "errors" in answers:
            errors = [[e.code, e.message, e.path, [p.name for p in e.policies]] for e in validation_errors(policy)]
            assert sorted(errors) == sorted(answers["errors"])


def list_setting(levels: dict[str, Any]) -> Any:
    """What becomes of a list setting; "absent" if nothing."""
    wrapped = {
        name: [{"plans": {"p": {"regions": peer}}} for peer in (peers if isinstance(peers, list) else [peers])]
        for name, peers in levels.items()
    }
    contents = [effective(wrapped, reading).content() for reading in READINGS]
    assert contents[0] == contents[1]
    return contents[0].get("plans", {}).get("p", {}).get("regions", "absent")


@pytest.mark.parametrize("example", blocks("setting"))
def test_one_setting(example: dict[str, Any]) -> None:
    levels = {key: setting for key, setting in example.items() if key != "result"}
    assert list_setting(levels) == example["result"]


@pytest.mark.parametrize("row", rows("operators"))
def test_operators(row: Row) -> None:
    result = list_setting({"root": codes(row.cells["at the root"]), "account": codes(row.cells["at the account"])})
    assert [result] == (codes(row.cells["result"]) or [row.cells["result"]])


# ---- admission ----------------------------------------------------------------------------------------------


def rejections(document: dict[str, Any]) -> list[str]:
    """Why AWS rejects a document; empty when it accepts it."""
    kind = next((found for key in document if (found := POLICY_TYPES.by_top_key(key))), policy_type("backup"))
    policy = Policy("example", kind, parse_document(json.dumps(document), "example.json"))
    return [f"{rule} {fault.message}" for rule, fault in inspect(policy) if rule in REJECTIONS]


def inside(path: str, content: Any) -> dict[str, Any]:
    for name in reversed(path.split("/") if path else []):
        content = {name: content}
    return content


@pytest.mark.parametrize("example", blocks("admission"))
def test_admission(example: dict[str, Any]) -> None:
    path = example.get("inside", "")
    for document in example["accepted"]:
        assert not rejections(inside(path, document)), document
    for document in example["rejected"]:
        assert rejections(inside(path, document)), document


# What AWS wants to see next to an element in the same document.
NEIGHBOURS: dict[str, dict[str, Any]] = {
    "plans/PLAN/selections/tags/SEL": {"tag_key": {"@@assign": "k"}, "tag_value": {"@@assign": ["v"]}},
    "plans/PLAN/selections/resources/SEL": {"resource_types": {"@@assign": ["*"]}},
    "plans/PLAN/selections/resources/SEL/conditions/string_equals/NAME": {"condition_value": {"@@assign": "v"}},
    "plans/PLAN/selections/resources/SEL/conditions/string_like/NAME": {
        "condition_key": {"@@assign": "aws:ResourceTag/k"}
    },
}


def document_with(path: str, value: Any) -> dict[str, Any]:
    """The smallest document that assigns a value to an element."""
    document = node = {}
    *containers, setting = path.split("/")
    for depth, name in enumerate(containers, 1):
        node[name] = dict(NEIGHBOURS.get("/".join(containers[:depth]), {}))
        node = node[name]
    node[setting] = {"@@assign": value}
    return document


@pytest.mark.parametrize("row", rows("elements"))
def test_elements(row: Row) -> None:
    path = f"{row.argument}/{CODE.findall(row.cells['element'])[0]}"
    for value in codes(row.cells["accepted"]):
        assert not rejections(document_with(path, value)), value
    for value in codes(row.cells["rejected"]):
        assert rejections(document_with(path, value)), value


def test_every_element_of_a_described_type_is_on_the_pages() -> None:
    text = "\n".join(TEXTS.values())
    described = [kind.content for kind in POLICY_TYPES.values() if not kind.content.open]
    names: set[str] = set()
    while described:
        node = described.pop()
        names.update(getattr(node, "fields", ()))
        described.extend([*getattr(node, "fields", {}).values(), *filter(None, [getattr(node, "entry", None)])])
    assert not {name for name in names if not re.search(rf"\b{name}\b", text)}


# ---- schedules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("schedules"))
def test_schedules(row: Row) -> None:
    [expression] = CODE.findall(row.cells["expression"])
    gap: timedelta = ARCHIVE if row.cells["archive"] == "yes" else HOURLY
    at = row.cells["saved at"]
    try:
        schedule = parse(expression)
    except ScheduleError:
        verdict = "rejected"
    else:
        moment = None if at == "any" else datetime.fromisoformat(at).replace(tzinfo=UTC)
        verdict = (judge_at(schedule, moment, gap) if moment else judge(schedule, gap)).verdict.value
    assert verdict == row.cells["AWS"]


@pytest.mark.parametrize("row", rows("oddities"))
def test_traps(row: Row) -> None:
    schedule = parse(CODE.findall(row.cells["expression"])[0])
    assert list(schedule.oddities())
    assert judge(schedule, HOURLY).verdict.value == "accepted"


# ---- tables that repeat data of the code --------------------------------------------------------------------


def test_the_table_of_policy_types_is_the_codes() -> None:
    def told(number: int | None) -> str:
        return "unknown" if number is None else f"{number:,}"

    shown = [[cell.strip("`") for cell in param.values[0].cells.values()] for param in rows("types")]
    checked = {True: "top key, operators", False: "all"}  # by whether the content is open
    assert shown == [
        [
            t.enum,
            t.folder,
            t.top_key or "none",
            *map(told, (t.size_limit, t.attach_limit, t.organization_limit)),
            checked[t.content.open] if t.checked else "none",
        ]
        for t in POLICY_TYPES.values()
    ]


ROLE = {"iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/r"}}
COMPLETE: dict[str, Any] = {
    "regions": {"@@assign": ["eu-west-1"]},
    "rules": {"RULE": {"target_backup_vault_name": {"@@assign": "v"}}},
    "selections": {
        "tags": {"SELECTION": {**ROLE, "tag_key": {"@@assign": "k"}, "tag_value": {"@@assign": ["v"]}}},
        "resources": {"SELECTION": {**ROLE, "resource_types": {"@@assign": ["*"]}}},
    },
}
RULE = "rules/RULE/"
ARCHIVED = {
    f"{RULE}lifecycle/opt_in_to_archive_for_supported_resources": "true",
    f"{RULE}lifecycle/move_to_cold_storage_after_days": "30",
}
# The changes to a complete plan that lead to the errors of the table, row by row; None takes an element out.
FAULTS: list[dict[str, Any]] = [
    {"regions": None},
    {f"{RULE}target_backup_vault_name": None, f"{RULE}schedule_expression": "cron(0 5 ? * * *)"},
    {"selections/tags/SELECTION/iam_role_arn": None},
    {"selections/resources/SELECTION/resource_types": None},
    {"regions": []},
    {f"rules/r{number}/target_backup_vault_name": "v" for number in range(10)},
    {f"{RULE}enable_continuous_backup": "true", f"{RULE}lifecycle/delete_after_days": "45"},
    {**ARCHIVED, f"{RULE}lifecycle/delete_after_days": "120", f"{RULE}schedule_expression": "cron(0 5 ? * * *)"},
    {**ARCHIVED, f"{RULE}lifecycle/delete_after_days": "60", f"{RULE}schedule_expression": "cron(0 5 1 * ? *)"},
    {f"{RULE}scan_actions/guardduty/scan_mode": "FULL_SCAN"},
]


def plan_with(changes: dict[str, Any]) -> dict[str, Any]:
    plan = json.loads(json.dumps(COMPLETE))
    for path, value in changes.items():
        *containers, last = path.split("/")
        node = plan
        for name in containers:
            node = node.setdefault(name, {})
        if value is None:
            del node[last]
        else:
            node[last] = {"@@assign": value}
    return {"plans": {"PLAN": plan}}


def tag_policies() -> list[dict[str, Any]]:
    """The two faults of tag policies that the table shows: too many required keys, too many bytes."""
    required = {"report_required_tag_for": {"@@assign": ["ec2:instance"]}}
    keys = [*"ABCDE", *(f"z{number:02}" for number in range(50))]
    return [{"tags": dict.fromkeys(keys, required)}, {"tags": {f"k{number:04}": {} for number in range(9000)}}]


@pytest.mark.parametrize(
    ("row", "document"),
    [
        pytest.param(param.values[0], document, id=param.id)
        for param, document in zip(rows("errors"), [*map(plan_with, FAULTS), *tag_policies()], strict=True)
    ],
)
def test_errors(row: Row, document: dict[str, Any]) -> None:
    errors = validation_errors(effective({"root": document, "account": []}, "entries"))
    shown = tuple(CODE.findall(row.cells[column])[0] for column in ("code", "message", "path"))
    assert [tuple(text.lower() for text in (e.code, e.message, e.path)) for e in errors] == [
        tuple(text.lower() for text in shown)
    ]


# ---- links --------------------------------------------------------------------------------------------------


def anchors(text: str) -> list[str]:
    """The link targets of a page: its own marks, and its headings as GitHub names them."""
    text = FENCE.sub("", text)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return re.findall(r'<a id="([^"]+)"></a>', text) + [
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    ]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = FENCE.sub("", TEXTS[page])
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target
    defined = dict(re.findall(r"^\[([\w-]+)\]: (https://\S+)$", text, re.MULTILINE))
    used = set(re.findall(r"\]\[([\w-]+)\]", text))
    assert used == defined.keys()


@pytest.mark.parametrize("page", PAGES)
def test_no_link_target_is_given_twice(page: str) -> None:
    names = anchors(TEXTS[page])
    assert len(names) == len(set(names))


def tracked_texts() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name.endswith((".py", ".md", ".yaml", ".toml"))]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files if file.is_file()}


def test_what_the_repository_cites_on_the_pages_is_there() -> None:
    citation = re.compile(r'(docs/aws-(?:behaviour|backup-policies)\.md)(?:#([\w-]+))?(?:,\s+"([^"]+)")?')
    cited = 0
    for name, text in tracked_texts().items():
        for page, anchor, heading in citation.findall(text) if name != "tests/test_behaviour_docs.py" else ():
            assert not anchor or anchor in anchors(TEXTS[page]), f"{name} cites {page}#{anchor}"
            assert not heading or f" {heading}\n" in TEXTS[page], f"{name} cites {page}, {heading}"
            cited += bool(anchor or heading)
    assert cited >= 4
