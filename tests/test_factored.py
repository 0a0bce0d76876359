"""The factored form: as the dense one, times directions, and small."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc import DeclarationError, ShapeError, derive, hessian
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.evaluation import compiled

CASES = [
    ("||T - U V^T||^2", "U", 2, {}), ("A x", "A", 1, {}), ("A X B", "X", 1, {}), ("tanh(A x + b)", "A", 1, {}), ("X^-1", "X", 1, {}),
    ("X^T X", "X", 1, {}), ("softmax(x)", "x", 1, {}), ("tr(X^T A X B)", "X", 2, {}), ("x", "x", 1, {}), ("X", "X", 1, {}),
    ("x^T x", "x", 1, {}), ("sum(X)", "X", 1, {}), ("y^T x", "x", 2, {}), ("diag(x)", "x", 1, {}), ("X .* B", "X", 1, {}),
    ("x x^T", "x", 1, {}), ("sum_{n=1}^N (y_n - w^T x_n)^2", "x_n", 2, {}), ("kron(A, B)", "A", 1, {}),
    ("logdet(X)", "X", 2, {"X": "R^{n x n} posdef"}), ("s x", "x", 1, {"s": "R"}), ("exp(tr(X))", "X", 2, {}), ("vec(A)", "A", 1, {}),
    ("[a b, a^2]", ["a", "b"], 1, {}), ("a + b x^T x", "a", 1, {"a": "R", "b": "R"}),
]


@pytest.mark.parametrize(("text", "wrt", "order", "declare"), CASES)
def test_dense_and_directions(text: str, wrt: str | list[str], order: int, declare: dict[str, str]) -> None:
    d = derive(text, wrt, order, declare)
    rng = np.random.default_rng(0)
    point = draw_point(d.variables, draw_sizes((d.expr, *d.variables.values()), rng), rng)
    expected = np.asarray(d(**point))
    found = d.factored(**point)
    assert found.shape == expected.shape and np.allclose(found.dense(), expected, rtol=1e-12, atol=1e-12)
    for axes in range(found.ndim + 1):
        direction = rng.normal(size=found.shape[found.ndim - axes :])
        assert np.allclose(found @ direction, np.tensordot(expected, direction, axes), rtol=1e-12, atol=1e-12)


def test_the_hessian_of_a_factorisation_is_one_small_matrix() -> None:
    d = hessian("||T - U V^T||^2", "U")
    rng = np.random.default_rng(0)
    T, U, V = rng.normal(size=(70, 50)), rng.normal(size=(70, 3)), rng.normal(size=(50, 3))
    found = d(T=T, U=U, V=V, form="factored")
    assert [f.shape for f in found.factors] == [(3, 3)] and found.terms[0].deltas == ((0, 2),)
    assert np.allclose(found.factors[0], 2 * V.T @ V) and found.nbytes == 72
    source = d.numpy("parts", form="factored")
    assert "F1_jl delta_ik" in source and "np.zeros" not in source
    assert np.allclose(compiled(source, "parts")(T, U, V), found.factors[0])


def test_bad_forms_and_directions() -> None:
    d = derive("A x", "A")
    with pytest.raises(DeclarationError):
        d.numpy(form="sparse")
    with pytest.raises(DeclarationError):
        d(A=np.eye(2), x=np.ones(2), form="sparse")
    with pytest.raises(DeclarationError):
        d.factored(A=np.eye(2))
    with pytest.raises(DeclarationError):
        d.numpy(form="factored", workspace=True)
    with pytest.raises(ShapeError):
        d.factored(A=np.ones((2, 3)), x=np.ones(3)) @ np.ones((3, 2))
    assert derive("form^T x", "x")(form=np.ones(2), x=np.ones(2)).tolist() == [1, 1]
