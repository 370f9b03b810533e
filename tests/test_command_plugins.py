"""Strangers' commands: they run beside the built-in ones, and cost nothing where they are not asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
from installed import CHECKOUT, Installed

from policylint import cli, plugins
from policylint.cli import main

ACME = str(CHECKOUT / "fixtures" / "acme")
TEXT = """
import policylint

class Count:
    PAGE = policylint.Page("count the accounts", "Prints how many there are.", (("policylint count org/", "all"),))

    def add_options(parser):
        parser.add_argument("path")
        parser.add_argument("--twice", action="store_true", help="count twice")

    def run(options):
        print(2 if options.twice else 1)
        return 7

@policylint.hookimpl
def policylint_commands(register):
    register("count", Count)
"""


def install(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("a_plugin")
    exec(text, vars(module))
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    found = [EntryPoint("a-plugin", "a_plugin", "policylint")]
    monkeypatch.setattr(plugins, "installed_plugins", lambda: found)
    monkeypatch.setattr(cli, "installed_plugins", lambda: found)


def test_a_command_runs_with_its_options(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(TEXT, monkeypatch)
    assert main(["count", "org", "--twice"]) == 7
    assert capsys.readouterr().out == "2\n"


def test_it_has_help_and_is_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(TEXT, monkeypatch)
    for arguments, words in (
        (["--help"], "count     count the accounts"),
        (["help", "count"], "count twice\n"),
    ):
        with pytest.raises(SystemExit) as done:
            main(arguments)
        assert done.value.code == 0
        assert words in capsys.readouterr().out
    assert main(["plugins"]) == 0
    assert "  commands: count\n" in capsys.readouterr().out
    assert main(["completion", "bash"]) == 0
    assert "--twice" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cuont", "org"], "cuont: no such file or folder. Did you mean the command 'count'?"),
        (["count", "org", "--twcie"], "There is no option '--twcie'. Did you mean '--twice'?"),
    ],
)
def test_what_is_misspelt_has_a_hint(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(TEXT, monkeypatch)
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"policylint: {words}\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"count", C', '"check", C', "a command with the name 'check' exists already. Choose another name."),
        ('"count", C', '"Count it", C', "'Count it' can't be a command's name. Write lower-case words with dashes."),
        ("def run(", "def runs(", "the command 'count' lacks 'run'."),
        ("PAGE = policylint.Page(", "PAGE = tuple, (", "the PAGE of the command 'count' is not a policylint.Page."),
    ],
)
def test_a_command_that_can_not_be_used_is_named(
    old: str, new: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(TEXT.replace(old, new), monkeypatch)
    assert main(["plugins"]) == 2
    failure = f"policylint: The plugin 'a-plugin' is left out: {words}\n"
    assert capsys.readouterr().err == failure
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().err == failure


def test_a_command_that_breaks_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(TEXT.replace("return 7", "1 / 0"), monkeypatch)
    assert main(["count", "org"]) == 2
    assert capsys.readouterr().err == "policylint: The command 'count' broke: ZeroDivisionError: division by zero\n"


def test_built_in_commands_are_found_without_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> list[EntryPoint]:
        raise AssertionError("nobody asked for plugins")

    monkeypatch.setattr(cli, "installed_plugins", never)
    for arguments in (["--version"], ["check", "--help"], ["rules", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)


def test_help_loads_no_plugin_where_there_is_none() -> None:
    code = (
        "import sys; from policylint import cli\ncli.installed_plugins = lambda: ()\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'pluggy', 'policylint.plugins', 'policylint.document'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_an_installed_command(installed: Installed, plugin: Path) -> None:
    installed.install(plugin / "policylint-count")
    done = installed.run("count", ACME)
    assert (done.returncode, done.stderr) == (0, "")
    assert " backup/" in done.stdout
    assert "count the accounts that each policy affects" in installed.run("--help").stdout
    installed.uninstall("policylint-count")
