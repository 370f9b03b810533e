"""Documents with mistakes in them: sound ones in which names, operators and values were spoilt."""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import strategies as st
from test_any_document import BASES, NAMES, VALUES, containers

OPERATORS = ["@@assign", "@@ASSIGN", "@@asign", "assign", "@@append", "@@apend", "@@remove", "@@set"]
ODD = [[], ["a", "b"], ["a", ["b"]], {"a": 1}, None, True, 7, "${x}", {"@@assign": "a", "@@asign": "b"}]


@st.composite
def mistaken(draw: st.DrawFn, kind: str) -> Any:
    """A document of a policy type with one to four mistakes."""
    document = copy.deepcopy(BASES[kind])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from([one for one in containers(document) if one] or [{"x": 1}]))
        name = draw(st.sampled_from(sorted(place)))
        draw(st.sampled_from([respell, bare, other_value, spoil, double, replace]))(draw, place, name)
    return document


def respell(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """A name in another spelling."""
    spellings = [name.upper(), re.sub("_(.)", lambda found: found[1].upper(), name), name.replace("_", "-"), f"{name}s"]
    new = draw(st.sampled_from(OPERATORS if name.startswith("@@") else spellings))
    renamed = {new if key == name else key: item for key, item in place.items()}
    place.clear()
    place.update(renamed)


def bare(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """A value without its operator, or an object without its name."""
    if isinstance(place[name], dict) and place[name]:
        place[name] = next(iter(place[name].values()))


def other_value(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """A value as somebody may write it: a list for a text, a text for a list, with a unit, in capitals."""
    value = place[name]
    if isinstance(value, list):
        place[name] = draw(st.sampled_from([value[0] if value else None, value * 2, [*value, {"x": 1}]]))
    elif isinstance(value, str):
        place[name] = draw(st.sampled_from([[value], [value, value], value.upper(), f"{value} days", f" {value} "]))


def spoil(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """Something that does not belong there."""
    place[name] = copy.deepcopy(draw(st.sampled_from(ODD)))


def double(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """The same name twice, in two spellings."""
    twin = draw(st.sampled_from([name.upper(), name.replace("_", ""), name.title()]))
    place.setdefault(twin, copy.deepcopy(draw(st.sampled_from([place[name], *ODD]))))


def replace(draw: st.DrawFn, place: dict[str, Any], name: str) -> None:
    """Anything anywhere."""
    place[draw(NAMES)] = copy.deepcopy(draw(VALUES))
