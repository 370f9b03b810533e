"""How the house is built is measured, and no measure gets worse: the limits are those of docs/architecture.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from house import ROOT, House

HOUSE = House()
ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
SECTION = "## How the house is measured"


def limits() -> dict[str, int]:
    """The most of each measure that the page on architecture allows."""
    section = (
        (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition(SECTION)[2].partition("\n## ")[0]
    )
    return {row[1]: int(row[3]) for row in ROW.finditer(section)}


def test_the_page_has_a_limit_for_every_measure() -> None:
    assert limits().keys() == HOUSE.measures().keys()


@pytest.mark.parametrize("measure", HOUSE.measures())
def test_the_house_is_built_no_worse(measure: str) -> None:
    assert HOUSE.measures()[measure] <= limits()[measure], "`python tests/house.py` shows where"


# ---- what the measures see ---------------------------------------------------------------------------------


def built(root: Path, **files: str) -> House:
    """A house of these files; `__` stands for a folder."""
    for part in ("policylint", "rules", "plugins"):
        (root / part).mkdir()
        (root / part / "__init__.py").write_text('OFFERED = ("Finding",)\n' if part == "policylint" else "")
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        for folder in reversed(path.relative_to(root).parents[:-1]):
            (root / folder).mkdir(exist_ok=True)
            (root / folder / "__init__.py").touch()
        path.write_text(text)
    (root / "pyproject.toml").write_text('layers = [\n  "one",\n  "two",\n]\n')
    return House(root)


def test_rooms_are_packages_and_single_modules(tmp_path: Path) -> None:
    house = built(
        tmp_path,
        policylint__engine__merge="from policylint.words import counted\nfrom .levels import Level",
        policylint__engine__levels="",
        policylint__words="",
        policylint__top="def run():\n    from policylint import engine, words",
    )
    assert house.arrows == {"engine": {"words"}, "words": set(), "top": {"engine", "words"}}
    assert (house.floors, house.upward, house.contract_lines) == (3, [], 2)


def test_circles_are_seen_and_the_fewest_arrows_upward_counted(tmp_path: Path) -> None:
    house = built(
        tmp_path,
        policylint__low="def late():\n    import policylint.high",
        policylint__middle="import policylint.low",
        policylint__high="import policylint.low\nimport policylint.middle",
        policylint__apart="from policylint import Finding",
    )
    assert house.circles == [["high", "low", "middle"]]
    assert house.module_circles == [["policylint.high", "policylint.low", "policylint.middle"]]
    assert house.upward == [("low", "high"), ("apart", "policylint")]


def test_names_from_within_are_counted_once(tmp_path: Path) -> None:
    house = built(
        tmp_path,
        policylint__findings="",
        rules__one="from policylint import Finding\nfrom policylint.findings import Finding, _spot",
        plugins__two="from policylint.findings import _spot\nfrom policylint.testing import anything",
    )
    assert house.inner_names == {"policylint.findings.Finding", "policylint.findings._spot"}
    assert house.private_names == {"policylint.findings._spot"}


def test_special_cases_are_found_where_they_do_not_belong(tmp_path: Path) -> None:
    house = built(
        tmp_path,
        policylint__policy_types__tag='ENUM = "TAG_POLICY"',
        policylint__engine='"""Of a TAG_POLICY."""\nif kind.enum == "TAG_POLICY":\n    _tag_policy_errors(tag, backup)',
        rules__one='TYPES = ["TAG_POLICY"]',
    )
    assert house.type_names == ["policylint/engine.py:2: TAG_POLICY", "policylint/engine.py:3: _tag_policy_errors"]


def test_written_places_and_namespaces_are_found(tmp_path: Path) -> None:
    house = built(
        tmp_path,
        policylint__places='def text(spot):\n    return f"{spot.path}:{spot.line}:{spot.column}"',
        policylint__other='def text(spot):\n    return f"{spot.path}: {spot.column}"',
        policylint__command=(
            "def run(options: argparse.Namespace): ...\ndef inner(options: argparse.Namespace): ...\ndef plain(x: int): ..."
        ),
    )
    assert house.written_places == ["policylint/places.py:2"]
    assert house.namespaces == ["policylint/command.py:2: inner"]
    assert house.longest == (2, "policylint/command.py")
