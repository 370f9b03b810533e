"""All property tests run with one profile of Hypothesis, which is that of tests/conftest.py."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, settings


def test_slow_machines_make_no_property_test_fail() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_no_property_test_has_settings_of_its_own() -> None:
    own = [
        path.name for path in Path(__file__).parent.glob("*.py") if re.search(r"^@settings\b", path.read_text(), re.M)
    ]
    assert own == []
