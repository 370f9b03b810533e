"""Names that are known elsewhere in a policy type: what somebody meant who wrote one where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from policylint.policy_types.shape import Container, Node, PolicyType, Setting
from policylint.wording import nearest

LIKE_A_FIELD = 0.85  # so much alike is a typing mistake; less may be a field that is new


def twice_wrapped(value: Any, policy_type: PolicyType) -> str:
    """The name below the top key that is the top key again, and holds what belongs where it is; else empty."""
    if not isinstance(value, dict):
        return ""
    name = next((key for key in value if key.lower() == policy_type.top_key), "")
    inner, content = value.get(name), policy_type.content
    if not isinstance(inner, dict) or policy_type.top_key in content.fields:
        return ""
    if not isinstance(content.entry, Container):
        return name
    # An entry may bear this name: then it holds fields of an entry, and not entries.
    entries = [item for item in inner.values() if isinstance(item, dict)]
    fields = content.entry.fields
    is_entry = any(key.lower() in fields for key in inner) or not entries
    return "" if is_entry else name


@lru_cache(maxsize=4096)
def misplaced(name: str, shape: Container, policy_type: PolicyType) -> str:
    """What to write for a name that an open container does not have; empty where it may be a new field."""
    folded = name.lower()
    if right := policy_type.misnamed_fields.get(folded):
        return f"Write '{right}'."
    if not shape.fields:
        return ""  # nothing is known of what belongs here
    near = nearest(folded, shape.fields, LIKE_A_FIELD)
    if near and without_digits(near) != without_digits(folded):  # config_2 is not a config_1 that is misspelt
        return f"Did you mean '{near}'?"
    home = home_of(folded, policy_type)
    return f"It belongs directly below '{home}'." if home else ""


@lru_cache(maxsize=4096)
def home_of(field: str, policy_type: PolicyType) -> str:
    """The container of a type that has a field: its path, or its name where several of one name have it; else empty."""
    paths = {path for path, name in _homes(policy_type.content, policy_type.top_key) if name == field}
    names = {path.rpartition("/")[2] for path in paths}
    return paths.pop() if len(paths) == 1 else names.pop() if len(names) == 1 and "*" not in names else ""


def without_digits(name: str) -> str:
    """The name without its numbers."""
    return re.sub(r"[0-9]", "", name)


def _homes(shape: Node, path: str) -> Iterator[tuple[str, str]]:
    """Each field of a type, with the path of the container that has it."""
    if isinstance(shape, Setting):
        return
    for name, field in shape.fields.items():
        yield path, name
        yield from _homes(field, f"{path}/{name}")
    if shape.entry is not None:
        yield from _homes(shape.entry, f"{path}/*")
