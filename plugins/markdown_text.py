"""Names and messages as Markdown in which no part of a name means anything: no HTML, link, mention or cell of a table.

What has a meaning is described in https://github.github.com/gfm/. GitHub looks for mentions and references afterwards, also
in what is escaped, but not in code: https://docs.github.com/get-started/writing-on-github
"""

from __future__ import annotations

import re
from urllib.parse import quote

from policylint import printable

# Two that touch are none: their backticks would run together.
QUOTED = re.compile(r"(?<![\w'])'([^']+)'(?![\w'])")
MEANING = re.compile(r"(?P<start>[@#:](?=\S)|www(?=\.)|GH-(?=\d))|[\\`*_{}\[\]<>|&~$^!]", re.IGNORECASE)
NO_WIDTH = "&#8203;"  # parts a mention, a reference, an emoji or an address from what makes it one


def prose(text: str) -> str:
    """A message as one line; what it quotes becomes code, which can be copied as it is."""
    parts = QUOTED.split(printable(text))
    return "".join(code(part) if index % 2 else escaped(part) for index, part in enumerate(parts))


def cell(text: str) -> str:
    """A name in a table, where not even code may hold a bar."""
    return escaped(printable(text)) if "|" in text else code(printable(text))


def code(text: str) -> str:
    """A line of text as code, between more backticks than it has itself."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if text.strip("` ") != text else ""
    return f"{fence}{space}{text}{space}{fence}"


def escaped(text: str) -> str:
    """A line of text without any meaning; not for the start of a line."""
    return MEANING.sub(lambda found: found[0] + NO_WIDTH if found["start"] else f"&#{ord(found[0])};", text)


def link(text: str, uri: str) -> str:
    """Code that leads to a page; the code alone where there is none."""
    return f"[{code(text)}]({quote(uri, safe=':/?#@=&;,+~%', errors='replace')})" if uri else code(text)
