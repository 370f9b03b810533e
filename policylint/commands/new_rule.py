"""`policylint new-rule`: the first files of a rule, which run as they are."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.commands.shared import CLEAN, Trouble, show, write_whole
from policylint.entry_points import Page

HERE = Path(__file__).parent / "templates"
PAGE = Page(
    "write the first files of a rule of your own",
    "Writes a card with an example, a test, and with --python also a check. Existing files are not overwritten.",
    (
        ("policylint new-rule plan-without-owner --into org/rules", "a card, without Python"),
        ("policylint new-rule plan-without-owner --python", "a check, its card and its test"),
        ("policylint new-rule plan-without-owner --plugin", "a package to install"),
    ),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("rule", metavar="ID", help="the rule's id, which names the problem: plan-without-owner")
    parser.add_argument(
        "--into",
        type=Path,
        metavar="FOLDER",
        help="write into FOLDER (default: rules, or for --plugin the package's name)",
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--python", action="store_true", help="a check in Python, its card and its test")
    kind.add_argument("--plugin", action="store_true", help="the same as a package to install")


def run(options: argparse.Namespace) -> int:
    """Write the files, unless one of them exists."""
    from policylint.layouts import TREE_FILES
    from policylint.plugins import load
    from policylint.rules import ID

    if not ID.fullmatch(options.rule):
        raise Trouble(f"'{options.rule}' can't be a rule's id. Write lower-case words with dashes: plan-without-owner.")
    if options.rule in load().rules:
        raise Trouble(f"A rule of the name '{options.rule}' exists already. Choose another one.")
    if options.python and options.into and any((options.into.parent / name).exists() for name in TREE_FILES):
        raise Trouble(
            f"{options.into}: holds the cards of an organization, which run no code. Name another folder, and run it "
            "with `policylint check --python-rules FOLDER`."
        )
    files = _files(options.rule, options.into, plugin=options.plugin, python=options.python)
    for path in files:
        if path.exists():
            raise Trouble(f"{path}: exists already, and is not changed. Move it away, or choose another id.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [text])
        show(str(path))
    show(_next_step(options.rule, options.into, plugin=options.plugin, python=options.python))
    return CLEAN


def _files(rule: str, into: Path | None, *, plugin: bool, python: bool) -> dict[Path, str]:
    words = {
        "id": rule,
        "name": rule.replace("-", "_"),
        "title": rule.replace("-", " ").capitalize(),
        "package": f"policylint_{rule.replace('-', '_')}",
    }
    if plugin:
        folder = into or Path(f"policylint-{rule}")
        package = folder / words["package"]
        return {
            folder / "pyproject.toml": _filled("pyproject.toml", words),
            package / "__init__.py": _filled("plugin.py", words),
            package / f"{rule}.md": _filled("python-card.md", words),
            folder / "tests" / f"test_{words['name']}.py": _filled("test_plugin.py", words),
        }
    folder = into or Path("rules")
    if python:
        return {
            folder / f"{words['name']}.py": _filled("check.py", words),
            folder / f"{rule}.md": _filled("python-card.md", words),
            folder / f"test_{words['name']}.py": _filled("test_check.py", words),
        }
    return {folder / f"{rule}.md": _filled("card.md", words)}


def _filled(name: str, words: dict[str, str]) -> str:
    from string import Template

    return Template((HERE / f"{name}.txt").read_text(encoding="utf-8")).safe_substitute(words)


def _next_step(rule: str, into: Path | None, *, plugin: bool, python: bool) -> str:
    if plugin:
        folder = into or Path(f"policylint-{rule}")
        return f"Next: pip install --editable {folder}, then policylint plugins. The test runs with pytest {folder}."
    folder = into or Path("rules")
    if python:
        return f"Next: policylint org/ --python-rules {folder}. The test runs with pytest {folder}."
    return (
        f"Next: policylint test-rules {folder}. policylint reads the cards of the folder rules next to "
        f"organization.yaml, and of the card_folders in policylint.yaml."
    )
