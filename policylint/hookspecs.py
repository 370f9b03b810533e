"""The hooks: five functions that a plugin may offer, each with an example that runs as it is.

A plugin is an installed package with an entry point in the group `policylint` that names a module:

    [project.entry-points.policylint]
    example = "policylint_example"

Each hook is called once in a run, with a function `register` to call for everything that the plugin brings along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pluggy

from policylint.entry_points import PROJECT, Command

if TYPE_CHECKING:
    from policylint.choosing import Reader
    from policylint.policy_types.shape import PolicyType
    from policylint.report import Rendered

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# The report, and for those who take it what the terminal can show. A format changes nothing in the report.
Render = Callable[..., "Iterable[str] | Rendered"]
RegisterCommand = Callable[[str, Command], None]
RegisterFormat = Callable[[str, Render, str], None]


@hookspec
def policylint_rules(register: Callable[..., None]) -> None:
    """Register rules: functions marked with `check`, or Rules. The card `plan-without-owner.md` is next to the module.

    import policylint

    @policylint.check("plan-without-owner")
    def plan_without_owner(plan):
        if not plan.get("backup_plan_tags/owner/tag_value"):
            yield plan.place(), f"The plan '{plan.name}' names no owner. Give it the tag 'owner'."

    @policylint.hookimpl
    def policylint_rules(register):
        register(plan_without_owner)
    """


@hookspec
def policylint_policy_types(register: Callable[[PolicyType], None]) -> None:
    """Register policy types, or better descriptions of known ones, for the run that loads the plugin.

    import policylint
    from policylint.policy_types import policy_type

    @policylint.hookimpl
    def policylint_policy_types(register):
        register(policy_type("backup"))
    """


@hookspec
def policylint_readers(register: Callable[[Reader], None]) -> None:
    """Register readers: what recognises files, and turns them into a Source. See docs/writing-readers.md.

    import policylint

    class AccountList:
        name = "account-list"

        def recognises(self, files):
            return files.exists("accounts.json")

        def read(self, files, types):
            document = policylint.read_from(files, "accounts.json")
            source = policylint.Source(f"{files.base}: accounts", document, complete=frozenset())
            for number, item in enumerate(document.value or ()):
                place = policylint.Place(document, f"/{number}")
                source.accounts.append(policylint.AccountEntry(item["Name"], item["Id"], policylint.ROOT, place))
            return source

    @policylint.hookimpl
    def policylint_readers(register):
        register(AccountList())
    """


@hookspec
def policylint_formats(register: RegisterFormat) -> None:
    """Register report formats: a name for `--format`, a function that renders a report, a line of help.
    The function yields pieces of text, or returns them as Rendered, with notices for the user. It may
    take a second argument, which knows what colours the terminal has.

    import policylint

    def render(report):
        for finding in report.findings:
            yield f"{finding.rule}\\n"

    @policylint.hookimpl
    def policylint_formats(register):
        register("ids", render, "the id of each broken rule, one a line")
    """


@hookspec
def policylint_commands(register: RegisterCommand) -> None:
    """Register commands: a name, and a module or class with `PAGE`, `add_options` and `run`, which gives the exit code.
    `policylint --help` loads them to list them, so import what is heavy inside of `run`.

    import policylint

    class Count:
        PAGE = policylint.Page(
            "count the accounts", "Prints how many accounts there are.", (("policylint count org/", "all of them"),)
        )

        def add_options(parser):
            parser.add_argument("path", metavar="PATH", help="a folder with an organization")

        def run(options):
            print(len(policylint.read_native(options.path).accounts))
            return 0

    @policylint.hookimpl
    def policylint_commands(register):
        register("count", Count)
    """
