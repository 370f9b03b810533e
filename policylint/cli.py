"""The command line: options, help and exit codes."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.commands.shared import BROKEN, CLEAN, COMMANDS, Trouble, nearest

if TYPE_CHECKING:
    from datetime import datetime

VERSION = "0.1.0"
SEVERITIES = ("error", "warning", "note")
EXIT_CODES = (
    "Exit codes: 0 nothing found at or above --fail-on; 1 findings; 2 wrong usage, broken configuration, unreadable "
    "organization or failing plugin; 3 nothing to check"
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 clean, 1 findings, 2 broken run, 3 nothing to check."""
    if arguments is not None:
        return _run(arguments)
    # The process is ours. What a run makes lives until its end, so looking for cycles meanwhile, and a last time on
    # leaving, finds next to nothing: it took 1.5 of 3.4 seconds on the largest organization.
    gc.disable()
    try:
        return _run(sys.argv[1:])
    finally:
        gc.freeze()


def _run(given: list[str]) -> int:
    parser = _parser()
    if not given:
        parser.print_help(sys.stderr)
        return BROKEN
    if given[0] not in COMMANDS and given[0] not in ("-h", "--help", "--version"):
        given = ["check", *given]
    options, unknown = parser.parse_known_args(given)
    try:
        if unknown:
            raise Trouble(_no_option(unknown[0], options.help_text()))
        code: int = import_module(f"policylint.commands.{options.command.replace('-', '_')}").run(options)
        sys.stdout.flush()
    except Trouble as trouble:
        print(f"policylint: {trouble}", file=sys.stderr)
        return trouble.code
    except BrokenPipeError:
        # Whoever read the output has gone; that is no fault of the run.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except KeyboardInterrupt:
        return 130
    return code


