"""For those who write rules or readers: run the examples of a card as tests, hold a reader against what is counted on.

from policylint.testing import run_example

def test_avoid():
    for kind, text in rule.card.examples("Avoid"):
        assert run_example(rule, kind, text)
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from policylint.choosing import Reader, joined, read_native
from policylint.files import OnDisk
from policylint.findings import Finding
from policylint.inventory import with_inventory
from policylint.layouts import DOCUMENT_ENDINGS
from policylint.lint import lint
from policylint.organization import Organization, Target
from policylint.parsing import parse_document
from policylint.places import locate
from policylint.plugins import Host, load_folder
from policylint.policy_types import DEFAULT_TYPE, POLICY_TYPES, Registry
from policylint.rules import Rule
from policylint.rules import rule_of as rule_of
from policylint.scalars import has_placeholder
from policylint.source_keys import ID, ROOT, keys_of
from policylint.sources import AccountEntry, Source, UnitEntry

ACCOUNT = {"id": "111111111111", "name": "example"}


def run_example(
    rule: Rule, kind: str, text: str, *, at: datetime | None = None, types: Registry = POLICY_TYPES
) -> list[Finding]:
    """What a rule finds in an example.

    `kind` is what is after the fence's backticks: `json` or `yaml` for one policy document, which is attached
    to the root of an organization with one account; `organization` for a whole organization in YAML, with the
    documents under `policies_content`, and an inventory under `inventory_content`. `types` are the policy types that there are. Raises RuntimeError when the
    check breaks: a run goes on then, a test must not.
    """
    report = lint(organization_of(rule, kind, text, types), {rule.id: rule}, at=at)
    if report.failures:
        raise RuntimeError("\n".join(report.failures))
    return report.findings


def rules_in(folder: Path | str) -> dict[str, Rule]:
    """The Python rules of a folder, by id. Runs its code; raises RuntimeError where a file of it breaks."""
    host = Host()
    load_folder(host, Path(folder))
    if host.failures:
        raise RuntimeError("\n".join(host.failures))
    return host.rules


def organization_of(rule: Rule, kind: str, text: str, types: Registry = POLICY_TYPES) -> Organization:
    """The organization that an example of a card represents. Raises ValueError for an example that is none."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "organization":
            _write_organization(folder, text)
        else:
            _write_document(folder, rule, kind, text, types)
        return with_inventory(read_native(folder, types), OnDisk(folder))


def _write_organization(folder: Path, text: str) -> None:
    document = parse_document(text, "example.yaml")
    if not isinstance(document.value, dict):
        problem = document.problems[0].message if document.problems else "it is not an object."
        raise ValueError(f"The example of an organization can't be read: {problem}")
    tree: dict[str, Any] = dict(document.value)
    for policy, content in tree.pop("policies_content", {}).items():
        name = policy if policy.endswith(DOCUMENT_ENDINGS) else f"{policy}.json"
        _write(folder / "policies" / name, json.dumps(content, indent=2))
    for kind, entries in tree.pop("inventory_content", {}).items():
        _write(folder / "inventory" / f"{kind}.json", json.dumps(entries, indent=2))
    _write(folder / "organization.json", json.dumps(tree, indent=2))


def _write_document(folder: Path, rule: Rule, kind: str, text: str, types: Registry) -> None:
    document = parse_document(text, f"example.{kind}")
    broken = next((problem for problem in document.problems if problem.rule == "broken-syntax"), None)
    if broken and rule.id != broken.rule:
        raise ValueError(broken.message)
    keys = document.value if isinstance(document.value, dict) else ()
    about = (types[enum] for enum in (*rule.card.policy_types, DEFAULT_TYPE) if enum in types)
    policy_type = next((found for key in keys if (found := types.by_top_key(key))), None) or next(about)
    policy = f"{policy_type.folder}/example"
    _write(folder / "policies" / f"{policy}.{kind}", text)
    _write(folder / "organization.json", json.dumps({"root": {"policies": [policy], "accounts": [ACCOUNT]}}, indent=2))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# ---- readers -------------------------------------------------------------------------------------------------


