"""What random cases brought to light, each reduced to the least formula that shows it; the seed is that of the case."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from matcalc.api import derive, parse
from matcalc.check.report import Form, check_derivative
from matcalc.core.errors import NotDifferentiableError
from matcalc.expr.text import to_text

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
