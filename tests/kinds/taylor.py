"""Cases that state a Taylor polynomial: the order of its remainder, its value, and the textbook form."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from matcalc.core.errors import MatcalcError
from matcalc.expr.nodes import Expr
from matcalc.series.taylor import Taylor, taylor
from matcalc.syntax.elaborate import elaborate
from tests.kinds.derivative import parts, same
from tests.kinds.outcome import Outcome


def run(case: Mapping[str, Any]) -> Outcome:
    """Expands a case and holds the result against the function and against its textbook form."""
    start = time.perf_counter()
    expected = case.get("expect", "")
    try:
        found = taylor(case["expr"], case["wrt"], case["at"], case["degree"], case.get("declare"))
        printed = str(found)
    except MatcalcError as error:
        return Outcome(case["id"], (f"{type(error).__name__}: {error.args[0]}",), "", expected, 0.0)
    milliseconds = 1e3 * (time.perf_counter() - start)
    return Outcome(case["id"], tuple(_problems(found, case)), printed, expected, milliseconds)


def _problems(found: Taylor, case: Mapping[str, Any]) -> Iterator[str]:
    for seed in range(3):
        report = found.check(seed)
        if not report.passed:
            yield f"check {report}"
    if found.matrix is None:
        yield "no matrix form"
        return
    spaces = {name: found.space(name) for name in found.variables}
    if not same(found.matrix, _read(str(found), spaces)):
        yield "the text reads back as another expression"
    if "expect" in case:
        if not same(found.matrix, _read(case["expect"], spaces)):
            yield "another expression"
        elif parts(str(found)) > parts(case["expect"]):
            yield f"larger: {parts(str(found))} > {parts(case['expect'])}"


def _read(text: str, spaces: Mapping[str, str]) -> Expr:
    return elaborate(text, {name: space for name, space in spaces.items() if name in text}).expr
