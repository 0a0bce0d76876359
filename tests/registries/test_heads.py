"""Every head of both languages has its entry in every table, and the entries work."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.api import derive
from matcalc.check.evaluate import EVALUATORS
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import SIZED_EVALUATORS, TENSOR_EVALUATORS, evaluate_tensor
from matcalc.core.traversal import postorder
from matcalc.diff.differentiate import RULES
from matcalc.emit.latex import LATEX, to_latex
from matcalc.emit.latex_index import INDEX_LATEX, index_to_latex
from matcalc.expr.nodes import HEADS as EXPR_HEADS
from matcalc.expr.nodes import UNEVALUATED as EXPR_UNEVALUATED
from matcalc.expr.text import TEXT_HEADS, to_text
from matcalc.ir.nodes import HEADS as IR_HEADS
from matcalc.ir.nodes import UNEVALUATED as IR_UNEVALUATED
from matcalc.ir.text import to_index
from matcalc.lowering.lower import LOWERINGS
from matcalc.syntax.elaborate import elaborate

LEAVES = {"var", "delta", "ones", "size", "pi", "basis", "embed", "fuse"}
"""Heads of the index language without arguments: the variable that one differentiates by, or constants."""

DECLARE = {"A": "R^{m x n}", "B": "R^{p x q}", "S": "R^{n x n}", "x": "R^n", "y": "R^n", "t": "R", "u": "R",
           "x_n": "R^D", "y_n": "R"}

EXPRESSIONS = {
    "num": "t + 1/3", "pi": "pi t", "dim": "n x", "var": "x", "item": "sum_{n=1}^N x_n", "identity": "S + I",
    "ones": "x + t ones(n)", "zeros": "[x; zeros(n)]", "add": "x + y", "product": "S x", "hadamard": "x .* y",
    "power": "x.^3", "matpow": "S^-1", "transpose": "A^T", "map": "tanh(x)", "tr": "tr(S)", "det": "det(S)",
    "logdet": "logdet(S)", "diag": "diag(x)", "diagonal": "diag(S)", "vec": "vec(A)", "kron": "A ⊗ B",
    "unvec": "unvec(x ⊗ y, n, n)", "commutation": "commutation(m, n) vec(A)",
    "expm": "expm(S)", "sum": "sum(A)", "mean": "mean(A)", "softmax": "softmax(x)", "logsumexp": "logsumexp(x)",
    "norm": "||x||", "norm1": "norm1(x)", "block": "[x; t]", "datasum": "sum_{n=1}^N y_n x_n",
}

# The derivative holds a tensor of the head.
DERIVATIVES = {
    "var": ("A x", "x"), "delta": ("diag(x)", "x"), "ones": ("sum(x) + t", "x"), "size": ("n t + sum(x)", "t"),
    "pi": ("pi t", "t"), "lin": ("x^T S x", "x"), "contract": ("x^T S y", "x"), "map": ("sum(exp(x))", "x"),
    "pow": ("||x||", "x"), "matpow": ("x^T S^-1 y", "x"), "det": ("det(S)", "S"), "logdet": ("t logdet(S)", "t"),
    "expm": ("y^T expm(S) x", "x"), "softmax": ("logsumexp(x)", "x"), "logsumexp": ("logsumexp(x)^2", "x"),
    "basis": ("[t; u]", "t"), "embed": ("[x; t]", "x"), "fuse": ("vec(A)", "A"),
}


def used(text: str) -> dict[str, str]:
    """The declarations of the names in a formula."""
    data = "sum_{" in text
    return {name: space for name, space in DECLARE.items() if name in text and (not data or name.endswith("_n"))}


# ---------------------------------------------------------------- the matrix language
def test_tables_of_the_matrix_language_are_complete() -> None:
    assert set(EXPRESSIONS) == set(EXPR_HEADS)
    assert set(LOWERINGS) == set(EXPR_HEADS)
    for table in (EVALUATORS, LATEX, TEXT_HEADS):
        assert set(table) == set(EXPR_HEADS) | set(EXPR_UNEVALUATED)


@pytest.mark.parametrize("head", EXPR_HEADS)
def test_expression(head: str) -> None:
    expr = elaborate(EXPRESSIONS[head], used(EXPRESSIONS[head])).expr
    assert head in {node.head for node in postorder(expr)}
    text = to_text(expr)
    assert elaborate(text, used(text)).expr is expr
    assert to_latex(expr)


# ---------------------------------------------------------------- the index language
def test_tables_of_the_index_language_are_complete() -> None:
    assert set(IR_HEADS) == set(DERIVATIVES)
    assert set(INDEX_LATEX) == set(IR_HEADS) | set(IR_UNEVALUATED)
    assert {*TENSOR_EVALUATORS, *SIZED_EVALUATORS, "var", "lin", "contract"} == set(IR_HEADS)


def test_every_head_has_a_derivative() -> None:
    assert not set(RULES) & LEAVES
    assert set(RULES) | LEAVES == set(IR_HEADS)


@pytest.mark.parametrize("head", IR_HEADS)
def test_tensor_is_written(head: str) -> None:
    text, wrt = DERIVATIVES[head]
    d = derive(text, wrt, declare=used(text))
    assert head in {node.head for node in postorder(d.tensor)}
    assert to_index(d.tensor)
    assert index_to_latex(d.tensor)


@pytest.mark.parametrize("head", [*IR_HEADS, "data"])
def test_tensor_is_emitted(head: str) -> None:
    text, wrt = DERIVATIVES[head] if head != "data" else ("sum_{n=1}^N (y_n - w^T x_n)^2", "w")
    d = derive(text, wrt, declare=used(text))
    rng = np.random.default_rng(5)
    sizes = draw_sizes((d.expr, *d.variables.values()), rng)
    point = draw_point(d.variables, sizes, rng)
    np.testing.assert_allclose(d(**point), evaluate_tensor(d.tensor, point, sizes), rtol=1e-10, atol=1e-12)
