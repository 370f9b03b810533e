"""Two small readers of policies that lie inside of other texts: indented in a heredoc, and as strings in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from policylint.organization import Account, Organization, OrganizationalUnit, Policy
from policylint.parsing import parse, parse_document
from policylint.policy_types import policy_type
from policylint.source import SourceText

HEREDOC = re.compile(r"^policy (\S+) <<\n(.*?)^[ ]*END$", re.MULTILINE | re.DOTALL)
STRING = re.compile(r'"(?P<name>\w+)": "(?P<body>(?:[^"\\]|\\.)*)"')
PIECE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[0-9a-fA-F]{4}|\\.|[^\\]+", re.DOTALL)


def heredocs(outer: str, path: str, language: str = "json") -> Iterator[SourceText]:
    """The texts of `policy NAME <<`, up to END; the indentation that all of their lines share is cut off."""
    for match in HEREDOC.finditer(outer):
        lines = match[2].splitlines(keepends=True)
        margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        text, spans, offset = "", [], match.start(2)
        for line in lines:
            cut = min(margin, len(line) - len(line.lstrip(" ")))
            spans.append((len(text), offset + cut))
            text += line[cut:]
            offset += len(line)
        yield SourceText(path, text, match[1], language, outer, spans, escaped=r"[$%]\{")


def strings(outer: str, path: str) -> Iterator[SourceText]:
    """The texts that are strings of a JSON object, by the names of its members."""
    for match in STRING.finditer(outer):
        text, spans, offset = "", [], match.start("body")
        for piece in PIECE.findall(match["body"]):
            spans.append((len(text), offset))
            text += json.loads(f'"{piece}"') if piece.startswith("\\") else piece
            offset += len(piece)
        spans.append((len(text), offset))
        yield SourceText(path, text, match["name"], "json", outer, spans, escaped=r'["\\\x00-\x1f]')


def organization_of(sources: Iterator[SourceText], kind: str = "backup") -> Organization:
    """An organization whose root has these policies."""
    policies = [Policy(f"{kind}/{source.part}", policy_type(kind), parse(source)) for source in sources]
    root = OrganizationalUnit("Root", "", "/root", "Root", tuple(policies))
    root.accounts.append(Account("a", "111111111111", "/root/accounts/0", "Root/a"))
    named = {policy.name: policy for policy in policies}
    tree = parse_document("{}", "organization.json")
    organization = Organization(root, named, (policy_type(kind),), tree)
    organization.number_accounts()
    return organization
