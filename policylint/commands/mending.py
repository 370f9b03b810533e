"""`policylint check --fix` and `--diff`: write, or show, what policylint/fixing.py fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from policylint.commands.shared import CLEAN, FOUND, Trouble, print_all, say, write_whole
from policylint.files import Boundary
from policylint.findings import Severity
from policylint.fixing import Mended
from policylint.places import locate
from policylint.printing import printable_lines
from policylint.wording import counted

MOST_NAMED = 10  # findings that fixes uncover and that are named one by one


def show_diff(parts: list[Mended]) -> int:
    """Print what would change in the parts of a run, as a unified diff, and give the exit code."""
    escaped = False
    for line in (line for mended in parts for line in mended.diff()):
        shown = printable_lines(line)
        escaped |= shown != line
        print_all([shown])
    if escaped:
        say(
            "Control characters and commands of CI runners are shown escaped, so `patch` can't use this diff; --fix can."
        )
    _say_refused(parts)
    if not any(mended.fixed for mended in parts):
        say("There is nothing to fix.")
        return CLEAN
    say(f"Would make {_counted(parts)}.")
    left = Counter(finding.severity for mended in parts for finding in mended.left)
    say(f"Would leave {', '.join(counted(left[severity], severity) for severity in Severity)}.")
    _say_uncovered(parts, "would uncover")
    return FOUND


def write(parts: list[tuple[Mended, list[Path]]]) -> list[str]:
    """Write what changed, each file whole or not at all, and give what went wrong.

    With each part come the folder or the files that the user named: nothing outside of their repositories is written.
    """
    failures = [failure for mended, named in parts for failure in _write_part(mended, named)]
    made = [mended for mended, _ in parts]
    _say_refused(made)
    if not failures:
        say(f"Made {_counted(made)}." if any(mended.fixed for mended in made) else "There is nothing to fix.")
        _say_uncovered(made, "uncovered")
    return failures


def _write_part(mended: Mended, named: list[Path]) -> Iterator[str]:
    boundaries = [Boundary(path if path.is_dir() else path.parent) for path in named]
    for path, text in sorted(mended.after.items()):
        within = next((one for one in boundaries if not one.objection(Path(path))), boundaries[0])
        try:
            if Path(path).read_bytes().decode("utf-8") != mended.before[path]:
                raise Trouble(f"{path}: somebody else changed it meanwhile, so it is left as it is. Run --fix again.")
            write_whole(Path(path), [text], within)
        except (OSError, UnicodeDecodeError) as error:
            yield f"{path}: can't be read again, so it is left as it is: {type(error).__name__}."
        except Trouble as trouble:
            yield str(trouble)


def _say_refused(parts: list[Mended]) -> None:
    say(*(str(refusal) for mended in parts for refusal in mended.refused))


def _say_uncovered(parts: list[Mended], verb: str) -> None:
    """Announce what the fixes bring to light and leave: it was hidden inside of what AWS rejects."""
    found = [finding for mended in parts for finding in mended.uncovered]
    if not found:
        return
    more = f" The first {MOST_NAMED}:" if len(found) > MOST_NAMED else ""
    say(f"The fixes {verb} {counted(len(found), 'finding')} that could not be seen before.{more}")
    for finding in found[:MOST_NAMED]:
        say(f"{locate(finding.place)}: {finding.message} [{finding.rule}]")


def _counted(parts: list[Mended]) -> str:
    fixes, files = sum(mended.fixed for mended in parts), len({path for mended in parts for path in mended.after})
    return f"{counted(fixes, 'fix', 'fixes')} in {counted(files, 'file')}"
