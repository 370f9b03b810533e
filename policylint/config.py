"""Finds and reads the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from policylint.choice import EXCEPT, Configuration, Override
from policylint.document import Document
from policylint.errors import ConfigError as ConfigError
from policylint.files import Files, Unreadable
from policylint.findings import Place
from policylint.layouts import CONFIGURATIONS
from policylint.parsing import read_document, read_text
from policylint.places import locate
from policylint.rules import Rule
from policylint.schema import Slip, slips
from policylint.suppression import Ignore

MOST_OVERRIDES = 100  # each may part the accounts in two, and every part has rules of its own
MOST_IGNORES = 500
MOST_PATTERNS = 2_000  # in all overrides and ignores
PROJECT_FILE = "pyproject.toml"
BASE = "base:"  # begins the names of files that represent others


def find(folder: Files, here: Files) -> tuple[Files, str] | None:
    """The configuration next to an organization, or else in the working directory; None where there is none."""
    for files in (folder, here):
        for name in CONFIGURATIONS:
            if files.exists(name):
                return files, name
    try:
        has_table = here.exists(PROJECT_FILE) and b"tool.policylint" in here.read(PROJECT_FILE)
    except Unreadable:
        has_table = True  # whoever reads it says why it can't be read
    return (here, PROJECT_FILE) if has_table else None


def card_folders(files: Files, name: str) -> list[str]:
    """The folders of cards that a configuration names: these have to be read before the rest can be judged."""
    value = _document(files, name).value
    folders = value.get("card_folders") if isinstance(value, dict) else None
    return [folder for folder in folders if isinstance(folder, str)] if isinstance(folders, list) else []


def read(files: Files, name: str, rules: Iterable[Rule], stands_for: Path | None = None) -> Configuration:
    """Read and check a configuration. Raises ConfigError, with every problem in it.

    Its paths are relative to its own folder, or to that of the file that it `stands_for`.
    """
    from policylint.config_schema import schema  # which runs without a configuration do without

    document = _document(files, name)
    if stands_for:
        document = document.shown_as(f"{BASE}{stands_for.as_posix()}")
    found = list(slips({} if document.value is None else document.value, schema(rules)))
    found = found or list(_too_many(document.value or {}))
    if found:
        raise ConfigError([_told(document, slip) for slip in found])
    return _configuration(document.value or {}, document, (stands_for or Path(files.base, name)).parent)


def _too_many(value: dict[str, Any]) -> Iterator[Slip]:
    """More than a configuration may hold: each pattern is held against every account, and every override makes a zone."""
    for key, most in (("overrides", MOST_OVERRIDES), ("ignores", MOST_IGNORES)):
        if len(value.get(key, ())) > most:
            message = f"There are {len(value[key]):,} {key}, and at most {most:,} are read. Join some of them."
            yield Slip(f"/{key}", message, at_key=True)
            return
    entries = [entry for key in ("overrides", "ignores") for entry in value.get(key, ())]
    settings = [setting for entry in (value, *entries) for setting in entry.get("rules", {}).values()]
    excepting = [setting[EXCEPT] for setting in settings if isinstance(setting, dict) and setting.get(EXCEPT)]
    if len(excepting) > MOST_OVERRIDES:
        yield Slip("", f"There are {len(excepting):,} lists of exceptions, and at most {MOST_OVERRIDES:,} are read.")
        return
    named = [name for entry in entries for key in ("organizational_units", "accounts") for name in entry.get(key, ())]
    named += [name for names in excepting for name in names]
    patterns = sum("*" in name or "?" in name or "[" in name for name in named)
    if patterns > MOST_PATTERNS:
        yield Slip("", f"The accounts are named by {patterns:,} patterns, and at most {MOST_PATTERNS:,} are read.")


def _document(files: Files, name: str) -> Document:
    document = _read_toml(files, name) if name.endswith(".toml") else read_document(files, name)
    if document.problems and not _says_nothing(document):
        raise ConfigError(
            [f"{locate(Place(document, span=problem.span))}: {problem.message}" for problem in document.problems]
        )
    return document


def _says_nothing(document: Document) -> bool:
    """Whether the file was read and holds nothing but blanks and comments: then it settles nothing."""
    lines = (line.strip() for line in document.text.removeprefix("\ufeff").splitlines())
    was_read = all(problem.rule == "broken-syntax" for problem in document.problems)
    return was_read and all(not line or line.startswith("#") for line in lines)


def _read_toml(files: Files, name: str) -> Document:
    import tomllib

    read = read_text(files, name)
    if read.problems:
        return read
    try:
        tool = tomllib.loads(read.text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError([f"{read.path}: this is not TOML: {error}"]) from None
    table = tool.get("policylint", {}) if isinstance(tool, dict) else {}
    # Python's reader of TOML gives no places: a message has the name of the key instead.
    return replace(read, value=_plain(table))


def _plain(value: Any) -> Any:
    """TOML's dates as the texts that YAML gives."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _told(document: Document, slip: Slip) -> str:
    if document.path.endswith(".toml"):
        key = slip.pointer.removeprefix("/").replace("/", ".")
        return f"{document.path}: tool.policylint{'.' + key if key else ''}: {slip.message}"
    return f"{locate(Place(document, slip.pointer, 'key' if slip.at_key else 'value'))}: {slip.message}"


def _configuration(value: dict[str, Any], document: Document, folder: Path) -> Configuration:
    return Configuration(
        folder=folder,
        path=document.path,
        profile=value.get("profile", "recommended"),
        self_contained=value.get("self_contained", False),
        select=tuple(value.get("select", ())),
        ignore=tuple(value.get("ignore", ())),
        settings=value.get("rules", {}),
        overrides=tuple(_overrides(value, document)),
        ignores=tuple(
            Ignore(
                rule=item["rule"],
                reason=item["reason"],
                place=Place(document, f"/ignores/{number}"),
                file=item.get("file", ""),
                pointer=item.get("pointer", ""),
                organizational_units=tuple(item.get("organizational_units", ())),
                accounts=tuple(item.get("accounts", ())),
                until=item.get("until", ""),
            )
            for number, item in enumerate(value.get("ignores", ()))
        ),
        baseline=value.get("baseline", ""),
        fail_on=value.get("fail_on", "error"),
    )


def _overrides(value: dict[str, Any], document: Document) -> Iterator[Override]:
    """The overrides of a configuration, and what rules except: an override that turns the rule off there.

    What `rules` except comes first, so that an override may turn the rule on again.
    """
    everywhere = Override(value.get("rules", {}), Place(document))
    yield from _exceptions(everywhere)
    for number, item in enumerate(value.get("overrides", ())):
        override = Override(
            settings=item["rules"],
            place=Place(document, f"/overrides/{number}"),
            organizational_units=tuple(item.get("organizational_units", ())),
            accounts=tuple(item.get("accounts", ())),
            tags=item.get("tags", {}),
        )
        yield override
        yield from _exceptions(override)


def _exceptions(override: Override) -> Iterator[Override]:
    """What the settings of an override, or of all accounts, except from a rule."""
    for rule_id, setting in override.settings.items():
        excepted = setting.get(EXCEPT) if isinstance(setting, dict) else None
        if excepted:
            place = override.place._replace(pointer=f"{override.place.pointer}/rules/{rule_id}/{EXCEPT}")
            yield replace(override, settings={rule_id: "off"}, place=place, excepted=tuple(excepted))
