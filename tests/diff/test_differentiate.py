"""Lowering keeps the value, and derivatives agree with numerical ones, at pairwise distinct dimensions."""

import numpy as np
import pytest

from matcalc.check.differences import numerical_jacobian
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.functions import FUNCTIONS
from matcalc.diff.differentiate import differentiate
from matcalc.diff.scalar_rules import BINARY, UNARY
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.lowering.lower import lower
from tests.formulas import CASES, A, B, C, P, T, inv, t, x, y, z


@pytest.mark.parametrize("expr", CASES, ids=repr)
def test_value_and_derivatives(expr: Expr) -> None:
    rng = np.random.default_rng(7)
    variables = {v.name: v for v in (A, B, C, x, y, z, t)}
    sizes = draw_sizes([expr, *variables.values()], rng)
    point = draw_point(variables, sizes, rng, positive=True)
    point["z"] = point["z"] / (1 + np.abs(point["z"]).max())
    tensor = lower(expr)
    np.testing.assert_allclose(evaluate_tensor(tensor, point, sizes), evaluate(expr, point, sizes), rtol=1e-10)
    for name, variable in variables.items():
        derivative = evaluate_tensor(differentiate(tensor, lower(variable)), point, sizes)
        expected = numerical_jacobian(expr, name, point, sizes)
        np.testing.assert_allclose(derivative, expected, rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("expr", CASES[:6], ids=repr)
def test_second_derivatives_are_derivatives_of_the_first(expr: Expr) -> None:
    rng = np.random.default_rng(11)
    variables = {v.name: v for v in (A, B, C, x, y, z, t)}
    sizes = draw_sizes([expr, *variables.values()], rng)
    point = draw_point(variables, sizes, rng)
    first = differentiate(lower(expr), lower(x))
    second = evaluate_tensor(differentiate(first, lower(x)), point, sizes)
    step = 1e-5
    for i in range(sizes["n"]):
        shift = np.zeros(sizes["n"])
        shift[i] = step
        above, below = ({**point, "x": point["x"] + s * shift} for s in (1, -1))
        change = evaluate_tensor(first, above, sizes) - evaluate_tensor(first, below, sizes)
        np.testing.assert_allclose(second[..., i], change / (2 * step), rtol=1e-5, atol=1e-6)


def test_every_function_has_a_derivative() -> None:
    assert {*UNARY, *BINARY} == set(FUNCTIONS)


def test_closed_forms_meet() -> None:
    quadratic = differentiate(lower(P([T(x), B, x])), lower(x))
    assert quadratic is lower(e.add([P([B, x]), P([T(B), x])]))
    assert differentiate(lower(e.APPLY["logdet"](B)), lower(B)) is lower(T(inv(B)))
    assert differentiate(lower(P([A, x])), lower(x)) is lower(A)
    assert b.is_zero(differentiate(lower(P([A, x])), lower(y)))
