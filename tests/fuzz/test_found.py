"""What random cases brought to light, each reduced to the least formula that shows it; the seed is that of the case."""

from __future__ import annotations

import re
from time import process_time

import numpy as np
import pytest

from matcalc import vjp
from matcalc.api import derive, parse
from matcalc.check.report import Form, check_derivative
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.errors import NotDifferentiableError, ShapeError
from matcalc.expr.text import to_text
from matcalc.syntax.index_elaborate import elaborate_index
from tests.fuzz.case import make
from tests.fuzz.pool import point_of
from tests.fuzz.ways import compare, in_index_notation

FOUND = {
    1000015: ("unvec(kron(diag(W), y), p, n) B^-1 z", "z", {"W": "R^{p x p}", "y": "R^n"}),
    1000005: ("A^T", "A", {"A": "R^{n x n q + 2 q}"}),
    1000055: ("2 A", "A", {"A": "R^{m n x 2 m n + 1}"}),
    1000032: ("mean(L + ones(p p, m))", "L", {"L": "R^{p p x m}"}),
    1000173: ("A expm(s I_m) C", "C", {"C": "R^{m x q}", "s": "R"}),
    1000347: ("x.^(sin(y))", "x", {"x": "R^n", "y": "R^n"}),
    1000402: ("diag(unvec(C ones(q), n, n)) z^T w + A w", "w", {"C": "R^{n n x q}", "w": "R^p", "A": "R^{n x p}"}),
    2000437: ("vec((A^T.^(B^T))^T) s", "s", {"A": "R^{q x m} positive", "B": "R^{q x m}"}),
    2000438: ("s max(A^T, B)", "s", {"A": "R^{q x m}", "B": "R^{m x q}"}),
    101000312: ("(Sigma y)^T diag(unvec(z, m, m)) x", "x", {"Sigma": "R^{m x q}", "y": "R^q", "z": "R^{m m}", "x": "R^p"}),
    102000530: ("(A sum_{i=1}^N V_i)^-1 (sum_{i=1}^N Z_i) z", "z",
                {"A": "R^{n x q}", "V_i": "R^{q x n}", "Z_i": "R^{n x m}", "z": "R^m"}),
    20261181784526: ("sum(A + ones(1) ones(n)^T) A", "A", {"A": "R^{1 x n}"}),
    2000024: ("x/logdet(Q + 2 I)", "x", {"x": "R^{m + n}", "Q": "R^{p x p}"}),
}


@pytest.mark.parametrize("seed", FOUND)
def test_code_and_printed_forms(seed: int) -> None:
    text, wrt, declare = FOUND[seed]
    d = derive(text, wrt, declare=declare)
    forms = [Form(way, parse(form, declare).expr) for way, form in (("text", str(d)), ("LaTeX", d.latex())) if d.matrix is not None]
    report = check_derivative(d.expr, d.variables, d.wrt, lambda point: np.asarray(d(**point)), forms=forms)
    assert report.passed, report


@pytest.mark.parametrize("text", ["diag(expm(B))^T x", "tr(diag(x) expm(B))", "x .* diag(expm(B)) + tr(expm(B)) x"])
def test_a_weighted_trace_of_an_exponential_has_no_closed_form(text: str) -> None:
    """Seed 1000285: the derivative that was given for it holds for the plain trace alone."""
    with pytest.raises(NotDifferentiableError):
        derive(text, "B")


def test_powers_of_sizes() -> None:
    """Seed 1000460: LaTeX writes m m as a power."""
    assert parse(r"\operatorname{unvec}(x, q, m^{2})").expr is parse("unvec(x, q, m m)").expr
    assert parse("ones(n^2)").expr is parse("ones(n n)").expr


