"""Rules with every kind of cotangent: scalars, vectors and matrices by scalars, vectors and matrices."""

import numpy as np
import pytest

from matcalc.check.differences import numerical_jacobian
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.diff.differentiate import derivatives, differentiate, gather
from matcalc.diff.forward import pushforward
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate

DECLARE = {"A": "R^{m x n}", "G": "R^{n x m}", "M": "R^{n x n}", "X": "R^{n x n}", "x": "R^n", "y": "R^m", "s": "R", "t": "R",
           "x_i": "R^n", "y_i": "R^p"}

CASES = [
    # expm along a constant matrix, with numbers and scalars in front
    ("expm(t M)", "t"), ("expm(3 t M) x", "t"), ("expm(s t M) x", "t"), ("expm(s t M) x", "s"), ("x^T expm(1/2 s^2 t M) x", "s"),
    ("expm(s t^2 M)", "t"), ("expm(t (M + X)) x", "t"),
    # expm of the variable under a trace, times scalars, vectors and matrices, in several terms
    ("tr(expm(X))", "X"), ("tr(expm(2 X))", "X"), ("tr(expm(t X)) x", "X"), ("tr(expm(X)) A", "X"), ("tr(expm(t A X G))", "X"),
    ("tr(expm(G A)) x", "A"), ("tr(expm(X)) x + t tr(expm(X)) M x", "X"), ("tr(expm(X)) A + tr(expm(X))^2 G^T", "X"),
    ("tr(expm(X)) + t tr(X expm(M))", "X"), ("t tr(expm(t X))", "t"),
    # powers, determinants and normalised exponentials of vectors and matrices of outputs
    ("X^3 x", "X"), ("X^-2", "X"), ("det(X) A", "X"), ("logdet(X) A", "X"), ("logdet(X) x", "X"), ("det(X) x", "X"),
    ("softmax(A x) y^T", "x"), ("softmax(A)", "A"), ("logsumexp(A) x", "A"), ("logsumexp(A x) M", "x"),
    ("sum_{i=1}^N logsumexp(A x_i) y_i", "A"), ("sum_{i=1}^N y_i softmax(A x_i)^T", "A"),
    ("(x .* x).^t", "t"), ("(X .* X).^(1/2 + t^2)", "X"), ("x^T x (A .* A)^T", "A"), ("(x .* x).^(M x)", "x"),
    ("A ((x .* x).^(M x))", "x"), ("A ((x .* x).^t)", "t"), ("A ((x .* x).^(t x))", "t"), ("A (x .* x).^(M x) y^T", "x"),
]


def declared(text: str) -> dict[str, str]:
    """The declarations of the names in a formula."""
    data = "sum_{" in text
    return {n: s for n, s in DECLARE.items() if n in text and (not data or n == "A" or n.endswith("_i"))}


@pytest.mark.parametrize(("text", "wrt"), CASES)
def test_reverse_and_forward(text: str, wrt: str) -> None:
    """Forward there is no derivative of expm(X), as the trace around it is not seen yet."""
    read = elaborate(text, declared(text))
    rng = np.random.default_rng(17)
    sizes = draw_sizes([read.expr, *read.variables.values()], rng)
    point = draw_point(read.variables, sizes, rng)
    output, variable = lower(read.expr), lower(read.variables[wrt])
    expected = numerical_jacobian(read.expr, wrt, point, sizes)
    found = evaluate_tensor(differentiate(output, variable), point, sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    if "expm" in text and wrt.isupper():
        return
    direction = b.var("v", variable.axes)
    along = rng.standard_normal(point[wrt].shape)
    moved = evaluate_tensor(pushforward(output, {variable: direction}), {**point, "v": along}, sizes)
    np.testing.assert_allclose(moved, np.tensordot(expected, along, along.ndim), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("text", ["expm(X)", "tr(M expm(X))", "x^T expm(X) x", "tr(diag(x) expm(X))", "tr(expm(X)) + sum(expm(X))"])
def test_no_closed_form(text: str) -> None:
    read = elaborate(text, declared(text))
    with pytest.raises(NotDifferentiableError, match="no closed form"):
        differentiate(lower(read.expr), lower(read.variables["X"]))


@pytest.mark.parametrize("head", ["partial", "differential"])
def test_what_is_not_worked_out_has_no_rule(head: str) -> None:
    u, v = b.var("u", ()), b.var("v", ())
    waiting = Tensor.make(head, (u, v), (), ())
    with pytest.raises(NotDifferentiableError, match="no rule"):
        differentiate(waiting, u)
    with pytest.raises(NotDifferentiableError, match="no rule"):
        pushforward(waiting, {u: v})


def test_cotangents_that_go_on_to_several_parts_are_shared() -> None:
    read = elaborate("||tanh(A x)||^2 + t s", {"A": "R^{m x n}", "x": "R^n", "t": "R", "s": "R"})
    output = lower(read.expr)
    both = [lower(read.variables[name]) for name in ("A", "x")]
    seen: list[Tensor] = []

    def shared(bar: Tensor) -> Tensor:
        seen.append(bar)
        return bar

    assert derivatives(output, both, shared) == derivatives(output, both)
    assert [bar.rank for bar in seen] == [1]
    seen.clear()
    derivatives(output, both[:1], shared)
    assert not seen


def test_gathered_tensors_are_entries_of_a_last_axis() -> None:
    names = {"A": (2, 3), "B": (2, 3), "C": (2, 3)}
    axes = (Dim.of("m"), Dim.of("n"))
    rng = np.random.default_rng(5)
    point = {name: rng.standard_normal(shape) for name, shape in names.items()}
    found = evaluate_tensor(gather([b.var(name, axes) for name in names]), point, {"m": 2, "n": 3})
    np.testing.assert_array_equal(found, np.stack(list(point.values()), axis=-1))
