"""Loads what a run needs: plugins, the project's own cards, its configuration."""

from __future__ import annotations

import os
import posixpath
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from policylint.asked import Asked, Opening
from policylint.choice import Configuration, known_selectors
from policylint.config import card_folders, find, read
from policylint.errors import ConfigError, ReadError, UnknownName, UsageError
from policylint.files import Files, OnDisk, entries
from policylint.plugins import Host, holds_organization, load, load_folder
from policylint.rules import PROFILES, Rule
from policylint.wording import hinted, nearest

CARDS = "rules"  # the folder of an organization's own cards, next to organization.yaml
PACKAGE = "package:"


def load_host(opening: Opening, plugins: bool | Host = True) -> Host:
    """The host with the rules of `python_rules`, a folder that the user names."""
    host = plugins if isinstance(plugins, Host) else load(None if plugins else ())
    if opening.python_rules:
        if not opening.python_rules.is_dir():
            raise ReadError(f"{opening.python_rules}: no such folder.")
        load_folder(host, opening.python_rules)
    return host


def configured(host: Host, opening: Opening, asked: Asked, home: Path | None) -> tuple[Host, Configuration]:
    """The host with an organization's own cards among its rules, and the configuration that holds for it.

    `home` is the organization's folder.
    """
    host = replace(host, rules=dict(host.rules))
    folder = opening.settings_below(settings_path(opening, home or Path()))
    found = None if opening.no_config else settings_file(opening, folder)
    stands_for = None
    if found and opening.settings_from and not opening.config:
        stands_for = Path(os.path.relpath(Path(found[0].base, found[1]), opening.settings_from))
    add_own_cards(host, folder, found)
    for selectors in (asked.select, asked.ignore):
        known_selectors(host.rules, selectors, host.failures)
    configuration = read(*found, host.rules.values(), stands_for) if found else Configuration()
    if asked.profile:
        known_profile(asked.profile)
        configuration = replace(configuration, profile=asked.profile)
    return host, configuration


def settings_path(opening: Opening, path: Path) -> Path:
    """Where the settings that belong at a path are read: there, or in the checkout that --settings-from names."""
    if opening.settings_from is None:
        return path
    if not opening.settings_from.is_dir():
        raise ReadError(f"{opening.settings_from}: no such folder.")
    inside = os.path.relpath(path)
    if inside.split(os.sep)[0] == os.pardir:
        raise UsageError(f"--settings-from takes the place of the working directory, and '{path}' is not below it.")
    return opening.settings_from / inside


def settings_file(opening: Opening, folder: Files) -> tuple[Files, str] | None:
    """The configuration that holds for a folder, by its name in files. What the user names may lie anywhere."""
    if opening.config:
        return OnDisk(opening.config.parent, anywhere=True), opening.config.name
    return find(folder, opening.settings_below(opening.settings_from or Path()))


def add_own_cards(host: Host, folder: Files, configuration: tuple[Files, str] | None) -> None:
    """Add the cards of the organization in a folder, and those of the folders that its configuration names."""
    named = [_folder(name, *configuration) for name in card_folders(*configuration)] if configuration else []
    # Elsewhere a folder of this name may hold anything.
    own = [(folder, CARDS)] if holds_organization(host, folder) else []
    _add_cards(host, [*own, *named])


def known_profile(name: str) -> None:
    """Stop the run for a profile that does not exist."""
    if name not in PROFILES:
        message = hinted(f"No profile is named '{name}'.", name, PROFILES, f"There are {', '.join(PROFILES)}.")
        raise UnknownName(message, nearest=nearest(name, PROFILES))


def _folder(name: str, files: Files, configuration: str) -> tuple[Files, str]:
    """The folder that an entry of `card_folders` names. It is a path, or `package:NAME` for an installed package."""
    where = Path(files.base, configuration)
    if not name.startswith(PACKAGE):
        folder = posixpath.join(posixpath.dirname(configuration), name)
        # Also a configuration that may lie anywhere names cards only in its own folder, or in the repository around it.
        files = files if not isinstance(files, OnDisk) or not files.anywhere else OnDisk(files.base)
        if objection := files.objection(folder):
            raise ConfigError(f"{where}: 'card_folders' names '{name}'. {objection}")
        if not files.is_folder(folder):
            raise ConfigError(f"{where}: 'card_folders' names '{name}', which is not a folder.")
        return files, folder
    package, _, below = name.removeprefix(PACKAGE).partition("/")
    spec = find_spec(package) if package.isidentifier() else None  # finds it, runs nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"{where}: 'card_folders' names the package '{package}', which is not installed.")
    return OnDisk(spec.submodule_search_locations[0], anywhere=True), below


def _holds_cards(files: Files, folder: str) -> bool:
    """Whether there is anything to be read as a card, or that can't be looked at; the reader of cards costs imports."""
    return any(
        problem or is_folder or name.lower().endswith(".md") for name, problem, is_folder in entries(files, folder)
    )


def _add_cards(host: Host, folders: list[tuple[Files, str]]) -> None:
    present = [(files, name) for files, name in folders if files.is_folder(name) and _holds_cards(files, name)]
    if not present:
        return
    from policylint.card_rules import read_folder

    rules: list[Rule] = [rule for files, name in present for rule in read_folder(files, name, host.types)]
    for rule in rules:
        if rule.id in host.rules:
            raise ConfigError(f"{rule.card.path}: a rule of the name '{rule.id}' exists already. Rename the card.")
        host.rules[rule.id] = rule
