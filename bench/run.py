"""Times policylint against yardsticks that run next to it, and prints the ratios.

    python bench/run.py            all of it, some minutes
    python bench/run.py --quick    a tenth of the sizes, under a minute: to try a change, not to quote

Every figure is of whole processes, start to exit. A command and its yardstick take turns, so that a busy moment of the
machine falls on both; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

from generate import Size, generate, one_policy

BENCH = Path(__file__).parent
PYTHON = sys.executable
POLICYLINT = [PYTHON, "-m", "policylint"]
LARGEST = Size()  # what AWS lets an organization grow to
RUNS = 7
ENVIRONMENT = {**os.environ, "PYTHONSAFEPATH": "1"}  # the installed policylint, wherever this is started

Command = list[str]


class Case(NamedTuple):
    """A command, what it is held against, and the ratio that is aimed at (None: no aim)."""

    name: str
    command: Command
    yardstick: str
    against: Command
    aim: float | None = None
    runs: int = RUNS


class Timed(NamedTuple):
    """The medians of a case, in seconds."""

    case: Case
    seconds: float
    yardstick_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as long as its yardstick the command takes."""
        return self.seconds / self.yardstick_seconds


def timed(case: Case) -> Timed:
    """Run the command and its yardstick in turns."""
    own, other = [], []
    for _ in range(case.runs):
        own.append(seconds(case.command))
        other.append(seconds(case.against))
    return Timed(case, median(own), median(other))


def seconds(command: Command) -> float:
    """How long a process takes; it may find problems, but it may not break."""
    start = time.perf_counter()
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, env=ENVIRONMENT
    )
    took = time.perf_counter() - start
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(command)} broke:\n{done.stderr}")
    return took


def cases(folder: Path, part: int) -> Iterator[Case]:
    """Every case, on organizations made below the folder, of one `part`-th of the sizes."""
    nothing = [PYTHON, "-c", "pass"]
    policy = folder / "policy.yaml"
    policy.write_text(one_policy("yaml"))
    one_file = [*POLICYLINT, "--type", "backup", str(policy)]
    yield Case("--version", [*POLICYLINT, "--version"], "python -c pass", nothing)
    yield Case("rules", [*POLICYLINT, "rules"], "python -c pass", nothing)
    yield Case("the example organization", [*POLICYLINT, example(folder)], "python -c pass", nothing)
    yield Case("one policy, YAML", one_file, "python -c pass", nothing)
    yield Case("one policy, YAML", one_file, "yamllint", [PYTHON, "-m", "yamllint", str(policy)], 1)

    largest = made(folder / "largest", LARGEST, part)
    read = [PYTHON, str(BENCH / "yardsticks.py"), "json", largest]
    check = [*POLICYLINT, largest]
    yield Case(f"{LARGEST.accounts // part:,} accounts", check, "its bytes as JSON", read, 6)

    # The naive merge takes no problems, and minutes for more accounts.
    sound = made(folder / "sound", replace(LARGEST, accounts=5_000, faulty=0.0), part)
    naive = [PYTHON, str(BENCH / "yardsticks.py"), "naive", sound]
    yield Case(f"{5_000 // part:,} accounts", [*POLICYLINT, sound], "a naive merge for each", naive, runs=3)

    few, many = (made(folder / f"{count}", replace(LARGEST, accounts=count), part) for count in (1_000, 100_000))
    yield Case(
        f"{100_000 // part:,} accounts", [*POLICYLINT, many], f"{1_000 // part:,} accounts", [*POLICYLINT, few], 4
    )

    none = [*check, "--select", "broken-syntax"]
    yield Case("the recommended rules", check, "no rules", none)
    yield Case("all rules", [*check, "--select", "all"], "no rules", none)
    for name in ("text", "json", "sarif"):
        yield Case(f"--format {name}", [*check, "--format", name], "table", check)


def example(folder: Path) -> str:
    """A copy of the example organization, so that nothing around it is read."""
    return str(shutil.copytree(BENCH.parent / "fixtures" / "acme", folder / "acme"))


def made(folder: Path, size: Size, part: int) -> str:
    """An organization of one `part`-th of a size; gives its folder."""
    shares = {name: max(getattr(size, name) // part, 4) for name in ("accounts", "units", "policies")}
    generate(folder, replace(size, **shares))
    return str(folder)


def imports(command: Command) -> list[str]:
    """The modules that a command imports beyond those that Python itself starts with."""
    bare = subprocess.run(
        [PYTHON, "-X", "importtime", "-c", "pass"], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    told = subprocess.run(
        [PYTHON, "-X", "importtime", *command[1:]], capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    own, before = (
        [line.rpartition("|")[2].strip() for line in text.splitlines() if line.startswith("import time:")][1:]
        for text in (told.stderr, bare.stderr)
    )
    return sorted(set(own) - set(before))


def table(rows: list[Timed]) -> Iterator[str]:
    """The figures as text."""
    yield f"{'what':<28}{'ms':>8}   {'against':<24}{'ms':>8}{'ratio':>8}   aim"
    for row in rows:
        case = row.case
        aim = "" if case.aim is None else f"{case.aim:g}: {'met' if row.ratio <= case.aim else 'missed'}"
        figures = f"{row.yardstick_seconds * 1000:>8.0f}{row.ratio:>8.2f}"
        yield f"{case.name:<28}{row.seconds * 1000:>8.0f}   {case.yardstick:<24}{figures}   {aim}".rstrip()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time policylint against yardsticks that run next to it.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes: to try a change, not to quote")
    quick = parser.parse_args().quick
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {RUNS} runs\n")
    with tempfile.TemporaryDirectory() as scratch:
        rows = [timed(case) for case in cases(Path(scratch), 10 if quick else 1)]
        print("\n".join(table(rows)))
        print()
        for name, command in (
            ("--version", [*POLICYLINT, "--version"]),
            ("one policy, YAML", [*POLICYLINT, "--type", "backup", f"{scratch}/policy.yaml"]),
        ):
            found = imports(command)
            own = sum(module.partition(".")[0] == "policylint" for module in found)
            print(f"{name}: {len(found)} modules imported, {own} of them policylint's")


if __name__ == "__main__":
    main()
