"""Finds a Chromium for the tests of the HTML page; run as a program, it fetches one where there is none.

Playwright's own download needs no root. Where it can't be had or lacks libraries, a Chromium or Chrome of the system
serves as well: on Debian `apt-get install chromium`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
HOW = "no Chromium starts here: `playwright install --with-deps chromium` or `apt-get install chromium` brings one"


def launched(playwright: Playwright) -> Browser | None:
    """A running browser without a window; None where none starts."""
    from playwright.sync_api import Error

    for path in _candidates():
        try:
            return playwright.chromium.launch(executable_path=path)
        except Error:
            continue
    return None


def _candidates() -> Iterator[str | None]:
    yield None  # Playwright's own
    yield from filter(None, map(shutil.which, SYSTEM))


def _starts() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launched(playwright)
        if browser:
            browser.close()
        return browser is not None


def main() -> int:
    """Fetch a browser where none starts. 1 where that fails, and the tests of the page will be skipped."""
    if _starts():
        return 0
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    try:
        done = subprocess.run(command, timeout=600, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        done = None
    if done and done.returncode == 0 and _starts():
        return 0
    print(f"The tests of the HTML page are skipped: {HOW}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
