"""`--fix` mends what has one right answer, keeps everything else as it is, and harms no account."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main

Run = Callable[..., tuple[int, str, str]]

# What stands inside of a backup rule: the text before, and after.
IN_RULE_YAML = {
    "misnamed field": (
        "lifecycle: {to_delete_after_days: {'@@assign': 35}}",
        "lifecycle: {delete_after_days: {'@@assign': 35}}",
    ),
    "field in another style": (
        'lifecycle: {"DeleteAfterDays": {"@@assign": 35}}',
        'lifecycle: {"delete_after_days": {"@@assign": 35}}',
    ),
    "no operator, one line": (
        "schedule_expression: cron(0 5,17 ? * * *)  # twice",
        "schedule_expression:\n          '@@assign': cron(0 5,17 ? * * *)  # twice",
    ),
    "no operator, own line": (
        "schedule_expression:  # twice\n          cron(0 5,17 ? * * *)",
        "schedule_expression:  # twice\n          '@@assign': cron(0 5,17 ? * * *)",
    ),
    "no operator, in brackets": (
        'lifecycle: {"delete_after_days": 35}',
        "lifecycle: {\"delete_after_days\": {'@@assign': 35}}",
    ),
    "no operator, a list": (
        "index_actions:\n          resource_types: # both\n            - EBS  # disks\n            - S3",
        "index_actions:\n          resource_types: # both\n            '@@assign':\n            - EBS  # disks\n            - S3",
    ),
    "no operator, a list that is not indented": (
        "index_actions:\n          resource_types:\n          - EBS  # disks\n          - S3\n        # end",
        "index_actions:\n          resource_types:\n            '@@assign':\n            - EBS  # disks\n            - S3\n        # end",
    ),
    "no operator and no list": (
        "index_actions: {resource_types: EBS}",
        "index_actions: {resource_types: {'@@assign': [EBS]}}",
    ),
    "no list": (
        'index_actions:\n          resource_types:\n            "@@assign": EBS  # disks',
        'index_actions:\n          resource_types:\n            "@@assign": [EBS]  # disks',
    ),
    "a list of one": (
        "target_backup_vault_name:\n          '@@assign':\n            - central  # ours",
        "target_backup_vault_name:\n          '@@assign': central  # ours",
    ),
    "operators out of order": (
        'index_actions:\n          resource_types:\n            "@@remove": [S3]\n            "@@assign":\n              - EBS',
        'index_actions:\n          resource_types:\n            "@@assign":\n              - EBS\n            "@@remove": [S3]',
    ),
    "a list of one in brackets": (
        "target_backup_vault_name: {'@@assign': [ central ]}",
        "target_backup_vault_name: {'@@assign': central}",
    ),
    "misspelt operator": (
        "target_backup_vault_name: {'@@asign': central}",
        "target_backup_vault_name: {'@@assign': central}",
    ),
    "operator without its signs": (
        "target_backup_vault_name:\n          assign: central",
        "target_backup_vault_name:\n          '@@assign': central",
    ),
    "quotes as elsewhere": (
        'start_backup_window_minutes: {"@@assign": 60}\n        target_backup_vault_name: {assign: central}',
        'start_backup_window_minutes: {"@@assign": 60}\n        target_backup_vault_name: {"@@assign": central}',
    ),
    "number with a point": (
        "start_backup_window_minutes: {'@@assign': 60.0}",
        "start_backup_window_minutes: {'@@assign': 60}",
    ),
    "number with its unit": (
        "start_backup_window_minutes: {'@@assign': '60 minutes'}",
        "start_backup_window_minutes: {'@@assign': '60'}",
    ),
    "value in wrong case": (
        "enable_continuous_backup: {'@@assign': \"False\"}",
        "enable_continuous_backup: {'@@assign': \"false\"}",
    ),
    "schedule without cron": (
        "schedule_expression:\n          '@@assign': 0 5 ? * * *",
        "schedule_expression:\n          '@@assign': 'cron(0 5 ? * * *)'",
    ),
    "copy in another case": (
        "copy_actions:\n          arn:aws:backup:eu-west-1:$account:backup-vault:COPIES:\n"
        "            target_backup_vault_arn: {'@@assign': 'arn:aws:backup:eu-west-1:$account:backup-vault:copies'}",
        "copy_actions:\n          arn:aws:backup:eu-west-1:$account:backup-vault:copies:\n"
        "            target_backup_vault_arn: {'@@assign': 'arn:aws:backup:eu-west-1:$account:backup-vault:copies'}",
    ),
    "child control that is no list": (
        "'@@operators_allowed_for_child_policies': '@@none'",
        "'@@operators_allowed_for_child_policies': ['@@none']",
    ),
    "operator spelled twice": (
        "'@@operators_allowed_for_child_policies':\n        - '@@assign'  # one\n        - '@@ASSIGN'",
        "'@@operators_allowed_for_child_policies':\n        - '@@assign'  # one",
    ),
    "misspelt member of a control": (
        "'@@operators_allowed_for_child_policies': ['@@asign']",
        "'@@operators_allowed_for_child_policies': ['@@assign']",
    ),
}
YAML = "# top\nplans:\n  daily:  # ours\n    rules:\n      nightly:\n        %s\n# end\n"

IN_PLAN_JSON = {
    "repeated value": (
        '"regions": {"@@append": ["eu-west-1", "eu-west-2", "eu-west-1"]}',
        '"regions": {"@@append": ["eu-west-1", "eu-west-2"]}',
    ),
    "repeated in lines": (
        '"regions": {"@@append": [\n\t"eu-west-1",\n\t"eu-west-1",\n\t"eu-west-2"\n]}',
        '"regions": {"@@append": [\n\t"eu-west-1",\n\t"eu-west-2"\n]}',
    ),
    "Region in capitals": ('"regions": {"@@assign": ["EU-WEST-1"]}', '"regions": {"@@assign": ["eu-west-1"]}'),
    "no operator": ('"regions": [ "eu-west-1" ]', '"regions": {"@@assign": [ "eu-west-1" ]}'),
    "no operator and no list": ('"regions": "eu-west-1"', '"regions": {"@@assign": ["eu-west-1"]}'),
    "no operator, in lines": (
        '"regions": [\n\t\t\t\t"eu-west-1"\n\t\t\t]',
        '"regions": {\n\t\t\t\t"@@assign": [\n\t\t\t\t\t"eu-west-1"\n\t\t\t\t]\n\t\t\t}',
    ),
    "no list": ('"regions": {"@@append": "eu-west-1"}', '"regions": {"@@append": ["eu-west-1"]}'),
    "faults inside of a fault": ('"Regions": {"@@asign": "EU-west-1"}', '"Regions": {"@@assign": ["eu-west-1"]}'),
    "a number for a text": (
        '"backup_plan_tags": {"2024": {"tag_key": {"@@assign": 2024}, "tag_value": {"@@assign": "x"}}}',
        '"backup_plan_tags": {"2024": {"tag_key": {"@@assign": "2024"}, "tag_value": {"@@assign": "x"}}}',
    ),
    "the same twice": (
        '"regions": {"@@assign": ["eu-west-1"], "@@ASSIGN": ["eu-west-1"]}',
        '"regions": {"@@assign": ["eu-west-1"]}',
    ),
}
JSON = '{\n\t"plans": {\n\t\t"daily": {\n\t\t\t%s\n\t\t}\n\t}\n}\n'

OUTERMOST = {
    "operator beside the top key": ('{"@@assign": "x", "plans": {}}', '{"plans": {}}'),
    "operator after the top key": ('{"plans": {}, "@@append": []}', '{"plans": {}}'),
    "top key in another style": ('{"PLANS_": {}}', '{"plans": {}}'),
}
CASES = [
    *(pytest.param("yaml", YAML % old, YAML % new, id=f"yaml: {name}") for name, (old, new) in IN_RULE_YAML.items()),
    *(pytest.param("json", JSON % old, JSON % new, id=f"json: {name}") for name, (old, new) in IN_PLAN_JSON.items()),
    *(pytest.param("json", old, new, id=f"json: {name}") for name, (old, new) in OUTERMOST.items()),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """policylint in an empty folder: exit code, output and what it says beside."""
    monkeypatch.chdir(tmp_path)

    def policylint(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        return code, *capsys.readouterr()

    return policylint


def save(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("ending", "before", "after"), CASES)
def test_what_is_wrong_is_mended_and_nothing_else_changes(
    run: Run, ending: str, before: str, after: str, ends: str
) -> None:
    file = save(f"policy.{ending}", before.replace("\n", ends))
    _, _, said = run("--fix", "--type", "backup", str(file))
    assert file.read_bytes().decode() == after.replace("\n", ends)
    assert "Made" in said
    assert "not fixed" not in said
    assert "nothing to fix" in run("--fix", "--type", "backup", str(file))[2]


UNSAFE = {
    "window in seconds": (
        '"start_backup_window_minutes": {"@@assign": "604800"}',
        '"start_backup_window_minutes": {"@@assign": "10080"}',
    ),
    "guessed field": (
        '"start_backup_window_minutes": {"@@assign": "60"}, "target_vault_name": {"@@assign": "v"}',
        '"start_backup_window_minutes": {"@@assign": "60"}, "target_backup_vault_name": {"@@assign": "v"}',
    ),
}
PLAN = '{"plans": {"daily": {"rules": {"nightly": {%s}}}}}'
TREE = """\
root:
  policies: [backup/base]
  accounts: [{name: one, id: "111111111111"}]
  organizational_units:
    - name: Prod
      policies: [backup/prod]
      accounts: [{name: two, id: "222222222222"}, {name: three, id: "333333333333"}]
