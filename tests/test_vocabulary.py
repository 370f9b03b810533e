"""What makes no sense in the description of a policy type is said in a sentence when it is registered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_policy_types import ROBOT, with_types

from policylint.plugins import load
from policylint.policy_types import POLICY_TYPES
from policylint.policy_types.shape import (
    ENTRY_NAME,
    Apart,
    Container,
    Excludes,
    MostUses,
    Needs,
    RarerThan,
    Rejection,
    SameAsName,
    Setting,
    Values,
    When,
)
from policylint.policy_types.vocabulary import mistakes, rejections

TEXT = Values("a string")
FIELDS = {
    "speed": Setting(TEXT),
    "halls": Setting(TEXT, multi=True),
    "arms": Container(entry=Container({"grip": Setting(TEXT)})),
}
FAST = When("speed", "fast")
TOLD = Rejection("malformed-value", "It is wrong.")
LOOP: dict[str, Any] = {}
LOOP["again"] = Container(LOOP)


@pytest.mark.parametrize("kind", POLICY_TYPES.values(), ids=lambda kind: kind.folder)
def test_the_built_in_types_make_sense(kind: Any) -> None:
    assert list(mistakes(kind, POLICY_TYPES)) == []
    assert rejections(kind) <= load(()).rules.keys()


def robot(*rules: Any, fields: Any = None, **words: Any) -> Any:
    return replace(ROBOT, content=Container(entry=Container(fields or FIELDS, rules=rules), **words))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (replace(ROBOT, folder=""), "a text that is not empty"),
        (replace(ROBOT, folder="tags", other_names=("backup",)), "It has a name of BACKUP_POLICY, 'backup'."),
        (replace(ROBOT, top_key="plans"), "Its top key 'plans' is that of BACKUP_POLICY."),
        (replace(ROBOT, top_key="Robots"), "The top key 'Robots' must be in lower case."),
        (replace(ROBOT, content="robots"), "'content' is of the kind str; it must be a Container."),
        (robot(fields={"speed": "text"}), "'robots/*/speed' is of the kind str; it must be a Setting or a Container."),
        (robot(fields={"Speed": Setting(TEXT)}), "The field 'Speed' of 'robots/*' must be in lower case"),
        (robot(fields={"speed": Setting("text")}), "The values of 'robots/*/speed' are of the kind str"),  # type: ignore[arg-type]
        (robot(fields=LOOP), "the shape contains itself"),
        (robot(fields={"a": Setting(Values("x", check="shedule"))}), "Did you mean 'schedule'?"),
        (robot(fields={"a": Setting(Values("x", pattern="("))}), "The pattern '(' of 'robots/*/a' can't be read"),
        (robot(fields={"a": Setting(Values("x", scalars=frozenset({"text"})))}), "'text' is not a kind of scalar"),
        (robot(fields={"a": Setting(TEXT, empty=frozenset({"@@asign"}))}), "Did you mean '@@assign'?"),
        (robot(fields={"a": Setting(TEXT, default=("x",))}), "it must be a string."),
        (robot(fields={"a": Setting(TEXT, multi=True, default="x")}), "it must be a tuple of strings."),
        (
            robot(fields={"a": Container({"b": Setting(TEXT, default=ENTRY_NAME)})}),
            "The default of 'robots/*/a/b' is its entry's name, but it is not in an entry.",
        ),
        (replace(ROBOT, content=Container(FIELDS, keeps_empty=True)), "and no 'entry' that it is about"),
        (
            replace(ROBOT, content=Container(FIELDS, one_required_in_document=("sped",))),
            "names the field 'sped', which is not there. Did you mean 'speed'?",
        ),
        (robot("rule"), "'rules' of 'robots/*' holds something of the kind str"),
        (robot(Needs(When("sped", "fast"), "arms")), "names the field 'sped', which is not there"),
        (robot(Needs(FAST, "legs")), "names the field 'legs', which is not there. Known are speed, halls, arms."),
        (robot(Needs(FAST, "arms", at_most=2)), "reads 'arms', which is not a setting with a single value"),
        (robot(Needs(When("halls", "north"), "arms")), "reads 'halls', which is not a setting with a single value"),
        (robot(Needs(FAST, "../../speed", rejection=TOLD)), "can't look above for a document"),
        (robot(Excludes(FAST, "arms", None)), "has no rejection"),  # type: ignore[arg-type]
        (robot(Apart(FAST, "speed", "end", 3)), "names the field 'end'"),
        (robot(RarerThan(FAST, "speed", 3, each="halls")), "'halls' in RarerThan of 'robots/*' is not a container"),
        (robot(RarerThan(FAST, "speed", 3, each="arms")), "of 'robots/*/arms/*' names the field 'speed'"),
        (replace(ROBOT, content=Container(FIELDS, rules=(SameAsName("speed", TOLD),))), "and it is none"),
        (robot(SameAsName("speed", Rejection("malformed-value", "{it} is wrong"))), "'{it}' in the message"),
        (robot(SameAsName("speed", Rejection("malformed-value", "{ is wrong"))), "can't be read"),
        (robot(SameAsName("speed", Rejection("malformed-value", "x", at="there"))), "'there' of SameAsName"),  # type: ignore[arg-type]
        (robot(SameAsName("speed", Rejection("malformed-vale", "x"))), "Did you mean 'malformed-value'?"),
        (
            replace(ROBOT, most_uses=(MostUses("hals", 1, "hall", "robots", "robots", "are in"),)),
            "MostUses names the setting 'hals', which entries do not have.",
        ),
    ],
)
def test_what_makes_no_sense_is_said_when_it_is_registered(kind: Any, told: str) -> None:
    host = with_types(kind)
    (failure,) = host.failures
    assert failure.startswith("The plugin 'robots' is left out: its policy type 'ROBOT_POLICY'")
    assert told in failure
    assert "Error" not in failure
    assert "ROBOT_POLICY" not in host.types


def test_words_that_make_sense_are_taken() -> None:
    rules = (
        SameAsName("speed", TOLD),
        Needs(FAST, "arms"),
        Excludes(FAST, "halls", TOLD),
        RarerThan(FAST, "speed", 2),
        Apart(FAST, "speed", "speed", 3),
    )
    assert with_types(robot(*rules)).failures == []
