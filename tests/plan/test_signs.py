"""Signs and common numbers go where they cost nothing, and nothing that is still needed is overwritten."""

import numpy as np
import pytest

from matcalc import derive, gradients, hvp
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.plan.program import plan

LOSS = "sum(log(1 + exp(-y .* (X w))))"


def body(source: str) -> str:
    """The code after the docstring."""
    return source.split('"""')[-1]


@pytest.mark.parametrize(("text", "wrt", "line"), [
    (LOSS, "w", "return (y / (-1.0 - np.exp(np.minimum(y * X.dot(w), 709.0)))).dot(X)"),
    ("-x^T A (b - c)", "x", "return A.dot(c - b)"),
    ("-x^T A diag(b) (c - x0)", "x", "return A.dot(b * (x0 - c))"),
    ("x^T A (b - c)", "x", "return A.dot(b - c)"),
    ("-x^T (A b)", "x", "return -A.dot(b)"),
    ("-x^T A (b - x0) - (b - x0)^T c", "c", "return x0 - b"),
])
def test_signs_are_taken_in(text: str, wrt: str, line: str) -> None:
    d = derive(text, wrt)
    assert line in body(d.numpy(checks=False)), d.numpy(checks=False)
    assert d.check().passed


def test_a_value_with_another_use_keeps_its_sign() -> None:
    g = gradients("-x^T A (b - c) + ||b - c||^2", wrt=["x", "b"])
    assert g.check().passed


def test_a_number_before_all_products_with_a_residual_goes_into_it() -> None:
    both = [derive("||T - U V^T||^2", wrt) for wrt in "UV"]
    parameters = {n: parameter_of(v) for n, v in both[0].variables.items()}
    source = to_numpy(plan(*(d.tensor for d in both)), parameters, "f", "Both gradients.", False)
    assert "r -= T\n    r *= 2.0\n    return (r.dot(V), r.T.dot(U))" in source, source


@pytest.mark.parametrize(("text", "wrt"), [
    ("sum_{n=1}^N ||tanh(W x_n)||^2", "W"),
    ("sum(exp(A X).^2 .* cos(A X))", "X"),
    ("||tanh(X W) - exp(X W) + X W - Y||^2", "W"),
    ("sum((A B - C) .* (A B + C) .* tanh(A B))", "A"),
])
def test_what_is_needed_is_not_overwritten(text: str, wrt: str) -> None:
    for seed in range(3):
        assert hvp(text, wrt).check(seed=seed).passed
        assert derive(text, wrt).check(seed=seed).passed
        assert gradients(text, wrt=[wrt]).check(seed=seed).passed


def test_arguments_are_not_written_to() -> None:
    d = derive("||tanh(X W) - exp(X W) + X W - Y||^2", "W")
    rng = np.random.default_rng(0)
    point = {"X": rng.standard_normal((5, 3)), "W": rng.standard_normal((3, 2)), "Y": rng.standard_normal((5, 2))}
    before = {n: a.tobytes() for n, a in point.items()}
    d(**point)
    assert {n: a.tobytes() for n, a in point.items()} == before
