"""Makes organizations of any size in the native layout, the same ones for the same seed.

    python bench/generate.py FOLDER --accounts 50000 --units 2000 --policies 1000 --policy-bytes 5000

A backup policy and a tag policy are at the root. The others add plans or tags of their own, and half of them change the
root's plan too; a tenth is on accounts, the rest on units. All of it is within AWS's quotas, but for more
than 50,000 accounts. The policies and the units do not depend on the number of accounts.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
DEPTH = 5
ATTACHED_MOST = 10
CHARACTERS_MOST = 10_000

TEAMS = ("payments", "orders", "search", "identity", "billing", "catalog", "shipping", "reports", "ledger", "media")
STAGES = ("prod", "test", "dev", "staging")
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2")
COPIES = ("eu-north-1", "us-east-2", "ca-central-1")
ROLE = "arn:aws:iam::$account:role/service-role/AWSBackupDefaultServiceRole"
LOCKED = {"@@operators_allowed_for_child_policies": ["@@none"]}

Json = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """What to make. `policy_bytes` is the size of each policy's file; `faulty` the share of policies with problems."""

    accounts: int = 50_000
    units: int = 2_000
    policies: int = 1_000
    policy_bytes: int = 5_000
    tree_format: str = "json"
    policy_format: str = "json"
    faulty: float = 0.01
    seed: int = 1

    @property
    def characters(self) -> int:
        """The characters of each policy, within AWS's quota; tags fill it up to about here."""
        return min(self.policy_bytes, CHARACTERS_MOST - 200)


def generate(folder: Path, size: Size) -> None:
    """Write an organization into an empty or missing folder."""
    documents = _documents(Random(f"policies {size.seed}"), size)
    for name, document in documents.items():
        path = folder / "policies" / f"{name}.{size.policy_format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(document, size.policy_format), encoding="utf-8")
    tree = _tree(size, list(documents))
    (folder / f"organization.{size.tree_format}").write_text(render(tree, size.tree_format), encoding="utf-8")


def one_policy(form: str) -> str:
    """The text of a small backup policy, as people keep it."""
    return render({"plans": {"company": _plan(Random("one"), "company")}}, form)


# ---- the tree -----------------------------------------------------------------------------------------------


def _tree(size: Size, names: list[str]) -> Json:
    random = Random(f"tree {size.seed}")
    at_root, of_units, of_accounts = _split(names)
    root: Json = {"policies": at_root}
    units = list(_units(random, root, size.units))
    for unit, name in zip(cycle(random.sample(units, len(units)) or [root]), _twice(of_units), strict=False):
        attached = unit.setdefault("policies", [])
        if name not in attached and len(attached) < ATTACHED_MOST:
            attached.append(name)
    _accounts(Random(f"accounts {size.seed}"), [root, *units], size.accounts, of_accounts)
    return {"management_account": _account_id(0), "enabled_policy_types": ["backup", "tag"], "root": root}


def _units(random: Random, root: Json, count: int) -> Iterator[Json]:
    """The units, made in a shape that spreads over all levels that AWS allows."""
    parents: list[tuple[Json, int]] = [(root, 0)]
    for index in range(count):
        parent, depth = random.choice(parents)
        unit: Json = {"name": f"{random.choice(TEAMS)}-{index:04}"}
        parent.setdefault("organizational_units", []).append(unit)
        if depth + 1 < DEPTH:
            parents.append((unit, depth + 1))
        yield unit


def _split(names: list[str]) -> tuple[list[str], list[str], list[str]]:
    """The policies for the root, for units and for accounts."""
    at_root = [name for name in names if name.partition("/")[2].startswith("baseline")]
    others = [name for name in names if name not in at_root]
    of_accounts = len(others) // 10
    return at_root, others[of_accounts:], others[:of_accounts]


def _twice(names: list[str]) -> Iterator[str]:
    """Each name, every second one twice: many policies are attached in more than one place."""
    for index, name in enumerate(names):
        yield from [name] * (1 + index % 2)


