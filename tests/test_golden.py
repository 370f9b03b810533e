"""Every command in every format, over four small organizations, word for word: the fence around all rebuilding.

A change of behaviour shows here as a diff to read; `UPDATE_SNAPSHOTS=1` writes the files of `golden/` again.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from installed import CHECKOUT
from snapshots import FOLDER, assert_snapshot

from policylint.arguments import VERSION
from policylint.cli import main
from policylint.entry_points import COMMANDS
from policylint.plugins import load

FIXTURES = ("acme", "every_type", "landing_zone", "broken")
AT = ("--at", "2026-11-23T08:00:00Z")
FORMATS = ("table", "text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html")
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
OPTIONS = re.compile(r"^_shtab_(policylint\w*=\(.*\))$", re.MULTILINE)
WIDTH = 110

# What is asked of each fixture: the name of the file, and the command, in which {} stands for the folder.
OF_EACH = {
    "without-clock": "check {}",
    "strict": "check {} --no-config --profile strict --format text",
    "suppressed": "check {} --show-suppressed --no-baseline --select all --format github",
    "diff": "check {} --diff",
    "unsafe-diff": "check {} --diff --unsafe-fixes",
    "fixed": "check {} --fix",
    "effective.jsonl": "effective {} --format jsonl",
    "subtree-locks.jsonl": "effective {} --format jsonl --container-locks subtree",
    "baseline": "baseline {}",
}
SOME = {
    "acme": {
        "effective": "effective acme --account payments",
        "effective-tag.yaml": "effective acme --account payments --type tag --format yaml",
        "require-valid": "effective acme --account payments --require-valid",
        "no-account": "effective acme --account paymets",
        "explain": "explain acme /plans/daily/regions --account payments",
        "explain-operator": "explain acme /plans/daily --account playground",
        "explain-tag": "explain acme /tags/CostCenter/tag_value --account payments",
        "explain-nothing": "explain acme /plans/nothing --account payments",
        "files": "check acme/policies/backup/prod.json acme/policies/tag/cost-center.yaml",
        "no-rule": "check acme --select lockd-operator",
    },
    "every_type": {
        "effective": "effective every_type --account ledger --type backup",
        "explain": "explain every_type /plans/daily/regions --account ledger",
        "explain-list": "explain every_type /tags/owner/tag_value --account shop",
        "explain-locked": "explain every_type /services/lex/opt_out_policy --account ledger",
        "explain-regions": "explain every_type /securityhub/enable_in_regions --account shop",
        "rules": "rules --organization every_type --profile strict",
        "test-rules": "test-rules every_type/rules",
    },
    "landing_zone": {
        "effective": "effective landing_zone --account Network",
        "explain": "explain landing_zone /plans/daily/regions --account Network",
    },
    "broken": {
        "effective": "effective broken --account shop --type backup",
        "explain": "explain broken /plans/daily/regions --account shop",
        "files": "check broken/policies/backup/no-operators.json broken/organization.yaml broken/policies/tag/not-text.json",
        "type": "check broken/policies/backup/no-operators.json --type tag",
    },
    "commands": {
        "no-arguments": "",
        "version": "--version",
        "rules": "rules",
        "rules-nist": "rules --profile nist-800-53",
        "card": "rules locked-operator",
        "no-card": "rules lockd-operator",
        "plugins": "plugins",
        "schema": "schema",
        "new-card": "new-rule plan-without-owner --into own",
        "new-check": "new-rule plan-without-tag --python --into own",
        "new-plugin": "new-rule plan-without-tag --plugin",
        "completion": "completion bash",
        "no-folder": "check nowhere",
        "no-organization": "check commands",
        "no-option": "check acme --formt json",
        "no-format": "check acme --format jsn",
        "help": "--help",
        **{f"help-{name}": f"{name} --help" for name in COMMANDS},
    },
}
CASES = {
    **{
        f"{fixture}/check.{form}": f"check {fixture} --format {form} {' '.join(AT)}"
        for fixture in FIXTURES
        for form in FORMATS
    },
    **{f"{fixture}/{name}": line.format(fixture) for fixture in FIXTURES for name, line in OF_EACH.items()},
    **{f"{group}/{name}": line for group, lines in SOME.items() for name, line in lines.items()},
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a copy of the fixtures, which commands may change."""
    for fixture in FIXTURES:
        shutil.copytree(CHECKOUT / "fixtures" / fixture, tmp_path / fixture)
    (tmp_path / "commands").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.parametrize("name", CASES)
def test_output_is_as_it_was(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if sys.version_info >= (3, 13) and "usage:" in _golden(name):
        pytest.skip("argparse lays its help out in another way from Python 3.13 on")
    before = _files(here)
    try:
        code = main(CASES[name].split())
    except SystemExit as stopped:  # argparse's way out of --help and --version
        code = int(stopped.code or 0)
    printed = capsys.readouterr()
    shown = {"": _short(name, printed.out), "standard error": printed.err}
    shown |= {path: text for path, text in _files(here).items() if before.get(path) != text}
    parts = [f"$ policylint {CASES[name]}"]
    parts += [f"--- {what}\n{text}" if what else text for what, text in shown.items() if text]
    text = "\n".join(part.removesuffix("\n") for part in (*parts, f"--- exit code {code}")) + "\n"
    assert_snapshot(f"golden/{name}.txt", text.replace(VERSION, "VERSION"))


def test_every_format_and_command_has_its_golden_files() -> None:
    assert load([]).formats.keys() == set(FORMATS)
    words = {line.split()[0] for line in CASES.values() if line}
    assert set(COMMANDS) <= words


def _golden(name: str) -> str:
    path = FOLDER / f"golden/{name}.txt"
    return path.read_text("utf-8") if path.exists() else ""


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- what is kept of outputs that other tests see whole, or that others make -------------------------------------------------


def _short(name: str, text: str) -> str:
    """An output without the page's style and script, the cards inside SARIF, and what shtab writes around our options."""
    kind = re.split(r"[./]", name)[-1]
    shorten: dict[str, Callable[[str], Any]] = {
        "html": _page,
        "sarif": _sarif,
        "schema": json.loads,
        "completion": OPTIONS.findall,
    }
    return _laid_out(shorten[kind](text)) if kind in shorten else text


def _page(text: str) -> Any:
    found = DATA.search(text)
    assert found
    return json.loads(found[1])


def _sarif(text: str) -> Any:
    log = json.loads(text)
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        driver["rules"] = [rule["id"] for rule in driver["rules"]]
    return log


def _laid_out(value: Any, indent: str = "") -> str:
    """JSON with a line for whatever fits on one: indented throughout, a page's data is a number a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= WIDTH or not isinstance(value, dict | list):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        lines = [f"{deeper}{json.dumps(key)}: {_laid_out(item, deeper)}" for key, item in value.items()]
    else:
        lines = [f"{deeper}{_laid_out(item, deeper)}" for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, ",\n".join(lines), indent + closing])
