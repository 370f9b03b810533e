"""`policylint baseline`: write down what stands today, so that `check` tells only what is new."""

from __future__ import annotations

import argparse
from pathlib import Path

from policylint.baseline import NAME, render
from policylint.commands.check import report_on
from policylint.commands.loading import configured, load_host
from policylint.commands.shared import BROKEN, CLEAN, Trouble, say, write_whole
from policylint.commands.subjects import read_named
from policylint.files import Boundary
from policylint.suppression import ABOUT_ACCEPTANCE, Acceptance


def run(options: argparse.Namespace) -> int:
    """Write the baseline of an organization."""
    if not options.paths[0].is_dir():
        raise Trouble(f"{options.paths[0]}: no folder. A baseline is written for a whole organization.")
    plain = load_host(options)
    (named,) = read_named(options, plain)
    host, configuration = configured(plain, options, named.home)
    kept_apart = Acceptance(configuration.ignores, configuration.folder, known=frozenset(host.rules))
    report = report_on(named.subject, options, host, configuration, kept_apart)
    failures = [*host.failures, *report.failures]
    if failures:
        say(*failures, "No baseline is written: it would lack what these would find.")
        return BROKEN
    in_file = configuration.folder / configuration.baseline if configuration.baseline else None
    path: Path = options.output or in_file or options.paths[0] / NAME
    findings = [finding for finding in report.findings if finding.rule not in ABOUT_ACCEPTANCE]
    within = None if options.output else Boundary(configuration.folder if in_file else options.paths[0])
    write_whole(path, [render(findings, path.parent)], within)
    count = len(findings)
    say(f"{path}: {count} finding{'' if count == 1 else 's'} written down. `policylint check` tells only new ones now.")
    return CLEAN