def _accounts(random: Random, units: list[Json], count: int, policies: list[str]) -> None:
    chosen = random.sample(range(count), min(len(policies) * 2, count))
    attached = dict(zip(chosen, cycle(policies), strict=False))
    for index in range(count):
        team, stage = random.choice(TEAMS), random.choice(STAGES)
        account: Json = {"id": _account_id(index), "name": f"{team}-{stage}-{index:05}"}
        if index % 10 == 0:
            account["tags"] = {"team": team, "stage": stage}
        if index in attached:
            account["policies"] = [attached[index]]
        random.choice(units).setdefault("accounts", []).append(account)


def _account_id(index: int) -> str:
    return str(100_000_000_000 + index * 1_234_577)


# ---- the policies -------------------------------------------------------------------------------------------


def _documents(random: Random, size: Size) -> dict[str, Json]:
    documents: dict[str, Json] = {}
    for index in range(size.policies):
        if index in (1, 4) or index % 20 == 10:
            documents[_name("tag", index)] = _tag_policy(random, index, size)
        else:
            document = _backup_policy(random, index, size)
            if index > 4 and random.random() < size.faulty:
                for fault in random.sample(FAULTS, 3):
                    fault(document["plans"])
            documents[_name("backup", index)] = document
    return documents


def _name(kind: str, index: int) -> str:
    return f"{kind}/baseline-{index}" if index < 2 else f"{kind}/policy-{index:04}"


def _backup_policy(random: Random, index: int, size: Size) -> Json:
    """The root's plan, or plans of its own and perhaps a change to the root's."""
    plans: Json = {}
    if index % 2 and index > 1:
        plans["company"] = _override(random)
    document = {"plans": plans}
    number = 0
    while True:
        name = "company" if index == 0 else f"{random.choice(TEAMS)}-{index:04}-{number}"
        plans[name] = _plan(random, name, locked=index == 0)
        if number and _characters(document, size) > size.characters:
            del plans[name]
            break
        number += 1
        if index == 0:
            break
    _fill(document, _own(plans), size)
    return document


def _fill(document: Json, plan: Json, size: Size) -> None:
    """Add tags to a plan until the document has its size."""
    tags: Json = plan.setdefault("backup_plan_tags", {})
    number = 0
    while _characters(document, size) < size.characters - 100:
        name = f"cost-center-{number:03}"
        tags[name] = {"tag_key": {"@@assign": name}, "tag_value": {"@@assign": f"{4000 + number * 7}"}}
        number += 1


def _plan(random: Random, name: str, *, locked: bool = False) -> Json:
    lock = LOCKED if locked else {}
    regions = sorted(random.sample(REGIONS, 2))
    copy = f"arn:aws:backup:{random.choice(COPIES)}:{_account_id(0)}:backup-vault:copies"
    return {
        "regions": {"@@assign": regions},
        "rules": {
            "daily": {
                "schedule_expression": {
                    "@@assign": f"cron({random.choice((0, 15, 30))} {random.randint(0, 23)} ? * * *)"
                },
                "start_backup_window_minutes": {"@@assign": str(random.choice((60, 120, 480)))},
                "target_backup_vault_name": {"@@assign": f"{name}-vault", **lock},
                "lifecycle": {"delete_after_days": {"@@assign": str(random.choice((35, 60, 90)))}},
                "copy_actions": {
                    copy: {
                        "target_backup_vault_arn": {"@@assign": copy},
                        "lifecycle": {"delete_after_days": {"@@assign": "35"}},
                    }
                },
            },
            "monthly": {
                "schedule_expression": {"@@assign": f"cron(0 {random.randint(0, 23)} 1 * ? *)"},
                "start_backup_window_minutes": {"@@assign": "480"},
                "target_backup_vault_name": {"@@assign": f"{name}-vault", **lock},
                "lifecycle": {
                    "move_to_cold_storage_after_days": {"@@assign": "30"},
                    "delete_after_days": {"@@assign": str(random.choice((120, 365, 2555)))},
                },
            },
        },
        "selections": {
            "tags": {
                "by-tag": {
                    "iam_role_arn": {"@@assign": ROLE},
                    "tag_key": {"@@assign": "backup"},
                    "tag_value": {"@@assign": [name, f"{name}-{random.choice(STAGES)}"]},
                }
            }
        },
    }


def _override(random: Random) -> Json:
    """What a policy changes in the root's plan."""
    retention = str(random.choice((45, 100, 180, 400)))
    schedule = f"cron(45 {random.randint(0, 23)} ? * * *)"
    lifecycle = {"delete_after_days": {"@@assign": retention}}
    return {"rules": {"daily": {"schedule_expression": {"@@assign": schedule}, "lifecycle": lifecycle}}}