def _no_option(name: str, help_text: str) -> str:
    known = set(re.findall(r"--[a-z][a-z-]+", help_text))
    hint = nearest(name.partition("=")[0], sorted(known)) or " `policylint COMMAND --help` lists the options."
    return f"There is no option '{name}'.{hint}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="policylint",
        description="Tells what AWS Organizations would make of your management policies, before AWS does.",
        epilog=f"`policylint PATH…` is short for `policylint check PATH…`. {EXIT_CODES}.",
    )
    parser.add_argument("--version", action="version", version=f"policylint {VERSION}")
    commands = parser.add_subparsers(title="commands", required=True, dest="command", metavar="COMMAND")
    _add_check(
        commands.add_parser("check", help="check an organization, or policy files on their own", epilog=EXIT_CODES)
    )
    _add_baseline(commands.add_parser("baseline", help="write down today's findings; later only new ones are told"))
    effective = commands.add_parser("effective", help="print effective policies")
    effective.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    effective.add_argument("--account", metavar="ID_OR_NAME", help="one account; without it use --format jsonl")
    effective.add_argument("--type", default="backup", metavar="TYPE", help="policy type (default: backup)")
    effective.add_argument("--format", choices=("json", "yaml", "jsonl"), default="json", help="default: json")
    _add_container_locks(effective)
    explain = commands.add_parser("explain", help="tell where a value of an effective policy comes from")
    explain.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    explain.add_argument("pointer", metavar="POINTER", help="such as /plans/daily/regions")
    explain.add_argument("--account", required=True, metavar="ID_OR_NAME", help="the account to look at")
    explain.add_argument("--type", default="backup", metavar="TYPE", help="policy type (default: backup)")
    _add_container_locks(explain)
    rules = commands.add_parser("rules", help="list the rules, or show one rule's card")
    rules.add_argument("rule", nargs="?", metavar="RULE", help="show this rule's card")
    rules.add_argument(
        "--profile", metavar="PROFILE", help="list the rules of this profile, with the controls they answer to"
    )
    commands.add_parser("plugins", help="list the plugins, what they bring along, and which of them failed")
    new_rule = commands.add_parser("new-rule", help="write the first files of a rule of your own")
    new_rule.add_argument("rule", metavar="ID", help="the rule's id, which states the fault: plan-without-owner")
    new_rule.add_argument(
        "--into",
        type=Path,
        metavar="FOLDER",
        help="write into FOLDER (default: rules, or for --plugin the package's name)",
    )
    kind = new_rule.add_mutually_exclusive_group()
    kind.add_argument("--python", action="store_true", help="a check in Python, its card and its test")
    kind.add_argument("--plugin", action="store_true", help="the same as a package to install")
    test_rules = commands.add_parser("test-rules", help="run the examples of your cards as tests")
    test_rules.add_argument("folder", type=Path, metavar="FOLDER", help="a folder with cards, such as org/rules")
    commands.add_parser("schema", help="print the JSON Schema of policylint.yaml, for editors")
    completion = commands.add_parser("completion", help="print the script that completes policylint in your shell")
    completion.add_argument(
        "shell", choices=("bash", "zsh", "tcsh"), help="for bash: policylint completion bash > FILE"
    )
    completion.set_defaults(parser=_parser)
    for command in commands.choices.values():
        command.set_defaults(help_text=command.format_help)
    return parser


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder with an organization, or policy files"
    )
    output = check.add_argument_group("report")
    output.add_argument(
        "--format", default="table", metavar="FORMAT", help="table (default), text, json, sarif, or one of a plugin's"
    )
    output.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE, whole or not at all")
    output.add_argument(
        "--show-suppressed", action="store_true", help="with sarif: write accepted findings too, marked as suppressed"
    )
    output.add_argument("--quiet", action="store_true", help="print nothing when nothing is found")
    output.add_argument("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")
    fixing = check.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="mend what has one right answer, and report what is left")
    fixing.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    fixing.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: mend by guesses too, which may be wrong"
    )
    choice = check.add_argument_group("rules")
    choice.add_argument(
        "--profile",
        metavar="PROFILE",
        help="the rules to start from: minimal, recommended (default), strict, or a framework such as nist-800-53",
    )
    choice.add_argument(
        "--select",
        type=_names,
        action="extend",
        default=[],
        metavar="RULES",
        help="run only these: rules or families, with commas between, or 'all'",
    )
    choice.add_argument(
        "--ignore", type=_names, action="extend", default=[], metavar="RULES", help="leave these rules or families out"
    )
    choice.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (default: policylint.yaml beside the organization or here, or pyproject.toml here)",
    )
    accepted = choice.add_mutually_exclusive_group()
    accepted.add_argument(
        "--baseline", type=Path, metavar="FILE", help="the baseline (default: policylint-baseline.json in PATH)"
    )
    accepted.add_argument("--no-baseline", action="store_true", help="tell what is in the baseline too")
    choice.add_argument(
        "--python-rules",
        type=Path,
        metavar="FOLDER",
        help="run the Python rules of FOLDER too: they are code, so name only what you trust",
    )
    choice.add_argument(
        "--fail-on", choices=(*SEVERITIES, "never"), help="exit with 1 from this severity on (default: error)"
    )
    reading = check.add_argument_group("how AWS reads the policies")
    reading.add_argument("--type", metavar="TYPE", help="the policy type of files checked on their own")
    reading.add_argument("--at", type=_moment, metavar="TIMESTAMP", help="judge schedules as on saving at this moment")
    _add_container_locks(reading)


def _add_baseline(baseline: argparse.ArgumentParser) -> None:
    baseline.add_argument("paths", nargs=1, type=Path, metavar="PATH", help="a folder with an organization")
    baseline.add_argument(
        "--output", type=Path, metavar="FILE", help="write to FILE (default: policylint-baseline.json in PATH)"
    )
    baseline.add_argument("--config", type=Path, metavar="FILE", help="the configuration, as for check")
    baseline.add_argument("--at", type=_moment, metavar="TIMESTAMP", help="judge schedules as on saving at this moment")
    _add_container_locks(baseline)
    baseline.set_defaults(select=[], ignore=[], profile=None, python_rules=None)


def _add_container_locks(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    to.add_argument(
        "--container-locks",
        choices=("entries", "subtree"),
        default="entries",
        help="the reading of a lock on a container, which AWS leaves open: it governs the entries (default), or all below",
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _moment(text: str) -> datetime:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no ISO 8601 timestamp such as 2026-11-23T08:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
