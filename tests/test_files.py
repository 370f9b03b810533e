"""Doors: through none of them does a file get out that lies elsewhere, and none passes over what it can't read."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policylint.cli import main
from policylint.files import Boundary, Unreadable, read_bytes
from policylint.plugins import load

CANARY = "CANARY"
SECRET_JSON = json.dumps({f"{CANARY}-key": {f"{CANARY}-inner": f"{CANARY}-value", "plans": f"{CANARY}-plans"}})
SECRET_LIST = json.dumps([{f"{CANARY}-field": f"{CANARY}-value"}])
SECRET_CARD = f"---\n{CANARY}: x\n---\n\n# {CANARY}\n"
POLICY = '{"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}, "wrong": 1}}}'
TREE = "enabled_policy_types: [backup]\nroot: {policies: [backup/x], accounts: [{name: a, id: '111111111111'}]}\n"
LZA = "organizationalUnits: []\nbackupPolicies:\n  - {name: x, policy: %s, deploymentTargets: {organizationalUnits: [Root]}}\n"
ACCOUNTS = "mandatoryAccounts: [{name: a, organizationalUnit: Root}]\nworkloadAccounts: []\n"


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound organization in a working directory, and a secret elsewhere."""
    outside = tmp_path / "home"
    outside.mkdir()
    for name, text in (
        ("secret.json", SECRET_JSON),
        ("list.json", SECRET_LIST),
        ("vaults.json", SECRET_LIST),
        ("secret.md", SECRET_CARD),
    ):
        (outside / name).write_text(text)
    (outside / "secret.yaml").write_text(f"{CANARY}-key:\n  {CANARY}-inner: {CANARY}-value\n")
    (outside / "secret.toml").write_text(f'[tool.policylint]\n{CANARY} = "{CANARY}-value"\n')
    (outside / "table.csv").write_text(f"{CANARY}-field,name\n{CANARY}-value,x\n")
    org = tmp_path / "work" / "org"
    (org / "policies" / "backup").mkdir(parents=True)
    (org / "policies" / "backup" / "x.json").write_text(POLICY)
    (org / "organization.yaml").write_text(TREE)
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return org


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def as_accelerator(org: Path, policy: str) -> None:
    (org / "organization.yaml").unlink()
    (org / "organization-config.yaml").write_text(LZA % json.dumps(policy))
    (org / "accounts-config.yaml").write_text(ACCOUNTS)


def symlinked_replacements(org: Path, home: Path) -> None:
    as_accelerator(org, "policies/backup/x.json")
    link(org / "replacements-config.yaml", home / "secret.yaml")


def symlinked_folder(org: Path, home: Path) -> None:
    (org / "policies" / "backup" / "x.json").unlink()
    link(org / "policies" / "backup" / "more", home)


def symlinked_type(org: Path, home: Path) -> None:
    (org / "policies" / "backup" / "x.json").unlink()
    (org / "policies" / "backup").rmdir()
    link(org / "policies" / "backup", home)


def in_git(org: Path, home: Path) -> None:
    git = org.parent / ".git"
    git.mkdir()
    (git / "config.json").write_text(SECRET_JSON)
    link(org / "policies" / "backup" / "x.json", git / "config.json")


def configured(text: str) -> Callable[[Path, Path], None]:
    def door(org: Path, home: Path) -> None:
        (org / "policylint.yaml").write_text(text.replace("HOME", str(home)))

    return door


def linked(name: str, secret: str) -> Callable[[Path, Path], None]:
    return lambda org, home: link(org / name, home / secret)


