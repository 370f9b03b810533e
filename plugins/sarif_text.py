"""Texts as SARIF takes them: sentences, in which no part of a name can be taken for a link."""

from __future__ import annotations


def sentence(text: str) -> str:
    """The text with a mark at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def escaped(text: str) -> str:
    """A text of which no part can be taken for a link: those are written as [text](number)."""
    for character in "\\[]":
        text = text.replace(character, f"\\{character}")
    return text
