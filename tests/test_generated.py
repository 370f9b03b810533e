"""What is generated is as new as what it is generated from."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent
GENERATED = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]()


def test_nothing_generated_is_stale() -> None:
    stale = [
        name
        for name, text in GENERATED.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, "run `make generate`"


def test_no_page_outlives_its_rule() -> None:
    pages = {f"docs/rules/{path.name}" for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert pages <= GENERATED.keys()
