"""Cases that state a stationary point: equation, solution, Hessian and curvature against the book, and the gradient there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from matcalc.api import solve_stationary
from matcalc.core.errors import MatcalcError
from matcalc.expr.nodes import Expr
from matcalc.stationary.point import StationaryPoint
from matcalc.syntax.elaborate import elaborate
from tests.kinds.derivative import parts, same
from tests.kinds.outcome import Outcome


def run(case: Mapping[str, Any]) -> Outcome:
    """Solves a case and holds everything about it against what the case states."""
    start = time.perf_counter()
    try:
        point = solve_stationary(case["expr"], case["wrt"], case.get("declare"))
    except MatcalcError as error:
        return Outcome(case["id"], (f"{type(error).__name__}: {error.args[0]}",), "", case["expect"], 0.0)
    milliseconds = 1e3 * (time.perf_counter() - start)
    return Outcome(case["id"], tuple(_problems(point, case)), str(point), case["expect"], milliseconds)


def _problems(point: StationaryPoint, case: Mapping[str, Any]) -> Iterator[str]:
    if not same(point.values[0], _read(case["expect"], point)):
        yield "another solution"
    elif parts(point.solution) > parts(case["expect"]):
        yield f"larger: {parts(point.solution)} > {parts(case['expect'])}"
    if "equation" in case:
        sides = [_read(side, point) for side in case["equation"].split(" = ")]
        if not all(same(found, book) for found, book in zip(point.sides[0], sides, strict=True)):
            yield f"another equation: {point.equation}"
    if "hessian" in case:
        found = None if point.hessian is None else point.hessian.matrix
        if found is None or not same(found, _read(case["hessian"], point)):
            yield f"another Hessian: {point.hessian}"
    if case.get("curvature", point.curvature) != point.curvature:
        yield f"another curvature: {point.curvature}"
    report = point.check()
    if not report.passed:
        yield f"check {report}"


def _read(text: str, point: StationaryPoint) -> Expr:
    """An expression in the variables of the case."""
    spaces: dict[str, str] = {}
    for name, variable in point.variables.items():
        properties = variable.data[1]
        assert isinstance(properties, tuple)
        spoken = f"{name}_{variable.data[2]}" if variable.head == "item" else name
        if name in text:
            spaces[spoken] = " ".join((str(variable.shape), *properties))
    return elaborate(text, spaces).expr
