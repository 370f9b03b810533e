"""Files at a revision of a git repository, of which nothing is run: no hook, no filter, no helper of its configuration.

Objects come from one `git cat-file --batch`, by their ids, so that no name of a file is ever given to git. What it has
not got it doesn't fetch. A symbolic link is followed within the tree of the revision, and judged as one on a disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import weakref
from pathlib import Path
from typing import NamedTuple

from policylint.errors import ReadError
from policylint.files import GIT, LARGEST_BYTES, Unreadable, is_git, is_there, leads_into_git, leads_outside, too_large

MOST_LINKS = 40  # on the way to one file, as on Linux
LINK, SUBMODULE, FOLDER = "120000", "160000", "40000"
SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "protocol.allow": "never",  # no fetching, also by a git that knows no GIT_NO_LAZY_FETCH
    "safe.bareRepository": "explicit",  # a folder that looks like a repository is none
}
ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
NOT_HERE = "This is not in the clone here, which holds only a part of the repository. Fetch it with git."


class RevisionError(ReadError):
    """A revision can't be read; the message says why, and what to do."""


class _Node(NamedTuple):
    mode: str
    id: str


class _Found(NamedTuple):
    """What a name leads to: a path from the top of the repository, and the node there, if any; or an objection."""

    path: tuple[str, ...]
    node: _Node | None = None
    objection: str = ""
    lacking: str = "no such file or directory"


class AtRevision:
    """The files below a folder of a repository, named from its top, as they are at a revision."""

    def __init__(self, repository: Path | str, revision: str, folder: str = "") -> None:
        self._tree = _Tree(os.path.realpath(repository), revision)
        self.revision = revision
        self._folder = folder

    @classmethod
    def of(cls, folder: Path | str, revision: str) -> AtRevision:
        """A folder as it is at a revision of the repository around it. Raises RevisionError where there is none."""
        real = Path(os.path.realpath(folder))
        for above in (real, *real.parents):
            if is_there(above / GIT):
                return cls(above, revision, "/".join(real.relative_to(above).parts))
        raise RevisionError(f"{folder}: lies in no git repository, so it has no revision '{revision}'.")

    def __repr__(self) -> str:
        return f"AtRevision({self._tree.top!r}, {self.revision!r}, {self._folder!r})"

    @property
    def base(self) -> str:
        """See Files."""
        return self._tree.shown(tuple(part for part in self._folder.split("/") if part))

    def exists(self, name: str) -> bool:
        """See Files."""
        return self._find(name, follow=False).node is not None

    def is_folder(self, name: str) -> bool:
        """See Files."""
        found = self._find(name)
        return found.node is not None and found.node.mode in (FOLDER, SUBMODULE)

    def is_link(self, name: str) -> bool:
        """See Files."""
        found = self._find(name, follow=False)
        return found.node is not None and found.node.mode == LINK

    def names(self, folder: str = "") -> list[str]:
        """See Files."""
        found = self._find(folder)
        if found.objection:
            raise Unreadable(found.objection)
        if found.node is None or found.node.mode not in (FOLDER, SUBMODULE):
            reason = "not a directory" if found.node else found.lacking
            raise Unreadable(f"This folder can't be entered: {reason}, so nothing in it is read.")
        if found.node.mode == SUBMODULE:
            raise Unreadable("This is a submodule: its files are in another repository, so at a revision none is read.")
        return sorted(self._tree.folder(found.node.id))

    def read(self, name: str, most: int = LARGEST_BYTES) -> bytes:
        """See Files."""
        found = self._find(name)
        if found.objection:
            raise Unreadable(found.objection)
        if found.node is None:
            if self.is_link(name):
                raise Unreadable("This symbolic link leads nowhere.")
            raise Unreadable(f"The file can't be read: {found.lacking}.")
        if found.node.mode in (FOLDER, SUBMODULE):
            raise Unreadable("This is a folder, not a file with text, so it is not read.")
        return self._tree.content(found.node.id, most)

    def objection(self, name: str) -> str:
        """See Files."""
        return self._find(name).objection

    def real(self, name: str) -> str:
        """See Files."""
        return "/".join(self._find(name).path)

    def shown(self, name: str) -> str:
        """See Files."""
        return self._tree.shown(self._find(name).path)

    def named(self, name: str) -> str:
        """See Files."""
        return self._tree.shown(self._find(name, follow=False).path)

    def at(self, folder: str) -> AtRevision:
        """See Files."""
        moved = AtRevision.__new__(AtRevision)
        moved._tree, moved.revision, moved._folder = self._tree, self.revision, self._joined(folder)
        return moved

    def _joined(self, name: str) -> str:
        if os.path.isabs(name):
            whole = os.path.normpath(name)
            below = whole if whole.startswith(os.path.join(self._tree.top, "")) else os.path.realpath(whole)
            return os.path.relpath(below, self._tree.top).replace(os.sep, "/")
        return f"{self._folder}/{name}" if self._folder else name

    def _find(self, name: str, *, follow: bool = True) -> _Found:
        return self._tree.find(self._joined(name), follow=follow)


