"""Writes an organization with odd names into the folder that is given: what a report must carry without breaking."""

import json
import sys
from pathlib import Path

ODD = "a [b](https://example.com) \\ \x1b[31m\n%20 #é\u202e𝄞 <b>'\ud800"
FILE = "50% of [é] #1, a:b \x1b[31m"
NONE = {"@@operators_allowed_for_child_policies": ["@@none"]}

backup = Path(sys.argv[1]) / "policies" / "backup"
backup.mkdir(parents=True)
plan = {"regions": {"@@assign": [], **NONE}, ODD: 1}
below = {"regions": {"@@assign": ["eu-west-1"]}}
(backup / f"{FILE}.json").write_text(json.dumps({"plans": {ODD: plan, "second": plan}, "top": 1}), encoding="utf-8")
(backup / "empty.json").write_text("")
(backup / "below.json").write_text(json.dumps({"plans": {ODD: below}}, indent=2), encoding="utf-8")
(backup / "unattached.json").write_text(json.dumps({"plans": {ODD: plan}}, indent=2), encoding="utf-8")
account = {"id": "222222222222", "name": ODD, "policies": ["backup/below"]}
unit = {"name": ODD, "policies": [f"backup/{FILE}", "backup/empty"], "accounts": [account]}
tree = {"root": {"policies": ["backup/missing"], "organizational_units": [unit]}, ODD: 1}
(Path(sys.argv[1]) / "organization.json").write_text(json.dumps(tree, indent=2), encoding="utf-8")
