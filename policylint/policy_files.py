"""Reads policy files: what type they are of, and whether they are management policies at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from policylint import parsing
from policylint.document import Document, Problem
from policylint.errors import ReadError
from policylint.files import LARGEST_POLICY, Files, OnDisk
from policylint.foreign import SKETCHED, Foreign, by_name, looks_like, outermost_keys
from policylint.organization import Policy
from policylint.parsing import parse_document
from policylint.places import Span, join
from policylint.policy_types import POLICY_TYPES, Registry
from policylint.policy_types.shape import Container, PolicyType
from policylint.wording import capital, nearest

RULE = "wrong-top-key"
FIRST = Span(0, 1)
ALIKE = 0.85  # so much alike are a top key and a misspelling of it; 'stages' and 'tags' are less
KEYS_MOST = 20
TELLING = 2  # so many fields of a type show that a document without top key is of it

# The type of a file that is broken, or says nothing of its type: no rule is about it.
UNKNOWN = PolicyType(
    enum="",
    folder="",
    title="policy",
    top_key="",
    content=Container(open=True),
    size_limit=None,
    attach_limit=10,
    organization_limit=None,
    source="",
    checked=False,
)


class NotAPolicy(ReadError, ValueError):
    """A file is not a management policy; the message is one of what it looks like and what to do."""


def read_policy_file(path: Path | str, given: PolicyType | None = None, types: Registry = POLICY_TYPES) -> Policy:
    """A policy file on its own, by its path. See read_policy."""
    path = Path(path)
    return read_policy(OnDisk(path.parent, anywhere=True), path.name, given, types)


def read_policy(files: Files, name: str, given: PolicyType | None = None, types: Registry = POLICY_TYPES) -> Policy:
    """A policy file on its own. Its type is given, or the one of `types` that its content shows.

    Raises NotAPolicy for what is not a management policy.
    """
    if found := by_name(PurePosixPath(name)):
        raise NotAPolicy(_skipped(files.named(name), found))
    if given and not given.checked:
        raise NotAPolicy(f"{files.named(name)}: {capital(given.plural)} are not checked, so it is skipped.")
    if given:
        document = read_content(files, name, given, types)
        return Policy(document.path, given, document)
    document = parsing.read_document(files, name, LARGEST_POLICY)
    if not document.text and any(problem.rule == "document-too-large" for problem in document.problems):
        return _too_large(files, name, document, types)
    if found := looks_like(document, types) or _wrapper(document, types):
        raise NotAPolicy(_skipped(document.path, found))
    if kind := type_of(document, types) or _meant(document.value, types):
        return Policy(document.path, kind, document)
    if document.problems and document.value is None:  # broken: what it was meant to be is not known
        return Policy(document.path, UNKNOWN, document)
    if document.value == {} or "@@" in document.text:
        return Policy(document.path, UNKNOWN, _rejected(document, _typeless(document.value, types)))
    why = "none of its keys is a top key of one" if isinstance(document.value, dict) else "it is not an object"
    raise NotAPolicy(
        f"{document.path}: is not a policy of AWS Organizations, because {why}, so it is skipped. If it is one, "
        f"give its type with --type."
    )


def read_content(files: Files, name: str, kind: PolicyType, types: Registry = POLICY_TYPES) -> Document:
    """The document of a policy of a type. What looks like something else has that as its problem, and no value.

    Of a type that is not checked there is only the text, whatever it holds.
    """
    if not kind.checked:
        return parsing.read_text(files, name)
    document = parsing.read_document(files, name, LARGEST_POLICY)
    found = looks_like(document, types) or _wrapper(document, types)
    if not found or (isinstance(document.value, dict) and kind.top_key in {key.lower() for key in document.value}):
        return document
    message = f"This looks like {found.name}, not like {_with_article(kind)}. AWS rejects the document. {found.advice}"
    return _rejected(document, message, found.span)


def _too_large(files: Files, name: str, unread: Document, types: Registry) -> Policy:
    """The policy of a file that is too large to be one, as its outermost keys say; it is not parsed for that."""
    whole = parsing.read_text(files, name)
    keys = outermost_keys(whole)
    sketch = parse_document(json.dumps(keys), "sketch.json")
    if "@@" not in whole.text[:SKETCHED] and (found := looks_like(sketch, types)):
        raise NotAPolicy(_skipped(unread.path, found))
    kind = type_of(sketch, types)
    if kind or not whole.text or "@@" in whole.text[:SKETCHED]:
        return Policy(unread.path, kind or UNKNOWN, unread)
    raise NotAPolicy(
        f"{unread.path}: is not a policy of AWS Organizations: it is over {LARGEST_POLICY // 1024} KiB, and none "
        f"of its first keys is a top key of one, so it is skipped."
    )


def type_of(document: Document, types: Registry) -> PolicyType | None:
    """The policy type that the document's top key says; None where it says none."""
    keys = document.value if isinstance(document.value, dict) else ()
    return next((found for key in keys if (found := types.by_top_key(key))), None)


