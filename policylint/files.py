"""What a run may read and write. Every reader of policies, cards and settings gets Files, and opens nothing itself.

Files are what lies below a base, whose names they take with forward slashes: `policies/backup/prod.json`. Where they lie,
on a disk, in an editor or in a git revision, makes no difference to whoever reads them.

What is under review may be a stranger's: a symbolic link, or a path in a configuration, may lead to files of whoever
runs policylint, and their keys and values would be in a report. So nothing is read that lies outside of the folder
that was named, or of the git repository around it; nothing below `.git`; and nothing but regular files.
Files that the command line itself names may lie anywhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

GIT = ".git"
LARGEST_BYTES = 64 * 1024 * 1024
LARGEST_POLICY = 256 * 1024  # twenty times what AWS takes, for comments and indentation
WAIT_FOR_NOBODY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


LINKED_FOLDER = (
    "This is a symbolic link to a folder. Such links are not followed, so it is not read. Put the files here."
)


class Unreadable(ValueError):
    """A file is not read; the message is a sentence that says why. `rule` is the rule which that breaks."""

    def __init__(self, message: str, rule: str = "unreadable-file") -> None:
        super().__init__(message)
        self.rule = rule


class Boundary:
    """What may be read for the sake of a folder: what lies in it, or in the git repository around it."""

    def __init__(self, folder: Path) -> None:
        real = os.path.realpath(folder)
        self.top, self.name = real, "the folder that was named"
        for above in (Path(real), *Path(real).parents):
            if os.path.lexists(above / GIT):
                self.top, self.name = str(above), "the repository"
                break

    def objection(self, path: Path | str) -> str:
        """Why a path may be neither read nor written, as a sentence; empty where it may."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):  # a text with NUL is not a path
            return "This path leads nowhere."
        if not _is_below(real, self.top):
            return leads_outside(self.name)
        if any(map(is_git, Path(os.path.relpath(real, self.top)).parts)):
            return leads_into_git()
        return ""


def leads_outside(name: str) -> str:
    """The objection to what is not in a folder or repository, which is called so."""
    return f"This leads outside of {name}, so it is not read. Put a copy into {name}."


def leads_into_git() -> str:
    """The objection to what git keeps for itself."""
    return f"This leads into '{GIT}', of which nothing is read."


def is_git(name: str) -> bool:
    """Whether a name leads to `.git` on some disk: without regard to case, invisible characters, or dots at the end."""
    plain = "".join(character for character in name if character.isprintable()).rstrip(". ").lower()
    return plain in (GIT, "git~1")


