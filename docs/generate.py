"""Writes what is generated in this repository: the pages of the rules, the schema of the configuration, the README's screens.

Run `make generate` after changing a card or a rule; a test fails when something is stale.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from unittest.mock import patch

from policylint.card_index import NAME, index_text
from policylint.choice import Configuration, pick
from policylint.cli import main
from policylint.compliance import FRAMEWORKS
from policylint.config_schema import schema
from policylint.plugins import BUILT_IN, load
from policylint.rules import PROFILES, Rule

ROOT = Path(__file__).parent.parent
CARDS = f"rules/{NAME}"
SCREEN = "$ policylint fixtures/acme/\n"
SHOT = ("fixtures/acme/", "--format", "text", "--select", "override,required")
# rich's own frame fetches a font from the web; this one has what the reader's machine has.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>What policylint says of the example company</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def generated() -> dict[str, str]:
    """Every generated file: its path in the repository, and its text."""
    host = load(())
    rules = [host.rules[name] for name in sorted(host.brought[BUILT_IN[0]].rules)]
    files = {f"docs/rules/{rule.id}.md": page(rule) for rule in rules}
    files["docs/rules/index.md"] = index(rules)
    files[CARDS] = index_text(ROOT / "rules")
    files["policylint/configuration.schema.json"] = json.dumps(schema(rules), indent=2, ensure_ascii=False) + "\n"
    files["docs/screenshot.svg"] = screenshot()
    files["README.md"] = with_screen((ROOT / "README.md").read_text(encoding="utf-8"))
    return files


def page(rule: Rule) -> str:
    """The page of a rule: its facts, then its card."""
    card = rule.card
    facts = {
        "outcome": card.outcome,
        "severity": card.severity,
        "policy types": ", ".join(card.policy_types) or "all",
        "profiles": ", ".join(profiles_of(rule)),
        "options": ", ".join(f"`{name}` (default {value})" for name, value in card.options.items()),
        "answers to": ", ".join(f"{FRAMEWORKS[one.framework].title} {one.control}" for one in card.compliance),
        "since": card.since,
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in facts.items() if value)
    sections = "\n\n".join(f"## {name}\n\n{text}" for name, text in card.sections.items())
    sections = re.sub(r"^- (docs/\S+)$", r"- [\1](../../\1)", sections, flags=re.MULTILINE)
    return f"# {card.id}\n\n{card.title}.\n\n|   |   |\n|---|---|\n{table}\n\n{sections}\n"


def profiles_of(rule: Rule) -> list[str]:
    """The profiles that a rule is in."""
    return [name for name in PROFILES if rule.id in pick({rule.id: rule}, Configuration(profile=name))]


def index(rules: list[Rule]) -> str:
    """The list of the rules, by family, by outcome and by profile."""
    return "\n".join(
        [
            "# The rules",
            "",
            f"{len(rules)} rules come with policylint. `policylint rules` lists them too, `policylint rules ID` shows one.",
            *_by("family", rules, lambda rule: [rule.card.family.replace("_", " ")], _line),
            *_by("outcome", rules, lambda rule: [str(rule.card.outcome)], _link),
            *_by("profile", rules, lambda rule: [p for p in profiles_of(rule) if p in (*FRAMEWORKS, "minimal")], _link),
            "",
        ]
    )


def _by(what: str, rules: list[Rule], keys: Callable[[Rule], list[str]], line: Callable[[Rule], str]) -> Iterator[str]:
    yield from ("", f"## By {what}")
    pairs = sorted(((key, rule.id, rule) for rule in rules for key in keys(rule)), key=lambda pair: pair[:2])
    for key, group in groupby(pairs, key=lambda pair: pair[0]):
        yield from ("", f"### {key}", "")
        yield from _block([line(rule) for _, _, rule in group])


def _block(lines: list[str]) -> Iterable[str]:
    if lines[0].startswith("|"):
        return ["| rule | severity | outcome | what is wrong |", "|---|---|---|---|", *lines]
    return [", ".join(lines)]


def _line(rule: Rule) -> str:
    return f"| {_link(rule)} | {rule.card.severity} | {rule.card.outcome} | {rule.card.title} |"


def _link(rule: Rule) -> str:
    return f"[{rule.id}]({rule.id}.md)"


def with_screen(readme: str) -> str:
    """The README with what the example organization prints today."""
    before, _, after = readme.partition(SCREEN)
    return f"{before}{SCREEN}{told('fixtures/acme/', '--no-color')}```{after.partition('```')[2]}"


def screenshot() -> str:
    """A picture of the text report in the colours of a terminal."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(width=80, record=True, file=io.StringIO(), force_terminal=True, color_system="standard")
    with patch.dict(os.environ, {"FORCE_COLOR": "1"}):
        os.environ.pop("NO_COLOR", None)
        text = told(*SHOT)
    console.print(Text(f"$ policylint {' '.join(SHOT)}", style="bold"), end="\n\n")
    console.print(Text.from_ansi(text))
    return console.export_svg(title="policylint", theme=MONOKAI, code_format=FRAME, unique_id="policylint")


def told(*arguments: str) -> str:
    """What policylint prints, run at the top of the repository."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.chdir(ROOT):
        main(list(arguments))
    return output.getvalue()


def write() -> None:
    """Write every generated file, and take away the pages of rules that are gone."""
    _write(CARDS, index_text(ROOT / "rules"))  # first: the pages are made of what it says
    files = generated()
    for path in (ROOT / "docs" / "rules").glob("*.md"):
        if f"docs/rules/{path.name}" not in files:
            path.unlink()
    for name, text in files.items():
        _write(name, text)


def _write(name: str, text: str) -> None:
    path = ROOT / name
    path.parent.mkdir(exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(name)


if __name__ == "__main__":
    os.chdir(ROOT)
    write()
