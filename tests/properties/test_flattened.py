"""Flattened derivatives of random formulas: what is printed reads back as the reshaped array, and unflattens again."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.check.evaluate import evaluate
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import SCALAR, matrix, vector
from matcalc.derivative import derive_expr
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.flattening import flat_of
from matcalc.pipeline import ranks
from matcalc.syntax.elaborate import elaborate
from tests.flat import flat_array
from tests.strategies import M, N, expressions, point_of, variables_of

quick = settings(max_examples=20)
SHAPES = [matrix(M, N), matrix(N, N), matrix(N, M), vector(N)]
ORDERS = st.sampled_from(["columns", "rows"])


def holds(expr: Expr, wrt: list[str], order: str, layout: str) -> None:
    """The printed form and the code of a flattened derivative against the reshaped tensor; then back."""
    variables = variables_of(expr)
    d = derive_expr(expr, variables, wrt, layout=layout)
    flat = flat_of(d, order)
    point, sizes = point_of(3, expr)
    array = evaluate_tensor(d.tensor, point, sizes)
    expected = flat_array(array, ranks(expr, variables, wrt), order)
    expected = expected.T if flat.is_turned else expected
    np.testing.assert_allclose(evaluate_tensor(flat.tensor, point, sizes), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(d.unvec(expected, order, sizes=sizes), array)
    if flat.matrix is None:
        return
    read = evaluate(flat.matrix, point, sizes)
    assert read.shape == expected.shape
    np.testing.assert_allclose(read, expected, rtol=1e-7, atol=1e-7 * max(1.0, float(np.abs(expected).max())))
    text = to_text(flat.matrix)
    names = set(re.findall(r"[A-Za-z]\w*", text))
    declare = {n: d.space(n) for n in variables if n in names} | dict.fromkeys(names & sizes.keys() - variables.keys(), "N")
    assert elaborate(text, declare).expr is flat.matrix, text


@quick
@given(expressions(depth=2, shapes=SHAPES), ORDERS, st.sampled_from(["numerator", "denominator"]))
def test_jacobian(expr: Expr, order: str, layout: str) -> None:
    for name in variables_of(expr):
        holds(expr, [name], order, layout)


@quick
@given(expressions(depth=2, shapes=[SCALAR]), ORDERS)
def test_hessian(expr: Expr, order: str) -> None:
    for name in variables_of(expr):
        holds(expr, [name, name], order, "numerator")


@quick
@given(expressions(depth=1, shapes=SHAPES), ORDERS)
def test_second_derivative_of_a_matrix(expr: Expr, order: str) -> None:
    for name in variables_of(expr):
        holds(expr, [name, name], order, "numerator")