class _Tree:
    """The tree of one revision, and the process that gives its objects."""

    def __init__(self, top: str, revision: str) -> None:
        self.top = top
        git = _git(top)
        commit = _commit(git, top, revision)
        self._size = len(commit) // 2  # of an id, in bytes
        self._folders: dict[str, dict[str, _Node]] = {}
        self._links: dict[str, str] = {}
        self._process = subprocess.Popen(
            [*git, "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(top),
        )
        weakref.finalize(self, _stop, self._process)
        self.root = _Node(FOLDER, f"{commit}^{{tree}}")

    def shown(self, path: tuple[str, ...]) -> str:
        """A path from the top, as people know it: from the working directory, where it lies below that."""
        whole = os.path.normpath(os.path.join(self.top, *path))
        below = os.path.relpath(whole, os.path.realpath(os.getcwd()))
        return (whole if below.split(os.sep)[0] == os.pardir else below).replace(os.sep, "/")

    def find(self, name: str, *, follow: bool) -> _Found:
        """What a name from the top leads to; with `follow` also where it is a link itself."""
        waiting = name.split("/")[::-1]
        path: list[str] = []
        nodes = [self.root]
        links = 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not path:
                    return _Found(tuple(waiting[::-1]), None, leads_outside("the repository"))
                path.pop()
                nodes.pop()
                continue
            if is_git(part):
                return _Found((*path, part), None, leads_into_git())
            node = self.folder(nodes[-1].id).get(part) if nodes[-1].mode == FOLDER else None
            if node is None:
                rest = [one for one in waiting[::-1] if one not in ("", ".")]
                lacking = "no such file or directory" if nodes[-1].mode == FOLDER else "not a directory"
                return _Found((*path, part, *rest), lacking=lacking)
            if node.mode == LINK and (follow or any(one not in ("", ".") for one in waiting)):
                links += 1
                target = self.link(node.id)
                if links > MOST_LINKS:
                    return _Found((*path, part), lacking="too many levels of symbolic links")
                if os.path.isabs(target):
                    target = os.path.relpath(target, self.top).replace(os.sep, "/")
                    path, nodes = [], nodes[:1]
                waiting += target.split("/")[::-1]
                continue
            path.append(part)
            nodes.append(node)
        return _Found(tuple(path), nodes[-1])

    def folder(self, tree: str) -> dict[str, _Node]:
        """The nodes in a folder, by name."""
        if tree not in self._folders:
            data, nodes, position = self.content(tree, LARGEST_BYTES), {}, 0
            while position < len(data):
                end = data.index(b"\0", position)
                mode, _, name = data[position:end].partition(b" ")
                position = end + 1 + self._size
                nodes[os.fsdecode(name)] = _Node(mode.decode(), data[end + 1 : position].hex())
            self._folders[tree] = nodes
        return self._folders[tree]

    def link(self, blob: str) -> str:
        """Where a symbolic link leads."""
        if blob not in self._links:
            self._links[blob] = os.fsdecode(self.content(blob, LARGEST_BYTES))
        return self._links[blob]

    def content(self, name: str, most: int) -> bytes:
        """What is in an object of at most so many bytes. Raises Unreadable."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            requests.write(f"{name}\n".encode())
            requests.flush()
            head = answers.readline().split()
        except OSError:
            head = []
        if len(head) != 3:
            raise Unreadable(NOT_HERE if head and head[-1] == b"missing" else "git ended before it gave this file.")
        size = left = int(head[2])
        kept = []
        while left:
            piece = answers.read(min(left, 1 << 20))
            if not piece:
                raise Unreadable("git ended before it gave this file.")
            left -= len(piece)
            if size <= most:
                kept.append(piece)
        answers.read(1)  # the line end after each object
        if size > most:
            raise Unreadable(too_large(size, most), "document-too-large")
        return b"".join(kept)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except OSError:  # what was still to be written has nowhere to go
                continue


# ---- asking git ----------------------------------------------------------------------------------------------


def _git(top: str) -> list[str]:
    """The command that every call begins with. Raises RevisionError where there is no git."""
    # The working directory may be what is under review: nothing in it is run for git.
    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    found = shutil.which("git", path=os.pathsep.join(folders))
    if not found or not os.path.isabs(found):
        raise RevisionError("A revision is read with git, which is not installed here. Install it.")
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    return [found, "--no-optional-locks", "--no-pager", "--no-replace-objects", *settings, "-C", top]


def _environment(top: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CEILING_DIRECTORIES": os.path.dirname(top),
        "LC_ALL": "C",
    }


def _ask(git: list[str], top: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*git, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=_environment(top),
    )


def _commit(git: list[str], top: str, revision: str) -> str:
    """The id of the commit that a revision names. Raises RevisionError."""
    state = _ask(git, top, "rev-parse", "--is-shallow-repository")
    if state.returncode:
        if "dubious ownership" in state.stderr:
            raise RevisionError(
                f"{top}: belongs to somebody else, so git does not read it. If you trust it, run git config --global "
                f"--add safe.directory {top}."
            )
        reason = (state.stderr.strip().splitlines() or ["no reason is given"])[-1].removeprefix("fatal: ")
        raise RevisionError(f"{top}: git can't read this repository: {reason}.")
    if found := _verified(git, top, revision):
        return found
    if not _verified(git, top, "HEAD"):
        raise RevisionError(f"{top}: this repository has no commit yet, so it has no revision '{revision}'.")
    if _verified(git, top, f"origin/{revision}"):
        raise RevisionError(f"{top}: has no revision '{revision}'. Did you mean 'origin/{revision}'?")
    if state.stdout.strip() == "true":
        raise RevisionError(
            f"{top}: has no revision '{revision}'; it is a shallow clone, which holds only the last commits. Fetch it: "
            f"git fetch origin {revision}."
        )
    raise RevisionError(f"{top}: has no revision '{revision}'. Name a branch, a tag or a commit.")


def _verified(git: list[str], top: str, revision: str) -> str:
    if not revision or revision.startswith("-") or not revision.isprintable():
        return ""
    return _ask(git, top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").stdout.strip()
