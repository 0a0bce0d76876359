"""Every case of the tables: value against the oracle, finite differences, and the textbook form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import cases, run

KNOWN: dict[str, str] = {}
"""Cases that fail, with the reason."""


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case["id"], marks=[pytest.mark.xfail(reason=KNOWN[case["id"]], strict=False)]
                 if case["id"] in KNOWN else [])
    for case in cases()
])
def test_case(case: dict[str, Any]) -> None:
    assert run(case).problems == ()
