"""The page to look at: one file that needs no network, with the data inside and the script that draws it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from importlib.resources import files

from policylint import Report

from .html_data import page_data

SCRIPTS = ("model.js", "dom.js", "tree.js", "findings.js", "policy.js", "timeline.js", "page.js")
SLOT = re.compile(r"\{\{(\w+)\}\}")
# A name such as `</script>` must not end the script that holds the data. What is not ASCII is escaped by json.dumps.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def render(report: Report) -> Iterator[str]:
    """The whole page."""
    style = _read("page.css")
    script = '"use strict";\n' + "\n".join(map(_read, SCRIPTS))
    slots = {"style": style, "script": script, "style_hash": _hash(style), "script_hash": _hash(script)}
    position = 0
    template = _read("page.html")
    for slot in SLOT.finditer(template):
        yield template[position : slot.start()]
        if slot[1] == "data":
            yield from _data(report)
        else:
            yield slots[slot[1]]
        position = slot.end()
    yield template[position:]


def _data(report: Report) -> Iterator[str]:
    """The data as JSON, a member at a time."""
    separator = "{"
    for name, value in page_data(report).items():
        yield f'{separator}"{name}":'
        yield json.dumps(value, separators=(",", ":")).translate(ESCAPES)
        separator = ",\n"
    yield "}"


def _read(name: str) -> str:
    # Line ends as they are in the repository: browsers hash the text after making them all \n.
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a Content-Security-Policy names an inline script or style by: https://www.w3.org/TR/CSP3/"""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
