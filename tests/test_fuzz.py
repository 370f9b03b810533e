"""The fuzzer finds what nobody thought of: held here against a bug that is planted in a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris")

CHECKOUT = Path(__file__).parent.parent
BEFORE = '    found = ("${" in text'
# Reached only by one who learns from what the last step reached: each condition is a branch of its own.
PLANTED = """\
    if text[:1].isdigit():
        if text[1:2].isupper():
            raise KeyError("planted")
"""


def copy(folder: Path) -> Path:
    for name in ("policylint", "rules", "plugins", "fuzz"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, inside in (("rules", "builtin_rules"), ("plugins", "builtin_plugins")):
        (folder / "policylint" / inside).symlink_to(folder / name)
    return folder


def fuzz(folder: Path, runs: int, inputs: str, seed: int = 1) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "fuzz/target.py", inputs, f"-runs={runs}", f"-seed={seed}", "-max_len=40"]
    environment = {"PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def test_a_sound_copy_has_no_fault(tmp_path: Path) -> None:
    done = fuzz(copy(tmp_path), 50, "fuzz/corpus")
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_a_bug_that_is_planted_in_a_copy_is_found(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    path = folder / "policylint" / "json_text.py"
    text = path.read_text()
    assert text.count(BEFORE) == 1
    path.write_text(text.replace(BEFORE, PLANTED + BEFORE))
    # It takes 500 to 30,000 executions; a fuzzer is chance, so one that has no luck may begin again.
    for seed in (1, 2, 3):
        inputs = folder / f"inputs-{seed}"
        inputs.mkdir()
        (inputs / "one").write_text('t{"tags": {"a": {}}}')
        done = fuzz(folder, 60_000, inputs.name, seed)
        if done.returncode != 0:
            break
    assert "KeyError: 'planted'" in done.stdout + done.stderr
