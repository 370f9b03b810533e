"""Files: what readers get instead of paths, and that whatever holds them keeps the same rules."""

from __future__ import annotations

import os
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
