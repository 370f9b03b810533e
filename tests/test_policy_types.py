"""Policy types are data that is handed along: what plugins bring holds for one run, in every command."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from installed import CHECKOUT

from policylint import hookimpl
from policylint.cli import main
from policylint.plugins import Host, load
from policylint.policy_types import POLICY_TYPES, Registry, UnknownPolicyType
from policylint.policy_types.shape import Container, PolicyType, Setting, Values

SPEED = Container({"speed": Setting(Values("a string"))})
ROBOT = PolicyType("ROBOT_POLICY", "robot", "robot policy", "robots", Container(entry=SPEED), 10_000, 5, None, "")
DOCUMENT = {"robots": {"r2": {"speed": {"@@assign": "slow"}}}}
TREE = {
    "enabled_policy_types": ["robot"],
    "root": {"policies": ["robot/a"], "accounts": [{"name": "one", "id": "111111111111"}]},
}
CARD = """---
policy_types: [robot]
select: $
field: speed
require: {one_of: [fast]}
message: "'{name}' is {value}."
---
# Robots that are slow
"""


class Point:
    """An entry point whose plugin brings these types."""

    name = "robots"
    dist = None

    def __init__(self, *types: Any) -> None:
        self.types = types

    def load(self) -> ModuleType:
        @hookimpl
        def policylint_policy_types(register: Any) -> None:
            for one in self.types:
                register(one)

        module = ModuleType("robots")
        module.policylint_policy_types = policylint_policy_types  # type: ignore[attr-defined]
        return module


def with_types(*types: Any) -> Host:
    return load([Point(*types)])  # type: ignore[list-item]


@pytest.fixture
def robots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An organization with a robot policy, beside which a plugin is installed that knows them."""
    monkeypatch.setattr("policylint.plugins.installed_plugins", lambda: [Point(ROBOT)])
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "organization.json", json.dumps(TREE))
    write(tmp_path / "policies" / "robot" / "a.json", json.dumps(DOCUMENT))
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_registry_never_changes_and_a_plugins_types_leave_no_trace() -> None:
    host = with_types(ROBOT)
    assert host.types["ROBOT_POLICY"] is ROBOT
    assert [*host.types] == [*POLICY_TYPES, "ROBOT_POLICY"]
    assert "ROBOT_POLICY" not in POLICY_TYPES
    assert "ROBOT_POLICY" not in load(()).types
    with pytest.raises(UnknownPolicyType):
        POLICY_TYPES.named("robot")


def test_a_type_of_a_known_name_takes_its_place() -> None:
    better = PolicyType("TAG_POLICY", "tag", "tag policy", "tags", Container(open=True), None, 10, None, "")
    types = POLICY_TYPES.with_types([better])
    assert [*types] == [*POLICY_TYPES]
    assert types.named("tag policies") is better
    assert types.by_top_key("Tags") is better


@pytest.mark.parametrize("name", ["robot", "ROBOT_POLICY", "Robot policies"])
def test_every_spelling_of_a_name_is_understood(name: str) -> None:
    types = Registry([ROBOT])
    assert types.named(name) is ROBOT
    assert types.enum_of(name) == "ROBOT_POLICY"


def test_a_plugins_type_works_for_a_file_on_its_own(robots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(robots / "elsewhere" / "one.json", json.dumps({"robots": {"r2": {"sped": {"@@assign": "slow"}}}}))
    assert main(["elsewhere/one.json"]) == 1
    assert "'sped' is not a field here" in capsys.readouterr().out
    assert main(["--type", "robot", "elsewhere/one.json"]) == 1


def test_a_card_may_be_about_a_plugins_type(robots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(robots / "rules" / "slow-robot.md", CARD)
    assert main(["."]) == 0
    assert "'r2' is slow." in capsys.readouterr().out


def test_the_examples_of_such_a_card_are_tested(robots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = f"{CARD}\n## Avoid\n\n```json\n{json.dumps(DOCUMENT)}\n```\n"
    write(robots / "rules" / "slow-robot.md", example)
    assert main(["test-rules", "rules"]) == 0
    assert "the rule finds it, as it should" in capsys.readouterr().out


def test_without_the_plugin_the_type_is_unknown_and_named(
    robots: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["."]) == 0
    monkeypatch.setattr("policylint.plugins.installed_plugins", tuple)
    assert main(["."]) == 3
    assert "'robot' is not a policy type." in capsys.readouterr().err


# ---- special cases are data ----------------------------------------------------------------------------------

# A layout has names of its own for the types; `tags` are those of accounts, and `rules` a folder of cards.
NAMES_OF_A_LAYOUT = {"landing_zone_accelerator.py"}
OTHER_MEANINGS = {"tags"}


def sources() -> list[Path]:
    folders = ("policylint", "plugins")
    found = [path for folder in folders for path in (CHECKOUT / folder).rglob("*") if path.suffix in (".py", ".js")]
    return [path for path in found if "policy_types" not in path.parts and path.name not in NAMES_OF_A_LAYOUT]


def texts_of(path: Path) -> set[str]:
    """The literal texts of a source file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(re.findall(r"[\"'`]([^\"'`\n]+)[\"'`]", text))
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_no_module_names_a_policy_type() -> None:
    names = {name for kind in POLICY_TYPES.values() for name in (kind.enum, kind.folder, kind.top_key) if name}
    found = {path.relative_to(CHECKOUT).as_posix(): texts_of(path) & names - OTHER_MEANINGS for path in sources()}
    assert len(found) > 100
    assert {path: named for path, named in found.items() if named} == {}
