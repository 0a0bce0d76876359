"""Products in the order and with the kernels that cost least; no inverse and no identity where they can be avoided."""

import ast

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.plan.program import plan
from matcalc.plan.ranges import ranges
from matcalc.plan.steps import Program, Step

SPACES = {"A": "R^{m x n}", "B": "R^{n x p}", "C": "R^{p x q}", "x": "R^n", "y": "R^p", "z": "R^q", "u": "R^m",
          "S": "R^{n x n}", "P": "R^{n x n} posdef", "X": "R^{m x n}", "w": "R^m", "t": "R"}


def program(text: str, wrt: str, order: int = 1) -> Program:
    """The plan of a derivative."""
    declare = {n: s for n, s in SPACES.items() if n in text}
    return plan(derive(text, wrt, order, declare).tensor)


def largest(found: Program) -> int:
    """The most axes that two operands of a product have together, those that they share counted once."""
    products = [s for s in found.steps if s.op in ("matmul", "tensordot", "einsum", "multiply")]
    return max((_extent(found, s) for s in products), default=0)


def _extent(found: Program, step: Step) -> int:
    ranks = sum(len(found.steps[o].axes) for o in step.operands)
    return ranks - (1 if step.op == "matmul" else 0)


@pytest.mark.parametrize(("text", "wrt"), [
    ("u^T A B y", "y"), ("u^T A B C z", "z"), ("u^T A B C z", "u"), ("||A B y||^2", "y"), ("||A B C z - u||^2", "z"),
    ("x^T S S S x", "x"), ("u^T (A + X) x", "x"), ("x^T (S + S^T) x", "x"), ("x^T (S - t I) x", "x"), ("x^T S^3 x", "x"),
    ("tr(x x^T S)", "x"), ("u^T A diag(x) B y", "x"), ("sum(A B y)", "y"), ("(x^T S x)^2", "x"), ("u^T A S^-1 B y", "y"),
    ("x^T P^-1 S x", "x"), ("||u - A tanh(S x)||^2", "x"), ("x^T A^T diag(w) A x", "x"),
])
def test_no_matrix_meets_a_matrix_before_its_vector(text: str, wrt: str) -> None:
    assert largest(program(text, wrt)) <= 2


@pytest.mark.parametrize(("text", "wrt", "order"), [
    ("u^T A S^-1 B y", "y", 1), ("x^T P^-1 x", "x", 1), ("x^T S^-1 S^-1 x", "x", 1), ("x^T S^-1 x", "S", 1),
    ("||S^-1 x||^2", "x", 1), ("y^T B^T P^-1 B y", "y", 2), ("logsumexp(S^-1 x)", "x", 1), ("x^T (S + I)^-1 x", "x", 1),
])
def test_no_inverse(text: str, wrt: str, order: int) -> None:
    assert not [s for s in program(text, wrt, order).steps if s.op in ("inv", "matpow")]


@pytest.mark.parametrize(("text", "wrt", "order"), [
    ("x^T S x", "x", 2), ("tanh(S x)", "x", 1), ("softmax(x)", "x", 1), ("A x", "A", 1), ("||x||", "x", 2), ("diag(x) S", "x", 1),
    ("logsumexp(X x)", "x", 2), ("1/2 ||u - tanh(A x)||^2", "A", 2), ("x^T x S", "x", 1), ("||X - A S||^2", "S", 2),
])
def test_no_identity(text: str, wrt: str, order: int) -> None:
    declare = {n: s for n, s in SPACES.items() if n in text}
    source = derive(text, wrt, order, declare).numpy()
    called = {n.func.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    assert not called & {"eye", "identity", "diag", "kron"}, source


@pytest.mark.parametrize(("text", "sign"), [
    ("||A x - u||^2", ""), ("sum(log(1 + exp(A x)))", "nonnegative"), ("sum(exp(A x))", "nonnegative"), ("sum(tanh(A x))", "any"),
    ("logsumexp(A x)", "nonnegative"), ("sum((A x).^4)", "nonnegative"), ("sum((A x).^3)", "any"), ("-sum(exp(A x))", "nonnegative"),
])
def test_gram_matrices(text: str, sign: str) -> None:
    grams = [s for s in program(text, "x", 2).steps if s.op == "gram"]
    assert [s.data[1] for s in grams] == [sign]


@pytest.mark.parametrize("size", [5, 70])
@pytest.mark.parametrize("text", ["sum(log(1 + exp(A x)))", "sum(sin(A x))", "3 ||A x||^2"])
def test_gram_matrices_on_both_sides_of_their_switch(text: str, size: int) -> None:
    rng = np.random.default_rng(3)
    A, x = rng.standard_normal((size + 2, size)), rng.standard_normal(size)
    z = A @ x
    s = 1 / (1 + np.exp(-z))
    weights = {"l": s * (1 - s), "s": -np.sin(z), "3": np.full(size + 2, 6.0)}[text[4] if text[0] == "s" else "3"]
    np.testing.assert_allclose(derive(text, "x", 2)(A=A, x=x), A.T @ np.diag(weights) @ A, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("size", [5, 70])
def test_what_is_not_a_number_is_not_lost(size: int) -> None:
    A, x = np.ones((4, size)), np.full(size, np.nan)
    assert np.isnan(derive("sum(sin(A x))", "x", 2)(A=A, x=x)).all()


@pytest.mark.parametrize("sizes", [(3, 5, 2), (60, 50, 3)])
def test_thin_residuals_on_both_sides_of_their_comparison(sizes: tuple[int, int, int]) -> None:
    m, n, k = sizes
    rng = np.random.default_rng(4)
    T, U, V = rng.standard_normal((m, n)), rng.standard_normal((m, k)), rng.standard_normal((n, k))
    np.testing.assert_allclose(derive("||T - U V^T||^2", "U")(T=T, U=U, V=V), 2 * (U @ V.T - T) @ V, rtol=1e-10, atol=1e-10)


def test_ranges_hold() -> None:
    found = program("sum(tanh(A x) .* softplus(A x)) + sum(sigmoid(A x).^2 ./ (2 + cos(A x)))", "x", 2)
    assert len(ranges(found)) == len(found.steps)
    assert all(low <= high for low, high in ranges(found))
