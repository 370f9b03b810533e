"""The native layout: every slip is told at its place, and reading goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from policylint.choosing import ReadError, read_native
from policylint.cli import main
from policylint.findings import Fault
from policylint.folding import fold
from policylint.lint import lint
from policylint.places import locate
from policylint.plugins import load
from policylint.tree_checks import CHECKS


def organization(folder: Path, tree: str) -> Path:
    (folder / "policies" / "backup").mkdir(parents=True)
    (folder / "policies" / "backup" / "base.json").write_text('{"plans": {}}')
    (folder / "organization.yaml").write_text(tree)
    return folder


def faults_of(folder: Path) -> list[tuple[str, Fault]]:
    """What the reader finds, and what the checks of the tree do."""
    found = read_native(folder)
    return [*found.faults, *((rule, fault) for rule, check in CHECKS.items() for fault in check(found))]


@pytest.mark.parametrize(
    ("tree", "rule", "line", "words"),
    [
        ("root:\n  polices: [backup/base]\n", "unknown-key", 2, "'policies'"),
        ("root:\n  policies: [backup/bsae]\n", "unknown-policy", 2, "'backup/base'"),
        ("root: {}\n", "unattached-policy", 1, "not attached"),
        ("enabled_policy_types: [bakcup]\nroot: {}\n", "unknown-policy-type", 1, "'backup'"),
        (
            "enabled_policy_types: [tag]\nroot:\n  policies: [backup/base]\n",
            "policy-type-not-enabled",
            3,
            "not enabled",
        ),
        ("root:\n  policies: [backup/base, backup/base]\n", "duplicate-attachment", 2, "twice"),
        ("root:\n  accounts:\n    - id: 12\n", "malformed-id", 3, "123456789012"),
        (f"root:\n  accounts:\n    - id: {'0' * 12}\n    - id: {'0' * 12}\n", "duplicate-account", 4, "twice"),
        ("root:\n  organizational_units:\n    - name: A\n    - name: A\n", "duplicate-organizational-unit", 4, "'A'"),
        ("root:\n  accounts: 7\n", "wrong-shape", 2, "list"),
    ],
)
def test_slips(tree: str, rule: str, line: int, words: str, tmp_path: Path) -> None:
    faults = [(r, f) for r, f in faults_of(organization(tmp_path, tree)) if r == rule]
    assert len(faults) == 1
    assert words in faults[0][1].message
    assert locate(faults[0][1].place).line == line


def test_a_misspelt_name_is_told_once(tmp_path: Path) -> None:
    """What is meant is not told as attached nowhere too; what nobody can have meant is."""
    folder = organization(tmp_path, "root:\n  policies: [backup/bsae]\n")
    (folder / "policies" / "backup" / "weekly-copies.json").write_text('{"plans": {}}')
    told = [(rule, fault.message) for rule, fault in faults_of(folder)]
    assert [rule for rule, _ in told] == ["unknown-policy", "unattached-policy"]
    assert "'backup/weekly-copies'" in told[1][1]


def test_the_file_that_is_read_and_the_one_that_is_not(tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/base]\n")
    (folder / "organization.json").write_text("not even JSON")
    ((rule, fault),) = faults_of(folder)
    spot = locate(fault.place)
    assert (rule, Path(spot.path).name, spot.line, spot.column) == ("unread-file", "organization.json", 1, 1)
    assert "read from 'organization.yaml'" in fault.message


@pytest.mark.parametrize(
    ("name", "text", "move"),
    [
        ("loose.json", '{"tags": {}}', "such as policies/tag/."),
        ("loose.YAML", "plans: {}", "such as policies/backup/."),
        ("broken.json", "{", "such as policies/backup/."),
        ("README.md", "# Our policies", ""),
        (".gitkeep", "", ""),
    ],
)
def test_a_policy_beside_the_folders_of_the_types(name: str, text: str, move: str, tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/base]\n")
    (folder / "policies" / name).write_text(text)
    faults = faults_of(folder)
    assert [rule for rule, _ in faults] == ["unread-file"] * bool(move)
    assert all(fault.message.endswith(move) for _, fault in faults)


@pytest.mark.parametrize(
    "name", ["weekly.json5", "weekly.jsonc", "weekly.txt", "weekly.hcl", "weekly", "weekly.json.bak"]
)
@pytest.mark.parametrize("below", ["", "backup/", "backup/team/"])
def test_a_file_with_another_ending_is_told_not_to_be_read(name: str, below: str, tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/base]\n")
    (folder / "policies" / below).mkdir(exist_ok=True)
    (folder / "policies" / below / name).write_text('{"plans": {}}')
    ((rule, fault),) = faults_of(folder)
    assert rule == "unread-file"
    assert fault.place.document.path.endswith(f"policies/{below}{name}")
    assert "not read" in fault.message


@pytest.mark.parametrize(
    "name", ["README", "README.txt", "notes.md", "LICENSE", ".gitkeep", ".hidden.txt", ".cache/x.txt", "plan.svg"]
)
def test_documentation_among_the_policies_is_passed_over(name: str, tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/base]\n")
    (folder / "policies" / "backup" / name).parent.mkdir(exist_ok=True)
    (folder / "policies" / "backup" / name).write_text("for people")
    if "/" not in name:  # the folders in policies/ are those of the types
        (folder / "policies" / name).write_text("for people")
    assert read_native(folder).faults == []


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ('[{id: "222222222222"}]', True),
        ('[{id: "222222222222"}, {id: "111111111111"}]', False),
        ("[{name: payments}]", False),
        ("[]", False),
    ],
)
def test_a_management_account_is_an_account_of_the_tree(accounts: str, told: bool, tmp_path: Path) -> None:
    tree = f'management_account: "111111111111"\nroot: {{policies: [backup/base], accounts: {accounts}}}\n'
    faults = faults_of(organization(tmp_path, tree))
    assert [(rule, locate(fault.place)[1:3]) for rule, fault in faults] == [
        ("unknown-management-account", (1, 21))
    ] * told


def test_six_units_below_each_other_are_one_too_many(tmp_path: Path) -> None:
    tree = "root:\n"
    for depth in range(6):
        tree += "  " * (2 * depth + 1) + "organizational_units:\n" + "  " * (2 * depth + 1) + f"  - name: U{depth}\n"
    rules = [rule for rule, _ in faults_of(organization(tmp_path, tree))]
    assert rules.count("too-deep") == 1


@pytest.mark.parametrize("tree", ["root: [\n", "{}\n", "[]\n"])
def test_without_a_tree_nothing_can_be_read(tree: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"organization.yaml:\d+:\d+: "):
        read_native(organization(tmp_path, tree))


def test_accounts_are_numbered_so_that_units_are_ranges_and_fold_back(tmp_path: Path) -> None:
    tree = (
        "root:\n  accounts: [{name: m}]\n  organizational_units:\n"
        "    - name: A\n      accounts: [{name: a1}, {name: a2}]\n"
        "      organizational_units: [{name: B, accounts: [{name: b}]}]\n"
        "    - {name: Empty}\n    - {name: C, accounts: [{name: c}]}\n"
    )
    found = read_native(organization(tmp_path, tree))
    assert [account.name for account in found.accounts] == ["m", "a1", "a2", "b", "c"]
    assert fold([(0, 5)], found).organizational_units == ("Root",)
    assert fold([(1, 3), (3, 4)], found).organizational_units == ("Root/A",)
    partly = fold([(2, 4)], found)
    assert (partly.count, partly.organizational_units, partly.ids) == (2, ("Root/A/B",), ("a2",))
    assert fold([(1, 5)], found).organizational_units == ("Root/A", "Root/C")
    assert fold([(1, 2), (3, 5)], found).organizational_units == ("Root/A/B", "Root/C")


def test_who_has_no_policies_hears_of_the_files_left_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policies" / "bakcup").mkdir(parents=True)
    (tmp_path / "policies" / "base.json").write_text('{"plans": {}}')
    (tmp_path / "organization.yaml").write_text("root: {}\n")
    assert main([str(tmp_path)]) == 3
    told = capsys.readouterr().err
    assert "base.json: This file is in policies/ itself" in told
    assert "'bakcup'" in told
    assert "nothing to check" in told


@pytest.mark.parametrize("first", [True, False])
def test_an_account_without_id_is_another_of_its_name_whichever_comes_first(first: bool, tmp_path: Path) -> None:
    entries = ['{name: web, id: "111111111111"}', "{name: web}"]
    tree = f"root: {{accounts: [{', '.join(entries if first else reversed(entries))}]}}"
    faults = faults_of(organization(tmp_path, tree))
    assert [fault.message for rule, fault in faults if rule == "duplicate-account"] == [
        "The account 'web' is listed twice."
    ]


def test_two_accounts_of_one_name_with_ids_are_two(tmp_path: Path) -> None:
    tree = 'root: {accounts: [{name: web, id: "111111111111"}, {name: web, id: "222222222222"}]}'
    assert "duplicate-account" not in [rule for rule, _ in faults_of(organization(tmp_path, tree))]


def test_tags_are_the_texts_of_the_file(tmp_path: Path) -> None:
    tree = "root: {accounts: [{name: web, tags: {prod: true, version: 1.10, empty: }}]}"
    (account,) = read_native(organization(tmp_path, tree)).accounts
    assert account.tags == {"prod": "true", "version": "1.10", "empty": ""}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("base", True),
        ("base.json", True),
        ("policies/backup/base.yaml", True),
        ("backup/bsae", True),
        ("backup/xyz", False),
    ],
)
def test_a_misspelt_attachment_has_no_follow_on_errors(written: str, meant: bool, tmp_path: Path) -> None:
    """Unknown is not absent: what an unknown policy gives is not called missing."""
    tree = f"root:\n  policies: ['{written}']\n  accounts: [{{name: shop}}]\n"
    folder = organization(tmp_path, tree)
    rules = [one.rule for one in lint(read_native(folder), load([]).rules).findings]
    assert rules == ["unknown-policy"] if meant else ["unattached-policy", "unknown-policy"]


def test_an_unknown_policy_of_another_type_says_nothing_of_backups(tmp_path: Path) -> None:
    unit = "\n  organizational_units:\n    - {name: A, policies: [tag/x], accounts: [{name: shop}]}"
    unit += "\n    - {name: B, policies: [backup/x], accounts: [{name: mill}]}\n"
    folder = organization(tmp_path, f"root:\n  policies: [backup/base]{unit}")
    rules = {"unprotected-account": load([]).rules["unprotected-account"]}
    (finding,) = lint(read_native(folder), rules).findings
    assert finding.accounts.organizational_units == ("Root/A",)


def test_a_hint_is_no_policy_that_only_shares_the_folder(tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/xyz]\n")
    message = next(fault.message for rule, fault in read_native(folder).faults if rule == "unknown-policy")
    assert message.endswith("There is no such file below policies/.")


def test_a_broken_file_that_is_attached_nowhere_is_told_to_be(tmp_path: Path) -> None:
    folder = organization(tmp_path, "root:\n  policies: [backup/base]\n")
    (folder / "policies" / "backup" / "weekly-copies.json").write_text('{"plans": {')
    ((rule, fault),) = faults_of(folder)
    assert (rule, fault.place.document.path.rpartition("/")[2]) == ("unattached-policy", "weekly-copies.json")
