"""Files in three places, on a disk, in an editor and at a git revision, are read by the same rules."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import policylint
from policylint.files import Files, OnDisk, Unreadable, entries
from policylint.parsing import read_document
from policylint.places import locate
from policylint.project import Project
from policylint.revisions import AtRevision, RevisionError
from policylint.unsaved import WithTexts

POLICY = '{"plans": {}}'


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "protocol.file.allow=always")
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an organization, files beside it and links of every kind; the working directory."""
    work = tmp_path / "work"
    (work / "org" / "policies" / "backup" / "deep").mkdir(parents=True)
    (work / "shared").mkdir()
    for name in ("org/policies/backup/x.json", "org/policies/backup/deep/y.json", "shared/s.json", "org/é.json"):
        (work / name).write_text(POLICY)
    (work / "org" / "large.json").write_text(" " * 5000)
    (work / "org" / "nul.json").write_bytes(b'{"a": "\0"}')
    (tmp_path / "secret.json").write_text('{"secret": 1}')
    for name, target in LINKS.items():
        (work / name).symlink_to(target)
    (work / "org" / "absolute.json").symlink_to(work / "shared" / "s.json")
    git(work, "init", "--quiet", "--initial-branch=main")
    commit(work)
    monkeypatch.chdir(work)
    return work


LINKS = {
    "org/shared.json": "../shared/s.json",
    "org/shared": "../shared",
    "org/outside.json": "../../secret.json",
    "org/passwd": "/etc/passwd",
    "org/nowhere.json": "none.json",
    "org/round.json": "round.json",
    "org/config": "../.git/config",
    "org/through.json": "shared/s.json",
}
NAMES = [
    "",
    "policies",
    "policies/backup/x.json",
    "policies/./backup//x.json",
    "policies/backup/../backup/x.json",
    "policies/none.json",
    "../shared/s.json",
    "shared/../org/é.json",
    "shared/s.json",
    "../../secret.json",
    "../.git/config",
    "../.GIT/config",
    "../../../../../../../../etc/passwd",
    "/etc/passwd",
    "large.json",
    "nul.json",
    "absolute.json",
    *(name.removeprefix("org/") for name in LINKS),
]


def in_memory(work: Path) -> Files:
    """The same files, of which two are only in an editor."""
    (work / "org" / "policies" / "backup" / "x.json").unlink()
    shutil.rmtree(work / "org" / "policies" / "backup" / "deep")
    texts = {"policies/backup/x.json": POLICY, "policies/backup/deep/y.json": POLICY, "../shared/s.json": POLICY}
    (work / "shared" / "s.json").write_text("older")
    return WithTexts(OnDisk("org"), texts)


def at_revision(work: Path) -> Files:
    """The same files, of which the disk has none any more."""
    files = AtRevision.of(work / "org", "main")
    shutil.rmtree(work / "org")
    (work / "shared" / "s.json").write_text("newer")
    commit(work)
    return AtRevision(work, "main~1", "org") if files else files


OTHERS: dict[str, Callable[[Path], Files]] = {"in an editor": in_memory, "at a revision": at_revision}


def answers(files: Files) -> dict[str, Any]:
    """What files say to each name."""
    told: dict[str, Any] = {"all": [(one.name, bool(one.problem), one.is_folder) for one in entries(files, deep=True)]}
    for name in NAMES:
        told[name] = {
            "exists": files.exists(name) if not files.objection(name) else "",
            "is_folder": files.is_folder(name) if not files.objection(name) else "",
            "is_link": files.is_link(name) if not files.objection(name) else "",
            "objection": files.objection(name),
            "read": _said(lambda name=name: files.read(name, 1000)),
            "names": _said(lambda name=name: files.names(name)),
            "shown": files.shown(name) if not files.objection(name) else "",
        }
    return told


