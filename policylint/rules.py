"""What a rule is: a card and a check; reading cards."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from policylint.compliance import FRAMEWORKS, mappings
from policylint.compliance import Mapping as ControlMapping
from policylint.errors import Error
from policylint.files import display_path
from policylint.findings import DEFAULT_SEVERITY, Fault, Outcome, Place, Severity
from policylint.policy_types import POLICY_TYPES, Registry
from policylint.policy_types.shape import PolicyType
from policylint.source import LINE_END, SourceText

SCOPES = ("reading", "tree", "document", "entry", "effective", "level", "inheritance")
OLD_SCOPES = {"plan": "entry", "organization": "inheritance"}  # their names in older cards, which stay valid
GIVEN = {"at", "options", "container_locks"}  # what a check may have parameters for, next to what its scope hands out
SECTIONS = ("What", "Why", "Avoid", "Prefer", "Sources")

SELF_CONTAINED = "self-contained"  # the profile of those who write each policy complete
PROFILES = ("minimal", "recommended", "strict", SELF_CONTAINED, *FRAMEWORKS)

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # of a rule

Check = Callable[..., Iterable[Any]]
Option = int | str


class CardError(Error, ValueError):
    """A card can't be read; the message names file and line, and says what to do."""


@dataclass(frozen=True)
class Selection:
    """The check of a rule that needs no Python; see docs/writing-rules.md.

    `select` is a JSONPath over what the scope hands out, `below` a dotted path from each thing that it selects.
    """

    select: str
    require: Mapping[str, Any]
    message: str
    below: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)  # accounts, organizational_units, tags


WORSE = ("lower", "higher")


