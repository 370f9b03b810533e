"""What commands share: exit codes, finding what the user names, reporting trouble in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from errno import EACCES
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policylint.stopping import held_back

if TYPE_CHECKING:
    from policylint.files import Boundary

CLEAN, FOUND, BROKEN, NOTHING = 0, 1, 2, 3
written: list[str] = []  # the files that this run has changed so far, for whoever stops it


class Trouble(Exception):
    """The run can't go on; the message is for the user."""

    def __init__(self, message: str, code: int = BROKEN) -> None:
        super().__init__(message)
        self.code = code


# Everything that policylint prints goes through these, or is the text of a report format or of a parser of options.
# They make it harmless; see policylint/printing.py.


def say(*lines: str) -> None:
    """Write a message to the user on standard error, apart from the command's own output."""
    if not lines:
        return  # most runs have nothing to say, and need no printing for it
    from policylint.printing import printable

    for line in lines:
        print(f"policylint: {printable(line)}", file=sys.stderr)


def show(text: str) -> None:
    """Print a text, of a line or of many, to standard output."""
    from policylint.printing import printable_lines

    print_all([printable_lines(text), "\n"])


def show_line(line: str) -> None:
    """Print one line to standard output; what is in it does not end it, nor move what follows."""
    from policylint.printing import printable

    print_all([printable(line), "\n"])


def show_json(value: Any) -> None:
    """Print a value as JSON to standard output."""
    from policylint.printing import json_text

    print_all([json_text(value, indent=2), "\n"])


def write_whole(path: Path, chunks: Iterable[str], within: Boundary | None = None) -> None:
    """Write a file from its pieces, whole or not at all. It keeps its mode; a link stays, and what it leads to is written.

    A pipe or a device gets the pieces as they come. A file that the user did not name has to lie `within` a boundary.
    """
    import tempfile

    if within and (objection := within.objection(path)):
        raise Trouble(f"{path}: is not written. {objection.replace('not read', 'not written')}")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            if within:  # only what the user named may be a pipe: somebody has to read the other end
                raise Trouble(f"{path}: is not a regular file, so it is not written.")
            with path.open("wb") as pipe:
                pipe.writelines(chunk.encode("utf-8", "backslashreplace") for chunk in chunks)
            return
        target = path.resolve()
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        scratch = None
        try:
            with held_back():  # else a signal could fall between making the file and knowing its name
                scratch = tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False)  # noqa: SIM115
            with scratch:
                scratch.writelines(chunk.encode("utf-8", "backslashreplace") for chunk in chunks)
            os.chmod(scratch.name, mode)
            with held_back():
                os.replace(scratch.name, target)
                scratch = None
                written.append(str(path))
        finally:
            if scratch is not None:
                os.unlink(scratch.name)
    except OSError as error:
        raise Trouble(f"{path}: can't be written: {(error.strerror or str(error)).lower()}.") from None


def print_all(chunks: Iterable[str]) -> None:
    """Write to standard output. Whoever reads it may go before the end; that is not a problem of the run."""
    try:
        sys.stdout.writelines(chunks)
        sys.stdout.flush()
    except BrokenPipeError:
        close_output()
    except OSError as error:
        close_output()
        raise Trouble(f"The output can't be written: {(error.strerror or str(error)).lower()}.") from None


def close_output() -> None:
    """Send what is left of standard output nowhere, so that Python does not stumble over it on leaving."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:  # it is not a file, as where tests catch what is printed
        return


def _umask() -> int:
    mask = os.umask(0)  # there is no other way to ask for it
    os.umask(mask)
    return mask
