"""What a user types, reads and gets back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from policylint.cli import main
from policylint.policy_types import POLICY_TYPES

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
ACME = Path(__file__).parent.parent / "fixtures" / "acme"


def test_acme_shows_every_kind_of_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ACME), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {f["outcome"] for f in report["findings"]} == {"rejected", "withheld", "ignored", "fails", "risk"}
    assert report["summary"]["accounts_on_old_policy"] == 1


def test_a_lock_is_named_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(ACME), "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    locked = next(f for f in findings if f["rule"] == "locked-operator")
    assert locked["path"].endswith("payments.json")
    assert (locked["line"], locked["accounts"]["ids"]) == (6, ["222222222222"])
    assert locked["related"][0]["path"].endswith("baseline.json")


def test_effective_prints_the_policy_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["effective", str(ACME), "--account", "payments"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["plans"]["daily"]["rules"]["nightly"]["target_backup_vault_name"] == "central"


def test_effective_of_every_account_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["effective", str(ACME), "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 5 * 2
    invalid = [line for line in lines if not line["valid"]]
    assert [line["account"]["name"] for line in invalid] == ["playground"]
    assert {"ErrorCode", "ErrorMessage", "PathToError", "ContributingPolicies"} == set(invalid[0]["errors"][0])


def test_explain_tells_what_was_replaced_and_what_aws_withholds(capsys: pytest.CaptureFixture[str]) -> None:
    pointer = "/plans/daily/rules/nightly/lifecycle/delete_after_days"
    assert main(["explain", str(ACME), pointer, "--account", "payments"]) == 0
    assert "took effect, in place of '35' from backup/baseline" in capsys.readouterr().out
    assert main(["explain", str(ACME), "/plans/weekly", "--account", "playground"]) == 0
    assert "AWS would still withhold the policy:" in capsys.readouterr().out


def test_explain_names_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    pointer = "/plans/daily/rules/nightly/target_backup_vault_name"
    assert main(["explain", str(ACME), pointer, "--account", "payments"]) == 0
    story = capsys.readouterr().out
    assert "ignored: backup/baseline allows no operator here" in story
    assert "baseline.json:9:" in story


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere"], 2, "no such file or folder"),
        (["effective", str(ACME), "--account", "paymnts"], 2, "Did you mean 'payments'?"),
        (["effective", str(ACME), "--account", "payments", "--type", "bakup"], 2, "Did you mean 'backup'?"),
        (["explain", str(ACME), "/plans/daily/rulez", "--account", "payments"], 2, "rules"),
    ],
)
def test_a_slip_gets_a_sentence(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    assert words in capsys.readouterr().err


def test_an_empty_folder_is_nothing_to_check(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 3


def test_broken_files_are_findings_and_the_rest_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text('{"plans": {"p": {},}}')
    (tmp_path / "b.json").write_text('{"plans": {"p": {"regoins": {}}}}')
    (tmp_path / "c.json").write_bytes(b"\xff\xfe{}")
    assert main([str(tmp_path / name) for name in ("a.json", "b.json", "c.json")] + ["--format", "json"]) == 1
    found = [(Path(f["path"]).name, f["rule"]) for f in json.loads(capsys.readouterr().out)["findings"]]
    assert found == [("a.json", "broken-syntax"), ("b.json", "unknown-field"), ("c.json", "unreadable-file")]


def test_names_can_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"plans": {"p": {"\x1b[31mred\n": {}}}}))
    main([str(tmp_path / "a.json")])
    assert "\x1b" not in capsys.readouterr().out


def test_an_output_file_is_written_whole(tmp_path: Path) -> None:
    main([str(ACME), "--format", "json", "--output", str(tmp_path / "report.json")])
    assert json.loads((tmp_path / "report.json").read_text())["version"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_version_loads_nothing_heavy() -> None:
    code = "import sys; from policylint.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'ruamel', 'tabulate', 'policylint.lint'} & {m.split('.')[0] for m in sys.modules} | set()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_same_report_whatever_the_hash_seed() -> None:
    command = [sys.executable, "-m", "policylint", "fixtures/acme", "--format", "json"]
    outputs = {
        subprocess.run(command, capture_output=True, cwd=ACME.parent.parent, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_colour_is_only_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    main([str(ACME)])
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 80 or str(ACME) in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    main([str(ACME)])
    assert "\x1b[1;31merror\x1b[0m" in capsys.readouterr().out
    main([str(ACME), "--no-color"])
    assert capsys.readouterr().out == plain


def test_quiet_says_nothing_when_nothing_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "empty.json"
    policy.write_text('{"plans": {}}')
    assert main([str(policy)]) == 0
    assert capsys.readouterr().out == (
        "1 policy checked, on its own: no findings.\n"
        "Rules about a whole organization did not run. Name its folder to run them.\n"
    )
    assert main([str(policy), "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_bash_completes_commands_and_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "policylint.bash"
    script.write_text(capsys.readouterr().out)
    asked = (
        f"source {script}; COMP_WORDS=(policylint check --for); COMP_CWORD=2; _shtab_policylint; "
        'echo "${COMPREPLY[@]}"; COMP_WORDS=(policylint expl); COMP_CWORD=1; _shtab_policylint; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True)
    assert done.stdout.split() == ["--format", "explain"], done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fromat", "json", str(ACME)], "Did you mean '--format'?"),
        (["chek", str(ACME)], "Did you mean the command 'check'?"),
        ([str(ACME / "organization.yaml")], "Name its folder"),
    ],
)
def test_a_slip_on_the_command_line_names_what_was_meant(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert (told.out, words in told.err) == ("", True), told.err


def test_a_pipe_that_closes_early_hides_no_error() -> None:
    command = f"set -o pipefail; {sys.executable} -m policylint {ACME} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [[], ["effective", "--account", "payments"]])
def test_a_full_disk_is_told_in_a_sentence(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "policylint", *arguments, str(ACME)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.lower()) == (
        2,
        "policylint: the output can't be written: no space left on device.\n",
    )


def test_a_pipe_stays_one_when_the_report_goes_there(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert main([str(ACME), "--output", str(pipe)]) == 1
        assert "locked-operator" in reader.communicate()[0]
    assert pipe.is_fifo()


def test_accounts_below_a_broken_file_are_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "acme"
    shutil.copytree(ACME, folder)
    payments = folder / "policies" / "backup" / "payments.json"
    payments.write_text(payments.read_text().replace(":", "", 1))
    assert main([str(folder), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [f["rule"] for f in report["findings"] if "222222222222" in f["accounts"]["ids"]] == ["broken-syntax"]
    assert report["summary"]["accounts_unknown"] == 1
    main([str(folder)])
    assert "A broken file affects 1 account, whose merged policies were not checked." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["efective", str(ACME), "--account", "x"], "no such file or folder. Did you mean the command 'effective'?"),
        (["effective", str(ACME / "organization.yaml"), "--account", "x"], "is a file. Name the folder"),
        (
            ["effective", str(ACME), "--account", "playground"],
            "AWS would still withhold this backup policy, because at 'plans/weekly'",
        ),
    ],
)
def test_what_was_meant_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(arguments)
    assert said in capsys.readouterr().err


def test_the_pointer_tells_the_policy_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(ACME), "/tags/CostCenter/tag_key", "--account", "payments"]) == 0
    assert "in the tag policy of account payments" in capsys.readouterr().out


def test_the_reading_of_locks_on_containers_reaches_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = '"@@operators_allowed_for_child_policies": ["@@none"]'
    file = tmp_path / "policies" / "tag" / "team.json"
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"tags": {{"team": {{{lock}, "tag_value": {{"@@assign": ["a"]}}}}}}}}')
    (tmp_path / "organization.json").write_text('{"root": {"policies": ["tag/team"], "accounts": [{"name": "a"}]}}')
    for path in (tmp_path, file):
        for reading, found in (("entries", True), ("subtree", False)):
            main(["--container-locks", reading, str(path)])
            assert ("partial-lock" in capsys.readouterr().out) is found


def test_rules_lists_those_of_a_family(capsys: pytest.CaptureFixture[str]) -> None:
    for family in ("best_practice", "best-practice", "override"):
        assert main(["rules", family]) == 0
        listed = capsys.readouterr().out.splitlines()
        assert len(listed) > 5
        assert {line.split()[0] for line in listed} == {family.replace("-", "_")}
    assert main(["rules", "overide"]) == 2
    assert "No rule is named 'overide'. Did you mean 'override'?" in capsys.readouterr().err


def test_the_readme_names_the_folder_of_every_type() -> None:
    (names,) = re.findall(r"A policy's type is the folder that it is in: ([^.]*)\.", README)
    assert re.findall(r"`([\w-]+)`", names) == [kind.folder for kind in POLICY_TYPES.values()]


def test_help_is_a_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    for given, usage in ((["help"], "usage: policylint "), (["help", "rules"], "usage: policylint rules ")):
        with pytest.raises(SystemExit, match="0"):
            main(given)
        assert capsys.readouterr().out.startswith(usage)


def test_what_is_in_the_report_is_told_where_it_is_not_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = str(tmp_path / "report")
    assert main([str(ACME), "--output", report]) == 1
    assert capsys.readouterr() == ("", f"policylint: 4 errors, 2 warnings, 5 notes; the report is in {report}.\n")
    assert main([str(ACME), "--output", report, "--quiet"]) == 1
    assert capsys.readouterr().err == ""


def test_an_organization_takes_no_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ACME), "--type", "tag"]) == 2
    assert "In an organization the folder of a policy gives its type" in capsys.readouterr().err