"""


@pytest.mark.parametrize(("before", "after"), [UNSAFE["window in seconds"], UNSAFE["guessed field"]])
def test_a_guess_is_made_only_when_asked_for(run: Run, before: str, after: str) -> None:
    save("org/organization.yaml", TREE.replace("[backup/prod]", "[]"))
    file = save("org/policies/backup/base.json", PLAN % before)
    assert "--unsafe-fixes" in run("org")[1].splitlines()[-1]
    run("org", "--fix")
    assert file.read_text() == PLAN % before
    run("org", "--fix", "--unsafe-fixes")
    assert file.read_text() == PLAN % after
    assert run("org", "--unsafe-fixes")[0] == 2


def test_the_default_role_gets_its_path_and_a_window_keeps_its_number(run: Run) -> None:
    save("org/organization.yaml", TREE.replace("[backup/prod]", "[]"))
    role = '{"plans": {"d": {"selections": {"tags": {"s": {"iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/%sAWSBackupDefaultServiceRole"}, "tag_key": {"@@assign": "a"}, "tag_value": {"@@assign": ["b"]}}}}}}}'
    file = save("org/policies/backup/base.json", role % "")
    run("org", "--fix")
    assert file.read_text() == role % ""  # AWS accepts it, so a safe fix changes no effective policy
    run("org", "--fix", "--unsafe-fixes")
    assert file.read_text() == role % "service-role/"


def test_a_second_spelling_of_a_name_becomes_the_first(run: Run) -> None:
    save("org/organization.yaml", TREE)
    save("org/policies/backup/base.yaml", "plans: {Daily: {regions: {'@@assign': [eu-west-1]}}}\n")
    file = save("org/policies/backup/prod.yaml", "plans: {daily: {regions: {'@@append': [eu-west-2]}}} # more\n")
    run("org", "--fix")
    assert file.read_text() == "plans: {Daily: {regions: {'@@append': [eu-west-2]}}} # more\n"


def test_a_lock_that_is_fixed_was_in_effect_before(run: Run) -> None:
    """What is found and shown is with the safe fixes applied, so to make them changes no effective policy."""
    save("org/organization.yaml", TREE)
    base = save(
        "org/policies/backup/base.yaml",
        "plans:\n  daily:\n    regions:\n      '@@assign': [eu-west-1]\n"
        "      '@@operators_allowed_for_child_policies': '@@none'\n    backup_plan_tags: {}\n",
    )
    save("org/policies/backup/prod.yaml", "plans: {daily: {regions: {'@@assign': [eu-west-2]}}}\n")
    before = base.read_text()
    shown = run("effective", "org", "--format", "jsonl")[1]
    assert "locked-operator" in run("org")[1]
    assert "Made 1 fix in 1 file." in run("org", "--fix")[2]
    assert base.read_text() == before.replace("'@@none'", "['@@none']")
    assert [line["effective_policy"] for line in lines(shown)] == [
        line["effective_policy"] for line in lines(run("effective", "org", "--format", "jsonl")[1])
    ]


def lines(text: str) -> list[dict[str, Any]]:
    """The objects of a text that has one on each line."""
    return [json.loads(line) for line in text.splitlines()]


def test_of_several_fixes_only_the_one_that_does_harm_is_left_out(run: Run) -> None:
    text = "plans:\n  daily:\n    regions:\n      '@@asign': [EU-west-1]\n    rules:\n      r:\n        %s: {'@@assign': v}\n        %s: {'@@assign': w}\n"
    file = save("base.yaml", text % ("targetBackupVaultName", "target-backup-vault-name"))
    said = run("base.yaml", "--fix")[2]
    fixed = text.replace("asign", "assign").replace("EU-", "eu-")
    assert file.read_text() == fixed % ("target_backup_vault_name", "target-backup-vault-name")
    assert "Made 3 fixes in 1 file." in said
    assert said.count("not fixed, because another member here has that name already") == 1


def test_a_fix_is_not_made_when_aws_would_then_refuse_something_else(run: Run) -> None:
    rule = '"schedule_expression": "cron(0 5 ? * * *)", "recovery_point_tags": {%s}'
    tag = '"k%d": {"tag_key": {"@@assign": "k%d"}, "tag_value": {"@@assign": "' + "v" * 200 + '"}}'
    text = PLAN % rule % ", ".join(tag % (number, number) for number in range(35))
    text = text.replace("vv", "v" * (9_995 - len(text) + 2), 1)
    file = save("policy.json", text)
    said = run("--fix", str(file))[2]
    assert file.read_text() == text
    assert "not fixed, because AWS would then reject something else: The document has 10," in said


def test_a_fix_is_proved_by_rules_that_were_not_picked_too(run: Run) -> None:
    continuous = '"enable_continuous_backup": {"@@assign": true}, "lifecycle": {"delete_after_days": {"@@assign": 30}}'
    save("policies/backup/base.json", PLAN % continuous)
    own = save("policies/backup/own.json", PLAN % '"lifecycle": {"delete_after_day": {"@@assign": "45"}}')
    tree = "root: {policies: [backup/base], accounts: [{name: shop, policies: [backup/own]}]}"
    save("organization.yaml", tree)
    before = own.read_text()
    said = run("--fix", ".", "--select", "unknown-field", "--unsafe-fixes")[2]
    assert "not fixed, because AWS would then reject something else" in said
    assert own.read_text() == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policy.json", PLAN % '"schedule_expression": ${WHEN}, "target_backup_vault_name": "${VAULT}x y"'),
        ("policy.json", '{"plans": {"d": {"regions": {"@@assign": ["${R}", "${R}"]}}}}'),
        ("policy.yaml", "plans: {d: {rules: {r: {'${FIELD}': {'@@assign': 1}}}}}\n"),
        ("policy.yaml", "plans: {d: {regions: {{ regions }} }}\n"),
    ],
)
def test_placeholders_are_left_alone(run: Run, name: str, text: str) -> None:
    file = save(name, text)
    run("--fix", str(file))
    for placeholder in ("${WHEN}", '"${VAULT}x y"', '["${R}", "${R}"]', "'${FIELD}'", "{{ regions }}"):
        assert (placeholder in file.read_text()) is (placeholder in text)


def test_a_value_around_a_placeholder_gets_its_operator(run: Run) -> None:
    file = save("policy.json", '{"plans": {"d": {"regions": ["eu-west-1", "${REGION}"]}}}')
    run("--fix", str(file))
    assert file.read_text() == '{"plans": {"d": {"regions": {"@@assign": ["eu-west-1", "${REGION}"]}}}}'


def test_a_comment_is_never_lost(run: Run) -> None:
    text = "plans:\n  d:\n    regions:\n      '@@append':\n        - eu-west-1\n        - eu-west-1  # for Lisbon\n"
    file = save("policy.yaml", text)
    assert "not fixed, because a comment would be lost" in run("--fix", str(file))[2]
    assert file.read_text() == text


def test_what_an_alias_repeats_is_mended_where_it_is_written(run: Run) -> None:
    text = "plans:\n  one: {regions: &all {'@@assign': [%s]}}\n  two: {regions: *all}\n"
    file = save("policy.yaml", text % "EU-west-1, eu-west-2")
    assert "Made 2 fixes in 1 file." in run("--fix", str(file))[2]
    assert file.read_text() == text % "eu-west-1, eu-west-2"


@pytest.mark.parametrize(
    "text",
    [
        "plans: {d: {regions: &r [eu-west-1]}, e: {regions: *r}}\n",
        "base: &b {to_delete_after_days: {'@@assign': 1}}\nplans: {d: {rules: {r: {lifecycle: {<<: *b}}}}}\n",
        "plans:\n  d:\n    rules:\n      r:\n        schedule_expression: >-\n          cron(0 5\n          ? * * *)\n",
        '{"plans": {"d": {"regions": ["eu-west-1"], "regions": "x"}}}',
    ],
    ids=["anchor", "merge key", "block text", "duplicate name"],
)
def test_what_can_not_be_edited_safely_is_left_and_told(run: Run, text: str) -> None:
    file = save("policy.yaml", text)
    code, _, said = run("--fix", str(file))
    assert file.read_text() == text
    assert code == 1
    assert "not fixed" in said or "nothing to fix" in said


def test_diff_shows_what_fix_would_do_and_writes_nothing(run: Run) -> None:
    before = YAML % "lifecycle: {to_delete_after_days: {'@@assign': 35}}"
    file = save("policy.yaml", before.rstrip("\n"))
    code, output, said = run("--diff", "--fix", str(file))
    assert (code, file.read_text()) == (1, before.rstrip("\n"))
    assert "Would make 1 fix in 1 file." in said
    subprocess.run(["git", "apply", "-p0", "-"], input=output, text=True, check=True)
    assert file.read_text() == before.rstrip("\n").replace("to_delete", "delete")
    assert run("--diff", str(file))[:2] == (0, "")


def test_a_file_that_can_not_be_written_is_told_and_left_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"PLANS_": {}}'
    save("a.json", text)
    save("b.json", text)
    replace = os.replace

    def full(source: str, target: Path) -> None:
        if target.name == "a.json":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    code, _, said = run("--fix", "a.json", "b.json")
    assert code == 2
    assert "a.json: can't be written: no space left on device." in said
    assert "Fixed" not in said
    assert {path.name: path.read_text() for path in Path().iterdir()} == {"a.json": text, "b.json": '{"plans": {}}'}


def test_mode_link_and_byte_order_mark_stay(run: Run) -> None:
    file = save("policies/real.json", '\ufeff{"PLANS_": {}}')
    file.chmod(0o640)
    link = Path("policy.json")
    link.symlink_to(file)
    run("--fix", "policy.json")
    assert link.is_symlink()
    assert file.read_text() == '\ufeff{"plans": {}}'
    assert file.stat().st_mode & 0o777 == 0o640


def test_an_accepted_finding_is_not_mended(run: Run) -> None:
    text = "plans:\n  d:\n    # policylint: ignore[list-expected] the template makes it a list\n    regions: {'@@assign': eu-west-1}\n"
    file = save("policy.yaml", text)
    run("--fix", str(file))
    assert file.read_text() == text


def test_what_is_left_is_reported(run: Run) -> None:
    file = save("policy.json", PLAN % '"target_backup_vault_name": {"@@assign": ["a b"]}, "lifecycle": {"x": 1}')
    code, output, _ = run("--fix", "--format", "json", str(file))
    assert code == 1
    assert {finding["rule"] for finding in json.loads(output)["findings"]} == {"malformed-value", "unknown-field"}


def test_the_summary_ends_with_what_fix_can_do(run: Run) -> None:
    save("policy.json", PLAN % '"target_vault_name": {"@@asign": "v"}, "schedule_expression": "0 5 ? * * *"')
    assert run("policy.json")[1].endswith("2 findings can be fixed with --fix, and 1 more with --unsafe-fixes.\n")
