"""The built-in readers and report formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policylint.hookspecs import hookimpl

from . import json_format, landing_zone_accelerator, sarif_format, table_format


@hookimpl
def policylint_formats(register: Callable[[str, Callable[..., Any], str], None]) -> None:
    """Register the formats that come with policylint."""
    register("table", table_format.render, "findings by file, for people")
    register("json", json_format.render, "one object, for programs")
    register("sarif", sarif_format.render, "alerts for GitHub code scanning")


@hookimpl
def policylint_readers(register: Callable[[Any], None]) -> None:
    """Register the readers of other layouts that come with policylint."""
    register(landing_zone_accelerator.LandingZoneAccelerator())
