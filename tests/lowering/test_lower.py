"""Lowered tensors have the value of the expression: both interpreters, at random points with distinct sizes."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import SIZED_EVALUATORS, TENSOR_EVALUATORS, evaluate_tensor
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import HEADS as EXPR_HEADS
from matcalc.ir.nodes import HEADS as IR_HEADS
from matcalc.lowering.lower import LOWERINGS, lower
from matcalc.syntax.elaborate import elaborate

VECTORS = {"x": "R^n", "y": "R^n", "z": "R^m", "A": "R^{m x n}", "B": "R^{p x q}", "S": "R^{n x n}", "t": "R", "u": "R"}
FAMILIES = {"x_n": "R^D", "y_n": "R", "w": "R^D", "W": "R^{K x D}", "A_n": "R^{K x D}", "S": "R^{D x D}", "t": "R"}

PLAIN = [
    "3/4", "pi t", "n t", "t", "x", "A", "I_n", "S + 2 I", "ones(n) + x", "0 x", "x - 2 y + 1", "A + 1", "A x",
    "x^T S y", "x^T y A x", "x^T y z^T A", "x^T y A S A^T z", "x z^T", "A S A^T", "t A x", "x .* y .* x", "t x .* y", "A .* A", "x.^2", "t^u", "x.^t", "x.^y", "t^-2",
    "sqrt(t)", "S^3", "S^-1", "S^-2 x", "A^T", "x^T", "tanh(x)", "max(x, y)", "min(x, t)", "1[x > y]", "1[x >= y]",
    "1[x < 0]", "1[A <= 0]", "erf(A)", "tr(S)", "det(S)", "logdet(S)", "diag(x)", "diag(x) S", "A diag(x)", "diag(S)",
    "expm(S)", "expm(S) x", "sum(A)", "sum(x)", "mean(A)", "mean(x)", "softmax(x)", "softmax(A)", "logsumexp(x)",
    "logsumexp(A)", "||x||", "||A||_F", "||x - y||_1", "norm1(A)",
]
STACKED = [
    "vec(A)", "vec(A)^T", "vec(A)^T vec(A)", "vec(x z^T)", "vec(A S)", "vec(tanh(A))", "vec(diag(x))", "vec(I_n)",
    "vec(kron(A, B))", "A ⊗ B", "x ⊗ z", "x^T ⊗ z^T", "x ⊗ z^T", "x^T ⊗ z", "x ⊗ A", "A ⊗ x", "x^T ⊗ A", "A ⊗ z^T",
    "(S ⊗ A) vec(S)", "commutation(m, n) vec(A)", "commutation(n, m)", "vec(A)^T commutation(n, m) (x ⊗ z)",
    "unvec(x ⊗ z, m, n)", "A unvec(vec(A S)^T, n, m)", "unvec(x ⊗ z, n, m) A", "commutation(m, 2) (z ⊗ [t; u])",
    "(x ⊗ z)^T (x ⊗ z)", "tr(S ⊗ (A^T A))", "kron(I_n, A) vec(S)", "x ⊗ z ⊗ x", "tanh(x ⊗ z)", "sum(A ⊗ B)",
    "diag(x ⊗ z)", "diag(x) ⊗ A", "commutation(1, n)", "commutation(m, 1) z", "vec(x)", "vec(x z^T)^T",
]
BLOCKS = [
    "[t; u; t u]", "[t, u]", "[t, u; u, t^2]", "[x; z]", "[x; t; z]", "[x, y]", "[x^T; y^T]", "[x^T, z^T]", "[A, A S]",
    "[A; z x^T; x^T]", "[A, z; x^T, t]", "[S, x; y^T, t] [y; u]", "[x; z]^T [x; z]", "[x; z] [y; t; u]^T",
    "tanh([x; z])", "[tanh(x); z .* z]", "[x; z] .* [y; z]", "||[x; z]||^2", "sum([A, z])", "tr([S, x; y^T, t])",
    "det([S, x; y^T, t])", "[S, x; y^T, t]^-1", "vec([A, z])", "[x; z] ⊗ y", "softmax([x; z])", "[[x; t], [y; u]]",
    "exp([t, u; u, t])", "[S, x; y^T, t] + I", "[1; 0; t]", "[A, z; x^T, t; S, y]", "[t, x^T, t; z, A, z; u, y^T, t]",
    "[[x; t]; z]", "[z; [x; t]; y; [t; [u; y]]]", "[z, [A, [z, A]]]",
]
DATA = [
    "sum_{n=1}^N y_n", "sum_{n=1}^N (y_n - w^T x_n)^2", "sum_{n=1}^N W x_n", "sum_{n=1}^N x_n x_n^T", "sum_{n=1}^N t", "sum_{n=1}^N w",
    "sum_{n=1}^N sum_{k=1}^N x_n^T x_k", "sum_{n=1}^N (sum_{k=1}^N x_n^T x_k)^2", "sum_{n=1}^N y_n sum_{k=1}^N tanh(x_k + x_n)",
    "sum_{n=1}^N ||W x_n||", "sum_{n=1}^N A_n", "sum_{n=1}^N A_n x_n", "sum_{n=1}^N tr(A_n A_n^T)", "sum_{n=1}^N exp(y_n) x_n", "sum_{n=1}^N x_n .* x_n",
    "sum_{n=1}^N logsumexp(W x_n)", "sum_{n=1}^N softmax(W x_n)", "sum_{n=1}^N y_n softmax(A_n)", "sum_{n=1}^N logsumexp(A_n)",
    "sum_{n=1}^N softmax(x_n)^T S x_n", "sum_{n=1}^N x_n ⊗ w", "sum_{n=1}^N A_n ⊗ W", "sum_{n=1}^N vec(A_n)", "sum_{n=1}^N [y_n; t; y_n^2]",
    "sum_{n=1}^N [x_n; y_n]", "sum_{n=1}^N [x_n, w]", "sum_{n=1}^N [x_n^T; w^T]", "sum_{n=1}^N diag(x_n)", "sum_{n=1}^N diag(x_n x_n^T)",
    "sum_{n=1}^N mean(x_n)", "sum_{n=1}^N norm1(x_n - w)", "sum_{n=1}^N 1[y_n > t]", "sum_{n=1}^N max(x_n, w)", "sum_{n=1}^N y_n^t",
    "sum_{n=1}^N (x_n x_n^T)^2 w", "sum_{n=1}^N (x_n w^T)^3 w", "sum_{n=1}^N (x_n w^T)^2", "sum_{n=1}^N x_n.^y_n", "sum_{n=1}^N y_n / sum_{k=1}^N exp(y_k - y_n)", "sum_{n=1}^N x_n^T S^-1 x_n",
    "1/N sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "sum_{n=1}^N (w + t x_n) y_n",
]
CASES = [*((text, VECTORS) for text in [*PLAIN, *STACKED, *BLOCKS]), *((text, FAMILIES) for text in DATA)]


def used(text: str, declare: dict[str, str]) -> dict[str, str]:
    """The declarations of the names that stand in the formula."""
    return {name: space for name, space in declare.items() if name in text}


@pytest.mark.parametrize(("text", "declare"), CASES, ids=[text for text, _ in CASES])
def test_lowered_value(text: str, declare: dict[str, str]) -> None:
    program = elaborate(text, used(text, declare))
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes([program.expr, *program.variables.values()], rng)
        point = draw_point(program.variables, sizes, rng, positive=seed == 1 or ".^" in text or "^t" in text or "^u" in text)
        expected = evaluate(program.expr, point, sizes)
        value = evaluate_tensor(lower(program.expr), point, sizes)
        assert value.shape == expected.shape
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", ["det(x_n x_n^T + S)", "logdet(x_n x_n^T + S)", "expm(x_n x_n^T)", "(x_n x_n^T + S)^-1"])
def test_functions_of_matrices_that_vary_with_the_data_are_refused(text: str) -> None:
    formula = f"sum_{{n=1}}^N {text}"
    with pytest.raises(NotDifferentiableError, match="varies with the index of a sum over data"):
        lower(elaborate(formula, used(formula, FAMILIES)).expr)


def test_cases_cover_every_head() -> None:
    found = {node.head for text, declare in CASES for node in postorder(elaborate(text, used(text, declare)).expr)}
    assert set(EXPR_HEADS) - found == {"zeros"}


def test_tables_cover_every_head() -> None:
    assert set(LOWERINGS) == set(EXPR_HEADS)
    assert {*TENSOR_EVALUATORS, *SIZED_EVALUATORS, "var", "lin", "contract"} == set(IR_HEADS)
