"""Derivatives times directions, and values with gradients: formulas, code and checks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matcalc import Derivative, MatcalcError, derive, hessian, hvp, jvp, value_and_gradient, vjp
from matcalc.evaluation import check_directional, compiled
from tests.test_gradients import network

SCALARS = [
    ("sum(log(1 + exp(-y .* (X w))))", "w", {}), ("x^T A x", "x", {}), ("logsumexp(A x)", "x", {}),
    ("||T - U V^T||^2", "U", {}), ("logdet(X) + tr(X^-1 B)", "X", {}), ("logdet(X)", "X", {"X": "R^{n x n} posdef"}),
    (network(2)[0], "W1", {}), (network(3)[0], "b1", {}), ("x1^2 x2 + x1 x2^3", ["x1", "x2"], {}),
    ("v^T x + x^T x v^T x", "x", {}), ("sum_{n=1}^N (y_n - w^T x_n)^2", "x_n", {}), ("sum_{n=1}^N log(1 + exp(w^T x_n))", "w", {}),
    ("sum_{n=1}^N ||tanh(W x_n)||^2", "W", {}), ("x^T A x / (x^T x)", "x", {}), ("y^T x", "x", {}),
]
ARRAYS = [
    ("softmax(A x)", "x", {}), ("A X B", "X", {}), ("A X B", "A", {}), ("x^T A", "x", {}), ("X^-1", "X", {}), ("x^T x", "x", {}),
    ("[a b; a^2]", ["a", "b"], {}), ("tanh(A x + b) .* x", "x", {}), ("X X^T X", "X", {}), ("kron(A, B)", "A", {}),
    ("S x", "S", {"S": "R^{n x n} symmetric"}), ("x tr(expm(X))", "X", {}), ("A tr(expm(2 X))", "X", {}),
]


@pytest.mark.parametrize(("text", "wrt", "declare"), SCALARS)
def test_hessian_times_a_direction(text: str, wrt: str | list[str], declare: dict[str, str]) -> None:
    d = hvp(text, wrt, declare)
    assert d.check(seed=1).passed, d.check(seed=1)
    assert d.tensor.rank <= derive(text, wrt, declare=declare).tensor.rank


@pytest.mark.parametrize(("text", "wrt", "declare"), ARRAYS + SCALARS)
@pytest.mark.parametrize("product", [jvp, vjp])
def test_jacobian_times_a_direction(product: Callable[..., Derivative], text: str, wrt: str | list[str], declare: dict[str, str]) -> None:
    d = product(text, wrt, declare)
    assert d.check(seed=2).passed, d.check(seed=2)


@pytest.mark.parametrize(("text", "wrt", "declare"), SCALARS)
def test_value_with_gradient(text: str, wrt: str | list[str], declare: dict[str, str]) -> None:
    d = value_and_gradient(text, wrt, declare)
    assert d.check(seed=3).passed, d.check(seed=3)
    assert str(d) == str(derive(text, wrt, declare=declare))


def test_formulas_read_as_a_textbook_has_them() -> None:
    assert str(hvp("x^T A x", "x")) == "(A + A^T) v"
    assert str(hvp("||T - U V^T||^2", "U")) == "2 v V^T V"
    assert str(jvp("A X B", "X", direction="D")) == "A D B"
    assert str(vjp("A x", "x")) == "v^T A"
    assert str(derive("x^T A x", "x").hvp("u")) == "(A + A^T) u"
    assert hvp("x^T A x", "x").latex(equation=True) == r"\nabla_{x}^{2} f \, v = (A + A^{\top}) v"
    assert jvp("A x", "x").latex(equation=True) == r"\frac{\partial f}{\partial x} v = A v"


def test_code_of_a_product_makes_no_hessian() -> None:
    rng = np.random.default_rng(0)
    y, X, w, v = rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=3)
    text = "sum(log(1 + exp(-y .* (X w))))"
    source = hvp(text, "w").numpy("product")
    assert np.allclose(compiled(source, "product")(y, X, w, v), hessian(text, "w")(y=y, X=X, w=w) @ v)
    assert "(n, n)" not in source and source.count("np.exp(") == 1


def test_the_name_of_the_direction() -> None:
    assert hvp("x^T A x", "x").direction == "v"
    assert hvp("v^T x + v1 x^T x where v1 in R", "x").direction == "v2"
    assert list(jvp("A x", "x", direction="dx").shapes) == ["A", "x", "dx"]
    for taken in ("A", "x", "n", "a b", "lambda", "", 3):
        with pytest.raises(MatcalcError):
            jvp("A x where A in R^{m x n}", "x", direction=taken)


def test_bad_input_is_refused() -> None:
    for call in (lambda: hvp("A x", "x"), lambda: value_and_gradient("A x", "x"), lambda: hvp("x^T x", "z"),
                 lambda: hvp("x^T x", "x").derive("x"), lambda: hvp("x^T x", "x").steps(), lambda: jvp("A x", "x").vec(),
                 lambda: vjp("A x", "x").hessian(), lambda: vjp("A x", [])):
        with pytest.raises(MatcalcError):
            call()


def test_a_check_finds_a_wrong_product() -> None:
    d = hvp("logsumexp(A x)", "x")
    found = check_directional(d.expr, d.variables, d.wrt, d.direction, False, lambda p: 2 * np.asarray(d(**p)), 0, d.matrix)
    assert not found.passed and found.failures[0].startswith("entry")


def test_products_of_a_deep_network_are_short() -> None:
    """Forward over reverse: code grows with the layers, not with their pairs."""
    lines = [hvp(network(layers)[0], f"b{layers}").numpy().count("\n") for layers in (2, 4, 6)]
    assert abs((lines[2] - lines[1]) - (lines[1] - lines[0])) <= 2
