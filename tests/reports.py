"""What the tests of the report formats share: an organization full of hostile names, and what a report says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.choosing import read_native
from policylint.cli import main
from policylint.lint import lint
from policylint.plugins import load
from policylint.report import Report

HOSTILE = (
    "x\n::error::pwned\r\n##[add-mask]y %0A::stop-commands::z | `a` ``b`` </summary><img src=x onerror=alert(1)>"
    " @octocat [click](https://evil.example) **b** #1 www.evil.example \x00\x1b[31m\u202e\u2028\ufffe\ud800 ]]>'\\"
)


def write_hostile(folder: Path) -> None:
    """An organization in which whatever has a name has that of an attacker."""
    policies = folder / "policies" / "backup"
    policies.mkdir(parents=True)
    plan = {"regions": {"@@assign": []}, HOSTILE: 1}
    file = "a\n::error::%0A,b:c|`@octocat`<img>.json"
    (policies / file).write_text(json.dumps({"plans": {HOSTILE: plan}, HOSTILE: 1}, indent=2))
    account = {"id": "222222222222", "name": HOSTILE}
    unit = {"name": HOSTILE, "policies": [f"backup/{file.removesuffix('.json')}"], "accounts": [account]}
    tree = {"root": {"organizational_units": [unit], "accounts": [{"name": "other"}]}}
    (folder / "organization.json").write_text(json.dumps(tree, indent=2))


def write_clean(folder: Path) -> None:
    """An organization with no findings."""
    (folder / "policies" / "tag").mkdir(parents=True)
    (folder / "policies" / "tag" / "none.json").write_text('{"tags": {}}')
    (folder / "organization.yaml").write_text("root: {policies: [tag/none], accounts: [{name: a}, {name: b}]}\n")


def shown(capsys: pytest.CaptureFixture[str], path: str, name: str, *arguments: str) -> str:
    """What policylint prints in a format; what it writes must be the same, and UTF-8."""
    main([path, "--format", name, "--output", ".report", *arguments])
    capsys.readouterr()
    main([path, "--format", name, *arguments])
    text = capsys.readouterr().out
    assert Path(".report").read_bytes() == text.encode("utf-8")
    return text


def as_json(capsys: pytest.CaptureFixture[str], path: str) -> list[dict[str, Any]]:
    """The findings of the JSON report, which the others must agree with."""
    main([path, "--format", "json"])
    return list(json.loads(capsys.readouterr().out)["findings"])


def report_of(folder: str) -> Report:
    """What is found in an organization."""
    return lint(read_native(Path(folder)), load([]).rules)
