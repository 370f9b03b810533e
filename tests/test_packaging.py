"""What an installed wheel brings along, and what it leaves alone."""

from __future__ import annotations

import json

import pytest
from installed import CHECKOUT, Installed

pytestmark = pytest.mark.slow
ACME = str(CHECKOUT / "fixtures" / "acme")


def test_no_package_of_a_common_name_is_installed(installed: Installed) -> None:
    names = {path.name for path in installed.site_packages.iterdir()}
    assert "policylint" in names
    assert not names & {"rules", "plugins", "tests", "bench", "fixtures"}


def test_rules_come_with_their_cards(installed: Installed) -> None:
    brought = {path.stem for path in installed.site_packages.glob("policylint/builtin_rules/*/*.md")}
    assert brought == {path.stem for path in CHECKOUT.glob("rules/*/*.md")}
    done = installed.run("rules")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(rule in done.stdout for rule in brought)


def test_an_organization_is_linted(installed: Installed) -> None:
    done = installed.run(ACME, "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["findings"]


def test_the_html_page_comes_with_its_parts(installed: Installed) -> None:
    done = installed.run(ACME, "--format", "html")
    assert (done.returncode, done.stderr) == (1, "")
    parts = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "plugins" / "page").glob("*.[jc]s*")]
    assert len(parts) > 2
    assert all(part in done.stdout for part in parts)


def test_the_version_is_the_packages(installed: Installed) -> None:
    folder = next(installed.site_packages.glob("policylint-*.dist-info"))
    assert installed.run("--version").stdout == f"policylint {folder.name.split('-')[1].removesuffix('.dist')}\n"
