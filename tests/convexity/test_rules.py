"""Every rule has a name, a formula and a source, and its example needs it."""

from __future__ import annotations

import re

import pytest

from matcalc.api import curvature
from matcalc.convexity.facts import LEVELS
from matcalc.convexity.rules import COMPOSITION, DEFINITENESS, RULES, Rule

VERDICTS = {*LEVELS.values(), "indefinite", "unknown"}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_example_uses_the_rule(rule: Rule) -> None:
    wrt = rule.wrt.split(", ") if "," in rule.wrt else rule.wrt
    found = curvature(rule.example, wrt, dict(rule.declare))
    assert found.verdict == rule.verdict, str(found)
    assert rule.name in found.rules, found.reason
    assert rule.math in found.reason


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_record_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.math and rule.source and rule.verdict in VERDICTS


def test_names_are_unique() -> None:
    assert len(RULES) == len(DEFINITENESS) + len(COMPOSITION)
