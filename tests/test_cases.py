"""Every case of the tables: value against the oracle, finite differences, and the textbook form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import cases, run

UNIT_VECTORS = "the emitter has no unit vectors"
DATA_SUMS = "the emitter has no sums over data"
KNOWN = {
    **dict.fromkeys(("partials-beginner", "partials-advanced", "mean-of-two", "hessian-two-scalars",
                     "jacobian-of-components", "jacobian-chain-of-components", "perspective-inputs",
                     "perspective-parameters", "two-parameter-chain", "polynomial-regression"), UNIT_VECTORS),
    **dict.fromkeys(("data-sum-linear-model", "mse-over-batch"), DATA_SUMS),
    "kronecker-along-line": "the emitter has no Kronecker products",
}
"""Cases that fail, with the reason."""


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case["id"], marks=[pytest.mark.xfail(reason=KNOWN[case["id"]], strict=False)]
                 if case["id"] in KNOWN else [])
    for case in cases()
])
def test_case(case: dict[str, Any]) -> None:
    assert run(case).problems == ()