@pytest.mark.parametrize(("text", "size"), [
    ("I_{2 q} x", "2 q"), ("I_{2q} x", "2 q"), ("I_{m + n} x", "m + n"), (r"\mathbf{I}_{m+1} x", "1 + m"), ("I_{m n} x", "m n"),
])
def test_sizes_of_identities(text: str, size: str) -> None:
    program = parse(text)
    assert {name: str(v.shape) for name, v in program.variables.items()} == {"x": f"R^{{{size}}}"}
    assert to_text(parse(f"tr({text.removesuffix(' x')})").expr) == f"tr(I_{{{size}}})"


@pytest.mark.parametrize("text", [
    "log(1 + sum((x + x).^2)) softmax(x + x)^T diag(softmax(x)) (x + y - 3)",
    "tanh(sum(x + x) + sum(x + x)^3) sum((x + y + 1).^3)",
])
def test_a_sum_of_equal_terms_is_no_part_of_another(text: str) -> None:
    """Seed 105000666: x + y - 3 was printed as z + y - 3 where z = x + x."""
    declare = {"x": "R^n", "y": "R^n"}
    d = derive(text, "x", declare=declare)
    forms = [Form("text", parse(str(d), declare).expr, d.is_turned)]
    report = check_derivative(d.expr, d.variables, d.wrt, lambda point: np.asarray(d(**point)), forms=forms)
    assert report.passed, report


@pytest.mark.parametrize("text", ["softmax(sum_{i=1}^N H_i x_i)^T A^2 z", "||sum_{i=1}^N H_i x_i||^2", "sum_{i=1}^N z^T atan(H_i x_i)",
                                  "sum_{i=1}^N tanh(H_i x_i)^T A exp(H_i x_i)"])
def test_derivations_by_a_family(text: str) -> None:
    """Seeds 105000590 and 20261181786980: a differential was taken to run over the data as the family does; parts whose second
    axis counts data were no family."""
    spaces = {"H_i": "R^{q x p}", "x_i": "R^p", "A": "R^{q x q}", "z": "R^q"}
    assert derive(text, "H", declare={name: space for name, space in spaces.items() if name in text}).steps().check().passed


def test_indices_of_latex_are_no_sizes() -> None:
    """Seed 105001069: p stood for an index and for a size."""
    d = derive("diag(B unvec(kron(ones(p), 1 ./ z), p, n) w)", "z", declare={"B": "R^{n x p}", "z": "R^n", "w": "R^n"})
    assert d.matrix is not None or not re.search(r"sum_\{[^}]*p", d.latex())


@pytest.mark.parametrize("text", ["softplus(1) x^2", "softplus(2 pi) x^2", "softplus(n) x^2 + sum(y)", "logsumexp(2) x",
                                  "sum(y .* softplus(ones(n))) x", "logsumexp(x^2)"])
def test_functions_of_numbers_in_code(text: str) -> None:
    """Seed 106001029: code took the argument of softplus for an array."""
    d = derive(text, "x", declare={"x": "R", "y": "R^n"})
    assert d.check().passed


@pytest.mark.parametrize("function", ["det(S)", "logdet(S)", "x^T S^-1 x", "tr(S^-2)"])
@pytest.mark.parametrize("matrix", ["A .* B .* C", "A .* B^T .* C .* A^T .* B", "(A .* B .* C) A", "A (B .* B^T)"])
def test_products_of_entries_are_no_products_of_matrices(function: str, matrix: str) -> None:
    """Seed 106001349: the inverse and the determinant of A .* B .* C were those of A B^T C."""
    d = derive(f"{function} where S = {matrix}", "A", declare=dict.fromkeys("ABC", "R^{n x n}") | {"x": "R^n"})
    assert d.check().passed


