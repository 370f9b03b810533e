"""What the examples of the cards leave open: tag policies that ask for less than they seem to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trees import found, messages, where

from policylint.cli import main


def enforced(*names: str, **more: Any) -> dict[str, Any]:
    return {"tags": {name: {"enforced_for": {"@@assign": ["ec2:instance"]}, **more} for name in names}}


def test_one_remark_for_each_policy_that_enforces_without_values() -> None:
    one, other = enforced("a", "b", "c", "d"), enforced("e")
    findings = found("enforced-without-values", [one], [other], kind="tag")
    assert [where(finding.place) for finding in findings] == [
        "root-a/tags/a/enforced_for/@@assign",
        "unit-a/tags/e/enforced_for/@@assign",
    ]
    assert "'a', 'b', 'c' and 1 more has no 'tag_value'" in messages(findings)[0]
    assert len(findings[0].related) == 3


def test_values_from_another_policy_are_values() -> None:
    values = {"tags": {"a": {"tag_value": {"@@assign": ["x"]}}}}
    assert found("enforced-without-values", [enforced("a")], [values], kind="tag") == []
    assert found("enforced-without-values", [{"tags": {"a": {}}}], kind="tag") == []
    assert len(found("enforced-without-values", [enforced("a", tag_value={"@@assign": ["*"]})], kind="tag")) == 1


def test_an_empty_list_of_values_allows_none() -> None:
    (finding,) = found("no-value-allowed", [{"tags": {"a": {"tag_value": {"@@assign": []}}}}], kind="tag")
    assert where(finding.place) == "root-a/tags/a/tag_value/@@assign"
    assert found("no-value-allowed", [{"tags": {"a": {"tag_value": {"@@append": ["x"]}}}}], kind="tag") == []


@pytest.mark.parametrize(
    ("value", "odd"),
    [
        ("*", True),
        (7, True),
        ("instance", True),
        ("ec2:*", True),
        ("ec2:instance", False),
        ("ec2:ALL_SUPPORTED", False),
        ("greengrass:components:versions", False),
        ("mediapackagev2:channelGroup/channel", False),
    ],
)
def test_what_is_no_resource_type_is_doubted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: Any, odd: bool
) -> None:
    path = tmp_path / "tag.json"
    path.write_text(json.dumps({"tags": {"a": {"report_required_tag_for": {"@@assign": [value]}}}}))
    assert main([str(path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert ("write a resource type such as ec2:instance" in shown) == odd