def _said(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Unreadable as error:
        return str(error), error.rule


@pytest.mark.parametrize("place", OTHERS)
def test_wherever_files_are_they_are_read_by_the_same_rules(work: Path, place: str) -> None:
    wanted = answers(OnDisk("org"))
    found = answers(OTHERS[place](work))
    for name in ("all", *NAMES):
        assert found[name] == wanted[name], name
    assert '{"secret"' not in str(found)
    assert "root:" not in str(found)


def test_the_names_of_a_revision_are_shown_from_the_working_directory(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = AtRevision.of("org", "HEAD")
    assert (files.base, files.shown("policies/backup/x.json")) == ("org", "org/policies/backup/x.json")
    assert files.named("shared.json") == "org/shared.json"
    assert files.at("..").read("shared/s.json") == POLICY.encode()
    assert files.at("../..").objection("secret.json")
    assert AtRevision.of(work, "HEAD").names() == ["org", "shared"]
    monkeypatch.chdir(work / "org")
    assert files.shown("policies/backup/x.json") == "policies/backup/x.json"
    assert read_document(files, "policies/backup/x.json").value == {"plans": {}}


def test_an_unsaved_text_takes_the_place_of_the_file_by_whatever_name(work: Path) -> None:
    files = WithTexts(
        OnDisk("org"), {"shared.json": '{"new": 1}', "policies/tag/t.json": "{}", "../../secret.json": "x"}
    )
    for name in ("shared.json", "../shared/s.json", "through.json"):
        assert files.read(name) == b'{"new": 1}'
    assert files.names("policies") == ["backup", "tag"]
    assert files.names("policies/tag") == ["t.json"]
    assert files.is_folder("policies/tag")
    assert not files.is_folder("policies/tag/t.json")
    assert files.at("policies").read("tag/t.json") == b"{}"
    assert "outside" in files.objection("../../secret.json")
    with pytest.raises(Unreadable, match="outside"):
        files.read("../../secret.json")
    with pytest.raises(Unreadable, match="10 bytes; such files over 0 KiB"):
        files.read("shared.json", most=4)


def test_a_submodule_is_a_folder_of_which_nothing_is_read(work: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / "p.json").write_text(POLICY)
    commit(other)
    git(work, "submodule", "--quiet", "add", str(other), "org/sub")
    commit(work)
    files = AtRevision.of("org", "HEAD")
    assert files.is_folder("sub")
    with pytest.raises(Unreadable, match="submodule"):
        files.names("sub")
    assert not files.exists("sub/p.json")


# ---- nothing of the repository is run ----------------------------------------------------------------------


def test_nothing_of_the_repository_is_run(work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    run = work / "run.sh"
    run.write_text(f"#!/bin/sh\ntouch {canary}\n")
    run.chmod(0o755)
    (work / "git").write_text(f"#!/bin/sh\ntouch {canary}\n")
    (work / "git").chmod(0o755)
    (work / ".gitattributes").write_text("*.json diff=evil filter=evil\n")
    commit(work)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.editor",
        "diff.evil.textconv",
        "filter.evil.smudge",
        "filter.evil.process",
        "credential.helper",
        "gpg.program",
        "alias.cat-file",
        "alias.rev-parse",
    ):
        git(work, "config", key, f"!{run}" if key.startswith("alias") else str(run))
    git(work, "config", "core.hooksPath", str(work))
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        shutil.copy(run, work / ".git" / "hooks" / hook)
        shutil.copy(run, work / hook)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", os.environ["PATH"]]))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    canary.unlink(missing_ok=True)
    assert answers(AtRevision.of("org", "HEAD"))["policies/backup/x.json"]["read"] == POLICY.encode()
    assert not canary.exists()


def test_what_a_clone_has_not_got_is_not_fetched(work: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    blob = git(work, "rev-parse", "HEAD:org/policies/backup/deep/y.json")
    git(work, "config", "remote.evil.url", f"ext::sh -c 'touch {canary}'")
    git(work, "config", "remote.evil.promisor", "true")
    git(work, "config", "extensions.partialClone", "evil")
    git(work, "config", "protocol.ext.allow", "always")
    shutil.rmtree(work / ".git" / "objects" / blob[:2])
    files = AtRevision.of("org", "HEAD")
    with pytest.raises(Unreadable, match="not in the clone here"):
        files.read("policies/backup/deep/y.json")
    assert not canary.exists()
    assert files.names("policies/backup/deep") == ["y.json"]  # and goes on


# ---- what is told where nothing can be read ----------------------------------------------------------------


def told(folder: Path, revision: str) -> str:
    with pytest.raises(RevisionError) as raised:
        AtRevision.of(folder, revision)
    return str(raised.value)


@pytest.mark.parametrize("revision", ["none", "", "--help", "a\nb", "a\0b", "HEAD~99", "HEAD:org", ":/x y"])
def test_a_revision_that_is_not_there_is_one_sentence(work: Path, revision: str) -> None:
    assert "has no revision" in told(work / "org", revision)


def test_a_folder_whose_name_begins_with_a_dot_is_read_at_a_revision(work: Path) -> None:
    (work / ".policies").mkdir()
    (work / ".policies" / "x.json").write_text(POLICY)
    commit(work)
    assert AtRevision.of(work / ".policies", "HEAD").read("x.json") == POLICY.encode()
    assert AtRevision.of(work, "HEAD").read(".policies/x.json") == POLICY.encode()


def test_a_folder_outside_of_any_repository_has_no_revision(tmp_path: Path) -> None:
    assert "lies in no git repository" in told(tmp_path, "main")


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert "has no commit yet" in told(tmp_path, "main")


def test_what_is_called_a_repository_and_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("no such thing\n")
    assert "git can't read this repository" in told(tmp_path, "main")


def test_a_folder_that_only_looks_like_a_repository_is_none(work: Path, tmp_path: Path) -> None:
    shutil.copytree(work / ".git", tmp_path / "bare")
    (tmp_path / "bare" / ".git").mkdir()
    assert "git can't read this repository" in told(tmp_path / "bare", "main")


def test_a_branch_of_the_remote_is_proposed_and_a_shallow_clone_told(work: Path, tmp_path: Path) -> None:
    (work / "more").touch()
    commit(work)
    git(work, "branch", "other", "HEAD~1")
    git(tmp_path, "clone", "--quiet", f"file://{work}", "full")
    assert "Did you mean 'origin/other'?" in told(tmp_path / "full", "other")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{work}", "shallow")
    assert "shallow clone, which holds only the last commits" in told(tmp_path / "shallow", "other")


def test_without_git_there_are_no_revisions(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(work))
    assert "read with git, which is not installed" in told(work, "main")


# ---- a project from such files -----------------------------------------------------------------------------

TREE = "enabled_policy_types: [backup]\nroot: {policies: [backup/x], accounts: [{name: a, id: '111111111111'}]}\n"
PLAN = '{"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}%s}}}'


def organization(work: Path) -> Path:
    """An organization in the repository, with whatever belongs to it: all of it is read from the same place."""
    org = work / "org"
    shutil.rmtree(org / "policies" / "backup" / "deep")
    (org / "organization.yaml").write_text(TREE)
    (org / "policies" / "backup" / "x.json").write_text(PLAN % ', "wrong": 1, "odd": 1')
    (org / "inventory").mkdir()
    (org / "inventory" / "vaults.yaml").write_text("- {account: nobody, region: '*', name: x}\n")
    (org / "rules").mkdir()
    (org / "rules" / "own.md").write_text(
        "---\nselect: $\nrequire: {present: true}\nfield: rules\nmessage: x\n---\n\n# Own\n"
    )
    (org / "policylint.yaml").write_text("select: [own]\nignore: [unprotected-account]\n")
    entry = '{"rule": "unknown-field", "path": "policies/backup/x.json", "pointer": "/plans/daily/odd"}'
    (org / "policylint-baseline.json").write_text(f'{{"version": 1, "findings": [{entry}]}}')
    return org


def found(project: Project) -> list[tuple[str, str]]:
    return [(finding.rule, str(locate(finding.place))) for finding in project.check(at="2026-11-25").findings]


def test_a_project_is_read_at_a_revision_with_all_that_belongs_to_it(work: Path) -> None:
    org = organization(work)
    before = found(policylint.open("org", plugins=False))
    rules = {rule for rule, _ in before}
    assert {"unknown-field", "own", "entry-without-accounts"} <= rules
    assert sum(rule == "unknown-field" for rule, _ in before) == 1  # the baseline has the other
    commit(work)
    git(work, "tag", "then")
    shutil.rmtree(org)
    commit(work)
    (work / "policylint.yaml").write_text("ignore: [all]\n")
    assert found(policylint.open("org", revision="then", plugins=False)) == before
    assert found(policylint.open(work / "org", revision="then", plugins=False)) == before
    alone = policylint.open("org/policies/backup/x.json", revision="then", plugins=False)
    assert ("unknown-field", "org/policies/backup/x.json:1:62") in found(alone)
    with pytest.raises(policylint.Error, match="no such file or folder"):
        policylint.open("org", revision="HEAD", plugins=False)
    with pytest.raises(policylint.Error, match="has no revision 'thn'"):
        policylint.open("org", revision="thn", plugins=False)


def test_a_project_with_unsaved_texts_is_read_as_if_they_were_saved(work: Path) -> None:
    org = organization(work)
    project = policylint.open("org", plugins=False)
    texts: dict[str | os.PathLike[str], str] = {
        "org/policies/backup/x.json": PLAN % ', "new": 1',
        org / "policies" / "backup" / "y.json": PLAN % "",
        "org/policylint.yaml": "ignore: [own]\n",
        "org/policylint-baseline.json": '{"version": 1, "findings": []}',
    }
    unsaved = found(project.with_texts(texts))
    assert ("unattached-policy", "org/policies/backup/y.json:1:1") in unsaved
    assert ("unknown-field", "org/policies/backup/x.json:1:62") in unsaved
    for path, text in texts.items():
        Path(path).write_text(text)
    assert unsaved == found(policylint.open("org", plugins=False))
    again = project.with_texts(texts).with_texts({"org/policies/backup/x.json": PLAN % ""})
    assert "unknown-field" not in {rule for rule, _ in found(again)}
