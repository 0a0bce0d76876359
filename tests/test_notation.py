"""Index notation: derivatives, simplified formulas, the ways between both notations, and what is refused."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import matcalc
from matcalc import derive, simplify, to_index, to_matrix
from matcalc.check.component_report import draw_arrays, draw_sizes
from matcalc.check.components import evaluate_along
from matcalc.core.errors import MatcalcError
from matcalc.formula import IndexFormula
from matcalc.syntax.index_elaborate import elaborate_index

DERIVATIVES = [
    ("sum_j A_ij v_j", "v_k", "A_ik"),
    ("alpha x_j", "x_k", "alpha delta_jk"),
    ("alpha x_j", "x_2", "alpha delta_j2"),
    ("sum_{j,k} x_j A_jk x_k", "x_i", "sum_j (A_ij + A_ji) x_j"),
    ("sum_m W_lm x_m + b_l", "W_jk", "x_k delta_jl"),
    ("sum_m R_mp R_mq", "R_ij", "R_ip delta_jq + R_iq delta_jp"),
    ("sum_j A_ij x_j", "x_i", "A_ii"),
    ("sum_k x_k^2", "x_k", "2 x_k"),
    ("x_k y_k", "x_k", "y_k"),
    ("A_ii", "A_jk", "delta_ij delta_ik"),
    ("sum_i A_ii", "A_jk", "delta_jk"),
    ("sum_i A_ii", "A_jj", "1"),
    ("relu(x_i) y_j", "x_k", "1[x_i > 0] y_j delta_ik"),
    ("sum_l tanh(z_l) where z_l = sum_m W_lm x_m + b_l", "W_jk",
     "(1 - tanh(z_j)^2) x_k where z_l = sum_m W_lm x_m + b_l"),
    ("sum_i z_i y_i where z = tanh(A x + b)", "A_kl", "(1 - z_k^2) x_l y_k where z = tanh(A x + b)"),
    ("exp(x_i)/sum_j exp(x_j)", "x_k", "softmax(x)_i delta_ik - softmax(x)_i softmax(x)_k"),
    ("T_ijk x_k", "x_l", "T_ijk delta_kl"),
    ("det(X)", "X_ij", "det(X) (X^-1)_ji"),
    ("X^{-1}_{ij}", "X_kl", "-(X^-1)_ik (X^-1)_lj"),
    ("A_11 A_22 - A_12 A_21 where A in R^{2 x 2}", "A_12", "-A_21"),
    ("sum_i (x_i - mu)^2", "mu", "2 sum_i (mu - x_i)"),
    ("x_{i'} y_{i'}", "x_j", "y_{i'} delta_{i' j}"),
    ("det([A_ij + B_ij]_ij)", "A_kl", "det([A_ij + B_ij]_ij) ([A_ij + B_ij]_ij^-1)_lk"),
    ("logsumexp([sum_j W_ij x_nj]_i)", "W_kl", "softmax([sum_j W_ij x_nj]_i)_k x_nl"),
    ("sum_n softmax([sum_j W_ij x_nj]_i)_k", "W_pq", None),
    ("sum_ij T_ijk x_i x_j", "x_l", None),
    ("(sum_i x_i^2)^(1/2)", "x_k", None),
    ("sum_n log(sum_k exp(sum_d W_kd X_nd))", "W_ab", None),
    ("logdet(S) + sum_{i,j} S_ij x_i x_j where S in R^{n x n} symmetric", "S_kl", "(S^-1)_kl + x_k x_l"),
    ("sum_i softmax(z)_i y_i where z_i = sum_j W_ij x_j", "W_kl", None),
    ("sum_k 1[i = k + m] A_kj where x in R^m, A in R^{n x p}", "A_pq", None),
    ("sum_j 1[x_j >= y_j] x_j^2", "x_i", None),
    ("x_{12} - theta_i^2/x_3", "x_k", None),
    ("x_i/sum_j x_j", "x_k", "(sum_j x_j)^-1 delta_ik - (sum_j x_j)^-2 x_i ones_k"),
    ("-sum_i y_i log(p_i) where p_i = exp(z_i)/sum_j exp(z_j)", "z_k", None),
    ("sum_i v_i h_i where h_i = tanh(a_i), a_i = sum_j W_ij x_j + b_i", "W_pq",
     "(1 - h_p^2) v_p x_q where a_i = sum_j W_ij x_j + b_i, h_i = tanh(a_i)"),
]


@pytest.mark.parametrize(("text", "wrt", "printed"), DERIVATIVES)
def test_derivative(text: str, wrt: str, printed: str | None) -> None:
    d = derive(text, wrt, notation="index")
    if printed is not None:
        assert str(d) == printed
    report = d.check()
    assert report.passed, report
    if "where m in N" not in str(d):  # a size that no array has: there is no code
        assert_reads_again(d)


def assert_reads_again(d: IndexFormula) -> None:
    """What is printed, read again, has the same value at all values of its indices, and prints the same."""
    declare = {n: d.space(n) for n in d.arrays}
    again = elaborate_index(str(d), declare)
    rng = np.random.default_rng(3)
    sizes = draw_sizes(again, d.wrt, rng) | draw_sizes(elaborate_index(d.source.text), d.wrt, rng)  # type: ignore[union-attr]
    point = draw_arrays(d.arrays, sizes, rng, positive=True)
    value = np.asarray(d(**point))
    np.testing.assert_allclose(evaluate_along(again, point, sizes, d.indices, value.shape), value, rtol=1e-9, atol=1e-12)


SIMPLIFIED = [
    ("sum_i delta_ik A_ij", "A_kj"),
    ("sum_i sum_j A_ij delta_lm B_il", "delta_lm sum_{i, j} A_ij B_il"),
    ("sum_l 1[u_i > 0] x_k delta_il delta_jl", "1[u_i > 0] x_k delta_ij"),
    ("sum_{i,j} delta_ij A_ij", "sum_i A_ii"),
    ("sum_i delta_i2 x_i", "x_2"),
    ("sum_{i=1}^3 delta_ii", "3"),
    ("sum_{i=1}^n alpha", "alpha n where n in N"),
    ("delta_ij delta_jk", "delta_ij delta_ik"),
    ("sum_j (A_ij x_j - A_ij x_j)", "0"),
    ("x_i + x_i", "2 x_i"),
    ("A_ij B_jk C_kl", None),
    ("2 T_{p s i}", "2 T_{p s i}"),
    ("2 A_{μ'ν}", r"2 A_{\mu' \nu}"),
    ("2 sum_ν A_{αν}", r"2 sum_{\nu} A_{alpha \nu}"),
]


@pytest.mark.parametrize(("text", "printed"), SIMPLIFIED)
def test_simplified(text: str, printed: str | None) -> None:
    found = simplify(text, notation="index")
    if printed is not None:
        assert str(found) == printed
    assert found.check().passed


@pytest.mark.parametrize(("text", "wrt", "explicit"), [
    ("A_ij v_j", "v_k", "sum_j A_ij v_j"),
    ("x_i A_ij x_j", "x_k", "sum_{i,j} x_i A_ij x_j"),
    ("A_ii", "A_jk", "sum_i A_ii"),
    ("A_ij B_jk + x_j y_j C_ik", "B_pq", "sum_j A_ij B_jk + (sum_j x_j y_j) C_ik"),
    ("(x_i + y_i) z_i", "x_k", "sum_i (x_i + y_i) z_i"),
    ("tanh(x_i) tanh(x_i)", "x_k", "sum_i tanh(x_i) tanh(x_i)"),
    ("sum_j A_ij v_j w_i", "v_k", "sum_{i,j} A_ij v_j w_i"),
])
def test_summation_convention(text: str, wrt: str, explicit: str) -> None:
    found = derive(text, wrt, notation="index", einstein=True)
    assert found.tensor is derive(explicit, wrt, notation="index").tensor
    assert found.check().passed


def test_squares_of_components_are_not_summed() -> None:
    assert str(simplify("x_i^2 + y_i", notation="index", einstein=True)) == "x_i^2 + y_i"


def test_axes_are_the_free_indices_then_those_of_wrt() -> None:
    d = derive("sum_m R_mp R_mq", "R_ij", notation="index")
    assert d.indices == ("p", "q", "i", "j")
    assert d.shape == ("r", "r", "n", "r") and d.shapes == {"R": "R^{n x r}"}
    rng = np.random.default_rng(0)
    r = rng.normal(size=(2, 3))
    wanted = np.einsum("jp,iq->pqij", np.eye(3), r) + np.einsum("jq,ip->pqij", np.eye(3), r)
    np.testing.assert_allclose(d(R=r), wanted)


def test_higher_orders() -> None:
    h = derive("sum_{j,k} x_j A_jk x_k", "x_i", 2, notation="index")
    assert h.indices == ("i", "j") and str(h) == "A_ij + A_ji"
    assert str(derive("sum_i x_i^3", ["x_p", "x_2"], 2, notation="index")) == "6 x_p delta_p2"
    assert str(derive("x_i^3", "x_i", 2, notation="index")) == "6 x_i"
    assert h.check().passed


def test_properties_are_used_after_differentiating() -> None:
    found = derive("sum_{i,j} x_i S_ij x_j", "x_k", declare={"S": "R^{n x n} symmetric"}, notation="index")
    assert str(found) == "2 sum_i S_ik x_i" or str(found.to_matrix()) == "2 x^T S"
    assert found.check().passed


@pytest.mark.parametrize(("index", "matrix"), [
    ("sum_j A_ij v_j", "A v"), ("sum_i x_i y_i", "x^T y"), ("x_i y_j", "x y^T"), ("A_ji", "A^T"),
    ("sum_{i,j} x_i A_ij x_j", "x^T A x"), ("delta_ij", "I"), ("sum_k A_ik B_kj", "A B"), ("sum_i A_ii", "tr(A)"),
    ("(sum_i x_i^2)^(1/2)", "||x||"), ("x_i y_i", "x .* y"),
])
def test_to_matrix(index: str, matrix: str) -> None:
    found = to_matrix(index)
    assert str(found).startswith(matrix)
    assert found.check().passed and found.to_index().check().passed
    assert str(to_matrix(str(found.to_index()))) == str(found)


def test_to_index() -> None:
    assert str(to_index("x^T A x")) == "sum_{i, j} x_i A_ij x_j"
    assert str(to_index("tanh(A x + b)")) == "tanh(z_i) where z = A x + b"


def test_simplify_in_the_matrix_language() -> None:
    found = simplify("A x + A^T x + 0 x")
    assert str(found) == "(A + A^T) x" and found.check().passed
    assert found.latex() == r"(A + A^{\top}) x" and found.index() == "sum_j (A_ij + A_ji) x_j"


def test_results_without_matrix_form() -> None:
    with pytest.raises(matcalc.ShapeError, match="3 axes"):
        derive("sum_m W_lm x_m", "W_jk", notation="index").to_matrix()
    with pytest.raises(matcalc.ShapeError, match="`T` has 3 axes"):
        to_matrix("sum_{j,k} T_ijk x_j x_k")
    cycles = "sum_{i, j, k, l} A_ij B_ik C_il E_jl D_jk F_kl"  # each index in three matrices
    assert str(simplify(cycles, notation="index")) == cycles
    assert str(derive(cycles, "C_pq", notation="index")) == "sum_{i, j} A_{p i} E_iq D_ij B_pj F_jq"
    with pytest.raises(matcalc.MatcalcError):
        to_matrix(cycles)


SAME = [
    ("A_ij", "A_{ij}", "A_{i,j}", "A_{i j}", "Aᵢⱼ", r"\mathbf{A}_{ij}", r"A_{i\,j}"),
    ("delta_ij", "δ_ij", r"\delta_{ij}", "I_ij"),
    ("sum_j A_ij x_j", r"\sum_j A_{ij} x_j", "∑_j A_ij x_j", "Σ_j A_ij x_j", r"\sum_{j} A_{ij} \cdot x_{j}", "sum_{j} A_ij*x_j"),
    ("sum_{j,k} A_ij B_jk", "sum_jk A_ij B_jk", "sum_j sum_k A_ij B_jk", r"\sum_{j k} A_{ij} B_{jk}"),
    ("W1_ij", "W^{(1)}_{ij}", "W^{(1)}_ij", "W_{ij}^{(1)}", "W_1_ij"),
    ("x_2", "x_{2}", "x₂"),
    ("A_{mu nu}", r"A_{\mu \nu}", "A_{mu,nu}", "A_{μν}"),
    ("x_{max}_i", "x_{max}_{i}"),
    ("A_2j", "A_{2j}", "A_{2,j}", "A_{2 j}"),
    ("x_i^2", "x_i²", "x_i^{2}", "x_i x_i"),
    ("x_alpha", r"x_\alpha", "x_α", "x_{alpha}"),
    ("|x_i|", "abs(x_i)", r"\lvert x_i \rvert"),
    (r"\tanh z_i", "tanh(z_i)"),
    ("e^{x_i}", "exp(x_i)", "e^(x_i)"),
    (r"1[x_i > 0] y_j", r"\mathbb{1}[x_i > 0] y_j", r"\mathbb{1}_{x_i > 0} y_j"),
    (r"\frac{1}{2} x_i", "1/2 x_i", "x_i/2", "0.5 x_i"),
    ("(A^-1)_ij", "A^{-1}_{ij}", "inv(A)_ij", "A^-1_ij"),
    ("2 A^T_ij", "2A^T_ij", "2 A_ji"),
    ("2det(A) x_i", "2 det(A) x_i"),
    ("2^x_k + 2", "2^(x_k) + 2"),
    ("(A x)_i", "sum_j A_ij x_j", r"\left(A x\right)_i"),
    ("A^T_ij", "A_ji", r"A^{\top}_{ij}"),
]


@pytest.mark.parametrize("texts", SAME)
def test_spellings(texts: tuple[str, ...]) -> None:
    declare = {"A": "R^{n x n}"} if "A^" in texts[0] or "inv" in "".join(texts) else None
    first, *others = (simplify(text, declare, notation="index") for text in texts)
    for other in others:
        assert other.indices == first.indices
        assert other.tensor is first.tensor


REFUSED = [
    ("sum_j A_ij v_j + b_j", "ShapeError", "different free indices"),
    ("x_j sum_j A_ij x_j", "DeclarationError", "summed in one place and stands free"),
    ("sum_j sum_j x_j", "DeclarationError", "bound twice"),
    ("sum_{j,j} A_jj", "DeclarationError", "twice below one sum"),
    ("alpha_i where alpha in R", "ShapeError", "is a scalar"),
    ("delta_i x_i", "ShapeError", "two indices, not 1"),
    ("delta_ijk", "ShapeError", "two indices, not 3"),
    ("foo(x_i)", "UnknownFunctionError", "not a function"),
    ("sum_{} x_i", "ParseError", "over indices"),
    ("sum x_i", "ParseError", "brackets"),
    (r"\sum x_i", "ParseError", "does not say over which"),
    ("sum(x_i)", "DeclarationError", "whole arrays"),
    ("sum_{i=0}^n x_i", "ParseError", "starts at 1"),
    ("sum_{i=1} x_i", "ParseError", "where it ends"),
    ("sum_{i<j} A_ij", "ParseError", "all values"),
    ("sum_{n=1}^n x_n", "ParseError", "both the index and the end"),
    ("A_ij + A_i", "ShapeError", "two indices, and one"),
    ("A_i^T", "ParseError", "no transpose"),
    ("x_i'", "ParseError", "primed"),
    ("x^2_i", "ParseError", "indices stand right after"),
    ("x_{i+1}", "ParseError", "no list of indices"),
    ("x_0", "ParseError", "count from 1"),
    ("i x_i", "DeclarationError", "used as a number"),
    ("sum_i i x_i", "DeclarationError", "used as a number"),
    ("x_ix_j", "ParseError", "one subscript or two"),
    ("A_ijx_j", "ParseError", "one subscript or two"),
    ("A_i_j", "ParseError", "one subscript or two"),
    ("sum_{i=1}^N sum_{j=1}^i A_ij", "DeclarationError", "a sum ends at a size"),
    ("x_i where x in R^n, n = 3", "DeclarationError", "is a size"),
    ("x_{12} - y_i^2/x", "ShapeError", "`x` has one index, and no index here"),
    ("sum_j 1[ji = k] x_j", "ParseError", "no index"),
    ("x_{a=b}_i", "ParseError", "no part of a name"),
    ("A_12 + A_21", "ParseError", "positions 1,2 or the position 12"),
    ("x_4 where x in R^3", "ShapeError", "does not exist"),
    ("sum_j A_ij x_j where A in R^{2 x 3}, x in R^2", "ShapeError", "cannot run to both"),
    ("sum_{j=1}^2 x_j where x in R^3", "ShapeError", "cannot run to both"),
    ("||x_i||", "ParseError", "whole arrays"),
    ("A x_i + A_ij", "ShapeError", "two indices"),
    ("x_i / 0", "ParseError", "division by zero"),
    ("x_i +", "ParseError", "ends too soon"),
    ("(x_i", "ParseError", "never closed"),
    ("", "ParseError", "empty"),
    ("z_i where z_i = z_i + 1", "DeclarationError", "defined by itself"),
    ("z_i where z_i = sum_j A_ij x_j + b_k", "ShapeError", "different free"),
    ("z_i where z_i = A_ij x_j", "DeclarationError", "alone"),
    ("z_i where z_i = x_i, z_j = y_j", "DeclarationError", "defined twice"),
    ("x_i where A", "DeclarationError", "neither defined nor declared"),
    ("x_i where delta_ij = x_i x_j", "DeclarationError", "constant"),
    ("sum_j 1[i = j = k]", "ParseError", "did not expect"),
    ("log_2(x_i)", "UnknownFunctionError", "natural"),
    ("max_i x_i", "ParseError", "no max over an index"),
    ("det([A_ijk]_ijk)", "ShapeError", "square matrices"),
    ("[x_i]_i", "ShapeError", "function of arrays"),
    ("(A b_i)_k", "DeclarationError", "whole arrays"),
    ("softmax(A)_i where A in R^{m x n}", "ShapeError", "two indices, and one"),
    ("(" * 500 + "x_i" + ")" * 500, "LimitError", "deeper"),
    ("x_i where x in R^n, x in R^m", "DeclarationError", "declared twice"),
    ("x_{ijklpqrstuvwabcdefg}", "ParseError", "more than 16"),
    ("\ue000", "ParseError", "means nothing"),
]


@pytest.mark.parametrize(("text", "kind", "words"), REFUSED)
def test_refused(text: str, kind: str, words: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        simplify(text, notation="index")
    assert type(caught.value).__name__ == kind, caught.value
    assert words in str(caught.value)


@pytest.mark.parametrize(("text", "wrt", "words"), [
    ("sum_j A_ij v_j", "w_k", "does not occur"), ("sum_j A_ij v_j", "v", "one index, and no index"),
    ("sum_j A_ij v_j", "v_jk", "one index, and two"), ("x_i where x in R^3", "x_4", "does not exist"),
    ("z_i where z_i = 2 x_i", "z_k", "definition"), ("x_i", "x_i + 1", "no component"), ("x_i", "", "no component"),
    ("x_i", ["x_j", "x_k"], "no component"),
])
def test_refused_choice_of_component(text: str, wrt: str, words: str) -> None:
    with pytest.raises(MatcalcError, match=words):
        derive(text, wrt, notation="index")


def test_refused_options() -> None:
    for options in ({"notation": "tensor"}, {"einstein": True}, {"notation": "index", "layout": "denominator"},
                    {"notation": "index", "structured": "entries"}, {"notation": "index", "order": 0}):
        with pytest.raises(matcalc.DeclarationError):
            derive("x_i", "x_j", **options)  # type: ignore[call-overload]


def test_scalars_with_the_letters_of_indices() -> None:
    assert str(derive("k x_i", "x_j", notation="index")) == "k delta_ij"
    assert str(derive("sum_i i_j x_i", "x_k", notation="index")) == "i_j"


@pytest.mark.slow
def test_simplify_is_the_function_whatever_was_imported_before() -> None:
    script = ("import matcalc.simplify.factor, matcalc; from matcalc import simplify; "
              "from matcalc.simplify.expand import expand; print(simplify('A x + A x'), callable(matcalc.simplify))")
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "2 A x True\n"
