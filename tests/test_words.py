"""Texts use the words that engineers know from other tools: each word below has a plain one to write instead.

A new word of the dialect is a line in `WORDS`. A sentence that has to keep one is a line in `ALLOWED`, with the reason.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Word(NamedTuple):
    """What not to write, as a regular expression, and what to write instead."""

    pattern: str
    instead: str


WORDS = (
    Word(r"\b(to )?tells?\b|\btold\b|\btelling\b", "says, reports, shows or describes"),
    Word(r"\bstands?\b(?!-in)|\bstood\b", "is, appears, is defined or is set"),
    Word(r"\bmend(s|ed|ing)?\b|\bamend\w*", "fix"),
    Word(r"\bslips?\b|\bfaults?\b", "mistake or problem"),
    Word(r"\bspots?\b", "location"),
    Word(r"(?<!there )\bis no (?!longer|more)[a-z]", "is not a ..."),
    Word(r"\brefus(e|es|ed|al|als|ing)\b", "reject"),
    Word(r"\bold policy\b|\bon its last valid\b", "keeps the last valid policy"),
    Word(r"\bamiss\b", "wrong"),
    Word(r"\banew\b", "again"),
    Word(r"\bfor ever\b", "forever"),
    Word(r"\bbeside\b", "next to"),
    Word(r"\bbeforehand\b", "first"),
    Word(r"\bwhereof\b", "of which"),
    Word(r"\bhave the lock changed\b", "change the lock in FILE:LINE"),
    Word(r"\bwhat holds\b", "the effective value"),
    Word(r"\breach(es)? (\d|\{)", "affects"),
    Word(r"\baccept(s|ed|ing)? (\w+ )?findings?\b", "suppressed findings"),
    Word(r"\b(policy|policies|lock|level) above\b", "the policy's name, or a parent policy"),
    Word(r"\botherwise than\b", "differently from"),
)
# What keeps such a word, and why.
ALLOWED = {
    "or a Fault": "the public name of what a check may yield",
    "spot-fleet-request spot-instances-request": "names of AWS's resource types",
}
PAGES = (
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "bench/README.md",
    *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")),
)
SCRIPTS = [path for path in sorted(ROOT.glob("plugins/page/*")) if path.suffix in (".html", ".js")]
MODULES = [
    path
    for top in ("policylint", "plugins", "rules", "docs", "bench", "fuzz")
    for path in sorted(ROOT.glob(f"{top}/**/*.py"))
]
TEXTS = [*MODULES, *sorted(ROOT.glob("rules/*/*.md")), *(ROOT / page for page in sorted(PAGES)), *SCRIPTS]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page that are sentences, with their numbers: neither code nor the targets of links."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and "data:image" not in line:
            yield number, re.sub(r"\]\([^)]*\)|<a id=[^>]*>|`[^`]*`|https://\S+", "", line)


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings, comments and messages of a module, line by line with their numbers: no names and no expressions."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            for number, line in enumerate(node.value.splitlines(), node.lineno):
                yield number, re.sub(r"`[^`]*`", "", line)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], re.sub(r"`[^`]*`", "", token.string)


def dialect(path: Path) -> list[str]:
    """What is to be reworded in a file: file, line, the word and what to write instead."""
    found = []
    for number, line in (sentences if path.suffix == ".py" else prose)(path):
        for allowed in ALLOWED:
            line = line.replace(allowed, "")
        for word in WORDS:
            for match in re.finditer(word.pattern, line, re.IGNORECASE):
                found.append(f"{path.relative_to(ROOT)}:{number}: not '{match[0]}' but '{word.instead}'")
    return found


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_use_plain_words(path: Path) -> None:
    assert not dialect(path), "\n" + "\n".join(dialect(path))
