"""Measures of how policylint is built, from its source alone: `python tests/house.py [CHECKOUT]` prints them.

A room is what lies directly in `policylint/`: a package, or a module that is in none. An arrow is one room that imports
another, wherever in the file.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from itertools import permutations
from pathlib import Path

ROOT = Path(__file__).parent.parent
PARTS = ("policylint", "rules", "plugins")
DOORS = ("policylint", "policylint.testing")  # what built-in rules and plugins may import from
TYPES = "policylint/policy_types/"
# Where policy types are spoken of by name: their descriptions, the rules about them, and the tables in which readers of
# other layouts say what those call them.
DATA = (TYPES, "rules/", "plugins/readers/", "plugins/landing_zone_accelerator.py")
ENUM = re.compile(r"[A-Z0-9_]+_POLICY(?:_EC2)?")
IN_A_NAME = re.compile(r"(?:tag|backup|chat|chatbot|ai_opt_out|service_control)_polic(?:y|ies)", re.IGNORECASE)

Arrows = dict[str, set[str]]


class House:
    """A checkout, read once."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        paths = sorted(path for part in PARTS for path in (root / part).rglob("*.py"))
        self.texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        self.trees = {name: ast.parse(text) for name, text in self.texts.items()}
        self.modules = {module_of(name): tree for name, tree in self.trees.items()}

    # ---- rooms and arrows ----------------------------------------------------------------------------------

    @cached_property
    def imports(self) -> Arrows:
        """The modules of policylint that each of its modules imports."""
        found: Arrows = {}
        for module, tree in self.modules.items():
            if module.startswith("policylint."):
                below = {name for name, _ in self.imported(module, tree) if name not in (module, "policylint")}
                found[module] = below & self.modules.keys()
        return found

    def imported(self, module: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
        """What a module imports from policylint: each time the module, and the name in it (or an empty one)."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names if in_policylint(alias.name))
            elif isinstance(node, ast.ImportFrom):
                source = node.module or ""
                if node.level:
                    package = module.split(".") if self.is_package(module) else module.split(".")[:-1]
                    above = package[: len(package) - node.level + 1]
                    source = ".".join([*above, *([source] if source else [])])
                for alias in node.names if in_policylint(source) else ():
                    whole = f"{source}.{alias.name}"
                    yield (whole, "") if whole in self.modules else (source, alias.name)

    def is_package(self, module: str) -> bool:
        """Whether a module is a folder."""
        return f"{module.replace('.', '/')}/__init__.py" in self.trees

    @cached_property
    def arrows(self) -> Arrows:
        """The rooms, and the other rooms that each imports."""
        found: Arrows = {room_of(module): set() for module in self.imports if module != "policylint.__main__"}
        for module, others in self.imports.items():
            if module != "policylint.__main__":
                found[room_of(module)] |= {room_of(other) for other in others} - {room_of(module)}
        return found

    @cached_property
    def circles(self) -> list[list[str]]:
        """Rooms that import each other, directly or by way of others."""
        return circles_of(self.arrows)

    @cached_property
    def module_circles(self) -> list[list[str]]:
        """The same of single modules."""
        return circles_of(self.imports)

    @cached_property
    def upward(self) -> list[tuple[str, str]]:
        """The fewest arrows without which no circle is left: however the floors are laid, these run upwards."""
        back = [arrow for circle in self.circles for arrow in fewest_upward(circle, self.arrows)]
        door = [
            (room_of(module), "policylint")
            for module, tree in self.modules.items()
            if module.startswith("policylint.") and any(name == "policylint" for name, _ in self.imported(module, tree))
        ]
        return [*back, *door]

    @cached_property
    def floors(self) -> int:
        """How many rooms are at most below one another."""
        down = {
            room: [other for other in others if (room, other) not in self.upward]
            for room, others in self.arrows.items()
        }
        depths: dict[str, int] = {}

        def depth(room: str) -> int:
            if room not in depths:
                depths[room] = 1 + max(map(depth, down[room]), default=0)
            return depths[room]

        return max(map(depth, down))

    # ---- what knows more than it should --------------------------------------------------------------------

    @cached_property
    def inner_names(self) -> set[str]:
        """The names that built-in rules and plugins import from within policylint, and not from its door."""
        return {
            f"{source}.{name}".rstrip(".")
            for module, tree in self.modules.items()
            if not in_policylint(module)
            for source, name in self.imported(module, tree)
            if source not in DOORS
        }

    @cached_property
    def private_names(self) -> set[str]:
        """Those of them that `policylint` does not offer."""
        offered = offered_names(self.modules["policylint"])
        return {name for name in self.inner_names if name.rpartition(".")[2] not in offered}

    @cached_property
    def type_names(self) -> list[str]:
        """The places, outside of where types are described and judged, that name a policy type: `path:line: name`."""
        described = {word for name, tree in self.trees.items() if name.startswith(TYPES) for _, word in words_of(tree)}
        enums = {word for word in described if ENUM.fullmatch(word)}
        found = []
        for name, tree in self.trees.items():
            if not name.startswith(DATA):
                words = {(line, word) for line, word in words_of(tree) if word in enums or is_about_a_type(word)}
                found += [f"{name}:{line}: {word}" for line, word in sorted(words)]
        return found

    @cached_property
    def written_places(self) -> list[str]:
        """The f-strings that join a line, and so write `path:line` or `path:line:column`, by place."""
        return [
            f"{name}:{node.lineno}"
            for name, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr) and joins_a_line(node)
        ]

    @cached_property
    def namespaces(self) -> list[str]:
        """The functions other than a command's `run` that take argparse's Namespace, which holds whatever was typed."""
        return [
            f"{name}:{node.lineno}: {node.name}"
            for name, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name != "run"
            for argument in (*node.args.args, *node.args.kwonlyargs)
            if argument.annotation and "Namespace" in ast.unparse(argument.annotation)
        ]

    @cached_property
    def longest(self) -> tuple[int, str]:
        """The lines of the longest file, and its path."""
        return max((text.count("\n"), name) for name, text in self.texts.items())

    @cached_property
    def contract_lines(self) -> int:
        """The lines of the contract that orders the rooms."""
        text = (self.root / "pyproject.toml").read_text(encoding="utf-8")
        layers = re.search(r"layers = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
        return layers[1].count("\n") if layers else 0

    def measures(self) -> dict[str, int]:
        """Everything that is counted, in words."""
        return {
            "rooms": len(self.arrows),
            "floors": self.floors,
            "arrows": sum(map(len, self.arrows.values())),
            "upward arrows": len(self.upward),
            "circles of rooms": len(self.circles),
            "circles of modules": len(self.module_circles),
            "lines of the layer contract": self.contract_lines,
            "inner names used by built-ins": len(self.inner_names),
            "private names used by built-ins": len(self.private_names),
            "functions other than run that take a Namespace": len(self.namespaces),
            "places that name a policy type": len(self.type_names),
            "ways to write path:line:column": len(self.written_places),
            "lines of the longest file": self.longest[0],
        }


# ---- modules, rooms and graphs -----------------------------------------------------------------------------


def module_of(name: str) -> str:
    """The module of a file."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def in_policylint(module: str) -> bool:
    """Whether a module is policylint's own; its built-in rules and plugins are not."""
    return module.split(".")[0] == "policylint"


def room_of(module: str) -> str:
    """The room that a module is in."""
    return module.split(".")[1]


def circles_of(arrows: Arrows) -> list[list[str]]:
    """The groups of which each member reaches every other."""
    reached = {start: reachable(start, arrows) for start in arrows}
    groups = {
        tuple(sorted(other for other in reached[start] if start in reached[other])): None
        for start in arrows
        if start in reached[start]
    }
    return [list(group) for group in groups]


def reachable(start: str, arrows: Arrows) -> set[str]:
    """What can be reached along arrows, the start itself only in a circle."""
    found: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting.extend(arrows.get(one, ()))
    return found


def fewest_upward(circle: list[str], arrows: Arrows) -> list[tuple[str, str]]:
    """The fewest arrows against any order of the members; of a large circle, against one by how much they import."""
    inside = [(one, other) for one in circle for other in sorted(arrows[one]) if other in circle]
    by_use = sorted(circle, key=lambda one: sum(one == other for _, other in inside) - len(arrows[one] & set(circle)))
    orders = permutations(circle) if len(circle) <= 6 else [by_use]
    ways = ([arrow for arrow in inside if order.index(arrow[0]) > order.index(arrow[1])] for order in orders)
    return min(ways, key=len)


# ---- words and texts ---------------------------------------------------------------------------------------


def offered_names(tree: ast.AST) -> set[str]:
    """The names that the root of the package gives: those of its table of homes, as texts."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def words_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts and the names in a file, each with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias):
            yield node.lineno, node.name


def is_about_a_type(word: str) -> bool:
    """Whether a name in the code has a policy type in it."""
    return word.isidentifier() and IN_A_NAME.search(word) is not None


def joins_a_line(text: ast.JoinedStr) -> bool:
    """Whether an f-string has a colon and then a line."""
    return any(
        isinstance(before, ast.Constant)
        and str(before.value).endswith(":")
        and isinstance(after, ast.FormattedValue)
        and re.search(r"\b(line|number)\b", ast.unparse(after.value)) is not None
        for before, after in zip(text.values, text.values[1:], strict=False)
    )


if __name__ == "__main__":
    house = House(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
    for what, count in house.measures().items():
        print(f"{count:>5}  {what}")
    for what, found in (
        ("circles of modules", house.module_circles),
        ("upward", house.upward),
        ("name a policy type", house.type_names),
        ("write a place", house.written_places),
        ("take a Namespace", house.namespaces),
    ):
        print(f"\n{what}:", *found, sep="\n  ")
