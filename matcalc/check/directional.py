"""The check of a derivative times a direction: the numerical derivative, contracted with the direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matcalc.check.differences import Block
from matcalc.check.evaluate import Array
from matcalc.check.report import (
    SMALLEST_SCALE,
    SMALLEST_SCALE_HIGHER,
    Claim,
    Form,
    Report,
    Sample,
    called,
    compare,
    drawn,
    reference_method,
)
from matcalc.expr.nodes import Expr


def check_product(expr: Expr, variables: Mapping[str, Expr], wrt: Sequence[Block], direction: str, first: bool, claim: Claim,
                  seed: int = 0, formula: Expr | None = None) -> Report:
    """Compare a derivative times a direction with numerical differences of the interpreter.

    Args:
        expr: what was differentiated.
        variables: the `var` or `item` node of every name, that of the direction among them.
        wrt: one block for each differentiation.
        direction: the name of the direction.
        first: whether the direction meets the axes of the value, and not the last ones.
        claim: the array claimed at a point.
        seed: of the random sizes and points.
        formula: a formula that must have the same value.
    """
    method, tolerance = reference_method(expr, len(wrt), False)
    sizes, samples = drawn(expr, variables, wrt, seed, None)
    worst, failures = 0.0, list[str]()
    for sample in samples:
        along = np.asarray(sample.point[direction])
        value = _contracted(sample.value, along, first)
        reference = Sample(sample.point, value, _contracted(sample.skipped.astype(float), np.ones(along.shape), first) > 0, sample.least)
        arrays = [("", called(claim, sample.point, value.shape))]
        if formula is not None:
            arrays.append(("the formula: ", Form("", formula).value(sample.point, sizes, value.shape)))
        for label, array in arrays:
            error, found = compare(reference, array, tolerance, SMALLEST_SCALE if len(wrt) == 1 else SMALLEST_SCALE_HIGHER)
            worst, failures = max(worst, error), [*failures, *(label + line for line in found)]
    if not samples:
        worst, failures = float("inf"), ["nothing was compared: no point was found at which the derivative exists"]
    return Report(not failures, worst, tolerance, f"{method}, times the direction", seed, sizes, tuple(failures))


def _contracted(value: Array, along: Array, first: bool) -> Array:
    return np.asarray(np.tensordot(along, value, along.ndim) if first else np.tensordot(value, along, along.ndim))
