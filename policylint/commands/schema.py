"""`policylint schema`: the JSON Schema of policylint.yaml, with the rules of every installed plugin."""

from __future__ import annotations

import argparse

from policylint.commands.shared import BROKEN, CLEAN, say, show_json
from policylint.entry_points import Page

PAGE = Page(
    "print the JSON Schema of policylint.yaml, for editors",
    "Editors that know the schema complete the configuration and mark what is wrong in it.",
    (("policylint schema", "print it"),),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    from policylint.config_schema import schema
    from policylint.plugins import load

    host = load()
    show_json(schema(host.rules.values()))
    say(*host.failures)
    return BROKEN if host.failures else CLEAN
