"""Loads plugins, the built-in ones and those of installed packages; a broken one is named and left out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from policylint import hookspecs
from policylint.choosing import recognising
from policylint.entry_points import COMMANDS, PROJECT, Command, Page, installed_plugins
from policylint.files import Files
from policylint.hookspecs import Render
from policylint.policy_types import POLICY_TYPES, Registry
from policylint.policy_types.shape import PolicyType
from policylint.rules import Check, Rule, load_card, rule_of
from policylint.wording import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from policylint.choosing import Reader
    from policylint.report import Rendered, Report, Terminal

BUILT_IN = ("policylint.builtin_rules", "policylint.builtin_plugins")
HOOKS = (
    "policylint_policy_types",
    "policylint_rules",
    "policylint_readers",
    "policylint_formats",
    "policylint_commands",
)
COMMAND = re.compile("[a-z][a-z0-9-]*")


class Format(NamedTuple):
    """A way to write a report."""

    render: Callable[..., Rendered]  # of a report, and of the terminal that shows it, if any
    description: str


def _rendering(render: Render) -> Callable[..., Rendered]:
    """A format's function as it is called: strangers' may take no terminal, and give nothing but chunks of text."""
    takes_terminal = len(signature(render).parameters) > 1

    def rendered(report: Report, terminal: Terminal | None = None) -> Rendered:
        from policylint.report import PLAIN, Rendered

        found = render(report, terminal or PLAIN) if takes_terminal else render(report)
        return found if isinstance(found, Rendered) else Rendered(found)

    return rendered


class Brought(NamedTuple):
    """What a plugin registered, by name, and where it comes from."""

    origin: str
    version: str
    rules: tuple[str, ...]
    policy_types: tuple[str, ...]
    readers: tuple[str, ...]
    formats: tuple[str, ...]
    commands: tuple[str, ...] = ()


class PluginError(ValueError):
    """What a plugin registers can't be used."""


@dataclass
class Host:
    """Everything that plugins bring along, by name, in the order of registration."""

    rules: dict[str, Rule] = field(default_factory=dict)
    policy_types: dict[str, PolicyType] = field(default_factory=dict)  # those of plugins
    types: Registry = POLICY_TYPES  # all that there are: the built-in ones and those of plugins
    readers: dict[str, Reader] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)  # those of strangers
    failures: list[str] = field(default_factory=list)  # a line for each plugin left out, and why
    loaded: list[tuple[str, str]] = field(default_factory=list)  # name and version of strangers' plugins
    brought: dict[str, Brought] = field(default_factory=dict)  # by the name of the plugin


def load(found: Iterable[EntryPoint] | None = None) -> Host:
    """Load the built-in plugins, then those of `found` (by default: of every installed package), one by one.

    Never raises for what a stranger's plugin does: the host's `failures` say it. A plugin that fails contributes
    nothing, so that no rule of it runs without the others it counts on.
    """
    host = Host()
    for name in BUILT_IN:
        _add(host, name, import_module(name), "built in", "")
    _add_strangers(host, found, HOOKS)
    return host


def load_commands(found: Iterable[EntryPoint] | None = None) -> Host:
    """The host with nothing but the commands of strangers' plugins: enough to know which one is meant."""
    host = Host()
    _add_strangers(host, found, ("policylint_commands",))
    return host


def holds_organization(host: Host, files: Files) -> bool:
    """Whether there is an organization in a folder, in whatever layout. A reader that breaks says so when it reads."""
    return bool(recognising(files, host.readers.values())[0])


def _add_strangers(host: Host, found: Iterable[EntryPoint] | None, hooks: tuple[str, ...]) -> None:
    for point in sorted(installed_plugins() if found is None else found, key=lambda point: point.name):
        version = point.dist.version if point.dist else ""
        try:
            _add(host, point.name, point.load(), f"package {point.dist.name}" if point.dist else "", version, hooks)
        except (Exception, SystemExit) as error:  # a stranger's code may raise anything
            named = f"'{point.name}' {version}".rstrip()
            host.failures.append(f"The plugin {named} is left out: {in_one_line(error)}")
        else:
            host.loaded.append((point.name, version))


def load_folder(host: Host, folder: Path) -> None:
    """Add the Python rules of a folder, file by file. Only for a folder that the command line names: it runs code."""
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("test_"):
            continue
        try:
            spec = spec_from_file_location(f"policylint_local_{path.stem}", path)
            if spec is None or spec.loader is None:
                raise PluginError("it is not a Python file.")
            module = sys.modules[spec.name] = module_from_spec(spec)
            spec.loader.exec_module(module)
            marked = [item for item in vars(module).values() if hasattr(item, "__policylint_rule__")]
            if not marked:
                raise PluginError("it has no rule. Decorate a function with @policylint.check and the rule's id.")
            new = Host(types=host.types)
            _rules(new, host)(*marked)
        except (Exception, SystemExit) as error:  # a stranger's code may raise anything
            host.failures.append(f"The file {path} is left out: {in_one_line(error)}")
        else:
            host.rules.update(new.rules)
            host.brought[path.stem] = Brought(str(path), "", tuple(new.rules), (), (), ())


