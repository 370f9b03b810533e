"""The benchmark's generator, and how little policylint loads to start."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import run
import yardsticks
from generate import Size, generate, one_policy

from policylint.choosing import read_native
from policylint.lint import lint
from policylint.organization import Account, Organization
from policylint.plugins import load
from policylint.tree_checks import DEEPEST_UNIT

SMALL = Size(accounts=300, units=60, policies=40, faulty=0.0)


def made(folder: Path, size: Size) -> Organization:
    """The organization of that size, read."""
    generate(folder, size)
    return read_native(folder)


def texts(folder: Path) -> dict[str, str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_makes_the_same_organization(tmp_path: Path) -> None:
    generate(tmp_path / "one", SMALL)
    generate(tmp_path / "two", SMALL)
    generate(tmp_path / "other", replace(SMALL, seed=2))
    assert texts(tmp_path / "one") == texts(tmp_path / "two") != texts(tmp_path / "other")


def test_more_accounts_leave_policies_and_units_alone(tmp_path: Path) -> None:
    few, many = made(tmp_path / "few", SMALL), made(tmp_path / "many", replace(SMALL, accounts=3_000))
    assert len(many.accounts) == 10 * len(few.accounts)
    assert [policy.document.text for policy in few.policies.values()] == [
        policy.document.text for policy in many.policies.values()
    ]
    assert [unit.path for unit in few.root.walk()] == [unit.path for unit in many.root.walk()]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_generated_organization_is_taken_by_aws(tmp_path: Path, form: str) -> None:
    report = lint(made(tmp_path, replace(SMALL, tree_format=form, policy_format=form)), load(()).rules)
    assert {finding.rule for finding in report.findings if finding.outcome in ("rejected", "withheld")} == set()
    assert (report.summary.accounts, report.summary.policies, report.failures) == (300, 40, [])


def test_both_formats_say_the_same(tmp_path: Path) -> None:
    as_json = made(tmp_path / "json", SMALL)
    as_yaml = made(tmp_path / "yaml", replace(SMALL, tree_format="yaml"))
    assert as_json.document.value == as_yaml.document.value


def test_faults_are_found_in_every_policy_where_asked_for(tmp_path: Path) -> None:
    organization = made(tmp_path, replace(SMALL, faulty=1.0))
    found = {finding.place.document.path for finding in lint(organization, load(()).rules).findings}
    faulty = [policy for policy in organization.policies.values() if policy.type.enum == "BACKUP_POLICY"]
    assert {policy.document.path for policy in faulty if "baseline" not in policy.name} <= found


def test_quotas_hold(tmp_path: Path) -> None:
    organization = made(tmp_path, replace(SMALL, policy_bytes=20_000))
    targets = [target for unit in organization.root.walk() for target in (unit, *unit.accounts)]
    assert max(target.path.count("/") for target in targets if not isinstance(target, Account)) == DEEPEST_UNIT
    assert max(len(target.policies) for target in targets) <= 10
    assert 9_500 < max(len(policy.document.text) for policy in organization.policies.values()) <= 10_000


def test_every_case_of_the_benchmark_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LARGEST", replace(SMALL, accounts=100))
    found = [run.timed(case._replace(runs=1)) for case in run.cases(tmp_path, 20)]
    lines = list(run.table(found))
    assert len(lines) == len(found) + 1
    assert all(one.seconds > 0 and one.yardstick_seconds > 0 for one in found)


def test_the_naive_yardstick_merges_for_each_account_and_type(tmp_path: Path) -> None:
    generate(tmp_path, SMALL)
    assert yardsticks.merge_naively(tmp_path) == 2 * SMALL.accounts


def test_one_json_file_loads_only_what_it_needs(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(one_policy("json"))
    loaded = set(run.imports([*run.POLICYLINT, "--type", "backup", str(policy)]))
    unneeded = {
        "importlib.metadata",
        "csv",
        "policylint.fixing",
        "ruamel.yaml",
        "jsonpath_ng",
        "policylint.card_rules",
        "policylint.card_schema",
        "policylint.config_schema",
        "jsonschema",
        "difflib",
        "regex",
        "tqdm",
        "shtab",
        "shutil",
        "wcwidth",
        "subprocess",
    }
    assert "policylint.lint" in loaded
    assert unneeded & loaded == set()


CARDS_READ = """
import atexit, os, sys
opened = []
sys.addaudithook(lambda event, given: opened.append(os.path.basename(str(given[0]))) if event == "open" else None)
atexit.register(lambda: print(*(name for name in opened if name.endswith((".md", "cards.json"))), file=sys.stderr))
from policylint.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (["--version"], ""),
        (["--type", "backup", "policy.json"], "cards.json"),
        (["rules"], "cards.json"),
        (["rules", "kept-forever"], "cards.json kept-forever.md"),
    ],
)
def test_a_card_is_read_when_somebody_asks_for_it(arguments: list[str], read: str, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(one_policy("json"))
    command = [run.PYTHON, "-c", CARDS_READ, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert told.stderr == f"{read}\n"


def test_the_version_is_told_without_the_engine() -> None:
    loaded = set(run.imports([*run.POLICYLINT, "--version"]))
    assert {"policylint.cli", "argparse"} <= loaded
    assert {"policylint.lint", "policylint.plugins", "pluggy", "json", "shutil"} & loaded == set()