DOORS: dict[str, Callable[[Path, Path], None]] = {
    "a policy that is a link": linked("policies/backup/x.json", "secret.json"),
    "a policy that is a link to YAML": linked("policies/backup/x.json", "secret.yaml"),
    "a folder that is a link": symlinked_folder,
    "the folder of a type that is a link": symlinked_type,
    "a policy that is a link into .git": in_git,
    "a loose policy that is a link": linked("policies/loose.json", "secret.json"),
    "the tree that is a link": linked("organization.yaml", "secret.yaml"),
    "another tree that is a link": linked("organization.json", "secret.json"),
    "an accelerator's relative path": lambda org, home: as_accelerator(org, "../../home/secret.json"),
    "an accelerator's absolute path": lambda org, home: as_accelerator(org, str(home / "secret.json")),
    "an accelerator's replacements that are a link": symlinked_replacements,
    "a card that is a link": linked("rules/secret.md", "secret.md"),
    "a configuration that is a link": linked("policylint.yaml", "secret.yaml"),
    "a project file that is a link": lambda org, home: link(org.parent / "pyproject.toml", home / "secret.toml"),
    "a configuration here that is a link": lambda org, home: link(org.parent / "policylint.yaml", home / "secret.yaml"),
    "card folders, relative": configured("card_folders: [../../home]\n"),
    "card folders, absolute": configured("card_folders: ['HOME']\n"),
    "a baseline that is a link": linked("policylint-baseline.json", "secret.json"),
    "a baseline, relative": configured("baseline: ../../home/secret.json\n"),
    "a baseline, absolute": configured("baseline: HOME/secret.json\n"),
    "vaults that are a link": linked("inventory/vaults.json", "list.json"),
    "roles that are a link": linked("inventory/roles.csv", "table.csv"),
    "an unknown inventory that is a link": linked("inventory/other.yaml", "secret.yaml"),
    "an inventory that is a link": linked("inventory", ""),
    "rules that are a link": linked("rules", ""),
}
COMMANDS = [
    *(["check", "org", "--profile", "strict", "--format", name] for name in load(()).formats),
    ["check", "org", "--diff", "--unsafe-fixes"],
    ["check", "org", "--fix", "--unsafe-fixes"],
    ["effective", "org", "--account", "a"],
    ["effective", "org", "--account", "a", "--format", "yaml"],
    ["effective", "org", "--format", "jsonl"],
    ["explain", "org", "/plans/daily/regions", "--account", "a"],
    ["rules", "secret", "--organization", "org"],
    ["rules", "--organization", "org"],
    ["test-rules", "org/rules"],
    ["baseline", "org", "--output", "written.json"],
]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts:
            yield str(path), path.read_bytes()


@pytest.mark.parametrize("door", DOORS)
def test_nothing_of_a_file_elsewhere_is_shown(org: Path, capsys: pytest.CaptureFixture[str], door: str) -> None:
    home = org.parent.parent / "home"
    DOORS[door](org, home)
    before = dict(files(home))
    for command in COMMANDS:
        if command[0] == "test-rules" and (org / "rules").is_symlink():
            continue  # there it is the folder that the command line names
        code = main(command)
        shown = capsys.readouterr()
        assert CANARY not in shown.out + shown.err, command
        assert "bug" not in shown.err, (command, shown.err)
        if command[0] == "check" and "--diff" not in command:
            # Whatever is not read is named, in the report or beside it.
            assert code in (1, 2) or "not read" in shown.out + shown.err, (command, shown)
    assert dict(files(home)) == before
    assert all(CANARY.encode() not in content for _, content in files(org.parent))


