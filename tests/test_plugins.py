"""Strangers' plugins: what they add, and how a broken one is survived."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
from installed import CHECKOUT, Installed

import policylint
from policylint import plugins
from policylint.cli import main
from policylint.lint import lint
from policylint.plugins import Host, load
from policylint.rules import load_card, rule_of
from policylint.testing import run_example

PLUGINS = CHECKOUT / "fixtures" / "plugins"
ACME = str(CHECKOUT / "fixtures" / "acme")


def load_text(text: str, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Load a plugin that is a module with this text."""
    module = ModuleType("a_plugin")
    module.__file__ = str(PLUGINS / "policylint-example" / "policylint_example" / "__init__.py")
    exec("import policylint\n" + text, vars(module))
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    return load([EntryPoint("a-plugin", "a_plugin", "policylint")])


CHECK = """
@policylint.check("plan-without-owner")
def check(plan):
    yield plan.place(), "No owner."
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "@policylint.hookimpl\ndef policylint_ruels(register): pass",
            "'policylint_ruels' is not a hook. Did you mean 'policylint_rules'?",
        ),
        (
            "def policylint_rules(register): pass",
            "it has no hook. Decorate its functions with @policylint.hookimpl.",
        ),
        ("@policylint.hookimpl\ndef policylint_rules(register): 1 / 0", "ZeroDivisionError: division by zero"),
        ("@policylint.hookimpl\ndef policylint_rules(register): register(len)", "is not a rule. Decorate the function"),
        (
            CHECK + "@policylint.hookimpl\ndef policylint_rules(register): register(check, check)",
            "a rule with the name 'plan-without-owner' exists already. Choose another name.",
        ),
        (
            "@policylint.hookimpl\ndef policylint_formats(register): register('table', print, 'mine')",
            "a format with the name 'table' exists already.",
        ),
        (
            "@policylint.hookimpl\ndef policylint_formats(register): register('mine', 'text', 'mine')",
            "the format 'mine' has no function that renders a report.",
        ),
        (
            "@policylint.hookimpl\ndef policylint_readers(register): register(object())",
            "lacks 'name'.",
        ),
        (
            "@policylint.hookimpl\ndef policylint_policy_types(register): register('backup')",
            "'backup' is not a PolicyType.",
        ),
        (
            CHECK.replace("plan-without-owner", "no-such-card")
            + "@policylint.hookimpl\ndef policylint_rules(register): register(check)",
            "no-such-card.md: the rule has no card.",
        ),
        ("@policylint.hookimpl\ndef policylint_rules(wrong): pass", "wrong"),
        ("@policylint.hookimpl\ndef policylint_rules(register): raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_a_broken_plugin_is_named_and_left_out(text: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = load_text(text, monkeypatch)
    (failure,) = host.failures
    assert failure.startswith("The plugin 'a-plugin' is left out: ")
    assert reason in failure
    assert "\n" not in failure
    assert host.rules.keys() == load([]).rules.keys()
    assert host.loaded == []


def test_a_plugin_that_fails_half_way_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    formats = "@policylint.hookimpl\ndef policylint_formats(register): 1 / 0\n"
    host = load_text(
        CHECK + "@policylint.hookimpl\ndef policylint_rules(register): register(check)\n" + formats, monkeypatch
    )
    assert host.failures
    assert "plan-without-owner" not in host.rules


def test_a_plugin_that_is_not_installed_whole() -> None:
    host = load([EntryPoint("gone", "no_such_module", "policylint")])
    assert host.failures == ["The plugin 'gone' is left out: ModuleNotFoundError: No module named 'no_such_module'"]


def test_every_kind_of_thing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    host = load_text(
        CHECK
        + """
from policylint.policy_types import POLICY_TYPES

class Reader:
    name = "mine"
    def recognises(self, path): return False
    def read(self, path): raise NotImplementedError