@dataclass(frozen=True)
class Card:
    """The Markdown card of a rule: front matter, then the sections What, Why, Avoid, Prefer, Options, Sources."""

    id: str
    family: str
    title: str
    outcome: Outcome
    severity: Severity
    policy_types: tuple[str, ...]  # AWS's enums; empty for all
    scope: str
    since: str
    sources: tuple[str, ...]
    path: Path
    options: Mapping[str, Option] = field(default_factory=dict)  # thresholds of taste, with their defaults
    selection: Selection | None = None
    compliance: tuple[ControlMapping, ...] = ()  # controls of frameworks that it answers to
    profiles: tuple[str, ...] = ()  # only in these and in `strict`; empty: in the recommended ones
    worse: str = ""  # "lower" or "higher": which number is worse at the place of a finding; empty: any other is new
    grouped: bool = False  # what is true of several plans of one policy is one finding
    security_severity: float | None = None  # 0.1 to 10.0, as CVSS scores; only where somebody could do harm
    source: SourceText | None = None  # what was read, of a card that is not one of ours

    @property
    def text(self) -> str:
        """The whole card, its lines ending as on Unix."""
        return self.path.read_text(encoding="utf-8") if self.source is None else LINE_END.sub("\n", self.source.text)

    @property
    def source_text(self) -> SourceText:
        """The card as a text with its place, which problems in it point at."""
        return replace(self.source, text=self.text) if self.source else SourceText(display_path(self.path), self.text)

    @cached_property
    def sections(self) -> dict[str, str]:
        """The text below each second-level heading; read only when somebody wants it."""
        body = self.text.split("\n---\n", 1)[1]
        parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
        return {name.strip(): text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}

    def examples(self, section: str) -> list[tuple[str, str]]:
        """The fenced blocks of a section: what is after the fence's backticks, and the text."""
        return re.findall(r"^```(\w+)\n(.*?)^```$", self.sections.get(section, "") + "\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """A card and its check. Rules of scope `reading` have none: the readers find their problems."""

    card: Card
    check: Check | None = None
    takes: frozenset[str] = field(default_factory=frozenset)  # keyword arguments that the check asks for
    configured_severity: Severity | None = None  # instead of the card's
    configured_options: Mapping[str, Option] = field(default_factory=dict)  # next to the card's defaults

    @property
    def id(self) -> str:
        """The rule's id, which is its card's file name."""
        return self.card.id

    def is_about(self, policy_type: PolicyType) -> bool:
        """Whether the rule looks at policies of this type."""
        if not self.card.policy_types:
            return policy_type.checked
        return policy_type.enum in self.card.policy_types

    @property
    def severity(self) -> Severity:
        """How loud its findings are: as configured, else as its card says."""
        return self.configured_severity or self.card.severity

    @cached_property
    def options(self) -> dict[str, Option]:
        """Every option with its value: as configured, else the card's default."""
        return {**self.card.options, **self.configured_options}

    def run(self, thing: Any, **given: Any) -> Iterator[Fault]:
        """The problems that the check finds in what its scope hands to it.

        A check gets what it has parameters for: `at` (the moment of saving, or None), `options`, and `container_locks`
        (the reading of locks on containers).
        """
        if self.check is not None:
            if "options" in self.takes:
                given["options"] = self.options
            wanted = {name: given[name] for name in self.takes if name in given} if self.takes else {}
            for found in self.check(thing, **wanted):
                if not isinstance(found, tuple) or len(found) < 2 or not isinstance(found[0], Place):
                    raise TypeError(f"it must yield a place and a sentence, or a Fault, and yields {found!r}")
                yield found if isinstance(found, Fault) else Fault(*found)


def check(rule_id: str) -> Callable[[Check], Check]:
    """Mark a generator as the check of a rule; its card is `RULE_ID.md` next to the module."""

    def mark(function: Check) -> Check:
        function.__policylint_rule__ = rule_id  # type: ignore[attr-defined]
        return function

    return mark


def load_card(path: Path, types: Registry = POLICY_TYPES) -> Card:
    """Read a card's front matter and title; `types` are those that it may name by short names. Raises CardError."""
    return card_of(path, *parts_of(path), types)


def parts_of(path: Path) -> tuple[dict[str, Any], str]:
    """What is written in a card's front matter, and its title. Raises CardError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise CardError(f"{path}: the rule has no card. Write {path.name} next to its module.") from None
    head, mark, body = text.partition("\n---\n")
    if not text.startswith("---\n") or not mark:
        raise CardError(f"{path}:1: the card does not start with front matter between two lines of ---.")
    title = next((line[2:].strip() for line in body.splitlines() if line.startswith("# ")), "")
    return _front_matter(path, head), title


def card_of(path: Path, front: dict[str, Any], title: str, types: Registry = POLICY_TYPES) -> Card:
    """The card with this front matter and title; see `load_card`. Raises CardError."""
    try:
        outcome = Outcome(front["outcome"])
        severity = Severity(front["severity"]) if "severity" in front else DEFAULT_SEVERITY[outcome]
        scope = OLD_SCOPES.get(front["scope"], front["scope"])
        if scope not in SCOPES:
            raise ValueError(f"'{front['scope']}' is not a scope")
        if front.get("worse", "lower") not in WORSE:
            raise ValueError(f"'{front['worse']}' is not one of {' and '.join(WORSE)}")
        named = tuple(front["policy_types"])
        security = _security_severity(front)
        mapped = mappings(front.get("compliance", []))
    except KeyError as error:
        raise CardError(f"{path}:1: the front matter lacks {error}.") from None
    except ValueError as error:
        raise CardError(f"{path}:1: {error}.") from None
    return Card(
        id=path.stem,
        family=path.parent.name,
        title=title,
        outcome=outcome,
        severity=severity,
        policy_types=() if named == ("all",) else tuple(map(types.enum_of, named)),
        scope=scope,
        since=front.get("since", ""),
        sources=tuple(front.get("sources", ())),
        path=path,
        options=front.get("options", {}),
        profiles=tuple(front.get("profiles", ())),
        worse=front.get("worse", ""),
        grouped=front.get("grouped") == "true",
        security_severity=security,
        selection=_selection(front),
        compliance=mapped,
    )


def rule_of(function: Check, load: Callable[[Path], Card] = load_card) -> Rule:
    """The rule of a marked check, whose card is read with `load`.

    Raises CardError when the card is missing or broken.
    """
    rule_id: str = function.__policylint_rule__  # type: ignore[attr-defined]
    module = sys.modules[function.__module__]
    card = load(Path(str(module.__file__)).parent / f"{rule_id}.md")
    return Rule(card, function, frozenset(inspect.signature(function).parameters) & GIVEN)


def _selection(front: dict[str, Any]) -> Selection | None:
    if "select" not in front:
        return None
    return Selection(front["select"], front["require"], front["message"], front.get("field", ""))


def _security_severity(front: dict[str, Any]) -> float | None:
    if "security_severity" not in front:
        return None
    text = front["security_severity"]
    if not re.fullmatch(r"\d+\.\d", str(text)) or not 0.1 <= float(text) <= 10.0:
        raise ValueError(f"security_severity is '{text}'; write a number from 0.1 to 10.0")
    return float(text)


def _front_matter(path: Path, head: str) -> dict[str, Any]:
    """The subset of YAML that cards use, read without a YAML parser: cards are read at every start.

    A line is `key: text`, `key: [text, text]` or `key: {name: 1, name: text}`; a test holds the reading against a
    real parser.
    """
    front: dict[str, Any] = {}
    for number, line in enumerate(head.splitlines()[1:], 2):
        key, colon, value = line.partition(": ")
        if not colon:
            raise CardError(f"{path}:{number}: write 'key: value', or 'key: [value, value]'.")
        value = value.strip()
        parts = [part.strip() for part in value[1:-1].split(",") if part.strip()]
        if value.startswith("[") and value.endswith("]"):
            front[key] = parts
        elif value.startswith("{") and value.endswith("}"):
            pairs = (part.partition(": ") for part in parts)
            front[key] = {name: _scalar(text) for name, _, text in pairs}
        else:
            front[key] = value
    return front


def _scalar(text: str) -> int | bool | str:
    return int(text) if text.isdigit() else text == "true" if text in ("true", "false") else text
