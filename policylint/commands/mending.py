"""`policylint check --fix` and `--diff`: write, or show, what policylint/fixing.py mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policylint.commands.shared import CLEAN, FOUND, Trouble, print_all, say, write_whole
from policylint.files import Boundary
from policylint.fixing import Mended
from policylint.printing import printable_lines
from policylint.report import Report


def show_diff(mended: Mended) -> int:
    """Print what would change, as a unified diff, and give the exit code."""
    escaped = False
    for line in mended.diff():
        shown = printable_lines(line)
        escaped |= shown != line
        print_all([shown])
    if escaped:
        say(
            "Control characters and commands of CI runners are shown escaped, so `patch` can't use this diff; --fix can."
        )
    say(*map(str, mended.refused), f"Would make {_counted(mended)}." if mended.fixed else "There is nothing to mend.")
    return FOUND if mended.fixed else CLEAN


def write(mended: Mended, named: Path) -> list[str]:
    """Write what changed, each file whole or not at all, and give what went wrong.

    `named` is the folder, or the first of the files, that the user named: nothing outside of its repository is written.
    """
    within = Boundary(named if named.is_dir() else named.parent)
    failures = []
    for path, text in sorted(mended.after.items()):
        try:
            if Path(path).read_bytes().decode("utf-8") != mended.before[path]:
                raise Trouble(f"{path}: somebody else changed it meanwhile, so it is left as it is. Run --fix again.")
            write_whole(Path(path), [text], within)
        except (OSError, UnicodeDecodeError) as error:
            failures.append(f"{path}: can't be read again, so it is left as it is: {type(error).__name__}.")
        except Trouble as trouble:
            failures.append(str(trouble))
    say(*map(str, mended.refused))
    if not failures:
        say(f"Made {_counted(mended)}." if mended.fixed else "There is nothing to mend.")
    return failures


def without_tried(report: Report, *, unsafe: bool) -> Report:
    """The report of what is left: fixes that were tried and refused are not offered again."""
    left = [
        replace(finding, fix=None) if finding.fix and (finding.fix.safe or unsafe) else finding
        for finding in report.findings
    ]
    return replace(report, findings=left)


def _counted(mended: Mended) -> str:
    findings, files = mended.fixed, len(mended.after)
    return f"{findings} fix{'' if findings == 1 else 'es'} in {files} file{'' if files == 1 else 's'}"