def _tag_policy(random: Random, index: int, size: Size) -> Json:
    tags: Json = {}
    document = {"tags": tags}
    number = 0
    while _characters(document, size) < size.characters - 200:
        name = f"{random.choice(TEAMS)}-{index:04}-{number}"
        tags[name] = {
            "tag_key": {"@@assign": name},
            "tag_value": {"@@assign": [f"{team}-{stage}" for team in random.sample(TEAMS, 3) for stage in STAGES[:2]]},
            "enforced_for": {"@@assign": ["ec2:instance", "ec2:volume", "s3:bucket"]},
        }
        number += 1
    return document


def _characters(document: Json, size: Size) -> int:
    return len(render(document, size.policy_format))


# ---- problems -------------------------------------------------------------------------------------------------


def _own(plans: Json) -> Json:
    """The first plan of the policy's own; the root's policy has but one."""
    name = next((name for name in plans if name != "company"), "company")
    plan: Json = plans[name]
    return plan


def _misnamed_field(plans: Json) -> None:
    lifecycle = _own(plans)["rules"]["daily"]["lifecycle"]
    lifecycle["to_delete_after_days"] = lifecycle.pop("delete_after_days")


def _unknown_region(plans: Json) -> None:
    _own(plans)["regions"]["@@assign"].append("eu-middle-1")


def _no_vault(plans: Json) -> None:
    del _own(plans)["rules"]["monthly"]["target_backup_vault_name"]


def _too_short_in_cold_storage(plans: Json) -> None:
    _own(plans)["rules"]["monthly"]["lifecycle"]["delete_after_days"]["@@assign"] = "31"


def _no_operator(plans: Json) -> None:
    _own(plans)["rules"]["daily"]["start_backup_window_minutes"] = "60"


def _locked(plans: Json) -> None:
    plans.setdefault("company", {"rules": {"daily": {}}})["rules"]["daily"]["target_backup_vault_name"] = {
        "@@assign": "ours"
    }


def _broken_schedule(plans: Json) -> None:
    _own(plans)["rules"]["daily"]["schedule_expression"]["@@assign"] = "cron(0 2 * * * *)"


FAULTS = (
    _misnamed_field,
    _unknown_region,
    _no_vault,
    _too_short_in_cold_storage,
    _no_operator,
    _locked,
    _broken_schedule,
)

# ---- text ---------------------------------------------------------------------------------------------------

PLAIN_KEY = re.compile(r"[A-Za-z][\w-]*")


def render(value: Json, form: str) -> str:
    """The value as people keep it: indented JSON, or YAML in blocks."""
    if form == "json":
        return json.dumps(value, indent=2) + "\n"
    return "---\n" + "\n".join(_yaml_lines(value)) + "\n"


def _yaml_lines(value: Json | list[Any], indent: str = "") -> Iterator[str]:
    members = (
        [("-", item) for item in value] if isinstance(value, list) else [(_key(k) + ":", v) for k, v in value.items()]
    )
    for label, item in members:
        if isinstance(item, dict | list) and item:
            below = list(_yaml_lines(item, indent + "  "))
            if label == "-":  # the first member is on the line of the dash
                yield f"{indent}- {below.pop(0).lstrip()}"
            else:
                yield indent + label
            yield from below
        else:
            yield f"{indent}{label} {json.dumps(item)}"


def _key(key: str) -> str:
    return key if PLAIN_KEY.fullmatch(key) else json.dumps(key)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make an organization in the native layout.")
    parser.add_argument("folder", type=Path)
    for name, kind in (("accounts", int), ("units", int), ("policies", int), ("policy-bytes", int), ("seed", int)):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Size, name.replace("-", "_")))
    parser.add_argument("--faulty", type=float, default=Size.faulty, help="the share of policies with problems, 0 to 1")
    parser.add_argument("--tree-format", choices=("json", "yaml"), default="json")
    parser.add_argument("--policy-format", choices=("json", "yaml"), default="json")
    return parser.parse_args()


if __name__ == "__main__":
    given = vars(_arguments())
    generate(given.pop("folder"), Size(**given))
