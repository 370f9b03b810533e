"""The hooks, run by the real pre-commit in a scratch repository that passes and in one that does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PRE_COMMIT = (sys.executable, "-m", "pre_commit")
POLICY = {"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}
REFUSED = {"plans": {"daily": {"regions": ["eu-west-1"]}}}
EMPTY = {"plans": {}}


def scratch(folder: Path, policy: object) -> Path:
    """A git repository with an organization whose one policy holds this."""
    (folder / "org" / "policies" / "backup").mkdir(parents=True)
    (folder / "org" / "organization.yaml").write_text("root: {policies: [backup/base]}\n")
    (folder / "org" / "policies" / "backup" / "base.json").write_text(json.dumps(policy))
    (folder / "notes.json").write_text("this is no policy")
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def try_hook(folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    command = [*PRE_COMMIT, "try-repo", str(CHECKOUT), hook, "--all-files", "--color", "never"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_manifest_is_valid() -> None:
    manifest = CHECKOUT / ".pre-commit-hooks.yaml"
    subprocess.run([*PRE_COMMIT, "validate-manifest", str(manifest)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["policylint", "policylint-files"])
def test_a_repository_without_faults_passes(tmp_path: Path, hook: str) -> None:
    done = try_hook(scratch(tmp_path, EMPTY), hook)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["policylint", "policylint-files"])
def test_a_repository_with_a_fault_fails_and_says_where(tmp_path: Path, hook: str) -> None:
    done = try_hook(scratch(tmp_path, REFUSED), hook)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "org/policies/backup/base.json" in done.stdout
    assert "missing-operator" in done.stdout


@pytest.mark.slow
def test_changed_files_are_judged_with_the_settings_of_their_organization(tmp_path: Path) -> None:
    folder = scratch(tmp_path, REFUSED)
    (folder / "org" / "policylint.yaml").write_text("rules: {missing-operator: warning}\n")
    done = try_hook(folder, "policylint-files")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scp", "service-control-policies", "RESOURCE_CONTROL_POLICY"])
def test_no_changed_file_of_a_type_that_is_not_checked_fails(tmp_path: Path, name: str) -> None:
    path = tmp_path / "org" / "policies" / name / "deny.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    done = try_hook(tmp_path, "policylint-files")
    assert (done.returncode, "no files to check" in done.stdout) == (0, True)


@pytest.mark.slow
def test_the_hook_rests_when_nothing_of_the_organization_changed(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    done = try_hook(tmp_path, "policylint")
    assert (done.returncode, "no files to check" in done.stdout) == (0, True)
