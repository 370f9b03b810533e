"""The composite action: valid, without a way to inject anything, and its scripts run as the runner runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
WORKFLOW = CHECKOUT / "docs" / "examples" / "github-workflow.yml"
BIN = Path(sys.executable).parent


class Runner:
    """The environment that GitHub's runner gives to the steps of a composite action."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.temporary = folder / "temp"
        self.output = folder / "output"
        for path in (self.workspace, self.temporary / "policylint" / "bin"):
            path.mkdir(parents=True)
        self.output.touch()

    def run(self, script: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(CHECKOUT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temporary),
            **{f"POLICYLINT_{name.upper()}": value for name, value in inputs.items()},
        }
        command = ["bash", str(CHECKOUT / "action" / script)]
        return subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, text=True)

    def lint(self, **inputs: str) -> dict[str, str]:
        """The outputs of the step that lints."""
        given = {"path": "org/", "format": "sarif", "fail_on": "error", "arguments": "", **inputs}
        done = self.run("lint.sh", **given)
        assert done.returncode == 0, done.stderr
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path)
    python = made.temporary / "policylint" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    policies = made.workspace / "org" / "policies" / "backup"
    policies.mkdir(parents=True)
    (policies / "base.json").write_text('{"plans": {"daily": {"regions": ["eu-west-1"]}}}')
    (made.workspace / "org" / "organization.yaml").write_text("root: {policies: [backup/base]}\n")
    return made


def test_a_run_with_findings_hands_on_its_report_and_code(runner: Runner) -> None:
    outputs = runner.lint()
    assert outputs["exit-code"] == "1"
    report = json.loads(Path(outputs["report"]).read_text())
    assert "missing-operator" in {result["ruleId"] for result in report["runs"][0]["results"]}


def test_the_level_and_more_arguments_reach_policylint(runner: Runner) -> None:
    assert runner.lint(fail_on="never")["exit-code"] == "0"
    assert runner.lint(arguments="--ignore\nsyntax\n")["exit-code"] == "0"


def test_annotations_are_printed_and_the_job_gets_a_summary(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = runner.temporary / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    done = runner.run("lint.sh", path="org/", format="github", fail_on="error", arguments="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "::error file=org/policies/backup/base.json,line=1," in done.stdout
    assert runner.output.read_text() == "exit-code=1\n"
    assert "<code>org/policies/backup/base.json</code>" in summary.read_text()


def test_a_run_that_goes_wrong_has_no_report(runner: Runner) -> None:
    outputs = runner.lint(path="nowhere/")
    assert outputs == {"exit-code": "2"}


def test_inputs_are_data(runner: Runner) -> None:
    outputs = runner.lint(path='org/$(touch pwned)"; touch pwned #', arguments="$(touch pwned)")
    assert outputs["exit-code"] == "2"
    assert not (runner.workspace / "pwned").exists()
    assert runner.lint(path="--output=pwned")["exit-code"] == "2"
    assert not (runner.workspace / "pwned").exists()


def set_traps(workspace: Path) -> Path:
    """Fill a workspace with modules that Python would take for its own; returns the file in which each leaves its name."""
    caught = workspace / "caught"
    for name in ("venv", "pip", "logging", "sitecustomize", "policylint", "evil_backend"):
        (workspace / f"{name}.py").write_text(f"open({str(caught)!r}, 'a').write('{name} ')\n")
    (workspace / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "evil_backend"\nbackend-path = ["."]\n'
        '[project]\nname = "evil"\nversion = "1"\n'
    )
    plugin = workspace / "evil.egg-info"
    plugin.mkdir()
    (plugin / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text("[policylint]\nevil = evil_backend\n")
    return caught


@pytest.mark.parametrize("module", ["venv", "pip", "logging", "policylint"])
def test_the_traps_catch_who_runs_python_carelessly(tmp_path: Path, module: str) -> None:
    caught = set_traps(tmp_path)
    subprocess.run([sys.executable, "-m", module], cwd=tmp_path, capture_output=True)
    assert caught.exists()


@pytest.mark.slow
def test_the_action_installs_its_own_code_and_runs_none_of_the_workspace(runner: Runner) -> None:
    caught = set_traps(runner.workspace)
    (runner.temporary / "policylint" / "bin" / "python").unlink()
    (runner.temporary / "policylint" / "bin").rmdir()
    done = runner.run("install.sh", version="")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("policylint ")
    assert runner.lint()["exit-code"] == "1"
    assert not caught.exists(), caught.read_text()


def test_checking_runs_none_of_the_workspace(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    caught = set_traps(runner.workspace)
    monkeypatch.setenv("PYTHONPATH", str(runner.workspace))
    assert runner.lint()["exit-code"] == "1"
    assert not caught.exists(), caught.read_text()


def test_as_a_module_policylint_imports_nothing_from_the_folder_that_it_looks_at(runner: Runner) -> None:
    caught = set_traps(runner.workspace)
    (runner.workspace / "policylint.py").unlink()
    command = [sys.executable, "-m", "policylint", "org"]
    done = subprocess.run(command, cwd=runner.workspace, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert not caught.exists(), caught.read_text()


def test_action_and_workflow_are_valid() -> None:
    check = [sys.executable, "-m", "check_jsonschema"]
    gitlab = CHECKOUT / "docs" / "examples" / "gitlab-ci.yml"
    files = {"github-actions": CHECKOUT / "action.yml", "github-workflows": WORKFLOW, "gitlab-ci": gitlab}
    for schema, path in files.items():
        subprocess.run([*check, "--builtin-schema", f"vendor.{schema}", str(path)], check=True)


def test_zizmor_finds_nothing() -> None:
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", CHECKOUT / "action.yml", WORKFLOW],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def git(runner: Runner, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, cwd=runner.workspace, check=True, capture_output=True, text=True).stdout.strip()


def test_a_change_cannot_turn_checks_off_where_settings_come_from_the_base(runner: Runner) -> None:
    git(runner, "init", "--quiet")
    git(runner, "add", ".")
    git(runner, "commit", "--quiet", "-m", "base")
    base = git(runner, "rev-parse", "HEAD")
    (runner.workspace / "org" / "policylint.yaml").write_text("ignore: [all]\nfail_on: never\n")
    hook = runner.workspace / "evil.sh"
    hook.write_text(f"#!/bin/sh\ntouch {runner.workspace}/pwned\n")
    hook.chmod(0o755)
    (runner.workspace / ".gitattributes").write_text("* filter=evil\n")
    assert runner.lint()["exit-code"] == "0"
    outputs = runner.lint(settings_from="base", base=base)
    assert outputs["exit-code"] == "1"
    assert "missing-operator" in Path(outputs["report"]).read_text().split('"results"')[1]
    assert not (runner.workspace / "pwned").exists()


def test_without_a_pull_request_there_is_no_base(runner: Runner) -> None:
    assert runner.lint(settings_from="base", base="")["exit-code"] == "1"
    given = {"path": "org/", "format": "sarif", "fail_on": "error", "arguments": ""}
    assert "head or base, not 'bse'" in runner.run("lint.sh", **given, settings_from="bse").stderr
    git(runner, "init", "--quiet")
    done = runner.run("lint.sh", **given, settings_from="base", base="0" * 40)
    assert (done.returncode, "fetch-depth: 0" in done.stderr) == (2, True)