IN_INDICES = {
    104000321: ("det([s, 2; t, y^T z])^2", "y", {"s": "R", "t": "R", "y": "R^p", "z": "R^p"}),
    104000324: ("(B + 2 I_p)^-1 diag(A) (A w)^T", "w", {"A": "R^{p x p}", "B": "R^{p x p}", "w": "R^p"}),
    104000325: ("tanh((sum_{i=1}^N V_i^T) A)", "A", {"V_i": "R^{n x m}", "A": "R^{n x m}"}),
    104000373: ("||unvec(kron(tanh(x), w - w + 1/2), m, n)||_1", "x", {"x": "R^n", "w": "R^m"}),
    104000390: ("det([s, sum_{i=1}^N v^T z_i; s^2, 3]) t", "s", {"s": "R", "t": "R", "v": "R^m", "z_i": "R^m"}),
    104000449: ("||w .* sum_{i=1}^N diag(unvec(softplus(x_i), p, p))||^3", "x", {"x_i": "R^{p p}", "w": "R^p"}),
    9000000: ("beta (b^T b) [A^-1 u; abs(x)]^T", "beta", {"beta": "R^m", "b": "R^m", "A": "R^{n x n}", "u": "R^n", "x": "R^p"}),
    106001469: ("A unvec(M (x z^T + 2 I_{m q})^-1 w, q, m)^T B", "w",
                {"A": "R^{m x m}", "B": "R^{q x q}", "x": "R^{m q}", "z": "R^{m q}", "w": "R^{m q}", "M": "R^{m q x m q}"}),
    20261181784222: ("softmax(A (1[s > x] .* x) + vec(B))^T z", "z",
                     {"A": "R^{p q x n}", "s": "R", "x": "R^n", "B": "R^{p x q}", "z": "R^{p q}"}),
    106000700: ("unvec(A x, 2, m) ones(m) t", "t", {"A": "R^{2 m x p}", "x": "R^p", "t": "R"}),
    20261181785194: ("(sqrt(1 + zeros(n, n)) + 2 I_n)^-1 y", "y", {"y": "R^n"}),
    20261181786128: ("B logsumexp((sum_{i=1}^N (H_i ./ H_i) A + 2 I_n)^-2)", "B", {"B": "R^{m x p}", "H_i": "R^{n x m}", "A": "R^{m x n}"}),
    20261181787195: ("unvec(x, n, n) ones(n, m) diag(A.^3)", "x", {"x": "R^{n n}", "A": "R^{m x m}"}),
    20261181787401: ("sum(unvec([h; x], 2, p) - Y)", "x", {"h": "R^p", "x": "R^p", "Y": "R^{2 x p}"}),
    20261181787569: ("tanh(s/(1 + s^2) softmax([x; u])) s", "s", {"s": "R", "x": "R^m", "u": "R^q"}),
    20261181788137: ("exp(x).^(det(A)^(norm(I_4)))", "x", {"x": "R^m", "A": "R^{q x q}"}),
    20261181789560: ("diag(unvec(x, q, p) ones(p))", "x", {"x": "R^{p q}"}),
    20261181790478: ("expm(M)^-1 x", "x", {"M": "R^{q x q} diagonal", "x": "R^q"}),
    20261181791491: ("inv(A + A - 3) [ones(p); x]", "A", {"A": "R^{2 p x 2 p}", "x": "R^p"}),
    20261181792467: ("[softmax(x)/norm1(y); (1 - A + A) z]", "z", {"x": "R^m", "y": "R^p", "A": "R^{q x n}", "z": "R^n"}),
    104000501: ("sum((s^2 ones(n)).^x)", "x", {"s": "R positive", "x": "R^n"}),
}


