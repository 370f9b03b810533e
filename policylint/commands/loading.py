"""Loads what a run needs: plugins, the project's own cards, its configuration."""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from policylint.commands.shared import Trouble, nearest, say
from policylint.config import ConfigError, Configuration, card_folders, find, read, unknown_selector
from policylint.config_schema import PROFILES
from policylint.native import tree_file
from policylint.plugins import Host, load, load_folder
from policylint.rules import Rule

CARDS = "rules"  # the folder of an organization's own cards, beside organization.yaml
PACKAGE = "package:"


def load_all(options: argparse.Namespace) -> tuple[Host, Configuration]:
    """The host with the project's own cards among its rules, and the configuration.

    `options` holds `paths`, `config`, `select`, `ignore`, `profile` and `python_rules`.
    """
    host = load()
    if options.python_rules:
        if not options.python_rules.is_dir():
            raise Trouble(f"{options.python_rules}: no such folder.")
        load_folder(host, options.python_rules)
    folder = options.paths[0] if options.paths[0].is_dir() else Path()
    path: Path | None = None if options.no_config else options.config or find(folder)
    try:
        add_own_cards(host, folder, path)
        for selectors in (options.select, options.ignore):
            if problem := unknown_selector(host.rules, selectors):
                say(*host.failures)  # they may be why a rule is not there
                raise Trouble(problem)
        configuration = read(path, host.rules.values()) if path else Configuration()
    except ConfigError as error:
        say(*error.problems[1:])
        raise Trouble(error.problems[0]) from None
    if options.profile:
        known_profile(options.profile)
        configuration = replace(configuration, profile=options.profile)
    return host, configuration


def add_own_cards(host: Host, folder: Path, configuration: Path | None) -> None:
    """Add the cards of the organization in a folder, and those of the folders that its configuration names."""
    named = [_folder(name, configuration) for name in card_folders(configuration)] if configuration else []
    # Elsewhere a folder of this name may hold anything.
    own = [folder / CARDS] if tree_file(folder) or _is_recognised(host, folder) else []
    _add_cards(host, [*own, *named])


def _is_recognised(host: Host, folder: Path) -> bool:
    try:
        return any(reader.recognises(folder) for reader in host.readers.values())
    except Exception:  # a stranger's reader may raise anything, and tells of it when it is to read
        return False


def known_profile(name: str) -> None:
    """Stop the run for a profile that does not exist."""
    if name not in PROFILES:
        hint = nearest(name, PROFILES) or f" There are {', '.join(PROFILES)}."
        raise Trouble(f"No profile is named '{name}'.{hint}")


def _folder(name: str, configuration: Path) -> Path:
    """The folder that an entry of `card_folders` names: a path, or `package:NAME` for an installed package."""
    if not name.startswith(PACKAGE):
        folder = configuration.parent / name
        if not folder.is_dir():
            raise Trouble(f"{configuration}: 'card_folders' names '{name}', which is no folder.")
        return folder
    package, _, below = name.removeprefix(PACKAGE).partition("/")
    spec = find_spec(package) if package.isidentifier() else None  # finds it, runs nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"{configuration}: 'card_folders' names the package '{package}', which is not installed.")
    return Path(spec.submodule_search_locations[0]) / below


def _add_cards(host: Host, folders: list[Path]) -> None:
    present = [folder for folder in folders if folder.is_dir() and any(folder.glob("*.md"))]
    if not present:
        return
    from policylint.card_rules import CardProblems, read_folder

    try:
        rules: list[Rule] = [rule for folder in present for rule in read_folder(folder)]
    except CardProblems as error:
        say(*error.problems[1:])
        raise Trouble(error.problems[0]) from None
    for rule in rules:
        if rule.id in host.rules:
            raise Trouble(f"{rule.card.path}: a rule of the name '{rule.id}' exists already. Rename the card.")
        host.rules[rule.id] = rule
