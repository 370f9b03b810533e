"""The command line: the only room that prints."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policylint.effective import EffectivePolicy
    from policylint.organization import Account, Organization
    from policylint.plugins import Host
    from policylint.policy_types.shape import PolicyType
    from policylint.report import Report

VERSION = "0.1.0"
COMMANDS = ("check", "effective", "explain", "rules")
CLEAN, FOUND, BROKEN, NOTHING = 0, 1, 2, 3
SEVERITIES = ("error", "warning", "note")


class Trouble(Exception):
    """The run can't go on; the message is for the user."""

    def __init__(self, message: str, code: int = BROKEN) -> None:
        super().__init__(message)
        self.code = code


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit code: 0 clean, 1 findings, 2 broken run, 3 nothing to check."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    if not given:
        parser.print_help(sys.stderr)
        return BROKEN
    if given[0] not in COMMANDS and given[0] not in ("-h", "--help", "--version"):
        given = ["check", *given]
    options = parser.parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except Trouble as trouble:
        print(f"policylint: {trouble}", file=sys.stderr)
        return trouble.code
    except BrokenPipeError:
        # Whoever read the output has gone; that is no fault of the run.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="policylint",
        description="Tells what AWS Organizations would make of your management policies, before AWS does.",
        epilog="`policylint PATH…` is short for `policylint check PATH…`.",
    )
    parser.add_argument("--version", action="version", version=f"policylint {VERSION}")
    commands = parser.add_subparsers(title="commands", required=True)
    check = commands.add_parser("check", help="check an organization, or policy files on their own")
    check.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder with an organization, or policy files"
    )
    check.add_argument(
        "--format", default="table", metavar="FORMAT", help="table (default), json, or one of a plugin's"
    )
    check.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE, whole or not at all")
    check.add_argument("--fail-on", choices=(*SEVERITIES, "never"), default="error", help="exit with 1 from here on")
    check.add_argument("--type", metavar="TYPE", help="the policy type of files checked on their own")
    check.add_argument("--at", type=_moment, metavar="TIMESTAMP", help="judge schedules as on saving at this moment")
    check.set_defaults(run=_check)
    effective = commands.add_parser("effective", help="print effective policies")
    effective.add_argument("path", type=Path, metavar="PATH")
    effective.add_argument("--account", metavar="ID_OR_NAME", help="one account; without it use --format jsonl")
    effective.add_argument("--type", default="backup", metavar="TYPE", help="policy type (default: backup)")
    effective.add_argument("--format", choices=("json", "yaml", "jsonl"), default="json")
    effective.set_defaults(run=_effective)
    explain = commands.add_parser("explain", help="tell where a value of an effective policy comes from")
    explain.add_argument("path", type=Path, metavar="PATH")
    explain.add_argument("pointer", metavar="POINTER", help="such as /plans/daily/regions")
    explain.add_argument("--account", required=True, metavar="ID_OR_NAME")
    explain.add_argument("--type", default="backup", metavar="TYPE", help="policy type (default: backup)")
    explain.set_defaults(run=_explain)
    rules = commands.add_parser("rules", help="list the rules")
    rules.add_argument("rule", nargs="?", metavar="RULE", help="show this rule's card")
    rules.set_defaults(run=_rules)
    for command in (check, effective, explain):
        command.add_argument(
            "--container-locks",
            choices=("entries", "subtree"),
            default="entries",
            help="the reading of a lock on a container, which AWS leaves open (default: entries)",
        )
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no ISO 8601 timestamp such as 2026-11-23T08:00:00Z") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


# ---- commands ----------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    from policylint.plugins import in_one_line, load

    host = load()
    if options.format not in host.formats:
        raise Trouble(f"No report format is named '{options.format}'. There are {', '.join(sorted(host.formats))}.")
    report = _report(options, host)
    try:
        text = "".join(host.formats[options.format].render(report))
    except Exception as error:  # a stranger's format may raise anything
        raise Trouble(f"The report format '{options.format}' broke: {in_one_line(error)}") from error
    if options.output:
        _write_whole(options.output, text)
    else:
        sys.stdout.write(text)
    if _told([*host.failures, *report.failures]):
        return BROKEN
    if options.fail_on == "never":
        return CLEAN
    loud = SEVERITIES[: SEVERITIES.index(options.fail_on) + 1]
    return FOUND if any(finding.severity in loud for finding in report.findings) else CLEAN


def _report(options: argparse.Namespace, host: Host) -> Report:
    from policylint.lint import lint, lint_files
    from policylint.native import read_policy_file

    for path in options.paths:
        if not path.exists():
            raise Trouble(f"{path}: no such file or folder.")
    folders = [path for path in options.paths if path.is_dir()]
    if not folders:
        kind = _policy_type(options.type) if options.type else None
        return lint_files([read_policy_file(path, kind) for path in options.paths], host.rules, at=options.at)
    if len(options.paths) > 1:
        raise Trouble("Check one organization at a time, or policy files without a folder.")
    organization = _organization(folders[0], host)
    if not organization.policies:
        raise Trouble(f"{folders[0]}: no policy below policies/, so there is nothing to check.", NOTHING)
    return lint(organization, host.rules, at=options.at, container_locks=options.container_locks)


