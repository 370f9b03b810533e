"""The options of each command, and its help."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from policylint.manual import EXIT_CODES, PAGES, Page
from policylint.wording import capital

if TYPE_CHECKING:
    from datetime import datetime

VERSION = "0.1.0"
SEVERITIES = ("error", "warning", "note")
WIDTH = 78


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence; `--help` has the rest."""

    def error(self, message: str) -> NoReturn:
        """Stop with exit code 2."""
        self.exit(2, f"policylint: {capital(message)}. `{self.prog} --help` tells more.\n")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or of `only` one command. A command's `help_text` gives its help."""
    whole = _Parser(
        prog="policylint",
        description="Tells what AWS Organizations would make of your management policies, before AWS does.",
        epilog="`policylint PATH…` is short for `policylint check PATH…`; `policylint check --help` lists its options. "
        f"Exit codes: {EXIT_CODES}.",
    )
    whole.add_argument("--version", action="version", version=f"policylint {VERSION}")
    commands = whole.add_subparsers(
        prog="policylint", title="commands", required=True, dest="command", metavar="COMMAND"
    )
    for name, page in PAGES.items() if only is None else [(only, PAGES[only])]:
        command = commands.add_parser(
            name,
            help=page.summary,
            description=textwrap.fill(page.description, WIDTH),
            epilog="\n".join(_epilog(page)),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(help_text=command.format_help)
        ADD[name](command)
        _add_run(command)
    return whole


def _epilog(page: Page) -> Iterator[str]:
    yield "examples:"
    for line, purpose in page.examples:
        yield from (f"  {line}", f"      {purpose}")
    yield ""
    yield textwrap.fill(f"exit codes: {page.exit_codes}", WIDTH, subsequent_indent="  ")


def _add_check(check: argparse.ArgumentParser) -> None:
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder with an organization, policy files, or both"
    )
    output = check.add_argument_group("report")
    output.add_argument(
        "--format",
        default="table",
        metavar="FORMAT",
        help="table (default), text, json, jsonl, sarif, github, gitlab, junit, markdown, html, or one of a plugin's",
    )
    output.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE, whole or not at all")
    output.add_argument(
        "--show-suppressed", action="store_true", help="with sarif: write accepted findings too, marked as suppressed"
    )
    output.add_argument("--quiet", action="store_true", help="print nothing when nothing is found")
    output.add_argument("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")
    fixing = check.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="mend what has one right answer, and report what is left")
    fixing.add_argument(
        "--diff", action="store_true", help="show what --fix would change, and change nothing, also beside --fix"
    )
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
    configuration = choice.add_mutually_exclusive_group()
    configuration.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (default: policylint.yaml next to the organization or here, or pyproject.toml here)",
    )
    configuration.add_argument(
        "--no-config", action="store_true", help="read no configuration: the rules and severities of the profile hold"
    )
    configuration.add_argument(
        "--settings-from",
        type=Path,
        metavar="FOLDER",
        help="take configuration, cards and baseline from FOLDER, another checkout, as if it were the working directory",
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
    baseline.add_argument(
        "--prune",
        action="store_true",
        help="only narrow the baseline that there is to what is still found; it accepts nothing new",
    )
    configuration = baseline.add_mutually_exclusive_group()
    configuration.add_argument("--config", type=Path, metavar="FILE", help="the configuration, as for check")
    configuration.add_argument("--no-config", action="store_true", help="read no configuration, as for check")
    baseline.add_argument("--at", type=_moment, metavar="TIMESTAMP", help="judge schedules as on saving at this moment")
    _add_container_locks(baseline)
    baseline.set_defaults(settings_from=None, select=[], ignore=[], profile=None, python_rules=None, type=None)


def _add_effective(effective: argparse.ArgumentParser) -> None:
    effective.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    effective.add_argument("--account", metavar="ID_OR_NAME", help="one account; without it use --format jsonl")
    effective.add_argument(
        "--type",
        metavar="TYPE",
        help="policy type (default: backup, or the only one that is enabled; with jsonl every type that is enabled)",
    )
    effective.add_argument("--format", choices=("json", "yaml", "jsonl"), default="json", help="default: json")
    effective.add_argument(
        "--require-valid",
        action="store_true",
        help="exit with 1 unless AWS serves each policy that was asked for: none is withheld, no document rejected",
    )
    _add_container_locks(effective)


def _add_explain(explain: argparse.ArgumentParser) -> None:
    explain.add_argument("path", type=Path, metavar="PATH", help="a folder with an organization")
    explain.add_argument("pointer", metavar="POINTER", help="such as /plans/daily/regions")
    explain.add_argument("--account", required=True, metavar="ID_OR_NAME", help="the account to look at")
    explain.add_argument("--type", metavar="TYPE", help="policy type (default: the one that POINTER starts in)")
    _add_container_locks(explain)


def _add_rules(rules: argparse.ArgumentParser) -> None:
    rules.add_argument(
        "rule", nargs="?", metavar="RULE", help="show this rule's card; of a family such as override, list its rules"
    )
    rules.add_argument(
        "--profile", metavar="PROFILE", help="list the rules of this profile, with the controls they answer to"
    )
    rules.add_argument(
        "--organization",
        type=Path,
        metavar="FOLDER",
        help="with the rules of the organization in FOLDER, its own cards",
    )


def _add_new_rule(new_rule: argparse.ArgumentParser) -> None:
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


def _add_test_rules(test_rules: argparse.ArgumentParser) -> None:
    test_rules.add_argument("folder", type=Path, metavar="FOLDER", help="a folder with cards, such as org/rules")


def _add_completion(completion: argparse.ArgumentParser) -> None:
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")
    completion.set_defaults(parser=parser)


def _add_container_locks(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    to.add_argument(
        "--container-locks",
        choices=("entries", "subtree"),
        default="entries",
        help="the reading of a lock on a container, which AWS leaves open: it governs the entries (default), or all below",
    )


def _add_run(to: argparse.ArgumentParser) -> None:
    run = to.add_argument_group("run")
    run.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="stop after so long, with exit code 2 and how far it came"
    )
    run.add_argument("--debug", action="store_true", help="show the traceback of an error inside policylint")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a time limit; write seconds above 0 and below 1e9, such as 600"
        )
    return seconds


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _moment(text: str) -> datetime:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"'{text}' is no ISO 8601 timestamp such as 2026-11-23T08:00:00Z") from None


def _nothing(command: argparse.ArgumentParser) -> None:
    """The command has no options."""


ADD: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "check": _add_check,
    "baseline": _add_baseline,
    "effective": _add_effective,
    "explain": _add_explain,
    "rules": _add_rules,
    "plugins": _nothing,
    "new-rule": _add_new_rule,
    "test-rules": _add_test_rules,
    "schema": _nothing,
    "completion": _add_completion,
}
