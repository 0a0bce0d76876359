"""LaTeX of index notation: golden strings, a complete table, names that do not clash."""

import pytest

from matcalc.core.dims import Dim
from matcalc.diff.differentiate import differentiate
from matcalc.emit.latex_index import INDEX_LATEX, axis_names, index_to_latex
from matcalc.ir import build as b
from matcalc.ir.nodes import HEADS, UNEVALUATED, Tensor
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate

DECLARE = {"A": "R^{m x n}", "B": "R^{n x n}", "C": "R^{n x n}", "x": "R^n", "y": "R^n", "b": "R^m", "t": "R"}
M, N = Dim.of("m"), Dim.of("n")

GOLDEN = [
    ("A x", None, r"\sum_{j} A_{ij} x_{j}"),
    ("A x", "A", r"\delta_{ij} x_{k}"),
    ("x^T B x", "x", r"\sum_{j} B_{ij} x_{j} + \sum_{j} B_{ji} x_{j}"),
    ("tanh(A x + b)", "x", r"\left(1 - \tanh^{2}\left(\sum_{k} A_{ik} x_{k} + b_{i} \right) \right) A_{ij}"),
    ("B C B", None, r"\sum_{k,l} B_{ik} C_{kl} B_{lj}"),
    ("B diag(x) C", "x", r"B_{ik} C_{kj}"),
    ("B^-1", "B", r"-(B^{-1})_{ik} (B^{-1})_{lj}"),
    ("logdet(B)", "B", r"(B^{-1})_{ji}"),
    ("det(B + C)", None, r"\det(B + C)"),
    ("(x^T B x) / (x^T x)", None, r"\frac{\sum_{i,j} x_{i} B_{ij} x_{j}}{\sum_{i} x_{i}^{2}}"),
    ("logdet(A^T A)", None, r"\operatorname{logdet}(A^{\top} A)"),
    ("(B + C)^-1 x", None, r"\sum_{j} ((B + C)^{-1})_{ij} x_{j}"),
    ("softmax(B x)", None, r"\operatorname{softmax}(B x)_{i}"),
    ("logsumexp(x)", None, r"\operatorname{logsumexp}(x)"),
    ("x / ||x||", None, r"\frac{x_{i}}{\sqrt{\sum_{j} x_{j}^{2}}}"),
    ("x ./ y.^2", None, r"\frac{x_{i}}{y_{i}^{2}}"),
    ("relu(x)", "x", r"\mathbb{1}[x_{i} > 0] \delta_{ij}"),
    ("max(x, y)", None, r"\max(x_{i}, y_{i})"),
    ("abs(x)", None, r"\lvert x_{i} \rvert"),
    ("t x^T y", None, r"t \sum_{i} x_{i} y_{i}"),
    ("1/2 t x", None, r"\frac{1}{2} t x_{i}"),
    ("x / (2 t)", None, r"\frac{x_{i}}{2 t}"),
    ("mean(x)", None, r"\frac{1}{n} \sum_{i} x_{i}"),
    ("(x^T y) (x^T x)", None, r"\left(\sum_{i} x_{i} y_{i} \right) \sum_{i} x_{i}^{2}"),
    ("2 - x", None, r"2 - x_{i}"),
    ("0 x", None, "0"),
]


def tensor(text: str, wrt: str | None = None) -> Tensor:
    program = elaborate(text, DECLARE)
    found = lower(program.expr)
    return found if wrt is None else differentiate(found, lower(program.variables[wrt]))


@pytest.mark.parametrize(("text", "wrt", "latex"), GOLDEN)
def test_golden(text: str, wrt: str | None, latex: str) -> None:
    assert index_to_latex(tensor(text, wrt)) == latex


def test_every_head_has_an_entry() -> None:
    assert set(INDEX_LATEX) == set(HEADS) | set(UNEVALUATED)


def test_constant_tensors() -> None:
    assert index_to_latex(b.delta(N)) == r"\delta_{ij}"
    assert index_to_latex(b.ones((N, M))) == "1"
    assert index_to_latex(b.const(3)) == "3"
    assert index_to_latex(b.size(N)) == "n"
    assert index_to_latex(Tensor.make("pi", (), (), ())) == r"\pi"
    assert index_to_latex(Tensor.make("basis", (), (Dim.of(1),), (N,))) == r"\delta_{i2}"
    assert index_to_latex(Tensor.make("basis", (), (M,), (M + N,))) == r"(e_{1 + m})_{i}"
    assert index_to_latex(Tensor.make("embed", (), (M,), (N, M + N))) == r"\delta_{j,\,i + m}"
    assert index_to_latex(Tensor.make("fuse", (), (), (M * N, N, M))) == r"\delta_{i,\,k + m (j - 1)}"


def test_functions_along_leading_axes() -> None:
    z = b.var("Z", (M, N))
    assert index_to_latex(Tensor.make("softmax", (z,), (1,), (M, N))) == r"\operatorname{softmax}([Z_{ik}]_{k})_{j}"
    assert index_to_latex(Tensor.make("logsumexp", (z,), (1,), (M,))) == r"\operatorname{logsumexp}([Z_{ij}]_{j})"
    assert index_to_latex(Tensor.make("softmax", (z,), (0,), (M, N))) == r"\operatorname{softmax}(Z)_{ij}"


def test_arrays_without_matrix_notation_show_an_entry() -> None:
    x = b.var("x", (N,))
    y = b.contract([(b.var("A", (N, N)), ("i", "i")), (x, ("i",))], ("i",))
    assert index_to_latex(Tensor.make("softmax", (y,), (), (N,))) == r"\operatorname{softmax}([x_{j} A_{jj}]_{j})_{i}"
    inverse = b.matpow(b.multiply(b.var("A", (N, N)), b.var("B", (N, N))), -1)
    assert index_to_latex(inverse) == r"([A_{kl} B_{kl}]_{kl}^{-1})_{ij}"


def test_letters_of_variables_and_sizes_are_left_alone() -> None:
    i, k = b.var("i", (N,)), b.size(Dim.of("k"))
    found = b.contract([(i, ("a",)), (b.var("A", (N, N)), ("a", "b")), (k, ())], ("b",))
    assert axis_names(found) == ("j",)
    assert index_to_latex(found) == r"k \sum_{l} A_{lj} i_{l}"
    assert index_to_latex(found, ["q"]) == r"k \sum_{j} A_{jq} i_{j}"


def test_names_with_subscripts_are_bracketed() -> None:
    program = elaborate("W1 x", {"W1": "R^{m x n}", "x": "R^n"})
    assert index_to_latex(lower(program.expr)) == r"\sum_{j} (W_{1})_{ij} x_{j}"


def test_many_indices() -> None:
    node = b.contract([(b.var(f"x{n}", (N,)), (n,)) for n in range(30)], tuple(range(30)))
    assert "_{j'}" in index_to_latex(node)


def test_deep_tensors_need_no_recursion() -> None:
    node, t = b.var("x", (N,)), b.var("t", ())
    for _ in range(1_000):
        node = b.apply("tanh", b.multiply(t, b.apply("exp", node)))
    assert index_to_latex(node).count(r"\tanh") == 1_000
