"""Loads what a run needs: plugins, the project's own cards, its configuration."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from policylint.choice import Configuration, unknown_selector
from policylint.choosing import recognising
from policylint.commands.shared import Trouble, say
from policylint.config import ConfigError, card_folders, find, read
from policylint.files import Boundary, OnDisk, files_in
from policylint.plugins import Host, load, load_folder
from policylint.rules import PROFILES, Rule
from policylint.wording import hinted

CARDS = "rules"  # the folder of an organization's own cards, beside organization.yaml
PACKAGE = "package:"


def load_host(options: argparse.Namespace) -> Host:
    """The host with the rules of `python_rules`, a folder that the command line names."""
    host = load()
    if options.python_rules:
        if not options.python_rules.is_dir():
            raise Trouble(f"{options.python_rules}: no such folder.")
        load_folder(host, options.python_rules)
    return host


def configured(host: Host, options: argparse.Namespace, home: Path | None) -> tuple[Host, Configuration]:
    """The host with an organization's own cards among its rules, and the configuration that holds for it.

    `options` holds `config`, `no_config`, `select`, `ignore` and `profile`; `home` is the organization's folder.
    """
    host = replace(host, rules=dict(host.rules))
    folder = settings_path(options, home or Path())
    found = None if options.no_config or options.config else find(folder, options.settings_from or Path())
    path: Path | None = options.config or found
    # What the command line names may lie anywhere.
    within = Boundary(options.settings_from or found.parent) if found else None
    stands_for = Path(os.path.relpath(found, options.settings_from)) if found and options.settings_from else None
    try:
        add_own_cards(host, folder, path, within)
        for selectors in (options.select, options.ignore):
            if problem := unknown_selector(host.rules, selectors):
                say(*host.failures)  # they may be why a rule is not there
                raise Trouble(problem)
        configuration = read(path, host.rules.values(), within, stands_for) if path else Configuration()
    except ConfigError as error:
        say(*error.problems[1:])
        raise Trouble(error.problems[0]) from None
    if options.profile:
        known_profile(options.profile)
        configuration = replace(configuration, profile=options.profile)
    return host, configuration


def settings_path(options: argparse.Namespace, path: Path) -> Path:
    """Where the settings that belong at a path are read: there, or in the checkout that --settings-from names."""
    if options.settings_from is None:
        return path
    if not options.settings_from.is_dir():
        raise Trouble(f"{options.settings_from}: no such folder.")
    inside = os.path.relpath(path)
    if inside.split(os.sep)[0] == os.pardir:
        raise Trouble(f"--settings-from takes the place of the working directory, and '{path}' is not below it.")
    settings: Path = options.settings_from / inside
    return settings


def add_own_cards(host: Host, folder: Path, configuration: Path | None, within: Boundary | None = None) -> None:
    """Add the cards of the organization in a folder, and those of the folders that its configuration names.

    The configuration lies `within` a boundary, unless the command line names it.
    """
    named = (
        [_folder(name, configuration, within) for name in card_folders(configuration, within)] if configuration else []
    )
    # Elsewhere a folder of this name may hold anything.
    own = [(folder / CARDS, Boundary(folder))] if holds_organization(host, folder) else []
    _add_cards(host, [*own, *named])


def holds_organization(host: Host, folder: Path) -> bool:
    """Whether there is an organization in a folder, in whatever layout. A reader that breaks tells of it when it reads."""
    return bool(recognising(OnDisk(folder), host.readers.values())[0])


def known_profile(name: str) -> None:
    """Stop the run for a profile that does not exist."""
    if name not in PROFILES:
        raise Trouble(hinted(f"No profile is named '{name}'.", name, PROFILES, f"There are {', '.join(PROFILES)}."))


def _folder(name: str, configuration: Path, beyond: Boundary | None) -> tuple[Path, Boundary | None]:
    """The folder that an entry of `card_folders` names, and the boundary within which its files have to lie.

    It is a path, or `package:NAME` for an installed package.
    """
    if not name.startswith(PACKAGE):
        folder = configuration.parent / name
        within = beyond or Boundary(configuration.parent)
        if objection := within.objection(folder):
            raise Trouble(f"{configuration}: 'card_folders' names '{name}'. {objection}")
        if not folder.is_dir():
            raise Trouble(f"{configuration}: 'card_folders' names '{name}', which is no folder.")
        return folder, within
    package, _, below = name.removeprefix(PACKAGE).partition("/")
    spec = find_spec(package) if package.isidentifier() else None  # finds it, runs nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(f"{configuration}: 'card_folders' names the package '{package}', which is not installed.")
    return Path(spec.submodule_search_locations[0]) / below, None


def _holds_cards(folder: Path) -> bool:
    """Whether there is anything to be read as a card, or that can't be looked at; the reader of cards costs imports."""
    listed = list(files_in(folder))
    return any(problem or is_folder or path.suffix.lower() == ".md" for path, problem, is_folder in listed)


def _add_cards(host: Host, folders: list[tuple[Path, Boundary | None]]) -> None:
    present = [(folder, within) for folder, within in folders if folder.is_dir() and _holds_cards(folder)]
    if not present:
        return
    from policylint.card_rules import CardProblems, read_folder

    try:
        rules: list[Rule] = [rule for folder, within in present for rule in read_folder(folder, within, host.types)]
    except CardProblems as error:
        say(*error.problems[1:])
        raise Trouble(error.problems[0]) from None
    for rule in rules:
        if rule.id in host.rules:
            raise Trouble(f"{rule.card.path}: a rule of the name '{rule.id}' exists already. Rename the card.")
        host.rules[rule.id] = rule