@pytest.mark.parametrize("seed", IN_INDICES)
def test_index_notation_reads_again(seed: int) -> None:
    text, wrt, declare = IN_INDICES[seed]
    d = derive(text, wrt, declare=declare)
    sizes = {name: 2 + n for n, name in enumerate(sorted({n for v in d.variables.values() for a in v.shape.dims for n in a.names}))}
    point = point_of(list(d.variables.values()), {**sizes, "N": 5}, seed)
    expected = evaluate_tensor(d.tensor, point, {**sizes, "N": 5})
    np.testing.assert_allclose(in_index_notation(d, point, {**sizes, "N": 5}), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("text", ["atan(logdet(max(L, G^T)))", "||1 - exp(L G)||_1^2", "tr(relu(L G) relu(L G))"])
def test_signs_of_second_derivatives_in_index_notation(text: str) -> None:
    """Seed 20261181786796: -(u - 1) (v - 1) was printed without its sign."""
    d = derive(text, "G", 2, {"L": "R^{n x n}", "G": "R^{n x n}"})
    point = point_of(list(d.variables.values()), {"n": 2}, 1)
    np.testing.assert_allclose(in_index_notation(d, point, {"n": 2}), np.asarray(d(**point)), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("text", "expected"), [
    ("(A + A) y", "2 A"), ("(A + A - 3 I)^-1 y", "(2 A - 3 I)^-1"), ("x .* x .* y", "diag(x.^2)"), ("tanh(s s t) y", "tanh(t s^2) I_n"),
    ("(2 A - A + B) y", "A + B"), ("(A + B + A) y", "2 A + B"),
])
def test_what_is_kept_as_written_has_like_terms_collected(text: str, expected: str) -> None:
    """Seed 20261181792467: A + A was kept, being as short as 2 A."""
    spaces = {"A": "R^{n x n}", "B": "R^{n x n}", "x": "R^n", "y": "R^n"}
    d = derive(text, "y", declare=spaces)
    assert str(d) == expected


def test_of_two_forms_of_a_part_the_smaller_one_is_printed() -> None:
    """Seed 102001102: the last one in the source was."""
    terms, declare = ("tanh(max(X, ones(n) ones(q)^T) M)", "ones(n, q) M"), {"X": "R^{n x q}", "M": "R^{q x q}"}
    one, two = (str(derive(" + ".join(order), "X", declare=declare)) for order in (terms, terms[::-1]))
    assert one == two and "ones(n, q)" in one


def test_a_second_derivative_of_softmax_is_not_written_out() -> None:
    """Seed 102000744: sums inside of sums were not counted, and 420 terms were factored."""
    start = process_time()
    derive("softmax((x u^T + B) (cosh(u) .* u.^2 .* sin(u)))", "u", 2, {"x": "R^n", "u": "R^m", "B": "R^{n x m}"})
    assert process_time() - start < 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [20261181787719, 20261181788325, 20261181788735, 20261181790950, 31001109])
def test_whole_cases(seed: int) -> None:
    """A sum of softmax beside a diagonal; a rank-one update of an array of three axes by SciPy; a size that only a message needs;
    a power of logsumexp of an array in index notation."""
    case = make(seed)
    outcome, _ = compare(case, None)
    assert not outcome.problems, outcome.problems


def test_a_shape_that_does_not_fit_is_told_with_the_sizes_that_others_have() -> None:
    v = vjp("unvec(A theta, n, m + q)^T", "theta", {"A": "R^{m n + n q x m n + n q}", "theta": "R^{m n + n q}"})
    with pytest.raises(ShapeError, match="theta must be in .*, n = 2 as in v, but its shape is"):
        v(A=np.eye(6), theta=np.ones(5), v=np.ones((3, 2)))


def test_powers_in_index_notation_are_those_of_numbers() -> None:
    """Seed 31001109: the power of a number that an array gives was taken for that of an array."""
    for text in ("sum_l logsumexp([B_lp]_p)^-1", "norm([B_lp]_p)^2 c_l", "det([A_ij]_ij)^3"):
        assert elaborate_index(text, {"B": "R^{m x n}", "c": "R^m", "A": "R^{n x n}"}).free is not None
    for text in ("softmax([c_i]_i)^2", "inv([A_ij]_ij)^2"):
        with pytest.raises(ShapeError, match="the power of an array"):
            elaborate_index(text, {"c": "R^m", "A": "R^{n x n}"})
