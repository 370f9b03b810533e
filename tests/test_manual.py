"""What `--help` tells: of every command what it is for, and examples that run."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from policylint.arguments import all_built_in
from policylint.cli import main

PAGES = {name: command.PAGE for name, command in all_built_in().items()}
ACME = Path(__file__).parent.parent / "fixtures" / "acme"
EXAMPLES = [line for page in PAGES.values() for line, _ in page.examples]


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ACME, "org")
    shutil.copy("org/policies/backup/prod.json", "policy.json")
    Path("org/rules").mkdir()
    assert main(["new-rule", "one-of-ours", "--into", "org/rules"]) == 0
    if "--prune" in line:
        assert main(["baseline", "org"]) == 0
    program, *arguments = shlex.split(line)
    assert program == "policylint"
    assert main(arguments) in (0, 1)


@pytest.mark.parametrize("command", PAGES)
def test_help_fits_a_terminal_and_tells_examples_and_exit_codes(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    text = capsys.readouterr().out
    assert done.value.code == 0
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(PAGES[command].description.split()) in " ".join(text.split())
    assert text.index("examples:\n  policylint") < text.index("exit codes: 0 ")
