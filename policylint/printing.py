"""Makes texts harmless before anybody prints them: names and values come from files that strangers may have written.

Three kinds of readers obey what is in a text. A terminal obeys control characters. An eye is misled by bidirectional
controls and by what has no width. The runner of a CI system takes some lines for commands. Each is escaped as the
language of the output escapes characters, so that JSON and YAML still hold the same value.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

# GitHub Actions: `::name::` after nothing but blanks, and `##[name]` anywhere. Azure Pipelines: `##vso[`, `##[`.
# TeamCity: `##teamcity[`. GitLab: `section_start:` and `section_end:`. Travis: `travis_fold:`. The last character goes.
COMMAND = re.compile(r"(?<!\S)::|##(?:vso|teamcity)?\[|(?:section_(?:start|end)|travis_fold):")
# What Unicode calls letters, marks or symbols though fonts draw nothing: Default_Ignorable_Code_Point beyond the categories
# C and Z (DerivedCoreProperties.txt), and the blank of Braille.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
ANYWHERE = re.compile(r"##(?:vso|teamcity)?\[|(?:section_(?:start|end)|travis_fold):")


def printable(text: str) -> str:
    """The text in one line, with control, bidirectional and invisible characters made visible, and no runner's commands.

    A text may come at the start of a line when it is wrapped.
    """
    return COMMAND.sub(_without_last, _visible(text, escaped))


def printable_lines(text: str) -> str:
    """The same for a text of many lines: its line ends and tabs stay."""
    *lines, last = text.split("\n")
    return "\n".join([*map(_line, lines), _tabbed(last)])


def _line(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""  # of a file with Windows' line ends
    return _tabbed(line.removesuffix(end)) + end


def _tabbed(line: str) -> str:
    return "\t".join(map(printable, line.split("\t")))


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON that any UTF-8 output can hold, that misleads nobody and that no runner takes for commands."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return ANYWHERE.sub(_in_json, _visible(text, _json_escape, "\n"))


def yaml_text(value: Any) -> str:
    """A value as YAML, with the same promises."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)  # the C emitter breaks on half of a surrogate pair
    yaml.default_flow_style = False
    yaml.width = sys.maxsize  # a text that goes on in a new line could begin it with a command
    yaml.representer.add_representer(str, _represented)
    written = StringIO()
    yaml.dump(value, written)
    # What is escaped here is in double quotes, where YAML knows \x and \u.
    return ANYWHERE.sub(_without_last, _visible(written.getvalue(), escaped, "\n"))


def _represented(representer: Any, text: str) -> Any:
    quoted = not _is_visible(text) or COMMAND.search(text)
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


def _visible(text: str, escape: Callable[[str], str], kept: str = "") -> str:
    """The text with all that is neither a visible character nor a blank escaped, but for what is to be `kept`."""
    if _is_visible(text) or (kept and _is_visible(text.replace(kept, ""))):  # mostly
        return text
    return "".join(
        character if character in (" ", kept) or not is_hidden(character) else escape(character) for character in text
    )


def _is_visible(text: str) -> bool:
    return text.isprintable() and (text.isascii() or not INVISIBLE.search(text))


def is_hidden(character: str) -> bool:
    """Whether a character is none that an eye can see, nor the common blank."""
    return unicodedata.category(character)[0] in "CZ" or INVISIBLE.match(character) is not None


def escaped(character: str) -> str:
    """A character as an escape that anybody can read: \\x1b, \\u202e."""
    if character.isascii():
        return repr(character)[1:-1] if character < " " else f"\\x{ord(character):02x}"
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _without_last(found: re.Match[str]) -> str:
    return found[0][:-1] + escaped(found[0][-1])


def _in_json(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}{_json_escape(found[0][-1])}"


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"
