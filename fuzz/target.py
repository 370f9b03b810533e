"""The fuzz target: whatever is in a file, policylint answers as it promises.

    python fuzz/target.py fuzz/corpus -max_total_time=60    libFuzzer's options; see fuzz/run

The first character of an input says what it is: `j` a backup policy in JSON, `b` the same, `y` a tag policy in YAML,
`t` one in JSON, `o` a tree, `c` a configuration, `a` a card; anything else is passed over. A policy is read and judged in memory; the
others are files in a folder, and the command line runs on it. What must hold: no exception leaves policylint, the exit
code is one of its own, and each finding is at a place in its text.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import atheris

# What is first imported when it is needed has to be imported here too: else its edges are not seen.
with atheris.instrument_imports(include=["policylint", "rules", "plugins"]):
    import policylint.json_text
    import policylint.yaml_text  # noqa: F401
    from policylint.card_rules import CardProblems, read_card
    from policylint.cli import main
    from policylint.config import ConfigError, read
    from policylint.files import OnDisk
    from policylint.lint import lint_files
    from policylint.organization import Policy
    from policylint.parsing import parse_document
    from policylint.places import locate
    from policylint.plugins import load
    from policylint.policy_types import policy_type

RULES = load(()).rules
TREE = "root: {policies: [tag/x], accounts: [{name: a, id: '111111111111'}]}\n"
FOLDER = Path(tempfile.mkdtemp())


class Wrong(Exception):
    """policylint did what it promises not to do."""


def one_input(data: bytes) -> None:
    """Run policylint on one input."""
    text = data.decode("utf-8", "ignore")
    kind, text = text[:1], text[1:]
    if kind in "jybt" and kind:
        judge(text, "x.yaml" if kind == "y" else "x.json", "tag" if kind in "yt" else "backup")
    elif kind == "o":
        run({"organization.yaml": text})
    elif kind == "c":
        configure(text)
    elif kind == "a":
        card(text)


def judge(text: str, name: str, kind: str) -> None:
    """Read a text as a policy, and run every rule on it."""
    document = parse_document(text, name)
    report = lint_files([Policy(name, policy_type(kind), document)], RULES)
    if report.failures:
        raise Wrong(report.failures[0])
    lines = text.count("\n") + text.count("\r") + 1
    for finding in report.findings:
        place = locate(finding.place)
        if not (1 <= place.line <= lines and place.column >= 1):
            raise Wrong(f"{finding.rule} is at {place.line}:{place.column}")


def configure(text: str) -> None:
    """Read a text as a configuration; one that is right runs."""
    path = FOLDER / "policylint.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        read(OnDisk(path.parent), path.name, RULES.values())
    except ConfigError:
        return
    run({"policylint.yaml": text})


def card(text: str) -> None:
    """Read a text as a card; one that is right runs."""
    path = FOLDER / "fuzzed.md"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        rule = read_card(OnDisk(path.parent), path.name)
    except CardProblems:
        return
    document = parse_document(
        '{"plans": {"p": {"regions": {"@@assign": ["eu-west-1"]}, "rules": {"r": {}}}}}', "x.json"
    )
    lint_files([Policy("x", policy_type("backup"), document)], {rule.id: rule})


def run(files: dict[str, str]) -> None:
    """Run the command line on an organization with these files."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = Path(name)
        (folder / "policies" / "tag").mkdir(parents=True)
        for path, text in {"organization.yaml": TREE, "policies/tag/x.json": '{"tags": {"a": {}}}', **files}.items():
            (folder / path).write_text(text, encoding="utf-8", newline="")
        said = io.StringIO()
        with redirect_stdout(io.StringIO()), redirect_stderr(said):
            code = main(["check", name, "--debug"])
    if code not in (0, 1, 2, 3) or "This is a bug" in said.getvalue():
        raise Wrong(f"exit code {code}: {said.getvalue()}")


if __name__ == "__main__":
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
