"""`policylint schema`: the JSON Schema of policylint.yaml, with the rules of every installed plugin."""

from __future__ import annotations

import argparse
import json

from policylint.commands.shared import BROKEN, CLEAN, say
from policylint.config_schema import schema
from policylint.plugins import load


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    host = load()
    print(json.dumps(schema(host.rules.values()), indent=2, ensure_ascii=False))
    say(*host.failures)
    return BROKEN if host.failures else CLEAN