@policylint.hookimpl
def policylint_rules(register): register(check)
@policylint.hookimpl
def policylint_readers(register): register(Reader())
@policylint.hookimpl
def policylint_formats(register): register("mine", lambda report: ["x"], "mine")
@policylint.hookimpl
def policylint_policy_types(register): register(POLICY_TYPES["TAG_POLICY"])
""",
        monkeypatch,
    )
    assert host.failures == []
    assert host.loaded == [("a-plugin", "")]
    assert "plan-without-owner" in host.rules
    assert "mine" in host.readers
    assert host.formats["mine"].description == "mine"
    assert host.policy_types.keys() == {"TAG_POLICY"}


def test_the_examples_in_the_hooks_docstrings_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from inspect import cleandoc

    from policylint import hookspecs
    from policylint.plugins import HOOKS

    for hook in HOOKS:
        text = cleandoc(getattr(hookspecs, hook).__doc__).partition("\n\n")[2]
        host = load_text(text, monkeypatch)
        assert host.failures == [], hook
        assert host.loaded


def test_the_example_plugins_card_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGINS / "policylint-example"))
    from policylint_example import plan_without_owner  # type: ignore[import-not-found]

    rule = rule_of(plan_without_owner)
    assert rule.card == load_card(rule.card.path)
    for section in ("Avoid", "Prefer"):
        for kind, text in rule.card.examples(section):
            assert bool(run_example(rule, kind, text)) == (section == "Avoid")


def test_importing_policylint_loads_nothing_else() -> None:
    code = "import sys, policylint; print([m for m in sys.modules if m.startswith(('policylint.', 'pluggy'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_an_installed_plugin_takes_part_in_a_run(installed: Installed, plugin: Path) -> None:
    installed.install(plugin / "policylint-example")
    done = installed.run(ACME, "--format", "ids")
    assert (done.returncode, done.stderr) == (1, "")
    assert "plan-without-owner" in done.stdout.split()
    assert "Plan names no owner" in installed.run("rules").stdout
    assert "whom to call" in installed.run("rules", "plan-without-owner").stdout

    installed.install(plugin / "policylint-broken")
    installed.install(plugin / "policylint-misspelt")
    done = installed.run(ACME, "--format", "ids")
    assert done.returncode == 2
    assert "plan-without-owner" in done.stdout.split()
    assert done.stderr.splitlines() == [
        "policylint: The plugin 'broken' 0.0.7 is left out: ImportError: no module named 'gone'",
        "policylint: The plugin 'misspelt' 0.0.7 is left out: 'policylint_ruels' is not a hook. Did you mean 'policylint_rules'?",
    ]
    for name in ("example", "broken", "misspelt"):
        installed.uninstall(f"policylint-{name}")


READERS = """
class Nested:
    name = "nested"
    def recognises(self, files): return files.is_folder("aws")
    def read(self, files, types):
        if files.exists("aws/odd"): raise KeyError("root")
        if files.exists("aws/bad"): raise policylint.ReadError("aws/bad: is in the way.")
        return policylint.load([]).readers["native"].read(files.at("aws"), types)

def broken(report):
    yield "half a report"
    raise OSError("no colour left")

@policylint.hookimpl
def policylint_readers(register): register(Nested())

@policylint.hookimpl
def policylint_formats(register): register("broken", broken, "breaks half way")
"""


@pytest.fixture
def nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organization in a layout that only a plugin reads."""
    module = ModuleType("a_plugin")
    exec("import policylint\n" + READERS, vars(module))
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    found = [EntryPoint("a-plugin", "a_plugin", "policylint")]
    monkeypatch.setattr(plugins, "installed_plugins", lambda: found)
    shutil.copytree(ACME, tmp_path / "aws")
    return tmp_path


BEFORE = """
from policylint.native import OrganizationUnreadable, read_native

class Nested:
    name = "nested"
    def recognises(self, path): return (path / "aws").is_dir()
    def read(self, path):
        if (path / "aws" / "bad").exists(): raise OrganizationUnreadable("aws/bad: is in the way.")
        return read_native(path / "aws")

@policylint.hookimpl
def policylint_readers(register): register(Nested())
"""


def test_a_reader_of_before_is_not_asked_for_what_is_not_on_the_disk(nested: Path) -> None:
    """It would read what is saved, and nobody would know."""
    exec("import policylint\n" + BEFORE, vars(sys.modules["a_plugin"]))
    project = policylint.open(nested)
    with pytest.raises(policylint.ReadError, match="The reader 'nested' reads only what is saved on the disk"):
        project.with_texts({nested / "aws" / "organization.yaml": "root: {}"})