def test_what_stands_in_the_same_repository_is_read(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org.parent / ".git").mkdir()
    shared = org.parent / "shared.json"
    shared.write_text(POLICY)
    link(org / "policies" / "backup" / "x.json", shared)
    assert main(["check", "org", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(one["path"], one["rule"]) for one in found} >= {("shared.json", "unknown-field")}


def test_what_the_command_line_names_may_lie_anywhere(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = org.parent.parent / "home"
    (home / "policylint.yaml").write_text("ignore: [all]\n")
    (home / "base.json").write_text('{"version": 1, "findings": []}')
    (home / "policy.json").write_text(POLICY)
    arguments = ["--config", str(home / "policylint.yaml"), "--baseline", str(home / "base.json")]
    assert main(["check", "org", *arguments]) == 0
    assert main(["check", str(home / "policy.json")]) == 1
    link(org.parent / "here.json", home / "policy.json")
    assert main(["check", "here.json"]) == 1


def test_fixing_writes_nothing_elsewhere(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = org.parent.parent / "home" / "policy.json"
    elsewhere.write_text('{"plans": {"daily": {"regions": ["eu-west-1"]}}}')
    before = elsewhere.read_text()
    link(org.parent / "here.json", elsewhere)
    assert main(["check", "here.json", "--fix"]) == 2
    assert "is not written. This leads outside of the folder that was named" in capsys.readouterr().err
    link(org / "policies" / "backup" / "x.json", elsewhere)
    main(["check", "org", "--fix"])
    assert elsewhere.read_text() == before


@pytest.mark.parametrize("door", ["link", "relative", "absolute"])
def test_a_baseline_is_written_nowhere_else(org: Path, capsys: pytest.CaptureFixture[str], door: str) -> None:
    elsewhere = org.parent.parent / "home" / "precious.json"
    elsewhere.write_text('{"version": 1, "findings": []}')
    before = elsewhere.read_text()
    if door == "link":
        link(org / "policylint-baseline.json", elsewhere)
    else:
        name = elsewhere if door == "absolute" else "../../home/precious.json"
        (org / "policylint.yaml").write_text(f"baseline: {name}\n")
    assert main(["baseline", "org"]) == 2
    assert "is not written. This leads outside of" in capsys.readouterr().err
    assert elsewhere.read_text() == before
    assert main(["baseline", "org", "--output", str(elsewhere)]) == 0
    assert elsewhere.read_text() != before


# ---- nothing is passed over in silence ---------------------------------------------------------------------


def pipe(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "a policy that leads nowhere": (
        lambda org: link(org / "policies/backup/y.json", org / "nowhere"),
        "org/policies/backup/y.json",
    ),
    "an inventory file that leads nowhere": (
        lambda org: link(org / "inventory/vaults.yaml", org / "nowhere"),
        "org/inventory/vaults.yaml",
    ),
    "a configuration that leads nowhere": (
        lambda org: link(org / "policylint.yaml", org / "nowhere"),
        "org/policylint.yaml",
    ),
    "a baseline that leads nowhere": (
        lambda org: link(org / "policylint-baseline.json", org / "nowhere"),
        "org/policylint-baseline.json",
    ),
    "a tree that leads nowhere": (
        lambda org: link(org / "organization.yaml", org / "nowhere"),
        "org/organization.yaml",
    ),
    "a circle of links": (lambda org: link(org / "policies/backup/y.json", org / "policies/backup/y.json"), "y.json"),
    "a pipe as a policy": (lambda org: pipe(org / "policies/backup/y.json"), "org/policies/backup/y.json"),
    "a pipe as a card": (lambda org: pipe(org / "rules/y.md"), "org/rules/y.md"),
    "a pipe as an inventory": (lambda org: pipe(org / "inventory/roles.yaml"), "org/inventory/roles.yaml"),
    "a pipe as a configuration": (lambda org: pipe(org / "policylint.yaml"), "org/policylint.yaml"),
    "a pipe as a baseline": (lambda org: pipe(org / "policylint-baseline.json"), "org/policylint-baseline.json"),
    "a pipe as the tree": (lambda org: pipe(org / "organization.yaml"), "org/organization.yaml"),
    "a folder named as a policy": (lambda org: (org / "policies/backup/y.json").mkdir(), "org/policies/backup/y.json"),
    "a folder named as an inventory": (
        lambda org: (org / "inventory/vaults.yaml").mkdir(parents=True),
        "org/inventory/vaults.yaml",
    ),
    "a folder named as a card": (lambda org: (org / "rules/y.md").mkdir(parents=True), "org/rules/y.md"),
    "cards in a folder below": (
        lambda org: touch(org / "rules/more/y.md"),
        "org/rules/more",
    ),
    "a linked folder of cards": (lambda org: link(org / "rules/more", org / "policies"), "org/rules/more"),
    "a linked folder of policies": (
        lambda org: link(org / "policies/backup/more", org / "policies"),
        "org/policies/backup/more",
    ),
    "policies in capitals": (lambda org: (org / "Policies").mkdir(), "org/Policies"),
    "rules in capitals": (lambda org: (org / "RULES").mkdir(), "org/RULES"),
    "an inventory in capitals": (lambda org: (org / "Inventory").mkdir(), "org/Inventory"),
    "a tree in capitals": (lambda org: (org / "Organization.json").touch(), "org/Organization.json"),
    "a configuration in capitals": (lambda org: (org / "Policylint.yaml").touch(), "org/Policylint.yaml"),
    "a second configuration": (
        lambda org: touch(org / "policylint.yaml", org / "policylint.yml"),
        "org/policylint.yml",
    ),
    "rules that are a file": (lambda org: (org / "rules").touch(), "org/rules"),
    "an inventory that is a file": (lambda org: (org / "inventory").touch(), "org/inventory"),
    "a card in capitals": (lambda org: touch(org / "rules/y.MD"), "rules/y.MD"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_not_read_is_named(org: Path, capsys: pytest.CaptureFixture[str], odd: str) -> None:
    make, name = ODD[odd]
    make(org)
    main(["check", "org"])
    shown = capsys.readouterr()
    assert name in shown.out + shown.err
    assert "bug" not in shown.err


LOCKED = ["policies", "policies/backup", "policies/backup/deep", "rules", "inventory"]


@pytest.mark.parametrize("name", LOCKED)
def test_a_folder_that_cannot_be_entered_is_named(
    org: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (org / name).mkdir(parents=True, exist_ok=True)
    real = os.listdir

    def locked(path: object = ".") -> list[str]:
        if os.fspath(path).endswith(f"org/{name}"):  # type: ignore[call-overload]
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(os, "listdir", locked)  # root may enter every folder
    main(["check", "org"])
    shown = capsys.readouterr()
    assert f"org/{name}" in shown.out + shown.err
    assert "permission denied" in " ".join((shown.out + shown.err).split())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_without_rights_hears_of_it(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = org / "policies" / "backup" / "deep"
    folder.mkdir()
    for path in (org, *org.parents):
        path.chmod(path.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    folder.chmod(0o700)
    (org / "policies" / "backup" / "y.json").write_text(POLICY)
    (org / "policies" / "backup" / "y.json").chmod(0o600)
    os.seteuid(65534)
    try:
        main(["check", "org"])
    finally:
        os.seteuid(0)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("permission denied") == 2


# ---- inventories as tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("account,region,name\na,eu-west-1,]\n}\n", 3, "This entry of vaults lacks"),
        ("]\n", None, None),
        ("account,region,name\rx,eu-west-1,central\r", 2, "'x'"),
        ('account,region,name\na,eu-west-1,"' + "v" * 140_000 + '"\n', 2, "not read as CSV"),
        ('account,region,name\na,eu-west-1,"open\n', 2, None),
        ("account,account\na,b,c,d,e\n", 2, "lacks"),
    ],
)
def test_no_table_breaks_the_reader(
    org: Path, capsys: pytest.CaptureFixture[str], text: str, line: int | None, told: str | None
) -> None:
    (org / "inventory").mkdir()
    (org / "inventory" / "vaults.csv").write_text(text, newline="")
    main(["check", "org", "--format", "json"])
    found = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["path"].endswith(".csv")]
    if told:
        assert any(one["line"] == line and told in one["message"] for one in found), found


# ---- the room itself ---------------------------------------------------------------------------------------


def test_a_boundary_is_the_repository_or_else_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert Boundary(inner).objection(tmp_path / "a" / "x")
    (tmp_path / ".git").touch()  # a work tree has a file there
    assert not Boundary(inner).objection(tmp_path / "a" / "x")
    for name in (".GIT", ".g\u200cit", "git~1", ".git. "):
        assert Boundary(inner).objection(tmp_path / name / "config")
    assert Boundary(inner).objection(tmp_path.parent / (tmp_path.name + "x"))
    assert Boundary(inner).objection(Path("a\0b"))


def test_a_file_is_read_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_bytes(path, most=5) == b"12345"
    with pytest.raises(Unreadable, match="5 bytes; such files over 0 KiB") as raised:
        read_bytes(path, most=4)
    assert raised.value.rule == "document-too-large"


# ---- what a baseline may hide, and what a typo may ----------------------------------------------------------


def test_a_baseline_is_not_written_into_a_pipe(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe(org / "policylint-baseline.json")
    assert main(["baseline", "org"]) == 2  # nobody reads the other end
    assert "is not a regular file, so it is not written." in capsys.readouterr().err


def test_what_cannot_be_read_is_accepted_by_no_baseline(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "policies" / "backup" / "x.json").write_text('{"plans":')
    assert main(["baseline", "org"]) == 2
    shown = capsys.readouterr().err
    assert "org/policies/backup/x.json: The text ends before the document does." in shown
    assert "No baseline is written" in shown
    assert not (org / "policylint-baseline.json").exists()


@pytest.mark.parametrize("selector", ["all", "syntax"])
def test_what_cannot_be_read_is_reported_unless_its_rule_is_named(
    org: Path, capsys: pytest.CaptureFixture[str], selector: str
) -> None:
    (org / "policies" / "backup" / "x.json").write_text('{"plans":')
    assert main(["check", "org", "--ignore", selector]) == 1
    (org / "policylint.yaml").write_text(f"ignore: [{selector}]\n")
    assert main(["check", "org"]) == 1
    assert "broken-syntax" in capsys.readouterr().out
    (org / "policylint.yaml").write_text(f"ignore: [{selector}, broken-syntax]\n")
    assert main(["check", "org"]) == 0


def test_every_folder_that_is_not_read_is_named_at_its_place(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bakcup", "zz"):
        (org / "policies" / name).mkdir()
    main(["check", "org", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    paths = [one["path"] for one in found if one["rule"] == "unknown-policy-type"]
    assert paths == ["org/policies/bakcup", "org/policies/zz"]


def test_a_status_that_aws_does_not_know_is_named(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (org / "organization.yaml").write_text("root: {policies: [backup/x], accounts: [{name: a, status: SUSPENDD}]}\n")
    assert main(["check", "org"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "'SUSPENDD' is not a status of an account. Did you mean 'SUSPENDED'?" in shown


def test_of_two_accounts_with_one_id_the_second_is_the_other(org: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = "root:\n  policies: [backup/x]\n  organizational_units:\n"
    for name in "ab":
        tree += f"    - name: {name}\n      accounts:\n        - {{id: '111111111111', name: {name}}}\n"
    (org / "organization.yaml").write_text(tree)
    main(["check", "org", "--format", "json", "--select", "duplicate-account"])
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["line"], found["related"][0]["line"]) == (9, 6)
