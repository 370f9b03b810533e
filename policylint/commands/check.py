"""`policylint check`: run the rules, write the report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policylint.arguments import EXIT_CODES, SEVERITIES, add_container_locks, add_reader, moment, names
from policylint.commands.shared import Trouble, print_all, say, write_whole
from policylint.entry_points import Page
from policylint.wording import counted, hinted

if TYPE_CHECKING:
    from policylint.plugins import Format
    from policylint.report import Report, Terminal
    from policylint.running import Part

PAGE = Page(
    "check an organization, or policy files on their own",
    "Computes the effective policy of every account as AWS Organizations does, runs the rules over it and over the files, and reports each finding at the line that causes it, with what AWS does about it and the accounts it affects. Policy files without their folder are checked on their own, with the settings of the organization around them. Files that are not management policies are reported and skipped.",
    (
        ("policylint org/", "check everything below org/"),
        ("policylint org/ --format text", "show the source lines too"),
        ("policylint org/ --select override,required", "only two families of rules"),
        ("policylint org/ --diff", "what --fix would change"),
        ("policylint --type backup policy.json", "one policy, anywhere"),
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
    output.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report to FILE, completely or not at all"
    )
    output.add_argument(
        "--show-suppressed", action="store_true", help="with sarif: write suppressed findings too, marked as suppressed"
    )
    output.add_argument("--quiet", action="store_true", help="print nothing if there are no findings")
    output.add_argument("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")
    fixing = parser.add_argument_group("fixing")
    fixing.add_argument("--fix", action="store_true", help="fix what has one right answer, and report what is left")
    fixing.add_argument(
        "--diff", action="store_true", help="show what --fix would change, and change nothing, even with --fix"
    )
    fixing.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: make guesses too, which may be wrong"
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
        "--no-config", action="store_true", help="read no configuration: the rules and severities of the profile apply"
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
    accepted.add_argument("--no-baseline", action="store_true", help="report what is in the baseline too")
    choice.add_argument(
        "--python-rules",
        type=Path,
        metavar="FOLDER",
        help="run the Python rules of FOLDER too: they are code, so name only a folder that you trust",
    )
    choice.add_argument(
        "--fail-on", choices=(*SEVERITIES, "never"), help="exit with 1 from this severity on (default: error)"
    )
    reading = parser.add_argument_group("how AWS reads the policies")
    reading.add_argument("--type", metavar="TYPE", help="the policy type of files checked on their own")
    reading.add_argument("--at", type=moment, metavar="TIMESTAMP", help="check schedules as if saved at this moment")
    add_reader(reading)
    add_container_locks(reading)


def run(options: argparse.Namespace) -> int:
    """Check an organization, or policy files on their own."""
    from policylint import progress, project
    from policylint.asked import Asked, Opening
    from policylint.loading import load_host

    progress.show()
    opening = Opening(
        config=options.config,
        no_config=options.no_config,
        settings_from=options.settings_from,
        python_rules=options.python_rules,
        reader=options.reader or "",
        type=options.type or "",
        container_locks=options.container_locks,
    )
    host = load_host(opening)
    if options.format not in host.formats:
        there_are = f"There are {', '.join(sorted(host.formats))}."
        raise Trouble(hinted(f"No report format is named '{options.format}'.", options.format, host.formats, there_are))
    if options.unsafe_fixes and not (options.fix or options.diff):
        raise Trouble("--unsafe-fixes goes with --fix, which makes them, or --diff, which shows them.")
    opened = project.open_paths(options.paths, opening, host)
    opened.make_ready()
    say(*opened.notices)
    parts = opened.parts(
        Asked(
            at=options.at,
            select=tuple(options.select),
            ignore=tuple(options.ignore),
            profile=options.profile or "",
            baseline=options.baseline,
            no_baseline=options.no_baseline,
            fail_on=options.fail_on or "",
        )
    )
    if options.diff:
        return _show_diff(parts, unsafe=options.unsafe_fixes)
    report = _reported(parts, fix=options.fix, unsafe=options.unsafe_fixes, show_suppressed=options.show_suppressed)
    terminal = _terminal(plain=bool(options.output) or options.no_color)
    return _write(report, host.formats[options.format], options.format, terminal, options.output, quiet=options.quiet)


def _show_diff(parts: list[Part], *, unsafe: bool) -> int:
    from policylint.commands.mending import show_diff
    from policylint.running import fixed

    return show_diff([fixed(part, unsafe=unsafe) for part in parts])


def _reported(parts: list[Part], *, fix: bool, unsafe: bool, show_suppressed: bool) -> Report:
    """The report of all parts, once fixes are written where that was asked for."""
    from dataclasses import replace

    from policylint.report import joined
    from policylint.running import fixed, report_of, report_of_rest

    if fix:
        from policylint.commands.mending import write

        failures = write([(fixed(part, unsafe=unsafe), part.named.paths) for part in parts])
        reports = [report_of_rest(part, failures, unsafe=unsafe) for part in parts]
    else:
        reports = [report_of(part) for part in parts]
    return replace(joined(reports), show_suppressed=show_suppressed)


def _write(report: Report, form: Format, name: str, terminal: Terminal, output: Path | None, *, quiet: bool) -> int:
    """Write the report to a file or to standard output, and what there is to say next to it."""
    notices: list[str] = []
    chunks = _rendered(report, form, name, terminal, notices)
    if output:
        write_whole(output, chunks)
    elif report.findings or not quiet:
        print_all(chunks)
    say(*notices, *report.failures)
    if output and not quiet:
        say(*(line for line in (report.alone_line, report.settings_line) if line and line not in notices))
        say(f"{_figures(report)}; the report is in {output}.")
    return report.exit_code


def _rendered(report: Report, form: Format, name: str, terminal: Terminal, notices: list[str]) -> Iterator[str]:
    """The report's text piece by piece: of a large organization it may be too large to hold at once.

    After the last piece `notices` has the messages to the user.
    """
    try:
        rendered = form.render(report, terminal)
        yield from rendered.chunks
        notices += rendered.notices
    except Exception as error:  # a stranger's format may raise anything
        from policylint.plugins import in_one_line

        raise Trouble(f"The report format '{name}' broke: {in_one_line(error)}") from error


def _figures(report: Report) -> str:
    figures = report.summary
    counts = ((figures.errors, "error"), (figures.warnings, "warning"), (figures.notes, "note"))
    return ", ".join(counted(count, noun) for count, noun in counts)


def _terminal(*, plain: bool) -> Terminal:
    """What standard output can show. NO_COLOR and FORCE_COLOR: https://no-color.org, https://force-color.org."""
    from policylint.report import PLAIN, Terminal

    if plain or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return PLAIN
    interactive = sys.stdout.isatty()
    # Terminals pass over links that they don't know; those in CI logs print them.
    return Terminal(colour=interactive or bool(os.environ.get("FORCE_COLOR")), links=interactive)
