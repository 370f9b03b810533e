"""`policylint schema`: the JSON Schema of policylint.yaml, with the rules of every installed plugin."""

from __future__ import annotations

import argparse

from policylint.commands.shared import BROKEN, CLEAN, say, show_json
from policylint.config_schema import schema
from policylint.plugins import load


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    host = load()
    show_json(schema(host.rules.values()))
    say(*host.failures)
    return BROKEN if host.failures else CLEAN
