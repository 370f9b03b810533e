"""Values that Python has no type for: numbers that remember how they are written, and what a template fills in later."""

from __future__ import annotations

import re
from typing import Any

PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")


class Placeholder(str):
    """A value that a template engine fills in later; it may represent a text, a number or a list."""

    __slots__ = ()


class RawFloat(float):
    """A number with a point or an exponent that remembers how it was written: 60.0 is not 60 to AWS."""

    text: str

    def __new__(cls, text: str) -> RawFloat:
        """The number that a text such as "60.0" represents."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def has_placeholder(text: str) -> bool:
    """Whether a text holds `${…}` or `{{ … }}`, which somebody fills in before AWS sees it."""
    return isinstance(text, Placeholder) or ("{" in text and PLACEHOLDER.search(text) is not None)


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but a placeholder, so that it may represent a list too."""
    return isinstance(text, Placeholder) or PLACEHOLDER.fullmatch(text) is not None


def text_of(scalar: Any) -> str:
    """The text that AWS makes of a scalar before it merges: true, null, 12 and 60.0 as they are written."""
    if isinstance(scalar, str):
        return scalar
    if scalar is None:
        return "null"
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return scalar.text if isinstance(scalar, RawFloat) else str(scalar)
