"""Every case of the tables: value against the oracle, finite differences, and the textbook form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import KINDS, cases


@pytest.mark.parametrize(("kind", "case"), [pytest.param(kind, case, id=case["id"]) for kind, case in cases()])
def test_case(kind: str, case: dict[str, Any]) -> None:
    assert KINDS[kind](case).problems == ()
