"""What a stopped run leaves: whole files, no scratch files, and one line that says what it changed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from policylint.cli import main
from policylint.stopping import SIGNALS

MISTAKE = '{"plans": {"daily": {"regions": ["eu-west-1"]}}}\n'
FIXED = '{"plans": {"daily": {"regions": {"@@assign": ["eu-west-1"]}}}}\n'
MAIN = "import sys; from policylint.cli import main; sys.exit(main())"
# Sends a signal to itself the second time that the named function is called, before or after it does its work.
TRAP = """
import os, {module}
real, calls = {module}.{name}, []
def trapped(*given, **named):
    calls.append(1)
    if {before} and len(calls) == 2:
        os.kill(os.getpid(), {number})
    done = real(*given, **named)
    if not {before} and len(calls) == 2:
        os.kill(os.getpid(), {number})
    return done
{module}.{name} = trapped
"""


@pytest.fixture
def org(tmp_path: Path) -> Path:
    policies = tmp_path / "org" / "policies" / "backup"
    policies.mkdir(parents=True)
    for name in "abc":
        (policies / f"{name}.json").write_text(MISTAKE)
    (tmp_path / "org" / "organization.yaml").write_text("root: {policies: [backup/a, backup/b, backup/c]}\n")
    return tmp_path / "org"


def stopped(org: Path, function: str, number: int, *, before: bool) -> subprocess.CompletedProcess[str]:
    """Run --fix, which is stopped at the second call of a function such as os.replace."""
    module, _, name = function.rpartition(".")
    trap = TRAP.format(module=module, name=name, number=int(number), before=before)
    command = [sys.executable, "-c", trap + MAIN, "check", "org", "--fix"]
    return subprocess.run(command, cwd=org.parent, capture_output=True, text=True)


def texts(org: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((org / "policies" / "backup").iterdir())}


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_file_is_written_leaves_it_as_it_was(org: Path, number: signal.Signals) -> None:
    done = stopped(org, "os.chmod", number, before=True)
    assert done.returncode == 128 + number
    assert texts(org) == {"a.json": FIXED, "b.json": MISTAKE, "c.json": MISTAKE}
    assert done.stderr == f"policylint: Stopped by {number.name}. Already written: org/policies/backup/a.json.\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_in_the_moment_of_replacing_waits_for_it(org: Path, number: signal.Signals) -> None:
    done = stopped(org, "os.replace", number, before=True)
    assert texts(org) == {"a.json": FIXED, "b.json": FIXED, "c.json": MISTAKE}
    written = "org/policies/backup/a.json, org/policies/backup/b.json"
    assert done.stderr == f"policylint: Stopped by {number.name}. Already written: {written}.\n"


@pytest.mark.parametrize("before", [True, False])
def test_a_signal_in_the_moment_of_making_a_scratch_file_leaves_none(org: Path, before: bool) -> None:
    done = stopped(org, "tempfile.NamedTemporaryFile", signal.SIGTERM, before=before)
    assert done.returncode == 143
    assert texts(org) == {"a.json": FIXED, "b.json": MISTAKE, "c.json": MISTAKE}


def test_a_stopped_run_that_wrote_nothing_says_so(org: Path) -> None:
    done = stopped(org, "json.loads", signal.SIGINT, before=True)
    assert (done.returncode, done.stderr) == (130, "policylint: Stopped by SIGINT. No file was changed.\n")
    assert set(texts(org).values()) == {MISTAKE}


def test_a_signal_that_is_ignored_from_outside_stays_ignored(org: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    trap = TRAP.format(module="os", name="replace", number=int(signal.SIGHUP), before=True)
    command = [sys.executable, "-c", ignoring + trap + MAIN, "check", "org", "--fix"]
    subprocess.run(command, cwd=org.parent, capture_output=True)
    assert set(texts(org).values()) == {FIXED}


def test_a_timeout_ends_a_run_and_says_how_far_it_came(org: Path) -> None:
    over = TRAP.format(module="policylint.lint", name="_gather_document", number=int(signal.SIGALRM), before=True)
    command = [sys.executable, "-c", over + MAIN, "check", "org", "--timeout", "600"]
    done = subprocess.run(command, cwd=org.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "policylint: The run took longer than the 600 seconds of --timeout. Checked: 1 of 3 policies checked; the rest was not checked. "
        "No file was changed.\n"
    )


@pytest.mark.parametrize("command", [["check", "org"], ["effective", "org", "--format", "jsonl"], ["rules"]])
def test_every_command_takes_a_timeout(org: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.chdir(org.parent)
    assert main([*command, "--timeout", "0.0001"]) == 2
    assert main([*command, "--timeout", "600"]) in (0, 1)


def test_a_timeout_that_is_no_time_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("0", "-1", "soon", "inf", "nan", "1e9", ""):
        with pytest.raises(SystemExit, match="2"):
            main(["rules", "--timeout", text])
        assert f"'{text}' is not a time limit; write seconds above 0 and below 1e9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "function"),
    [
        (["check", "org"], "tabulate.tabulate"),
        (["rules"], "policylint.commands.rules.show"),
    ],
)
def test_a_timeout_leaves_no_partial_report(org: Path, command: list[str], function: str) -> None:
    """Time runs out in the middle of what is printed."""
    module, _, name = function.rpartition(".")
    over = f"import {module}" + TRAP.format(module=module, name=name, number=int(signal.SIGALRM), before=True)
    timed = [sys.executable, "-c", over + MAIN, *command, "--timeout", "600"]
    done = subprocess.run(timed, cwd=org.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("policylint: The run took longer than the 600 seconds of --timeout.")


@pytest.mark.parametrize("command", [["check", "org", "--format", "text"], ["check", "none"], ["rules", "none"]])
def test_a_time_limit_that_is_kept_changes_nothing(
    org: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.chdir(org.parent)
    monkeypatch.setenv("FORCE_COLOR", "1")
    without = main(command), capsys.readouterr()
    assert (main([*command, "--timeout", "600"]), capsys.readouterr()) == without


def test_an_error_inside_policylint_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: object) -> int:
        raise KeyError("x\ny")

    monkeypatch.setattr("policylint.commands.rules.run", broken)
    assert main(["rules"]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert "This is a bug in policylint 0.1.0, not a problem of your files (KeyError: " in shown.err
    assert "https://github.com/policylint/policylint/issues" in shown.err
    with pytest.raises(KeyError):
        main(["rules", "--debug"])


def test_too_little_memory_is_no_bug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def hungry(options: object) -> int:
        raise MemoryError

    monkeypatch.setattr("policylint.commands.rules.run", hungry)
    assert main(["rules"]) == 2
    assert capsys.readouterr().err == "policylint: There is not enough memory for this input.\n"
