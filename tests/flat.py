"""Flattened derivatives by their definition: arrays reshaped, in the order in which matrices are stacked."""

from __future__ import annotations

import re

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.derivative import Derivative
from matcalc.pipeline import ranks
from matcalc.syntax.elaborate import elaborate


def stacked(array: Array, groups: list[int], order: str) -> Array:
    """Every group of axes as one axis: matrices by columns or by rows."""
    letter = "F" if order == "columns" else "C"
    for n, size in enumerate(groups):
        at = sum(map(bool, groups[:n]))
        if size == 2:
            shape = array.shape
            moved = np.moveaxis(array, (at, at + 1), (-2, -1)).reshape(-1, *shape[at : at + 2])
            flat = np.array([entry.reshape(-1, order=letter) for entry in moved])
            rest = shape[:at] + shape[at + 2 :]
            array = np.moveaxis(flat.reshape(*rest, -1), -1, at)
    return array


def flat_array(array: Array, groups: list[int], order: str) -> Array:
    """The flattened derivative: the last variable runs along the columns, all before it along the rows."""
    array = stacked(array, groups, order)
    held = sum(size > 0 for size in groups)
    return array.reshape(-1, array.shape[-1]) if held > 2 else array


def assert_flat_form(d: Derivative, order: str, seed: int = 3) -> str:
    """Holds the printed flattened form, read back, against the reshaped array; the text."""
    text = d.vec(order)
    assert "index notation" not in text, text
    rng = np.random.default_rng(seed)
    sizes = draw_sizes((d.expr, *d.variables.values()), rng)
    point = draw_point(d.variables, sizes, rng)
    expected = flat_array(evaluate_tensor(d.tensor, point, sizes), ranks(d.expr, d.variables, d.wrt), order)
    names = set(re.findall(r"[A-Za-z]\w*", text))
    read = elaborate(text, {n: d.space(n) for n in d.variables if n in names}).expr
    if d.layout == "denominator":
        expected = expected.T
    found = evaluate(read, point, sizes)
    assert found.shape == expected.shape, text
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)
    return text