def check_reader(
    reader: Reader, folder: Path | str, expected: Mapping[str, Sequence[str]], *, types: Registry = POLICY_TYPES
) -> Organization:
    """Hold a reader against what policylint counts on, in a folder that it reads; gives the organization.

    `expected` are the paths of all units and accounts, each with the names of the policies that are attached there in
    their order: {"Root": ["backup/base"], "Root/Prod": [], "Root/Prod/shop": []}. Raises AssertionError with a line for
    each thing that is wrong.
    """
    files = OnDisk(folder)
    with TemporaryDirectory() as empty:
        wrong = ["It recognises an empty folder."] if reader.recognises(OnDisk(empty)) else []
    if not reader.recognises(files):
        wrong.append("It does not recognise the folder.")
    source = reader.read(files, types)
    wrong += [*_wrong_keys(source), *_wrong_places(source)]
    organization = joined([source])
    listed = sorted(account.name or account.id for account in organization.accounts if not account.stand_in)
    if listed != sorted(entry.name or entry.id for entry in source.accounts):
        wrong.append("Not each account of the source is in the tree once; is the parent of each a unit's key?")
    found = {target.path: [policy.name for policy in target.policies] for target in _targets(organization)}
    for path in sorted({*found, *expected}):
        is_there, is_meant = found.get(path), list(expected[path]) if path in expected else None
        if is_there != is_meant:
            wrong.append(f"At '{path}' it reads {_in_words(is_there)}; expected is {_in_words(is_meant)}.")
    if wrong:
        raise AssertionError("\n".join(f"The reader '{reader.name}': {one}" for one in wrong))
    return organization


def _in_words(policies: list[str] | None) -> str:
    return "nothing" if policies is None else f"the policies {', '.join(policies)}" if policies else "no policies"


def _targets(organization: Organization) -> Iterator[Target]:
    for unit in organization.root.walk():
        yield unit
        yield from (account for account in unit.accounts if not account.stand_in)


def _wrong_keys(source: Source) -> Iterator[str]:
    """Keys that several entries of a kind have, and those that lead nowhere."""
    known: dict[str, set[str]] = {}
    for kind in ("units", "accounts", "policies"):
        keys = Counter(key for entry in getattr(source, kind) for key in keys_of(entry))
        known[kind] = set(keys)
        yield from (f"Of the {kind}, {count} have the key '{key}'." for key, count in keys.items() if count > 1)
    units = known["units"] | {ROOT}
    below: list[UnitEntry | AccountEntry] = [*source.units, *source.accounts]
    for entry in below:
        if entry.parent is not None and entry.parent not in units:
            yield f"'{entry.name or entry.id}' lies in '{entry.parent}', which is the key of no unit."
    for one in source.attachments:
        if one.policy and one.policy not in known["policies"]:
            yield f"'{one.policy}' is attached, and is the key of no policy."
        if one.target not in units | known["accounts"] and not one.target.startswith(ID):
            yield f"The target '{one.target}' is the key of no unit and no account."


def _wrong_places(source: Source) -> Iterator[str]:
    """Places whose text does not hold the name of what they are the place of. Placeholders may hide it."""
    names = {key: entry.name for entry in source.policies for key in keys_of(entry)}
    tree: list[UnitEntry | AccountEntry] = [*source.units, *source.accounts]
    names |= {key: entry.name for entry in tree for key in keys_of(entry)}
    # The root has a name also where no file gives it one.
    placed = [(entry.place, (entry.name, entry.id)) for entry in tree if ROOT not in entry.keys]
    placed += [(one.place, (names.get(one.policy, ""), names.get(one.target, ""))) for one in source.attachments]
    for place, texts in placed:
        start, stop = place.stretch
        text = place.document.text[start:stop]
        own = [name.rpartition("/")[2] for name in texts if name]
        if place.pointer and own and not any(name in text for name in own) and not has_placeholder(text):
            yield f"The place {locate(place)} of '{own[0]}' holds another text."