def test_a_reader_of_before_is_taken_for_one_release(nested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it reads gives what the reader of today gives, and one line says that it has to change."""
    outputs = []
    for text in (READERS, BEFORE):
        exec("import policylint\n" + text, vars(sys.modules["a_plugin"]))
        for command in (["check", str(nested), "--format", "json"], ["effective", str(nested), "--format", "jsonl"]):
            main(command)
            outputs.append(capsys.readouterr())
    assert [one.out for one in outputs[:2]] == [one.out for one in outputs[2:]]
    for now, before in zip(outputs[:2], outputs[2:], strict=True):
        (told,) = set(before.err.splitlines()) - set(now.err.splitlines())
        assert told.startswith("policylint: The reader 'nested' is written for an older policylint: ")
    (nested / "aws" / "bad").touch()
    assert main([str(nested)]) == 2
    assert capsys.readouterr().err == "policylint: aws/bad: is in the way.\n"


def test_two_layouts_that_want_one_folder(nested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (nested / "organization.yaml").write_text("root: {policies: [tag/t], accounts: [{name: payments}]}\n")
    (nested / "policies" / "tag").mkdir(parents=True)
    (nested / "policies" / "tag" / "t.json").write_text('{"tags": {}}')
    assert main([str(nested)]) == 2
    assert capsys.readouterr().err == (
        f"policylint: {nested}: is in the layout of the reader 'native' and in that of 'nested'. Choose one with "
        "--reader native or --reader nested.\n"
    )
    assert main([str(nested), "--reader", "native", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["policies"] == 1
    assert main(["effective", str(nested), "--reader", "nested", "--account", "payments"]) == 0
    assert "plans" in capsys.readouterr().out


def test_an_unknown_reader(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([ACME, "--reader", "nativ"]) == 2
    assert capsys.readouterr().err == "policylint: No reader is named 'nativ'. Did you mean 'native'?\n"


def test_a_reader_that_breaks_on_what_another_reads_stops_nothing(
    nested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(
        "import policylint\n" + READERS.replace("return files.is_folder", "return files.gone"),
        vars(sys.modules["a_plugin"]),
    )
    assert main([ACME]) == 1
    said = f"policylint: The reader 'nested' broke on {ACME}: AttributeError: 'OnDisk' object has no attribute 'gone'\n"
    assert capsys.readouterr().err == said
    assert main([str(nested)]) == 2


def test_a_plugins_reader_serves_every_command(nested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(nested)]) == 1
    assert main(["effective", str(nested), "--account", "payments"]) == 0
    assert main(["explain", str(nested), "/plans/daily/regions", "--account", "payments"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("file", "words"),
    [("bad", "policylint: aws/bad: is in the way."), ("odd", "policylint: The reader 'nested' broke on ")],
)
def test_a_reader_that_gives_up(nested: Path, file: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    (nested / "aws" / file).touch()
    assert main([str(nested)]) == 2
    assert capsys.readouterr().err.startswith(words)


def test_a_format_that_breaks_is_named_and_spares_the_last_report(
    nested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = nested / "report"
    report.write_text("the last one")
    assert main([str(nested), "--format", "broken", "--output", str(report)]) == 2
    assert capsys.readouterr().err == "policylint: The report format 'broken' broke: OSError: no colour left\n"
    assert report.read_text() == "the last one"
    assert main([str(nested), "--format", "broken"]) == 2


def test_a_check_that_breaks_is_named_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        CHECK.replace("yield", "1 / 0; yield") + "@policylint.hookimpl\ndef policylint_rules(register): register(check)"
    )
    host = load_text(text, monkeypatch)
    report = lint(policylint.read_native(Path(ACME)), host.rules)
    assert report.failures == ["The check of rule 'plan-without-owner' broke: ZeroDivisionError: division by zero"]
    assert report.findings


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("    yield plan.gett('x'), 'no'", 6, "AttributeError: 'View' object has no attribute 'gett'"),
        ("    yield 'x'", 4, "TypeError: it must yield a place and a sentence, or a Fault, and yields 'x'"),
    ],
)
def test_a_check_that_breaks_is_named_with_its_line(
    tmp_path: Path, body: str, line: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-rule", "own-rule", "--python", "--into", str(tmp_path / "checks")]) == 0
    file = tmp_path / "checks" / "own_rule.py"
    file.write_text(f"import policylint\n\n\n@policylint.check('own-rule')\ndef own_rule(plan):\n{body}\n")
    capsys.readouterr()
    assert main([ACME, "--python-rules", str(file.parent), "--select", "own-rule"]) == 2
    captured = capsys.readouterr()
    assert f"own_rule.py:{line}: {said}" in captured.err
    assert "no findings, but a part of policylint failed." in captured.out


def test_why_a_rule_is_not_there_is_told_before_it_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own_rule.py").write_text("x = (\n")
    assert main([ACME, "--python-rules", str(tmp_path), "--select", "own-rule"]) == 2
    assert "SyntaxError" in capsys.readouterr().err
