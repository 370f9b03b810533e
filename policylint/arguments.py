"""The parser of the command line, a command's page, and the options that several commands have."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, cast

from policylint.entry_points import COMMANDS, STOPPED, Command, Page
from policylint.wording import capital

if TYPE_CHECKING:
    from datetime import datetime

VERSION = "0.1.0"
SEVERITIES = ("error", "warning", "note")
WIDTH = 78
EXIT_CODES = (
    "0 nothing found at or above --fail-on; 1 findings; 2 wrong usage, broken configuration, unreadable organization "
    f"or failing plugin; 3 nothing to check; {STOPPED}. With --diff: 0 nothing to fix; 1 something to fix"
)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; `--help` has the rest."""

    def error(self, message: str) -> NoReturn:
        """Stop with exit code 2."""
        self.exit(2, f"policylint: {capital(message)}. `{self.prog} --help` shows more.\n")


def built_in(name: str) -> Command:
    """The built-in command of this name, loaded without any plugin."""
    return cast(Command, import_module(f"policylint.commands.{name.replace('-', '_')}"))


def all_built_in() -> dict[str, Command]:
    """The built-in commands by name, in the order in which `--help` lists them."""
    return {name: built_in(name) for name in COMMANDS}


def parser(commands: Mapping[str, Command], *, options: bool = True) -> argparse.ArgumentParser:
    """The parser of a command line with these commands, with or without their `options`: the list of commands needs none.

    What it makes of a command line holds `help_text`, a function that gives the help of the command.
    """
    width = _columns() - 2
    whole = _Parser(
        prog="policylint",
        description="Shows what AWS Organizations would do with your management policies, before AWS does it.",
        epilog="`policylint PATH…` is short for `policylint check PATH…`; `policylint check --help` lists its options. "
        f"Exit codes: {EXIT_CODES}.",
        formatter_class=partial(argparse.HelpFormatter, width=width),
    )
    whole.add_argument("--version", action="version", version=f"policylint {VERSION}")
    below = whole.add_subparsers(prog="policylint", title="commands", required=True, dest="command", metavar="COMMAND")
    for name, command in commands.items():
        page = command.PAGE
        if not options:
            below.add_parser(name, help=page.summary)
            continue
        its = below.add_parser(
            name,
            help=page.summary,
            description=textwrap.fill(page.description, WIDTH),
            epilog="\n".join(_epilog(page)),
            formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=width),
        )
        its.set_defaults(help_text=its.format_help)
        command.add_options(its)
        _add_run(its)
    return whole


def _columns() -> int:
    """The width of the terminal, as shutil finds it. argparse would load shutil for it at each start, help or not."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # it is closed, or no terminal
        return 80


def _epilog(page: Page) -> Iterator[str]:
    yield "examples:"
    for line, purpose in page.examples:
        yield from (f"  {line}", f"      {purpose}")
    yield ""
    yield textwrap.fill(f"exit codes: {page.exit_codes}", WIDTH, subsequent_indent="  ")


# ---- options that several commands have ----------------------------------------------------------------------


def add_reader(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the option that chooses who reads PATH."""
    to.add_argument(
        "--reader",
        metavar="NAME",
        default="",
        help="read a folder as this layout (default: the one that recognises it; `policylint plugins` lists the readers)",
    )


def add_container_locks(to: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the choice between the two readings of a lock on a container."""
    to.add_argument(
        "--container-locks",
        choices=("entries", "subtree"),
        default="entries",
        help="how to read a lock on a container, which AWS does not define: it covers the entries (default), or everything below",
    )


def _add_run(to: argparse.ArgumentParser) -> None:
    run = to.add_argument_group("run")
    run.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="stop after this time, with exit code 2, and say what was checked",
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


def names(text: str) -> list[str]:
    """The type of an option with names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def moment(text: str) -> datetime:
    """The type of an option with a timestamp; without a zone it is UTC."""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not an ISO 8601 timestamp such as 2026-11-23T08:00:00Z"
        ) from None
