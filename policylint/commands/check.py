"""`policylint check`: run the rules, write the report."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.arguments import EXIT_CODES, SEVERITIES, add_container_locks, add_reader, moment, names
from policylint.entry_points import Page

PAGE = Page(
    "check an organization, or policy files on their own",
    "Computes the effective policy of every account as AWS Organizations does, runs the rules over it and over the "
    "files, and tells each finding at the line that causes it, with what AWS does about it and the accounts it "
    "reaches. Policy files without their folder are checked on their own, with the settings of the organization that "
    "they lie in. Files that are not management policies are named and skipped.",
    (
        ("policylint org/", "check everything below org/"),
        ("policylint org/ --format text", "show the source lines too"),
        ("policylint org/ --select override,required", "only two families of rules"),
        ("policylint org/ --diff", "what --fix would change"),
        ("policylint --type backup policy.json", "one policy, wherever it lies"),
        ("policylint org/ --format sarif --output policylint.sarif", "for code scanning"),
    ),
    EXIT_CODES,
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder with an organization, policy files, or both"
    )
    output = parser.add_argument_group("report")
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
    fixing = parser.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="mend what has one right answer, and report what is left")
    fixing.add_argument(
        "--diff", action="store_true", help="show what --fix would change, and change nothing, also beside --fix"
    )
    fixing.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: mend by guesses too, which may be wrong"
    )
    choice = parser.add_argument_group("rules")
    choice.add_argument(
        "--profile",
        metavar="PROFILE",
        help="the rules to start from: minimal, recommended (default), strict, or a framework such as nist-800-53",
    )
    choice.add_argument(
        "--select",
        type=names,
        action="extend",
        default=[],
        metavar="RULES",
        help="run only these: rules or families, with commas between, or 'all'",
    )
    choice.add_argument(
        "--ignore", type=names, action="extend", default=[], metavar="RULES", help="leave these rules or families out"
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
    reading = parser.add_argument_group("how AWS reads the policies")
    reading.add_argument("--type", metavar="TYPE", help="the policy type of files checked on their own")
    reading.add_argument("--at", type=moment, metavar="TIMESTAMP", help="judge schedules as on saving at this moment")
    add_reader(reading)
    add_container_locks(reading)


def run(options: argparse.Namespace) -> int:
    """See the page."""
    from policylint.commands.checking import run

    return run(options)
