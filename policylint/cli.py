"""The command line: runs one command, and reports what went wrong."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from io import TextIOWrapper

from policylint import progress, wording
from policylint.arguments import VERSION, all_built_in, built_in, parser
from policylint.commands.shared import BROKEN, CLEAN, NOTHING, Trouble, close_output, print_all, say, written
from policylint.entry_points import COMMANDS, Command, installed_plugins
from policylint.errors import Error, NothingToCheck
from policylint.stopping import Stopped, listen, time_limit, whole_output
from policylint.wording import hinted, nearest

COMMAND = re.compile("[a-z][a-z0-9-]*")  # the names that a plugin may give to a command
ISSUES = "https://github.com/policylint/policylint/issues"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 clean, 1 findings, 2 broken run, 3 nothing to check.

    Stopped by a signal it is 128 and the signal's number: 130 for SIGINT, 143 for SIGTERM.
    """
    if arguments is not None:
        return _run(arguments)
    # The process is ours. What a run makes lives until its end, so looking for cycles meanwhile, and a last time on
    # leaving, finds next to nothing: it took 1.5 of 3.4 seconds on the largest organization.
    gc.disable()
    _prepare_output()
    listen()
    try:
        return _run(sys.argv[1:])
    finally:
        gc.freeze()


def _prepare_output() -> None:
    """Let everything be written, whatever the platform takes for the encoding of standard output, and wherever it is."""
    if sys.stdout is None:  # closed by who started the process; the exit code still says it
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    elif isinstance(sys.stdout, TextIOWrapper):
        # Reports are UTF-8 in files and pipes. A terminal knows its own encoding, and shows the rest escaped; so does
        # JSON with half of a surrogate pair, for which this is the right escape.
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def _run(given: list[str]) -> int:
    written.clear()
    wording.start()
    progress.start()
    try:
        return _carried_out(given)
    except Trouble as trouble:
        say(str(trouble))
        return trouble.code
    except Error as error:
        say(*error.lines)
        return NOTHING if isinstance(error, NothingToCheck) else BROKEN
    except BrokenPipeError:
        close_output()
        return CLEAN
    except OSError as error:
        if not error.filename:
            close_output()
        what = f"{error.filename}: " if error.filename else "The output can't be written: "
        say(f"{what}{(error.strerror or str(error)).lower()}.")
        return BROKEN
    except (Stopped, KeyboardInterrupt) as stopped:
        say(_how_it_stopped(stopped))
        return stopped.code if isinstance(stopped, Stopped) else 130
    except Exception as error:  # the last resort: whatever it is, it is not the user's problem
        if "--debug" in given:
            raise
        say(*_bug(error))
        return BROKEN


def _carried_out(given: list[str]) -> int:
    if not given:
        _whole_parser().print_help(sys.stderr)
        return BROKEN
    if given[0] == "help" and not os.path.lexists("help"):
        given = [*given[1:2], "--help"]
    if given[0] == "--version":
        parser({}).parse_args(given)
    if given[0] in ("-h", "--help"):
        _whole_parser().parse_args(given)
    name, command = _command(given[0])
    if name in COMMANDS:
        return _run_command(name, command, given)
    try:
        return _run_command(name, command, given)
    except (Trouble, Error, OSError):
        raise
    except Exception as error:  # a stranger's command may raise anything
        if "--debug" in given:
            raise
        from policylint.plugins import in_one_line

        raise Trouble(f"The command '{name}' broke: {in_one_line(error)}") from error


def _run_command(name: str, command: Command, given: list[str]) -> int:
    options, unknown = parser({name: command}).parse_known_args(given if name == given[0] else [name, *given])
    if unknown:
        raise Trouble(_no_option(unknown[0], options.help_text()))
    if options.timeout is None:
        return _finish(command, options)
    progress.follow()
    with whole_output(print_all), time_limit(options.timeout, BROKEN):
        return _finish(command, options)


def _finish(command: Command, options: argparse.Namespace) -> int:
    code = command.run(options)
    sys.stdout.flush()
    return code


def _whole_parser() -> argparse.ArgumentParser:
    """The parser that knows all commands, but not their options."""
    theirs, failures = _commands_of_plugins()
    say(*failures)
    return parser({**all_built_in(), **theirs}, options=False)


def _command(word: str) -> tuple[str, Command]:
    """The command that a command line begins with; `check` where its first word names no command."""
    if word in COMMANDS:
        return word, built_in(word)
    theirs, failures = _commands_of_plugins() if COMMAND.fullmatch(word) else ({}, [])
    if word in theirs:
        return word, theirs[word]
    if not word.startswith("-") and not os.path.lexists(word) and (meant := nearest(word, [*COMMANDS, *theirs])):
        say(*failures)  # they may be why a command is not there
        raise Trouble(f"{word}: no such file or folder. Did you mean the command '{meant}'?")
    return "check", built_in("check")


def _commands_of_plugins() -> tuple[dict[str, Command], list[str]]:
    """The commands that installed plugins add, and what failed. Most have no plugins, and load nothing for it."""
    found = installed_plugins()
    if not found:
        return {}, []
    from policylint.plugins import load_commands

    host = load_commands(found)
    return host.commands, host.failures


def _how_it_stopped(stopped: BaseException) -> str:
    """What ended the run, how far it had come, and what it had changed by then: one line."""
    done = f"Already written: {', '.join(written)}." if written else "No file was changed."
    far = f" Checked: {at}; the rest was not checked." if (at := progress.reached()) else ""
    return f"{stopped or 'Stopped by SIGINT.'}{far} {done}"


def _bug(error: Exception) -> tuple[str, ...]:
    if isinstance(error, MemoryError):
        return ("There is not enough memory for this input.",)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"This is a bug in policylint {VERSION}, not a problem of your files ({text}). Please report it at "
        f"{ISSUES}, with "
        "what `--debug` shows.",
    )


def _no_option(name: str, help_text: str) -> str:
    known = set(re.findall(r"--[a-z][a-z-]+", help_text))
    sentence, advice = f"There is no option '{name}'.", "`policylint COMMAND --help` lists the options."
    return hinted(sentence, name.partition("=")[0], sorted(known), advice)
