"""Inputs that are made to cost more than they weigh: for the tests, which count steps, and for the bench, which times them.

Each family gives the files of an organization, of about so many bytes in all, and what to run on it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from generate import Size, generate

Files = dict[str, str]  # by path below the organization's folder

TREE = "enabled_policy_types: [backup, tag]\nroot: {policies: [%s], accounts: [{name: a, id: '111111111111'}]}\n"
CHECK = ("check",)


class Hostile(NamedTuple):
    """A family at one size: its files, and the arguments before and after the folder."""

    files: Files
    command: tuple[str, ...] = CHECK
    options: tuple[str, ...] = ("--fail-on", "never")


def organization(policies: Files, **more: str) -> Files:
    """The files of an organization with these policies attached to its root: {"tag/x.json": text}."""
    names = ", ".join(name.rpartition(".")[0] for name in policies)
    return {
        "organization.yaml": TREE % names,
        **{f"policies/{name}": text for name, text in policies.items()},
        **more,
    }


def _sound(number: int = 3) -> Files:
    plan = {"plans": {f"p{n}": {"regions": {"@@assign": ["eu-west-1"]}} for n in range(number)}}
    return {"backup/sound.json": json.dumps(plan, indent=1)}


def _laughs(size: int) -> str:
    """Lists of aliases of lists of aliases."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    while sum(map(len, lines)) < min(size, 400):
        n = len(lines)
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]")
    filler = "# " + "x" * 76 + "\n"
    return "\n".join(lines) + "\n" + filler * (max(size - 400, 0) // len(filler))


def aliases(size: int) -> Hostile:
    return Hostile(organization({"tag/x.yaml": "tags:\n  t: {}\n" + _laughs(size)}))


def aliases_in_the_configuration(size: int) -> Hostile:
    return Hostile(organization(_sound(), **{"policylint.yaml": _laughs(size)}))


def aliases_in_the_tree(size: int) -> Hostile:
    files = organization(_sound())
    files["organization.yaml"] += _laughs(size)
    return Hostile(files)


def aliases_in_an_inventory(size: int) -> Hostile:
    return Hostile(organization(_sound(), **{"inventory/vaults.yaml": _laughs(size)}))


def aliases_in_a_card(size: int) -> Hostile:
    return Hostile(organization(_sound(), **{"rules/x.md": f"---\n{_laughs(size)}---\n\n# X\n"}))


def aliases_over_many_files(size: int) -> Hostile:
    return Hostile(organization({f"tag/x{n}.yaml": "tags:\n  t: {}\n" + _laughs(size // 20) for n in range(20)}))


def merge_keys(size: int) -> Hostile:
    lines = ["a0: &a0 {k: v}"]
    while sum(map(len, lines)) < min(size, 900):
        n = len(lines)
        lines.append(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: v}}")
    return Hostile(organization({"tag/x.yaml": "tags: {}\n" + "\n".join(lines) + "\n" + "# \n" * (size // 3)}))


def _card(select: str) -> str:
    return f'---\nselect: "{select}"\nrequire: {{present: true}}\nmessage: no\nscope: document\n---\n\n# X\n'


def _deep(size: int) -> Files:
    rules = {f"r{n}": {"target_backup_vault_name": {"@@assign": "v"}} for n in range(max(size // 60, 2))}
    return {"backup/x.json": json.dumps({"plans": {"p": {"rules": rules}}})}


def a_path_of_unions(size: int) -> Hostile:
    return Hostile(organization(_deep(size), **{"rules/x.md": _card("$..*" + " | $..*" * 12)}))


def a_path_of_descents(size: int) -> Hostile:
    return Hostile(organization(_deep(size), **{"rules/x.md": _card("$" + "..*" * 20)}))


def a_path_of_parents(size: int) -> Hostile:
    return Hostile(organization(_deep(size), **{"rules/x.md": _card("$..*" + ".`parent`..*" * 6)}))


def one_line(size: int) -> Hostile:
    """Hundreds of findings on one line, under each of which a window of it is shown."""
    rules = {f"r{n}": {"x": 1} for n in range(size // 12)}
    files = organization({"backup/x.json": json.dumps({"plans": {"p": {"rules": rules}}}, separators=(",", ":"))})
    return Hostile(files, options=("--format", "text", "--fail-on", "never"))


def one_line_as_a_page(size: int) -> Hostile:
    return one_line(size)._replace(options=("--format", "html", "--fail-on", "never"))


def one_line_to_fix(size: int) -> Hostile:
    rules = {f"r{n}": {"target_backup_vault_name": "v"} for n in range(size // 44)}
    files = organization({"backup/x.json": json.dumps({"plans": {"p": {"rules": rules}}}, separators=(",", ":"))})
    return Hostile(files, options=("--diff",))


def open_quotes(size: int) -> Hostile:
    return Hostile(organization({"backup/x.json": '{"a": ${b}, "c' + '\\"' * (size // 2)}))


def open_quotes_and_a_constant(size: int) -> Hostile:
    return Hostile(organization({"backup/x.json": '{"a": NaN, "c' + '\\"' * (size // 2)}))


def ignores(size: int) -> Hostile:
    half = size // 2
    listed = "".join(
        f"  - {{rule: unknown-field, file: 'policies/*/y{n}*.json', accounts: ['b{n}'], reason: r}}\n"
        for n in range(half // 84)
    )
    fields = {f"field{n}": {} for n in range(half // 14)}
    files = organization({"backup/x.json": json.dumps({"plans": {"p": fields}}, indent=0)})
    return Hostile({**files, "policylint.yaml": f"ignores:\n{listed}"})


def overrides(size: int) -> Hostile:
    half = size // 2
    number = max(half // 70, 2)
    accounts = ", ".join(f"{{name: 'n{n}', id: '{n:012}'}}" for n in range(half // 34))
    listed = "".join(
        f"  - {{accounts: ['*{n}*'], rules: {{short-retention: {{minimum_days: {n}}}}}}}\n" for n in range(number)
    )
    files = organization(_sound())
    files["organization.yaml"] = f"root: {{policies: [backup/sound], accounts: [{accounts}]}}\n"
    return Hostile({**files, "policylint.yaml": f"overrides:\n{listed}"})


def misspelt_names(size: int) -> Hostile:
    """Thousands of attachments of policies that are not there, next to thousands that are almost called so."""
    number = max(size // 60, 2)
    names = ", ".join(f"backup/policy-number-{n}x" for n in range(number))
    policies = {f"backup/policy-number-{n}.json": "{}" for n in range(min(number, 400))}
    files = organization(policies)
    files["organization.yaml"] = f"root: {{policies: [{names}]}}\n"
    return Hostile(files)


def misspelt_fields(size: int) -> Hostile:
    fields = {f"target_backup_vault_nam{n}": {} for n in range(size // 34)}
    return Hostile(organization({"backup/x.json": json.dumps({"plans": {"p": {"rules": {"r": fields}}}}, indent=0)}))


def members(size: int) -> Hostile:
    return Hostile(organization({"tag/x.json": json.dumps({f"{n:x}": 1 for n in range(size // 10)})}))


def members_of_the_tree(size: int) -> Hostile:
    files = organization(_sound())
    files["organization.yaml"] += "".join(f"k{n:x}: 1\n" for n in range(size // 9))
    return Hostile(files)


def inventory_patterns(size: int) -> Hostile:
    half = size // 2
    rows = "".join(f"*{n}?,eu-*,v*{n}\n" for n in range(half // 15))
    accounts = ", ".join(f"{{name: 'n{n}', id: '{n:012}'}}" for n in range(half // 34))
    rules = {f"r{n}": {"target_backup_vault_name": {"@@assign": f"v{n}"}} for n in range(10)}
    regions = {"@@assign": ["eu-west-1", "eu-west-2", "eu-west-3"]}
    plan = {"plans": {"p": {"regions": regions, "rules": rules}}}
    files = organization({"backup/x.json": json.dumps(plan)})
    files["organization.yaml"] = f"root: {{policies: [backup/x], accounts: [{accounts}]}}\n"
    return Hostile({**files, "inventory/vaults.csv": f"account,region,name\n{rows}"})


def appending_peers(size: int) -> Hostile:
    number = max(size // 50 // 12, 1)
    policies = {
        f"tag/p{peer}.json": json.dumps(
            {"tags": {"t": {"tag_value": {"@@append": [f"v{peer}-{n}" for n in range(number)]}}}}
        )
        for peer in range(50)
    }
    return Hostile(organization(policies))


def comments(size: int) -> Hostile:
    lines = "".join("# policylint: ignore[unknown-field] r\n" for _ in range(size // 40))
    return Hostile(organization({"tag/x.yaml": f"tags:\n{lines}  t: {{}}\n"}))


def duplicate_names(size: int) -> Hostile:
    return Hostile(organization({"tag/x.json": '{"tags": {' + ", ".join(['"a": {}'] * (size // 9)) + "}}"}))


def cron_lists(size: int) -> Hostile:
    listed = ",".join(str(n % 60) for n in range(size // 3))
    rule = {"schedule_expression": {"@@assign": f"cron({listed} 5 ? * * *)"}}
    return Hostile(organization({"backup/x.json": json.dumps({"plans": {"p": {"rules": {"r": rule}}}})}))


def a_broken_table(size: int) -> Hostile:
    return Hostile(organization(_sound(), **{"inventory/vaults.csv": "account,region,name\n" + '"a\n' * (size // 3)}))


FAMILIES: dict[str, Callable[[int], Hostile]] = {
    made.__name__.replace("_", " "): made
    for made in (
        aliases, aliases_in_the_configuration, aliases_in_the_tree, aliases_in_an_inventory, aliases_in_a_card,
        aliases_over_many_files, merge_keys, a_path_of_unions, a_path_of_descents, a_path_of_parents, one_line,
        one_line_as_a_page, one_line_to_fix, open_quotes, open_quotes_and_a_constant, ignores, overrides, misspelt_names,
        misspelt_fields, members, members_of_the_tree, inventory_patterns, appending_peers, comments, duplicate_names,
        cron_lists, a_broken_table,
    )
}  # fmt: skip


# ---- timing them -------------------------------------------------------------------------------------------


def write(files: Files, folder: Path) -> int:
    """Write the files below a folder, and give their size in characters."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sum(map(len, files.values()))


def measured(command: list[str], folder: Path) -> tuple[float, int]:
    """The seconds of processor time and the MB of memory that a command takes."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main() -> None:
    """Print each family next to a sound organization of its size: the time, the ratio and the memory."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    policylint = [sys.executable, "-m", "policylint"]
    with tempfile.TemporaryDirectory() as name:
        sound = Path(name) / "sound"
        accounts = max(size // 275, 1)  # so many characters each, with their share of policies
        units, policies = max(accounts // 25, 1), max(accounts // 50, 2)
        # YAML, as the trees of the families.
        generate(sound, Size(accounts=accounts, units=units, policies=policies, faulty=0, tree_format="yaml"))
        weight = sum(path.stat().st_size for path in sound.rglob("*") if path.is_file())
        ordinary, memory = measured([*policylint, "check", "sound", "--fail-on", "never"], Path(name))
        print(f"| a sound organization of {weight / 1000:,.0f} kB | {ordinary:.2f} s | 1 | {memory} MB |")
        for family, make in FAMILIES.items():
            hostile, folder = make(size), Path(name) / family.replace(" ", "-")
            kilobytes = write(hostile.files, folder) / 1000
            seconds, memory = measured([*policylint, *hostile.command, folder.name, *hostile.options], Path(name))
            ratio = seconds / ordinary
            print(f"| {family}, {kilobytes:,.0f} kB | {seconds:.2f} s | {ratio:.1f} | {memory} MB |", flush=True)


if __name__ == "__main__":
    main()
