"""Places: symbolic while policylint works, and written in one way only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from policylint.parsing import parse_document
from policylint.places import Location, Place, Span, locate

ROOT = Path(__file__).parent.parent
ROOMS = [path for folder in ("policylint", "plugins", "rules") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_a_place_is_located_by_its_pointer_its_key_or_a_span() -> None:
    document = parse_document('{"plans":\n  {"daily": 1}}', "policies/x.json")
    assert str(locate(Place(document, "/plans/daily"))) == "policies/x.json:2:13"
    assert str(locate(Place(document, "/plans/daily", "key"))) == "policies/x.json:2:4"
    assert locate(Place(document, "/plans/daily")) == Location("policies/x.json", 2, 13, 2, 14, "/plans/daily")
    assert str(locate(Place(document, "/plans/daily", span=Span(0, 1)))) == "policies/x.json:1:1"
    assert locate(Place(document, "/plans")).short == "policies/x.json:2"
    assert str(locate(Place(document, "/plans/none/such")).position) == "2:3"  # the nearest that is written


def test_a_place_of_several_lines_is_marked_where_it_starts() -> None:
    document = parse_document('{"plans": {\n}}', "x.json")
    assert locate(Place(document, "/plans"))[1:5] == (1, 11, 1, 12)


def spelt_out(tree: ast.AST) -> Iterator[int]:
    """The lines of f-strings that put a line and a column together by themselves."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        names = [ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else "" for part in node.values]
        for before, after in zip(names, names[2:], strict=False):
            if before.endswith("line") and after.endswith("column"):
                yield node.lineno


def test_there_is_one_way_to_write_a_line_and_a_column() -> None:
    found = {path.name for path in ROOMS for _ in spelt_out(ast.parse(path.read_text(encoding="utf-8")))}
    # The readers of organizations still write theirs; they are about to be given the same.
    assert found - {"native.py", "landing_zone_accelerator.py"} == {"source.py"}
