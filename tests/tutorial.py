"""Follows a page word by word in an empty folder: writes the files that it shows, runs its commands, compares.

A fence with `title="path"` is a file. In a fence `console` a line that starts with `$ ` is a command, and the lines after
it, up to the next command, are what it prints; `…` stands for anything.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"^(`{3,})([a-z]*)([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')


class Said(NamedTuple):
    """A command of the page, what it prints according to it, and what it printed."""

    command: str
    wanted: str
    printed: str


def follow(page: str, folder: Path) -> list[Said]:
    """Do what the page says; gives each command with both outputs."""
    said: list[Said] = []
    for _, language, info, text in FENCE.findall(page):
        title = TITLE.search(info)
        if title:
            path = folder / title[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, wanted = part.partition("\n")
                said.append(Said(command, wanted, _run(command, folder)))
    return said


def matches(said: Said) -> bool:
    """Whether a command printed what the page says."""
    pattern = ".*".join(re.escape(part) for part in said.wanted.rstrip().split("…"))
    return re.fullmatch(pattern, said.printed.rstrip(), re.DOTALL) is not None


def _run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        "PATH": path,
        "COLUMNS": "80",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout
