"""What policylint raises when it can't go on: each error is a sentence for the user, and says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policylint.wording import nearest


class Error(Exception):
    """Something can't be done; the message says what and why. `beside` are sentences on what else went wrong."""

    def __init__(self, message: str, *, beside: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.beside = tuple(beside)

    @property
    def lines(self) -> tuple[str, ...]:
        """All that there is to say, the reason last."""
        return (*self.beside, str(self))


class ReadError(Error):
    """What was named can't be read."""


class NothingToCheck(ReadError):
    """What was named can be read, and holds no organization and no policy."""


class ConfigError(Error, ValueError):
    """The configuration, a card or the baseline can't be used; `problems` has each mistake with file, line and column."""

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))

    @property
    def lines(self) -> tuple[str, ...]:
        """Each problem; the first is the reason."""
        return (*self.problems[1:], self.problems[0])


class UsageError(Error, ValueError):
    """An argument makes no sense here."""


class NotEnabled(Error):
    """The policy type is not enabled in this organization, so that AWS has no effective policy of it."""


class UnknownName(Error, LookupError):
    """Nothing has this name; `nearest` is the known name that is most like it, or empty."""

    def __init__(self, message: str, *, nearest: str = "", beside: Iterable[str] = ()) -> None:
        super().__init__(message, beside=beside)
        self.nearest = nearest


class NothingThere(UnknownName):
    """No policy on the way to an account mentions a pointer; `known` are the names that exist next to it."""

    def __init__(self, account: str, pointer: str, known: Sequence[str] = ()) -> None:
        there = f" Known there: {', '.join(known)}." if known else ""
        super().__init__(
            f"No policy on the way to '{account}' mentions {pointer}.{there}",
            nearest=nearest(pointer.rpartition("/")[2].lower(), known),
        )
        self.known = list(known)
