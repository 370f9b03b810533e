"""`policylint completion`: the script that completes commands, options and files in a shell."""

from __future__ import annotations

import argparse

from policylint.arguments import all_built_in, parser
from policylint.commands.shared import CLEAN, print_all, say
from policylint.entry_points import Page

PAGE = Page(
    "print the script that completes policylint in your shell",
    "Put the script where your shell looks for completions.",
    (("policylint completion bash", "to ~/.local/share/bash-completion/completions/policylint"),),
)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    to.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from policylint.plugins import load_commands

    host = load_commands()
    print_all([shtab.complete(parser({**all_built_in(), **host.commands}), options.shell), "\n"])
    say(*host.failures)
    return CLEAN
