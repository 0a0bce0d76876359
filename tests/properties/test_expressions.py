"""What holds for every expression: passes keep the value, and text reads back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from matcalc.api import derive
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.derivative import derive_expr
from matcalc.emit.latex import to_latex
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.lowering.lower import lower
from matcalc.raising.driver import Raiser
from matcalc.raising.view import Setting
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.simplify.size import size
from matcalc.syntax.elaborate import elaborate
from tests.strategies import expressions, point_of, variables_of

quick = settings(max_examples=30)


def agree(found: Array, expected: Array) -> None:
    """The same shape, and the same values up to rounding."""
    assert np.shape(found) == np.shape(expected)
    if np.isfinite(expected).all():
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * scale)


def declared(expr: Expr) -> dict[str, str]:
    """The spaces of the variables, as declarations."""
    return {name: " ".join((str(v.shape), *v.data[1])) for name, v in variables_of(expr).items()}  # type: ignore[misc]


def raised(tensor: Tensor) -> Expr:
    """The matrix form of a tensor with at most two axes."""
    return Raiser({}, Setting({}, factor)).to_matrix(tensor)


@quick
@given(expressions(rough=True))
def test_text_reads_back_as_the_same_node(expr: Expr) -> None:
    assert elaborate(to_text(expr), declared(expr)).expr is expr


@quick
@given(expressions(rough=True))
def test_latex_reads_back_with_the_same_value(expr: Expr) -> None:
    point, sizes = point_of(1, expr)
    read = elaborate(to_latex(expr).replace(r"^{\odot", ".^{"), declared(expr)).expr
    agree(evaluate(read, point, sizes), evaluate(expr, point, sizes))


@quick
@given(expressions(rough=True))
def test_lowering_keeps_the_value(expr: Expr) -> None:
    point, sizes = point_of(2, expr)
    agree(evaluate_tensor(lower(expr), point, sizes), evaluate(expr, point, sizes))


@quick
@given(expressions(rough=True))
def test_lowering_twice_gives_one_node(expr: Expr) -> None:
    assert lower(expr) is lower(expr)


@quick
@given(expressions(rough=True))
def test_simplifying_keeps_the_value_and_ends(expr: Expr) -> None:
    point, sizes = point_of(3, expr)
    tensor = lower(expr)
    value = evaluate_tensor(tensor, point, sizes)
    for simplify in (factor, recognise):
        simple = simplify(tensor)
        agree(evaluate_tensor(simple, point, sizes), value)
        assert simplify(simple) is simple
    assert size(factor(tensor)) <= size(tensor)


@quick
@given(expressions(depth=2))
def test_expanding_keeps_the_value(expr: Expr) -> None:
    point, sizes = point_of(4, expr)
    agree(evaluate_tensor(expand(lower(expr)), point, sizes), evaluate_tensor(lower(expr), point, sizes))


@quick
@given(expressions(rough=True))
def test_raising_keeps_the_value(expr: Expr) -> None:
    point, sizes = point_of(5, expr)
    agree(evaluate(raised(lower(expr)), point, sizes), evaluate(expr, point, sizes))


@quick
@given(expressions(depth=2))
def test_results_read_back(expr: Expr) -> None:
    """The matrix form of a derivative has its value, and so has what its text reads as."""
    variables = variables_of(expr)
    point, sizes = point_of(6, expr)
    for name in list(variables)[:2]:
        d = derive_expr(expr, variables, [name])
        value = evaluate_tensor(d.tensor, point, sizes)
        if d.matrix is not None:
            agree(evaluate(d.matrix, point, sizes), value)
            inside = variables_of(d.matrix)
            spaces = {n: d.space(n) for n in inside}
            read = elaborate(str(d), spaces)
            agree(evaluate(read.expr, point, sizes), value)


@pytest.mark.parametrize("text", ["tanh(G K) y", "expm(G K) y", "tanh(G L) y", "(G diag(z) + I)^-1 y"])
def test_order_of_symmetric_factors(text: str) -> None:
    square = {"G": "R^{n x n} symmetric", "K": "R^{n x n} posdef", "L": "R^{n x n} diagonal"}
    d = derive(f"x^T {text}", "y", declare={name: space for name, space in square.items() if name in text})
    rng = np.random.default_rng(0)
    sizes = draw_sizes(d.variables.values(), rng)
    point = draw_point(d.variables, sizes, rng)
    assert d.matrix is not None
    agree(evaluate(d.matrix, point, sizes), evaluate_tensor(d.tensor, point, sizes))
