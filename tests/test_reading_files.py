"""Files: what readers get instead of paths, and that whatever holds them keeps the same rules."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from policylint.files import Entry, OnDisk, Unreadable, entries, misspelt
from policylint.parsing import read_document, read_text, unread_document


@pytest.fixture
def org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organization's folder in a working directory, and a file beside it."""
    folder = tmp_path / "work" / "org"
    (folder / "policies" / "backup").mkdir(parents=True)
    (folder / "policies" / "backup" / "x.json").write_text('{"plans": {}}')
    (folder / "policies" / "bad.json").write_bytes(b'{"a": \xff}')
    (tmp_path / "secret.json").write_text('{"secret": 1}')
    monkeypatch.chdir(tmp_path / "work")
    return folder


def test_names_are_relative_to_the_base_and_paths_are_shown_from_here(org: Path) -> None:
    files = OnDisk("org")
    assert files.base == "org"
    assert files.read("policies/backup/x.json") == b'{"plans": {}}'
    assert files.shown("policies/backup/x.json") == "org/policies/backup/x.json"
    assert OnDisk(org).shown("policies/backup/x.json") == "org/policies/backup/x.json"
    assert files.names() == ["policies"]
    assert files.names("policies") == ["backup", "bad.json"]
    assert files.is_folder("policies")
    assert not files.is_folder("policies/bad.json")
    assert not files.exists("policies/none.json")
    assert files.at("policies").names("backup") == ["x.json"]


def test_everything_in_a_folder_is_told_with_what_is_not_read(org: Path) -> None:
    (org / "policies" / "more").symlink_to(org / "policies" / "backup")
    found = list(entries(OnDisk(org), "policies", deep=True))
    assert [one.name for one in found] == [
        "policies/backup",
        "policies/backup/x.json",
        "policies/bad.json",
        "policies/more",
    ]
    assert [one.name for one in found if one.problem] == ["policies/more"]
    assert next(iter(entries(OnDisk(org)))) == Entry("policies", "", True)
    (missing,) = entries(OnDisk(org), "nowhere")
    assert (missing.name, missing.is_folder) == ("nowhere", True)
    assert "can't be entered" in missing.problem


def test_names_that_are_meant_for_others_are_found(org: Path) -> None:
    (org / "Organization.yaml").touch()
    (org / "Rules").mkdir()
    (org / "rules").mkdir(exist_ok=True)
    assert list(misspelt(OnDisk(org), ("organization.yaml",))) == [("Organization.yaml", "organization.yaml")]


@pytest.mark.parametrize("name", ["../../secret.json", "link.json", "policies/../../../secret.json"])
def test_nothing_is_read_beyond_the_boundary(org: Path, name: str) -> None:
    (org / "link.json").symlink_to(org.parent.parent / "secret.json")
    files = OnDisk("org")
    assert "leads outside of the folder that was named" in files.objection(name)
    with pytest.raises(Unreadable, match="outside"):
        files.read(name)
    (problem,) = read_document(files, name).problems
    assert problem.rule == "unreadable-file"
    assert read_document(OnDisk("org", anywhere=True), name).value == {"secret": 1}
    (org.parent.parent / ".git").mkdir()
    assert read_document(OnDisk("org"), name).value == {"secret": 1}  # now it is all one repository


def test_what_is_wrong_with_a_file_is_a_problem_of_its_document(org: Path) -> None:
    files = OnDisk("org")
    assert read_document(files, "policies/backup/x.json").value == {"plans": {}}
    assert read_text(files, "policies/backup/x.json").text == '{"plans": {}}'
    assert [one.rule for one in read_document(files, "policies/bad.json").problems] == ["unreadable-file"]
    assert [one.rule for one in read_document(files, "policies/backup/x.json", most=4).problems] == [
        "document-too-large"
    ]
    assert read_document(files, "policies").problems[0].message.startswith("This is a folder")
    assert read_document(files, "a\0b").problems
    (org / "link.json").symlink_to(org / "policies")
    assert unread_document(files, "link.json", "Not this.").path == "org/link.json"


def test_a_pipe_is_not_waited_for(org: Path) -> None:
    os.mkfifo(org / "pipe.json")
    assert "This is a pipe" in read_document(OnDisk("org"), "pipe.json").problems[0].message


# ---- nobody else reads -------------------------------------------------------------------------------------

ROOT = Path(__file__).parent.parent
TOUCHES = {
    *("exists", "is_dir", "is_file", "is_symlink", "read_text", "read_bytes", "iterdir", "glob", "rglob", "stat"),
    *("lstat", "resolve", "open", "listdir", "scandir", "lexists", "isdir", "isfile", "islink", "realpath"),
}
ON_FILES = ("files", "below", "here", "parsing")  # what has methods of the same names, and is no path
# Who may look at the disk by itself, and for what.
ROOMS = {
    "files.py": "is the room for it",
    "revisions.py": "finds the repository",
    "rules.py": "cards that are installed with their module",
    "__init__.py": "finds these",
    "card_index.py": "the index of these",
    "plugins.py": "modules of --python-rules, which the command line names",
    "entry_points.py": "what is installed",
    "repository_paths.py": "finds the repository, for paths in reports",
    "gathering.py": "whether a check comes from a file",
    "loading.py": "folders that the command line names",
    "github_format.py": "writes the summary of a job",
    "new_rule.py": "writes, and its templates",
    "recording.py": "writes the baseline",
    "mending.py": "writes fixes, if nobody changed the file meanwhile",
    "shared.py": "writes",
    "test_rules.py": "a folder that the command line names",
    "cli.py": "whether the first word is a path",
}


def touches(path: Path) -> Iterator[str]:
    """The calls in a module that ask the disk something."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{path.name}:{node.lineno}: open"
        if isinstance(node.func, ast.Attribute) and node.func.attr in TOUCHES:
            on = ast.unparse(node.func.value)
            if not any(word in on for word in ON_FILES) and on not in ("self", "re", "policylint"):
                yield f"{path.name}:{node.lineno}: {on}.{node.func.attr}"


def test_nobody_else_asks_the_disk() -> None:
    modules = [path for folder in ("policylint", "plugins", "rules") for path in (ROOT / folder).rglob("*.py")]
    found = {path: list(touches(path)) for path in modules}
    assert [call for path, calls in found.items() if path.name not in ROOMS for call in calls] == []
    assert set(ROOMS) == {path.name for path, calls in found.items() if calls}  # and the list holds nobody who doesn't
