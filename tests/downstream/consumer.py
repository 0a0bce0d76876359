"""A module of a user of matcalc, as strict type checkers see it; `test_types.py` checks it against the installed wheel.

Each `type: ignore` marks a mistake that the types have to find: where they do not, the comment is unused and the check fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import matcalc
from generated.regression import ridge_gradient
from matcalc import Derivative, Gradients, Graph, IndexFormula, MatcalcError, MatrixFormula, ShapeError, Taylor


def derivatives() -> tuple[str, ...]:
    """Results, forms and checks of one derivative."""
    d = matcalc.derive("||X b - y||^2", wrt="b", declare={"X": "R^{n x d}"})
    assert_type(d, Derivative)
    assert_type(d.latex(equation=True), str)
    assert_type(d.numpy(name="gradient"), str)
    assert_type(d.shape, tuple[str, ...])
    assert_type(d.shapes, dict[str, str])
    assert_type(d.derive("X"), Derivative)
    assert_type(matcalc.hessian("x^T A x", wrt="x"), Derivative)
    report = d.check(seed=1)
    assert_type(report.passed, bool)
    assert_type(report.worst_error, float)
    assert_type(report.failures, tuple[str, ...])
    return str(d), d.index(), d.vec(), *(step.title for step in d.steps())


def several() -> dict[str, str]:
    """Gradients by several variables, and products with directions."""
    g = matcalc.gradients("||y - W2 tanh(W1 x)||^2", wrt=["W1", "W2"])
    assert_type(g, Gradients)
    assert_type(g["W1"], Derivative)
    value, by_name = g(y=[0.0], W1=[[1.0]], W2=[[1.0]], x=[1.0])
    assert_type(value, object)
    assert_type(by_name, dict[str, object])
    products: list[Derivative] = [
        matcalc.hvp("logsumexp(x)", wrt="x"), matcalc.jvp("tanh(x)", wrt="x", direction="u"),
        matcalc.vjp("tanh(x)", wrt="x"), matcalc.value_and_gradient("x^T x", wrt="x"),
    ]
    return {name: str(d) for name, d in g.items()} | {d.title: d.numpy() for d in products}


def notations() -> None:
    """The notation that is asked for decides the type of the result."""
    assert_type(matcalc.derive("sum_j A_ij v_j", wrt="v_k", notation="index"), IndexFormula)
    assert_type(matcalc.simplify("sum_i delta_ik A_ij", notation="index"), IndexFormula)
    assert_type(matcalc.to_matrix("sum_j A_ij v_j"), MatrixFormula)
    assert_type(matcalc.to_index("A x"), IndexFormula)
    either = matcalc.simplify("A x + A^T x")
    assert_type(either, MatrixFormula | IndexFormula)


def studies() -> tuple[bool, str, str]:
    """Curvature, stationary points, Taylor polynomials, graphs."""
    c = matcalc.curvature("||X b - y||^2", wrt="b")
    assert_type(c.rules, tuple[str, ...])
    s = matcalc.solve_stationary("||X b - y||^2", wrt="b")
    assert_type(s.solution, str)
    g = matcalc.graph("||y - A x||^2", wrt="x")
    assert_type(g, Graph)
    t = matcalc.taylor("exp(x)", wrt="x", degree=2)
    assert_type(t, Taylor)
    return c.is_convex, s.numpy(), g.mermaid()


def generated(X: NDArray[np.float64], w: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """A function of a module that `matcalc generate` wrote."""
    return -ridge_gradient(X, w, y, 0.1)


def faults(read: Callable[[], str]) -> str:
    """Errors are values with a place and a hint, and one class catches them all."""
    try:
        return str(matcalc.derive(read(), wrt="x", declare={"x": "R^n"}))
    except ShapeError as error:
        return error.message
    except MatcalcError as error:
        return error.hint or str(error)


def mistakes() -> None:
    """What a type checker has to refuse; nothing calls it."""
    matcalc.derive("x^T x")  # type: ignore[call-overload]
    matcalc.derive("x^T x", wrt="x", declare=["x"])  # type: ignore[call-overload]
    matcalc.derive("x^T x", wrt="x", notation="tensor")  # type: ignore[call-overload]
    matcalc.gradients("x^T x", wrt=["x"], order=2)  # type: ignore[call-arg]
    matcalc.hessian("x^T x", wrt="x").latex(equation="yes")  # type: ignore[arg-type]
    print(matcalc.curvature("x^T x", wrt="x").convexity)  # type: ignore[attr-defined]
    ridge_gradient(lambda: 1, w="none")  # type: ignore[call-arg, arg-type]
    matcalc.differentiate("x^T x", wrt="x")  # type: ignore[attr-defined]
    _: str = matcalc.derive("x^T x", wrt="x")  # type: ignore[assignment]