def lies_in(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> bool:
    """Whether a path leads into a folder, wherever links on the way to both lead."""
    return _is_below(os.path.realpath(path), os.path.realpath(folder))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def read_bytes(path: Path | str, within: Boundary | None = None, most: int = LARGEST_BYTES) -> bytes:
    """The bytes of a regular file of at most so many. Raises Unreadable. Never waits, as for the other end of a pipe."""
    if within and (objection := within.objection(path)):
        raise Unreadable(objection)
    if os.path.islink(path) and not os.path.exists(path):
        raise Unreadable("This symbolic link leads nowhere.")
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | WAIT_FOR_NOBODY)) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable(f"This is {_kind(found.st_mode)}, not a file with text, so it is not read.")
            if found.st_size > most:
                raise Unreadable(too_large(found.st_size, most), "document-too-large")
            return file.read()
    except IsADirectoryError:
        raise Unreadable("This is a folder, not a file with text, so it is not read.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unreadable(f"The file can't be read: {reason}.") from None


def too_large(size: int, most: int, what: str = "file") -> str:
    """That something has more bytes than are read of it."""
    limit = f"{most // 1024:,} KiB" if most < 1024 * 1024 else f"{most // (1024 * 1024):,} MiB"
    return f"The {what} has {size:,} bytes; such {what}s over {limit} are not read. Split it up."


def _kind(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return kinds.get(stat.S_IFMT(mode), "something else")


class Files(Protocol):
    """Files below a base. Names are relative to it, with forward slashes; the empty name is the base itself.

    A name may lead out of the base, as `../shared.json` does, but nothing is read beyond a boundary: the repository
    around the base, else the base.
    """

    @property
    def base(self) -> str:
        """The base as messages name it."""

    def exists(self, name: str) -> bool:
        """Whether something has this name: also a link that leads nowhere."""

    def is_folder(self, name: str) -> bool:
        """Whether the name is, or leads to, a folder."""

    def is_link(self, name: str) -> bool:
        """Whether the name is a symbolic link."""

    def names(self, folder: str = "") -> list[str]:
        """The names in a folder, sorted; each without the folder's. Raises Unreadable."""

    def read(self, name: str, most: int = LARGEST_BYTES) -> bytes:
        """What is in a regular file of at most so many bytes. Raises Unreadable."""

    def objection(self, name: str) -> str:
        """Why nothing of this name may be read, as a sentence; empty where it may."""

    def real(self, name: str) -> str:
        """Where a name leads in the end: two names of one file give the same text."""

    def shown(self, name: str) -> str:
        """The path that people know what is read by: that to which the name leads, from the working directory."""

    def named(self, name: str) -> str:
        """The same for the name itself, wherever it leads: of a link that is not followed nothing else is to be said."""

    def at(self, folder: str) -> Files:
        """The files below another folder, as if that had been named: its boundary is its own."""


class OnDisk:
    """Files on a disk, `within` a boundary; without one it is that of the folder.

    `anywhere` is for what the command line itself names, which has no boundary.
    """

    def __init__(self, folder: Path | str, *, within: Boundary | None = None, anywhere: bool = False) -> None:
        self.base = str(Path(folder))
        self.within = within
        self.anywhere = anywhere

    def __repr__(self) -> str:
        return f"OnDisk({self.base!r})"

    def path(self, name: str) -> str:
        """The path of a name."""
        return os.path.join(self.base, name) if name else self.base

    @cached_property
    def boundary(self) -> Boundary:
        """What may be read for the sake of the base."""
        return self.within or Boundary(Path(self.base))

    def exists(self, name: str) -> bool:
        """See Files."""
        return is_there(self.path(name))

    def is_folder(self, name: str) -> bool:
        """See Files."""
        try:
            return os.path.isdir(self.path(name))
        except ValueError:  # a text with NUL is not a path
            return False

    def is_link(self, name: str) -> bool:
        """See Files."""
        try:
            return os.path.islink(self.path(name))
        except ValueError:
            return False

    def names(self, folder: str = "") -> list[str]:
        """See Files."""
        if objection := self.objection(folder):
            raise Unreadable(objection)
        return names_in(self.path(folder))

    def read(self, name: str, most: int = LARGEST_BYTES) -> bytes:
        """See Files. Never waits, as for the other end of a pipe."""
        return read_bytes(self.path(name), None if self.anywhere else self.boundary, most)

    def objection(self, name: str) -> str:
        """See Files."""
        return "" if self.anywhere else self.boundary.objection(self.path(name))

    def real(self, name: str) -> str:
        """See Files."""
        try:
            return os.path.realpath(self.path(name))
        except ValueError:
            return self.path(name)

    def shown(self, name: str) -> str:
        """See Files."""
        return display_path(Path(self.path(name)))

    def named(self, name: str) -> str:
        """See Files."""
        return named_path(Path(self.path(name)))

    def at(self, folder: str) -> OnDisk:
        """See Files."""
        return OnDisk(self.path(folder))


def display_path(path: Path) -> str:
    """The path relative to the working directory where it lies below it, with forward slashes."""
    # Texts rather than paths: a thousand files take 20 ms less.
    try:
        return _below_here(os.path.realpath(path), path)
    except ValueError:  # a text with NUL is not a path
        return path.as_posix()


def _below_here(absolute: str, path: Path) -> str:
    here = os.path.join(_real(os.getcwd()), "")
    return Path(absolute[len(here) :]).as_posix() if absolute.startswith(here) else path.as_posix()


_real = lru_cache(maxsize=8)(os.path.realpath)


def named_path(path: Path) -> str:
    """The same for the name itself, wherever it leads: of a link that is not followed nothing else is to be said."""
    return _below_here(os.path.join(os.path.realpath(path.parent), path.name), path)


# ---- looking round in files ----------------------------------------------------------------------------------


class Entry(NamedTuple):
    """What a folder holds, and a sentence that says why it is not read or entered; empty where it may be."""

    name: str
    problem: str = ""
    is_folder: bool = False


def joined(folder: str, name: str) -> str:
    """The name of what is in a folder."""
    return f"{folder}/{name}" if folder else name


def entries(files: Files, folder: str = "", *, deep: bool = False) -> Iterator[Entry]:
    """Everything in a folder, sorted by name; `deep` goes on with what is in the folders in it.

    Links to folders are not followed then: they could lead round in circles.
    """
    try:
        names = files.names(folder)
    except Unreadable as error:
        yield Entry(folder, str(error), is_folder=True)
        return
    for each in names:
        name = joined(folder, each)
        is_folder = files.is_folder(name)
        linked = deep and is_folder and files.is_link(name)
        yield Entry(name, LINKED_FOLDER if linked else "", is_folder)
        if deep and is_folder and not linked:
            yield from entries(files, name, deep=True)


def misspelt(files: Files, wanted: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What in the base is named like something that is looked for, but for the case of its letters; and that name."""
    try:
        names = set(files.names())
    except Unreadable:
        return
    for name in sorted(names):
        meant = name.lower()
        if meant not in wanted or name == meant:
            continue
        # On disks that do not distinguish upper and lower case both are the one file.
        one_file = files.real(name) == files.real(meant) if meant in names else files.exists(meant)
        if not one_file:
            yield name, meant


# ---- paths ------------------------------------------------------------------------------------------------


def is_there(path: Path | str) -> bool:
    """Whether something has this name: also a link that leads nowhere, which is not a reason to act as if it weren't."""
    try:
        return os.path.lexists(path)
    except ValueError:  # a text with NUL is not a path
        return False


def names_in(folder: Path | str) -> list[str]:
    """The names in a folder, sorted. Raises Unreadable."""
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Unreadable(f"This folder can't be entered: {reason}, so nothing in it is read.") from None
