"""What policylint counts on of a reader: our own keep it, and so does the one that the page about readers shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from installed import CHECKOUT, Installed

import policylint
from policylint.testing import check_reader

FIXTURES = CHECKOUT / "fixtures"
ROSTER = FIXTURES / "plugins" / "policylint-roster"
READERS = policylint.load([]).readers


def roster(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROSTER))
    return import_module("policylint_roster").Roster()


def test_the_native_reader() -> None:
    found = check_reader(
        READERS["native"],
        FIXTURES / "acme",
        {
            "Root": ["backup/baseline", "tag/cost-center"],
            "Root/management": [],
            "Root/Workloads": [],
            "Root/Workloads/Prod": ["backup/prod"],
            "Root/Workloads/Prod/payments": ["backup/payments"],
            "Root/Workloads/Prod/orders": [],
            "Root/Workloads/Test": [],
            "Root/Workloads/Test/integration": [],
            "Root/Sandbox": ["backup/sandbox"],
            "Root/Sandbox/playground": [],
        },
    )
    assert found.complete >= policylint.WHOLE


def test_the_reader_of_landing_zone_accelerator_folders() -> None:
    check_reader(
        READERS["landing-zone-accelerator"],
        FIXTURES / "landing_zone",
        {
            "Root": ["backup/acme-daily"],
            "Root/Management": [],
            "Root/Workloads": [],
            "Root/Workloads/Prod": ["backup/prod"],
            "Root/Workloads/Prod/Network": ["tag/team"],
            "Root/Workloads/Test": [],
            "Root/Workloads/Test/Trial": [],
            "Root/Suspended": [],
        },
    )


def test_a_strangers_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    check_reader(
        roster(monkeypatch),
        FIXTURES / "roster",
        {
            "Root": [],
            "Root/management": [],
            "Root/Prod": [],
            "Root/Prod/payments": ["daily.json", "copies.json"],
            "Root/Prod/shop": ["daily.json"],
        },
    )


def test_the_page_shows_that_reader() -> None:
    page = (CHECKOUT / "docs" / "writing-readers.md").read_text("utf-8")
    assert f"```python\n{(ROSTER / 'policylint_roster' / '__init__.py').read_text('utf-8')}```" in page
    assert f"```yaml\n{(FIXTURES / 'roster' / 'roster.yaml').read_text('utf-8')}```" in page


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda source: source.accounts.clear(),
            "At 'Root/Prod/shop' it reads nothing; expected is the policies daily.json.",
        ),
        (
            lambda source: setattr(source.units[0], "keys", ("unit:X",)),
            "'payments' lies in 'unit:Prod', which is the key of no unit.",
        ),
        (
            lambda source: source.accounts.append(source.accounts[0]),
            "Of the accounts, 2 have the key 'id:111111111111'.",
        ),
        (
            lambda source: setattr(source.accounts[0], "place", source.accounts[1].place),
            "of 'management' holds another text.",
        ),
        (lambda source: source.policies.pop(), "'file:copies.json' is attached, and is the key of no policy."),
        (
            lambda source: setattr(source.attachments[0], "target", "x"),
            "The target 'x' is the key of no unit and no account.",
        ),
    ],
)
def test_what_is_wrong_is_said(spoil: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = roster(monkeypatch)
    expected: dict[str, Sequence[str]] = {
        path: [] for path in ("Root", "Root/management", "Root/Prod", "Root/Prod/payments", "Root/Prod/shop")
    }
    expected |= {"Root/Prod/payments": ["daily.json", "copies.json"], "Root/Prod/shop": ["daily.json"]}
    read = reader.read

    def spoilt(files: Any, types: Any) -> Any:
        source = read(files, types)
        spoil(source)
        return source

    monkeypatch.setattr(reader, "read", spoilt, raising=False)
    with pytest.raises(AssertionError) as caught:
        check_reader(reader, FIXTURES / "roster", expected)
    assert said in str(caught.value)


def test_a_reader_that_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = roster(monkeypatch)
    monkeypatch.setattr(reader, "recognises", lambda files: True, raising=False)
    with pytest.raises(AssertionError, match="It recognises an empty folder"):
        check_reader(reader, FIXTURES / "roster", {})


@pytest.mark.slow
def test_an_installed_reader_serves_every_command(installed: Installed, plugin: Path) -> None:
    installed.install(plugin / "policylint-roster")
    folder = str(FIXTURES / "roster")
    assert "readers: roster" in installed.run("plugins").stdout
    done = installed.run(folder, "--format", "json")
    assert json.loads(done.stdout)["summary"]["accounts"] == 3
    assert installed.run(folder, "--reader", "native").returncode == 2
    done = installed.run("effective", folder, "--account", "payments")
    rule = json.loads(done.stdout)["plans"]["daily"]["rules"]["every-day"]
    assert rule["lifecycle"]["delete_after_days"] == "35"
    installed.uninstall("policylint-roster")
