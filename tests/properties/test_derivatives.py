"""What holds for every derivative: differences agree, and the rules of calculus hold."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

from matcalc.api import derive
from matcalc.check.evaluate import Array
from matcalc.check.report import check_derivative
from matcalc.check.sample import draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import SCALAR
from matcalc.core.errors import NotDifferentiableError
from matcalc.derivative import derive_expr
from matcalc.diff.differentiate import differentiate
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.lowering.lower import lower
from matcalc.simplify.expand import expand
from tests.strategies import VARIABLES, expressions, point_of, variables_of

quick = settings(max_examples=30)


def slope(expr: Expr, name: str) -> Tensor:
    """The derivative by a variable whose properties are declared."""
    return derive_expr(expr, variables_of(expr), [name]).tensor


@quick
@given(expressions(depth=2))
def test_derivative_agrees_with_differences(expr: Expr) -> None:
    variables = variables_of(expr)
    drawn = draw_sizes((expr, *variables.values()), np.random.default_rng(0))
    for name in variables:
        claim = partial(_value, slope(expr, name), drawn)
        report = check_derivative(expr, variables, [name], claim)
        assert report.passed, f"{name}: {report}"


def test_softplus_at_zero() -> None:
    assert derive("sum(softplus(L))", "L", declare={"L": "R^{n x n} diagonal"}).check().passed


@pytest.mark.parametrize("text", ["x^T expm(K - S) y", "sum(expm(K - S))", "tr(expm(K - S))"])
def test_exponential_of_a_difference(text: str) -> None:
    """The right derivative, or an error that says there is none, but never zero."""
    try:
        d = derive(text, "K", declare={"K": "R^{n x n}", "S": "R^{n x n}"})
    except NotDifferentiableError:
        return
    assert d.check().passed


def _value(tensor: Tensor, drawn: dict[str, int], point: dict[str, Array]) -> Array:
    """The value of a tensor at a point, with the sizes that its arrays have, else those drawn first."""
    axes = {v.name: [str(d) for d in v.shape.dims] for v in VARIABLES}
    sizes = {"m": 2, "n": 3, **drawn}
    sizes |= {name: size for n, array in point.items() for name, size in zip(axes[n], array.shape, strict=True)}
    return evaluate_tensor(tensor, point, sizes)


@quick
@given(expressions(depth=2, shapes=[SCALAR]))
def test_hessian_is_symmetric(expr: Expr) -> None:
    point, sizes = point_of(1, expr)
    for name, variable in variables_of(expr).items():
        if variable.data[1]:
            continue  # derive() hides declared properties until afterwards
        plain = lower(variable)
        hessian = evaluate_tensor(differentiate(differentiate(lower(expr), plain), plain), point, sizes)
        count = int(np.prod(point[name].shape))
        square = hessian.reshape(count, count)
        np.testing.assert_allclose(square, square.T, rtol=1e-8, atol=1e-8 * max(1.0, float(np.abs(square).max())))
        assert hessian.shape == 2 * point[name].shape


@quick
@given(expressions(depth=2, shapes=[SCALAR]), expressions(depth=2, shapes=[SCALAR]))
def test_derivative_is_linear(f: Expr, g: Expr) -> None:
    for name, variable in variables_of(f, g).items():
        plain = lower(variable)
        parts = [(Fraction(2), differentiate(lower(f), plain)), (Fraction(-3), differentiate(lower(g), plain))]
        combined = e.add([e.product([e.number(2), f]), e.product([e.number(-3), g])])
        assert expand(differentiate(lower(combined), plain)) is expand(b.lin(parts, plain.axes)), name


@quick
@given(expressions(depth=2, rough=True, shapes=[SCALAR]), expressions(depth=2, rough=True, shapes=[SCALAR]))
def test_order_of_terms_and_factors_does_not_matter(f: Expr, g: Expr) -> None:
    for name in variables_of(f, g):
        assert slope(e.add([f, g]), name) is slope(e.add([g, f]), name)
        assert slope(e.product([f, g]), name) is slope(e.product([g, f]), name)
