"""The way in: which readers read a folder, and the organization that their sources make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from policylint.document import Document
from policylint.errors import ReadError as ReadError
from policylint.files import Files, OnDisk
from policylint.findings import Fault
from policylint.organization import Organization
from policylint.parsing import read_document
from policylint.places import Place, Span
from policylint.policy_types import POLICY_TYPES, Registry

if TYPE_CHECKING:
    from policylint.sources import Source

read_from = read_document  # its public name: that of a path is taken

NATIVE = "policylint.builtin_plugins.readers.native"


OrganizationUnreadable = ReadError  # the name of before, for one release


class ReaderBroke(Exception):
    """A reader raised what it must not."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name)
        self.name = name
        self.error = error


class Reader(Protocol):
    """Turns files into a Source. It keeps the places of what it reads, so that findings point at them."""

    @property
    def name(self) -> str:
        """What it is called in messages and by `--reader`, such as `native`."""

    def recognises(self, files: Files) -> bool:
        """Whether there is something for it; quick, and never raises for what is in the files."""

    def read(self, files: Files, types: Registry) -> Source:
        """What the files say, with policies of these types. Raises ReadError where that can't be known."""


def recognising(files: Files, readers: Iterable[Reader]) -> tuple[list[Reader], list[ReaderBroke]]:
    """The readers that recognise the files, and those that broke on them."""
    found: list[Reader] = []
    broken: list[ReaderBroke] = []
    for reader in readers:
        try:
            if reader.recognises(files):
                found.append(reader)
        except Exception as error:  # a stranger's reader may raise anything
            broken.append(ReaderBroke(reader.name, error))
    return found, broken


def read_sources(files: Files, readers: Sequence[Reader], types: Registry) -> list[Source]:
    """What the readers read, in the order in which it counts. Raises ReadError and ReaderBroke.

    Files are in one layout of files that people write; what a tool planned or recorded may lie next to them.
    """
    from policylint.sources import KINDS

    sources: list[Source] = []
    for reader in readers:
        try:
            sources.append(reader.read(files, types))
        except ReadError:
            raise
        except Exception as error:  # a stranger's reader may raise anything
            raise ReaderBroke(reader.name, error) from error
    return sorted(sources, key=lambda source: KINDS.index(source.kind))


def one_layout(files: Files, readers: Sequence[Reader]) -> None:
    """Raise ReadError where several readers want the same files, each as the layout of the whole."""
    layouts = [reader.name for reader in readers if getattr(reader, "layout", True)]
    if len(layouts) > 1:
        first, second = layouts[:2]
        raise ReadError(
            f"{files.base}: is in the layout of the reader '{first}' and in that of '{second}'. Choose one with "
            f"--reader {first} or --reader {second}."
        )


def joined(sources: Sequence[Source]) -> Organization:
    """The organization that sources describe together. Raises ReadError if they are about several."""
    from policylint.joining import SeveralOrganizations, organization_of

    try:
        return organization_of(sources)
    except SeveralOrganizations as error:
        raise ReadError(str(error)) from None


def read_native(folder: Path | str, types: Registry = POLICY_TYPES) -> Organization:
    """Read an organization in the native layout, with policies of these types. Its `faults` hold every mistake.

    Raises ReadError without a tree.
    """
    source: Source = import_module(NATIVE).read(OnDisk(folder), types)
    return joined([source])


def unread(document: Document, message: str) -> tuple[str, Fault]:
    """The problem of a file or folder that looks as if it were read, and is not."""
    return "unread-file", Fault(Place(document, "", "value", Span(0, 0)), message)