def _add(host: Host, name: str, plugin: Any, origin: str, version: str, hooks: tuple[str, ...] = HOOKS) -> None:
    """Call a plugin's hooks, and take over what they register only when all of them have gone well."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name)
    _check_names(manager, plugin)
    new = Host(types=host.types)
    registers: dict[str, Callable[..., None]] = {
        "policylint_policy_types": _policy_types(new),
        "policylint_rules": _rules(new, host),
        "policylint_readers": _readers(new, host),
        "policylint_formats": _formats(new, host),
        "policylint_commands": _commands(new, host),
    }
    for hook in hooks:
        getattr(manager.hook, hook)(register=registers[hook])
    if new.policy_types:
        _check_rejections(new, host)
    host.rules.update(new.rules)
    host.policy_types.update(new.policy_types)
    host.types = new.types
    host.readers.update(new.readers)
    host.formats.update(new.formats)
    host.commands.update(new.commands)
    kinds = (new.rules, new.policy_types, new.readers, new.formats, new.commands)
    host.brought[name] = Brought(origin, version, *(tuple(kind) for kind in kinds))


def _check_rejections(new: Host, host: Host) -> None:
    """What rules between fields report is lost if nobody provides the rule that they name."""
    from policylint.policy_types.vocabulary import rejections

    known = (*host.rules, *new.rules)
    for kind in new.policy_types.values():
        for rule in sorted(rejections(kind).difference(known)):
            hint = did_you_mean(rule, known, "Register one whose check yields `found_by(policy, ID)`.")
            raise PluginError(f"its policy type '{kind.enum}' names the rule '{rule}', which nobody brings. {hint}")


def _check_names(manager: pluggy.PluginManager, plugin: Any) -> None:
    for hook in manager.get_hookcallers(plugin) or ():
        if not hook.has_spec():
            hint = did_you_mean(hook.name, HOOKS, f"Known are {', '.join(HOOKS)}.")
            raise PluginError(f"'{hook.name}' is not a hook. {hint}")
    manager.check_pending()
    if not manager.get_hookcallers(plugin):
        raise PluginError("it has no hook. Decorate its functions with @policylint.hookimpl.")


def _rules(new: Host, host: Host) -> Callable[..., None]:
    def register(*rules: Rule | Check) -> None:
        for given in rules:
            if isinstance(given, Rule):
                rule = given
            elif hasattr(given, "__policylint_rule__"):
                rule = rule_of(given, partial(load_card, types=new.types))
            else:
                raise PluginError(f"{given!r} is not a rule. Decorate the function with @policylint.check and its id.")
            _no_second("rule", rule.id, new.rules, host.rules)
            new.rules[rule.id] = rule

    return register


def _policy_types(new: Host) -> Callable[[PolicyType], None]:
    def register(policy_type: PolicyType) -> None:
        from policylint.policy_types.vocabulary import mistakes  # only strangers bring types

        if not isinstance(policy_type, PolicyType):
            raise PluginError(f"{policy_type!r} is not a PolicyType.")
        _no_second("policy type", policy_type.enum, new.policy_types)
        if wrong := next(mistakes(policy_type, new.types), ""):
            raise PluginError(f"its policy type '{policy_type.enum}' can't be used. {wrong}")
        new.policy_types[policy_type.enum] = policy_type
        new.types = new.types.with_types([policy_type])

    return register


def _readers(new: Host, host: Host) -> Callable[[Reader], None]:
    def register(reader: Reader) -> None:
        for name in ("name", "recognises", "read"):
            if not hasattr(reader, name):
                raise PluginError(f"the reader {reader!r} lacks '{name}'.")
        _no_second("reader", reader.name, new.readers, host.readers)
        new.readers[reader.name] = reader if len(signature(reader.read).parameters) > 1 else _adapted(reader)

    return register


def _adapted(reader: Any) -> Reader:
    from policylint.legacy_readers import Before

    return Before(reader)


def _formats(new: Host, host: Host) -> Callable[[str, Render, str], None]:
    def register(name: str, render: Render, description: str) -> None:
        if not callable(render):
            raise PluginError(f"the format '{name}' has no function that renders a report.")
        _no_second("format", name, new.formats, host.formats)
        new.formats[name] = Format(_rendering(render), description)

    return register


def _commands(new: Host, host: Host) -> Callable[[str, Command], None]:
    def register(name: str, command: Command) -> None:
        if not isinstance(name, str) or not COMMAND.fullmatch(name):
            raise PluginError(f"{name!r} can't be a command's name. Write lower-case words with dashes.")
        for part in ("PAGE", "add_options", "run"):
            if not hasattr(command, part):
                raise PluginError(f"the command '{name}' lacks '{part}'.")
        if not isinstance(command.PAGE, Page):
            raise PluginError(f"the PAGE of the command '{name}' is not a policylint.Page.")
        _no_second("command", name, dict.fromkeys(COMMANDS), new.commands, host.commands)
        new.commands[name] = command

    return register


def _no_second(what: str, name: str, *known: dict[str, Any]) -> None:
    if any(name in names for names in known):
        raise PluginError(f"a {what} with the name '{name}' exists already. Choose another name.")


def in_one_line(error: BaseException) -> str:
    """An exception in one line: our own in their words, strangers' with their type."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and type(error).__module__.startswith("policylint"):
        return text
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."