def _skipped(path: str, found: Foreign) -> str:
    return f"{path}: looks like {found.name}, so it is skipped. {found.advice}"


def _rejected(document: Document, message: str, span: Span = FIRST) -> Document:
    return replace(document, value=None, problems=(Problem(RULE, message, span),))


def _typeless(value: Any, types: Registry) -> str:
    what = "None of its keys is the top key of a policy" if value else "The document is empty"
    such = " or ".join(f"'{kind.top_key}'" for kind in islice(types.values(), 2))
    return f"{what}. AWS rejects the document. Start it with the top key of its type, such as {such}."


def _wrapper(document: Document, types: Registry) -> Foreign | None:
    """What a document is that holds a whole policy in one of its members; None where none does, or it is one itself."""
    if not isinstance(document.value, dict) or type_of(document, types):
        return None
    fields = {name for kind in types.values() for name in _fields(kind.content)}
    for key, item in islice(document.value.items(), KEYS_MOST):
        inner = item if isinstance(item, dict) and key.lower() not in fields else {}
        for name in islice(inner, KEYS_MOST):
            kind = types.by_top_key(name) if isinstance(inner[name], dict) else None
            if kind:
                advice = f"Save the value of '{key}' as a separate file, and name that."
                return Foreign(f"a wrapper around {_with_article(kind)}", advice, document.key_span(join("", key)))
    return None


def _with_article(kind: PolicyType) -> str:
    return f"{'an' if kind.title[0] in 'AEIOaeio' else 'a'} {kind.title}"


def _meant(value: Any, types: Registry) -> PolicyType | None:
    """The type of a document whose top key is misspelt, or is missing around the rest; None if it is not known."""
    if not isinstance(value, dict):
        return None
    checked = [kind for kind in types.values() if kind.checked]
    for key, item in islice(value.items(), KEYS_MOST):  # a policy has one top key
        near = nearest(key.lower(), [kind.top_key for kind in checked], ALIKE) if isinstance(item, dict) else ""
        if near:
            return types.by_top_key(near)
    names = set(_names(value))
    if not any(name.startswith("@@") for name in names):
        return None
    best: tuple[tuple[int, int], PolicyType | None] = ((TELLING, -1000), None)
    for kind in checked:
        fields = set(_fields(kind.content))
        # Of types that share the fields, it is the one with the fewest others.
        best = max(best, ((len(names & fields), -len(fields)), kind), key=lambda one: one[0])
    return best[1]


def _names(value: Any) -> Iterator[str]:
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict) and id(one) not in seen:  # YAML's aliases may repeat one object many times
            seen.add(id(one))
            yield from (key.lower() for key in one)
            waiting.extend(one.values())


def _fields(shape: Container) -> Iterator[str]:
    waiting = [shape]
    while waiting:
        one = waiting.pop()
        yield from one.fields
        waiting.extend(node for node in (*one.fields.values(), one.entry) if isinstance(node, Container))
