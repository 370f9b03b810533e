"""What the benchmark holds policylint against; each is a process of its own.

python bench/yardsticks.py json FOLDER     read every JSON file with the standard library
python bench/yardsticks.py naive FOLDER    merge for each account from the root, as the tests' second merge does
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests"))

Json = dict[str, Any]
Levels = list[list[str]]  # the names of the attached policies, from the root downwards


def read_json(folder: Path) -> int:
    """Read everything; gives the number of files."""
    return len([json.loads(path.read_bytes()) for path in folder.rglob("*.json")])


def merge_naively(folder: Path) -> int:
    """Merge each policy type for each account; gives the number of effective policies."""
    from naive import effective

    tree = json.loads((folder / "organization.json").read_bytes())
    policies = {
        path.relative_to(folder / "policies").with_suffix("").as_posix(): json.loads(path.read_bytes())
        for path in folder.glob("policies/*/*.json")
    }
    done = 0
    for levels in accounts(tree["root"], []):
        for kind in ("backup", "tag"):
            effective([[policies[name] for name in level if name.startswith(f"{kind}/")] for level in levels])
            done += 1
    return done


def accounts(unit: Json, above: Levels) -> Iterator[Levels]:
    """Each account's attached policies, level by level."""
    levels = [*above, unit.get("policies", [])]
    for account in unit.get("accounts", ()):
        yield [*levels, account.get("policies", [])]
    for below in unit.get("organizational_units", ()):
        yield from accounts(below, levels)


if __name__ == "__main__":
    what, where = sys.argv[1:]
    print({"json": read_json, "naive": merge_naively}[what](Path(where)))
