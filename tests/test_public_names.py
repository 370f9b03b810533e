"""The public names: one list, and the built-in rules and plugins use nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from installed import CHECKOUT

import policylint

# What the built-in rules and plugins use and strangers may not: it may only become less.
PRIVATE = {
    "policylint.admission": {"inspection"},
    "policylint.card_checks": {"rule_of"},
    "policylint.card_index": {"CardIndex"},
    "policylint.defaults": {"defaults_of", "is_shown"},
    "policylint.edits": {"changes", "edited"},
    "policylint.layouts": {"CONFIGURATIONS", "DOCUMENT_ENDINGS", "FOLDERS", "POLICIES", "TREE_FILES", "tree_file"},
    "policylint.operators": {"ALL", "APPEND", "ASSIGN", "CONTROL", "OPERATOR_NAMES", "REMOVE"},
    "policylint.pieces": {"CannotEdit", "Change", "in_file"},
    "policylint.policy_types.shape": {"member"},
    "policylint.printing": {"ANYWHERE", "escaped", "json_text"},
    "policylint.reading": {"FIXED", "NOT_KNOWN"},
    "policylint.rejected": {"rejected"},
    "policylint.remedies": {"renamed", "reordered", "replaced"},
    "policylint.report": {"Setting"},
    "policylint.schedules": {"parse"},
    "policylint.schedules_together": {"longest_gap_of"},
    "policylint.tree_checks": {"CHECKS"},
    "policylint.validity": {"reasons"},
}
FOLDERS = ("rules", "plugins")
TODAY = (  # of the first release: they stay
    "Account Card CardError Document EffectivePolicy Fault Finding Host Level Organization OrganizationalUnit Outcome "
    "Place Policy PolicyType Related Report Rule Severity View check effective_policy hookimpl lint_files load "
    "read_document read_native read_policy_file resolve"
)


def test_the_public_names_exist() -> None:
    assert policylint.__all__ == sorted(policylint._HOMES)
    for name in policylint.__all__:
        assert getattr(policylint, name) is not None
    assert set(TODAY.split()) <= set(policylint.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = policylint.nothing


def test_no_public_name_is_that_of_a_module() -> None:
    """The import of such a module would put it in the place of what is public."""
    modules = {module.name for module in iter_modules(policylint.__path__)}
    assert not modules & set(policylint.__all__)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(policylint.__file__).read_text("utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in typed.body if isinstance(node, ast.ImportFrom)]
    seen = {name.asname: (node.module or "").removeprefix("policylint.") for node in imports for name in node.names}
    assert seen == policylint._HOMES


def test_the_built_in_rules_and_plugins_use_public_names() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted(path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py")):
        for module, name in _used(path):
            found.setdefault(module, set()).add(name)
    assert found == PRIVATE


def _used(path: Path) -> Iterator[tuple[str, str]]:
    """The names that a file takes from rooms of policylint other than the public ones."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("policylint."):
            if node.module != "policylint.testing":
                yield from ((node.module, name.name) for name in node.names if _is_private(node.module, name.name))
        elif isinstance(node, ast.Import):
            yield from ((name.name, "") for name in node.names if name.name.startswith("policylint."))


def _is_private(module: str, name: str) -> bool:
    public = getattr(policylint, name) if name in policylint._HOMES else None
    return public is None or public != getattr(import_module(module), name)
