"""What commands share: exit codes, finding what the user names, telling trouble in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from errno import EACCES
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policylint.stopping import held_back
from policylint.wording import capital, hinted

if TYPE_CHECKING:
    from policylint.choosing import Reader, ReaderBroke
    from policylint.files import Boundary
    from policylint.foreign import Foreign
    from policylint.organization import Account, Organization, Policy
    from policylint.plugins import Host
    from policylint.policy_types import Registry
    from policylint.policy_types.shape import PolicyType

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
    """Tell the user something apart from the command's own output, on standard error."""
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


def read_organization(path: Path, host: Host, reader: str = "") -> Organization:
    """Read the organization in a folder with the readers that recognise it, or with the one that is named."""
    from policylint.choosing import ReaderBroke, ReadError, joined, one_layout, read_sources, recognising
    from policylint.files import OnDisk

    if path.is_file():
        raise Trouble(f"{path}: is a file. Name the folder of the organization.")
    if not path.is_dir():
        raise Trouble(f"{path}: no such folder.")
    files = OnDisk(path)
    found, broken = ([known_reader(host, reader)], []) if reader else recognising(files, host.readers.values())
    if broken and not found:
        raise _broke(broken[0], path)
    if not found:
        raise _nothing_there(path, host)
    try:
        one_layout(files, found)
        organization = joined(read_sources(files, found, host.types))
    except ReadError as error:
        raise Trouble(str(error)) from None
    except ReaderBroke as error:
        raise _broke(error, path) from error.error
    organization.notes.extend(str(_broke(one, path)) for one in broken)
    return organization


def known_reader(host: Host, name: str) -> Reader:
    """The reader of a name that the user gives."""
    from policylint.wording import hinted

    if name not in host.readers:
        say(*host.failures)  # they may be why it is not there
        known = f"There are {', '.join(host.readers)}."
        raise Trouble(hinted(f"No reader is named '{name}'.", name, host.readers, known))
    return host.readers[name]


def _broke(error: ReaderBroke, path: Path) -> Trouble:
    from policylint.plugins import in_one_line

    return Trouble(f"The reader '{error.name}' broke on {path}: {in_one_line(error.error)}")


def _nothing_there(path: Path, host: Host) -> Trouble:
    say(*host.failures)
    advice = "Name the folder that holds one, or policy files."
    if found := _foreign(path):
        advice = f"It looks like the folder of {found.name}. {found.advice}"
    return Trouble(
        f"{path}: holds no organization.yaml or organization.json, so there is nothing to check. {advice}",
        BROKEN if host.failures else NOTHING,
    )


def _foreign(folder: Path) -> Foreign | None:
    from policylint.files import Unreadable, names_in
    from policylint.foreign import by_contents

    try:
        return by_contents(names_in(folder))
    except Unreadable:
        return None


def find_account(organization: Organization, name: str) -> Account:
    """The one account with this id or name."""
    found = organization.find_accounts(name)
    if len(found) == 1:
        return found[0]
    if found:
        accounts = ", ".join(f"{account.path} ({account.id})" if account.id else account.path for account in found)
        raise Trouble(f"'{name}' names {len(found)} accounts: {accounts}. Give an id.")
    names = [text for account in organization.accounts for text in (account.name, account.id) if text]
    raise Trouble(hinted(f"No account has the id or the name '{name}'.", name, names))


def inherited(organization: Organization, kind: PolicyType, account: Account) -> list[Policy]:
    """The policies of a type that an account gets, from the root downwards."""
    attached = (policy for target in organization.path_to(account) for policy in target.policies)
    return list(dict.fromkeys(policy for policy in attached if policy.type is kind))


def find_policy_type(name: str, types: Registry) -> PolicyType:
    """The policy type of this short name or enum."""
    from policylint.policy_types import UnknownPolicyType

    try:
        return types.named(name)
    except UnknownPolicyType as error:
        raise Trouble(str(error)) from None


def find_merged_type(name: str, types: Registry) -> PolicyType:
    """The policy type of this name, which has to be one whose policies AWS merges into an effective policy."""
    kind = find_policy_type(name, types)
    if not kind.checked:
        raise Trouble(
            f"{capital(kind.plural)} don't merge into an effective policy: each one limits what the others allow."
        )
    return kind


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
    """Write to standard output. Whoever reads it may go before the end; that is no fault of the run."""
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
    except OSError:  # it is no file, as where tests catch what is printed
        return


def _umask() -> int:
    mask = os.umask(0)  # there is no other way to ask for it
    os.umask(mask)
    return mask
