"""Stationary points: equations and solutions as a book writes them, right by finite differences, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.api import solve_stationary
from matcalc.core.errors import DeclarationError, LimitError, ShapeError

R, D = {"x": "R"}, {"x_i": "R^d", "c": "R^d"}
LINEAR = [
    ("||X b - y||^2", "b", None, "X^T X b = X^T y", "(X^T X)^-1 X^T y"),
    ("mean((X w - y).^2)", "w", None, "X^T X w = X^T y", "(X^T X)^-1 X^T y"),
    ("||X b - y||", "b", None, "X^T X b = X^T y", "(X^T X)^-1 X^T y"),
    ("||X b - y||^2 + lambda ||b||^2", "b", {"lambda": "R positive"}, "(X^T X + lambda I) b = X^T y", "(X^T X + lambda I)^-1 X^T y"),
    ("1/2 ||y - D x||^2 + t/2 ||x - x0||^2", "x", {"t": "R positive"}, "(D^T D + t I) x = D^T y + t x0", "(D^T D + t I)^-1 (D^T y + t x0)"),
    ("(y - X b)^T diag(w) (y - X b)", "b", {"w": "R^n positive"}, "X^T diag(w) X b = X^T (y .* w)", "(X^T diag(w) X)^-1 X^T (y .* w)"),
    ("1/2 x^T P x - b^T x", "x", {"P": "R^{n x n} posdef"}, "P x = b", "P^-1 b"),
    ("x^T A x + b^T x", "x", None, "(A + A^T) x = -b", "-(A + A^T)^-1 b"),
    ("||x - a||^2 + ||x - b||^2", "x", None, "2 x = a + b", "1/2 (a + b)"),
    ("exp(-||x - a||^2)", "x", None, "x = a", "a"),
    ("||X b - y||^2 where X = A + B", "b", {"A": "R^{m x n}"}, "(A + B)^T (A + B) b = (A + B)^T y", "((A + B)^T (A + B))^-1 (A + B)^T y"),
    ("sum_{i=1}^n ||x_i - c||^2", "c", D, "n c = sum_{i=1}^{n} x_i", "1/n sum_{i=1}^{n} x_i"),
    ("sum_{i=1}^n w_i ||x_i - c||^2", "c", {**D, "w_i": "R positive"}, "(sum_{i=1}^{n} w_i) c = sum_{i=1}^{n} w_i x_i",
     "1/(sum_{i=1}^{n} w_i) sum_{i=1}^{n} w_i x_i"),
    ("-1/2 sum_{i=1}^n (x_i - mu)^T Sigma^-1 (x_i - mu)", "mu", {"Sigma": "R^{m x m} posdef"}, "n mu = sum_{i=1}^{n} x_i",
     "1/n sum_{i=1}^{n} x_i"),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta", None, "(sum_{n=1}^{N} x_n x_n^T) theta = sum_{n=1}^{N} y_n x_n",
     "(sum_{n=1}^{N} x_n x_n^T)^-1 sum_{n=1}^{N} y_n x_n"),
    ("||Y - X W||^2", "W", {"W": "R^{d x k}"}, "X^T X W = X^T Y", "(X^T X)^-1 X^T Y"),
    ("||Y - X W||^2 + t ||W||^2", "W", {"W": "R^{d x k}", "t": "R positive"}, "(X^T X + t I) W = X^T Y", "(X^T X + t I)^-1 X^T Y"),
    ("||A - U V^T||^2", "U", None, "U V^T V = A V", "A V (V^T V)^-1"),
    ("||A X B - C||^2", "X", None, "A^T A X B B^T = A^T C B^T", "(A^T A)^-1 A^T C B^T (B B^T)^-1"),
    ("tr(X^T A X) - 2 tr(C^T X)", "X", {"A": "R^{n x n} posdef"}, "A X = C", "A^-1 C"),
    ("1/2 tr(X^T A X) + 1/2 tr(X B X^T) - tr(C^T X)", "X", {"A": "R^{n x n} posdef", "B": "R^{m x m} posdef"}, "A X + X B = C",
     "unvec((kron(I_m, A) + kron(B, I_n))^-1 vec(C), n, m)"),
    ("||X - A||^2", "X", {"X": "R^{n x n} symmetric"}, "2 X = A + A^T", "1/2 (A + A^T)"),
    ("-logdet(L) + tr(S L)", "L", {"L": "R^{m x m} posdef", "S": "R^{m x m} posdef"}, "L S = I_m", "S^-1"),
    ("-n/2 logdet(Sigma) - 1/2 sum_{i=1}^n (x_i - mu)^T Sigma^-1 (x_i - mu)", "Sigma", {"Sigma": "R^{m x m} posdef"},
     "n Sigma = sum_{i=1}^{n} (x_i - mu) (x_i - mu)^T", "1/n sum_{i=1}^{n} (x_i - mu) (x_i - mu)^T"),
    ("||a s - b||^2", "s", {"s": "R"}, "a^T a s = a^T b", "a^T b/(a^T a)"),
]
ROOTS = [
    ("n1 log(p) + n0 log(1 - p)", "p", {"n1": "R positive", "n0": "R positive", "p": "R"}, ("n1/(n1 + n0)",)),
    ("x^3 - 3 x", "x", R, ("-1", "1")), ("x^4 - 2 x^2", "x", R, ("-1", "0", "1")),
    ("-t n + log(t) sum(k)", "t", {"t": "R positive", "k": "R^n positive"}, ("sum(k)/n",)),
    ("exp(x) - a x", "x", {"a": "R positive", "x": "R"}, ("log(a)",)),
    ("x log(x) - a x", "x", {"x": "R positive", "a": "R"}, ("exp(a - 1)",)),
]
JOINT = [
    ("x1^2 + x1 x2 + x2^2 - 3 x1", ["x1", "x2"], None, "2 x1 + x2 = 3, x1 + 2 x2 = 0", "[2; -1]"),
    ("sum_{i=1}^n (y_i - a x_i - b)^2", ["a", "b"], {"y_i": "R", "x_i": "R"},
     "a sum_{i=1}^{n} x_i^2 + b sum_{i=1}^{n} x_i = sum_{i=1}^{n} y_i x_i, a sum_{i=1}^{n} x_i + n b = sum_{i=1}^{n} y_i",
     "[sum_{i=1}^{n} x_i^2, sum_{i=1}^{n} x_i; sum_{i=1}^{n} x_i, n]^-1 [sum_{i=1}^{n} y_i x_i; sum_{i=1}^{n} y_i]"),
]


@pytest.mark.parametrize(("text", "wrt", "declare", "equation", "solution"), [
    *(pytest.param(*row, marks=pytest.mark.slow if n % 3 else ()) for n, row in enumerate(LINEAR)), *JOINT])
def test_linear(text: str, wrt: str | list[str], declare: dict[str, str] | None, equation: str, solution: str) -> None:
    point = solve_stationary(text, wrt, declare)
    assert (point.equation, point.solution) == (equation, solution)
    assert str(point) == solution
    report = point.check()
    assert report.passed, report


@pytest.mark.parametrize(("text", "wrt", "declare", "solutions"), ROOTS)
def test_roots(text: str, wrt: str, declare: dict[str, str], solutions: tuple[str, ...]) -> None:
    point = solve_stationary(text, wrt, declare)
    assert point.solutions == solutions
    assert point.check().passed


@pytest.mark.parametrize(("text", "wrt", "declare"), [
    ("-n/2 log(v) - 1/(2 v) sum_{i=1}^n (x_i - m)^2", "v", {"v": "R positive", "x_i": "R", "m": "R"}),
    ("-n log(s) - 1/(2 s^2) sum_{i=1}^n (x_i - m)^2", "s", {"s": "R positive", "x_i": "R", "m": "R"}),
    ("-n log(s) - 1/(2 s^2) sum_{i=1}^n (x_i - m)^2", ["m", "s"], {"s": "R positive", "x_i": "R", "m": "R"}),
])
def test_variance_of_data(text: str, wrt: str | list[str], declare: dict[str, str]) -> None:
    point = solve_stationary(text, wrt, declare)
    data = np.array([1.0, 2.5, -0.5, 4.0])
    known = {"x": data} if isinstance(wrt, list) else {"x": data, "m": 0.75}
    variance = np.mean((data - (data.mean() if isinstance(wrt, list) else 0.75)) ** 2)
    wanted = variance if wrt == "v" else np.sqrt(variance) if wrt == "s" else [data.mean(), np.sqrt(variance)]
    assert np.allclose(point(**known), wanted)
    assert point.check().passed and "is positive" in point.conditions[-1]


@pytest.mark.parametrize(("text", "wrt", "declare", "words"), [
    ("||X b - y||^2", "b", None, "positive semidefinite: every stationary point is a minimum"),
    ("1/2 x^T P x - b^T x", "x", {"P": "R^{n x n} posdef"}, "positive definite: the stationary point is the minimum"),
    ("-||x - a||^2", "x", None, "negative definite: the stationary point is the maximum"),
    ("-||A x - b||^2", "x", None, "negative semidefinite: every stationary point is a maximum"),
    ("x^2 - y^2 + x", ["x", "y"], None, "indefinite: the stationary point is a saddle"),
    ("x^3 - 3 x", "x", R, "indefinite: -1 is a maximum, 1 is a minimum"),
    ("exp(-||x - a||^2)", "x", None, "unknown: the stationary point is a maximum"),
    ("-n/2 logdet(Sigma) - 1/2 sum_{i=1}^n (x_i - mu)^T Sigma^-1 (x_i - mu)", "Sigma", {"Sigma": "R^{m x m} posdef"},
     "unknown: a maximum at every solution tried"),
    ("x^T A x + b^T x", "x", None, "unknown"),
])
def test_what_the_point_is(text: str, wrt: str | list[str], declare: dict[str, str] | None, words: str) -> None:
    assert solve_stationary(text, wrt, declare).curvature == words


@pytest.mark.parametrize(("text", "wrt", "declare", "conditions"), [
    ("||X b - y||^2", "b", None, ("X^T X is invertible, so where X has independent columns",)),
    ("||A X B - C||^2", "X", None, ("A^T A is invertible, so where A has independent columns",
                                    "B B^T is invertible, so where B^T has independent columns")),
    ("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta", None, ("sum_{n=1}^{N} x_n x_n^T is invertible, so where the x_n span the whole space",)),
    ("||a s - b||^2", "s", {"s": "R"}, ("a^T a is not 0",)), ("1/2 x^T P x - b^T x", "x", {"P": "R^{n x n} posdef"}, ()),
    ("||x - a||^2", "x", {"x": "R^n positive"}, ("x is positive",)),
])
def test_conditions(text: str, wrt: str, declare: dict[str, str] | None, conditions: tuple[str, ...]) -> None:
    point = solve_stationary(text, wrt, declare)
    assert point.conditions == conditions
    assert all(f"provided that {condition}" in point.report() for condition in conditions)


@pytest.mark.parametrize(("text", "wrt", "declare", "error", "words"), [
    ("sum_{i=1}^n log(1 + exp(-y_i (w^T x_i)))", "w", {"y_i": "R", "x_i": "R^d", "w": "R^d"}, LimitError, "not linear in `w`"),
    ("logsumexp(A x)", "x", None, LimitError, "no closed form"), ("sin(x)", "x", R, LimitError, "no closed form"),
    ("x^6 + a x^5 + x^2 + x", "x", {"x": "R", "a": "R"}, LimitError, "no closed form"),
    ("sigmoid(x)", "x", R, DeclarationError, "zero nowhere"), ("(a^T x - 1)^2", "x", None, LimitError, "rank one"),
    ("a^T x", "x", None, DeclarationError, "zero nowhere"), ("a^T a + 0 sum(x)", "x", {"x": "R^n"}, DeclarationError, "zero everywhere"),
    ("A x", "x", None, ShapeError, "scalar function"), ("x^T x", "y", None, DeclarationError, "does not occur"),
    ("tr(A Q)", "Q", {"Q": "R^{n x n} orthogonal"}, DeclarationError, "tied"), ("||X - A||^2", "X", {"X": "R^{n x n} diagonal"}, DeclarationError, "tied"),
    ("(x + y - 1)^2", ["x", "y"], None, LimitError, "singular"),
    ("||X - A||^2 + ||X - X^T||^2", "X", None, LimitError, "not of the form"),
])
def test_refused(text: str, wrt: str | list[str], declare: dict[str, str] | None, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        solve_stationary(text, wrt, declare)


def test_hint_at_descent() -> None:
    with pytest.raises(LimitError) as caught:
        solve_stationary("logsumexp(A x) - b^T x", "x")
    assert "descend" in str(caught.value)


def test_latex() -> None:
    assert solve_stationary("||X b - y||^2", "b").latex() == r"b = (X^{\top} X)^{-1} X^{\top} y"
    assert solve_stationary("x^3 - 3 x", "x", R).latex() == r"x = -1 \text{ or } 1"


@pytest.mark.parametrize(("text", "wrt", "declare", "solution", "conditions"), [
    ("a s^4 + b s^2", "s", {"s": "R", "a": "R", "b": "R"}, "0 or -1/2 sqrt(2) sqrt(-b/a) or 1/2 sqrt(2) sqrt(-b/a)",
     ("a is not 0", "-b/a >= 0")),
    ("a p^2 + b p + c", "p", {"p": "R", "a": "R", "b": "R", "c": "R"}, "-b/(2 a)", ("a is not 0",)),
    ("logdet(X) - tr(A X)", "X", {"A": "R^{n x n}"}, "A^-1", ("A is invertible",)),
    ("mean(x) + x^T P x", "x", {"P": "R^{n x n} psd"}, "-P^-1 ones(n)/(2 n)", ("P is invertible",)),
])
def test_where_formulas_are_defined(text: str, wrt: str, declare: dict[str, str], solution: str, conditions: tuple[str, ...]) -> None:
    point = solve_stationary(text, wrt, declare)
    assert (point.solution, point.conditions) == (solution, conditions)
    assert point.check().passed