def _effective(options: argparse.Namespace) -> int:
    from policylint.effective import effective_policy
    from policylint.inheritance import resolve

    organization = _organization(options.path)
    if options.format == "jsonl":
        for line in _lines(organization, options.container_locks):
            sys.stdout.write(line)
        return CLEAN
    if not options.account:
        raise Trouble("Name an account with --account, or ask for all of them with --format jsonl.")
    account = _account(organization, options.account)
    inheritance = resolve(organization, _policy_type(options.type), container_locks=options.container_locks)
    content = effective_policy(inheritance, account).content()
    if options.format == "json":
        print(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        from ruamel.yaml import YAML

        YAML(typ="safe").dump(content, sys.stdout)
    return CLEAN


def _lines(organization: Organization, container_locks: Any) -> Iterator[str]:
    from policylint.effective import effective_policies
    from policylint.inheritance import resolve

    for kind in organization.enabled_policy_types:
        inheritance = resolve(organization, kind, container_locks=container_locks)
        for policy in effective_policies(inheritance):
            rest = _rest_of_line(policy)
            for account in policy.accounts:
                head = {"id": account.id, "name": account.name, "path": account.path}
                yield f'{{"account": {json.dumps(head, ensure_ascii=False)}, {rest}}}\n'


def _rest_of_line(policy: EffectivePolicy) -> str:
    from policylint.validity import validation_errors

    errors = [
        {
            "ErrorCode": error.code,
            "ErrorMessage": error.message,
            "PathToError": error.path,
            "ContributingPolicies": [contributing.name for contributing in error.policies],
        }
        for error in validation_errors(policy)
    ]
    line = {
        "policy_type": policy.type.enum,
        "effective_policy": policy.content(),
        "valid": not errors,
        "errors": errors,
    }
    return json.dumps(line, ensure_ascii=False)[1:-1]


def _explain(options: argparse.Namespace) -> int:
    from policylint.explain import NothingThere, explain
    from policylint.report import printable

    organization = _organization(options.path)
    account = _account(organization, options.account)
    kind = _policy_type(options.type)
    try:
        for line in explain(organization, account, kind, options.pointer, container_locks=options.container_locks):
            print(printable(line))
    except NothingThere as error:
        beside = f" Known there: {', '.join(error.nearest)}." if error.nearest else ""
        raise Trouble(f"No policy on the way to '{options.account}' mentions {options.pointer}.{beside}") from None
    return CLEAN


def _rules(options: argparse.Namespace) -> int:
    from policylint.plugins import load

    host = load()
    rules = host.rules
    if options.rule is None:
        for _, rule in sorted(rules.items(), key=lambda item: (item[1].card.family, item[0])):
            card = rule.card
            print(f"{card.family:14} {rule.id:38} {card.severity:8} {card.outcome:9} {card.title}")
    elif options.rule in rules:
        card = rules[options.rule].card
        print(f"{card.title}\n\n{card.id}: {card.severity}, {card.outcome}")
        for name, text in card.sections.items():
            print(f"\n{name}\n\n{text}")
    else:
        raise Trouble(f"No rule is named '{options.rule}'." + _nearest(options.rule, rules))
    return BROKEN if _told(host.failures) else CLEAN


# ---- what commands share -----------------------------------------------------------------------------------


def _told(failures: list[str]) -> bool:
    """Whether anything of a plugin failed; tells it."""
    from policylint.report import printable

    for failure in failures:
        print(f"policylint: {printable(failure)}", file=sys.stderr)
    return bool(failures)


def _organization(path: Path, host: Host | None = None) -> Organization:
    """Read an organization in the native layout, or else with the first plugin's reader that recognises it."""
    from policylint.native import OrganizationUnreadable, read_native, tree_file

    if not path.is_dir():
        raise Trouble(f"{path}: no such folder.")
    try:
        return read_native(path) if tree_file(path) else _read_otherwise(path, host)
    except OrganizationUnreadable as error:
        raise Trouble(str(error)) from None


def _read_otherwise(path: Path, host: Host | None) -> Organization:
    from policylint.native import OrganizationUnreadable
    from policylint.plugins import in_one_line, load

    given = host or load()
    for reader in given.readers.values():
        try:
            if reader.recognises(path):
                return reader.read(path)
        except OrganizationUnreadable:
            raise
        except Exception as error:  # a stranger's reader may raise anything
            raise Trouble(f"The reader '{reader.name}' broke on {path}: {in_one_line(error)}") from error
    _told(given.failures)
    raise Trouble(
        f"{path}: holds no organization.yaml or organization.json, so there is nothing to check.",
        BROKEN if given.failures else NOTHING,
    )


def _account(organization: Organization, name: str) -> Account:
    found = organization.find_accounts(name)
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(account.path for account in found)
        raise Trouble(f"'{name}' names {len(found)} accounts: {paths}. Give the id.")
    names = [text for account in organization.accounts for text in (account.name, account.id) if text]
    raise Trouble(f"No account has the id or the name '{name}'." + _nearest(name, names))


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    return f" Did you mean '{near[0]}'?" if near else ""


def _policy_type(name: str) -> PolicyType:
    from policylint.policy_types import UnknownPolicyType, policy_type

    try:
        return policy_type(name)
    except UnknownPolicyType as error:
        raise Trouble(str(error)) from None


def _write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as scratch:
            scratch.write(text)
        os.replace(scratch.name, path)
    except OSError as error:
        raise Trouble(f"{path}: can't be written: {(error.strerror or str(error)).lower()}.") from None
