"""Gathered scalars and explicit vectors without unit vectors, common divisors, polynomials, constants below sums over data."""

from __future__ import annotations

import pytest

from matcalc.api import derive

X = ["x1", "x2"]

CASES = [
    ("A [x1; x2]", X, 1, "A"),
    ("A [x1; x2]", ["x2", "x1"], 1, "A [0, 1; 1, 0]"),
    ("A [x; y] + B [y; x]", ["x", "y"], 1, "A + B [0, 1; 1, 0]"),
    ("[x1; x2]^T A [x1; x2]", X, 1, "[x1, x2] (A + A^T)"),
    ("[x1; x2]^T A [x1; x2]", X, 2, "A + A^T"),
    ("||A [x1; x2] - b||^2", X, 1, "2 (A [x1; x2] - b)^T A"),
    ("tanh(A [x1; x2] + b)", X, 1, "diag(1 - tanh(A [x1; x2] + b).^2) A"),
    ("exp(a^T [x1; x2])", X, 1, "exp([x1, x2] a) a^T"),
    ("A [sin(t); cos(t)]", "t", 1, "A [cos(t); -sin(t)]"),
    ("[cos(t), -sin(t); sin(t), cos(t)]", "t", 1, "[-sin(t), -cos(t); cos(t), -sin(t)]"),
    ("(x1 + x2)/(x1 - x2)", X, 1, "[-2 x2/(x1 - x2)^2, 2 x1/(x1 - x2)^2]"),
    ("x/(1 + x^2) where x in R", "x", 1, "(1 - x^2)/(1 + x^2)^2"),
    ("sin(x)/x where x in R", "x", 1, "(x cos(x) - sin(x))/x^2"),
    ("u v/(u + v) where u, v in R", ["u", "v"], 1, "[v^2/(u + v)^2, u^2/(u + v)^2]"),
    ("(a + b x + c x^2)^2 where a, b, c, x in R", "b", 1, "2 x (a + b x + c x^2)"),
    ("sum_{n=1}^N ||t_n - W x_n - b||^2 where x_n in R^D, t_n in R^K", "b", 1, "2 sum_{n=1}^{N} (W x_n + b - t_n)^T"),
    ("sum_{n=1}^N ||x_n - m||^2 where x_n in R^D", "m", 1, "-2 sum_{n=1}^{N} (x_n - m)^T"),
    ("sum_{n=1}^N (y_n - a - b x_n - c x_n^2)^2 where y_n, x_n, a, b, c in R", "b", 1,
     "2 sum_{n=1}^{N} x_n (a + b x_n + c x_n^2 - y_n)"),
]


@pytest.mark.parametrize(("text", "wrt", "order", "printed"), CASES)
def test_form(text: str, wrt: str | list[str], order: int, printed: str) -> None:
    d = derive(text, wrt, order)
    assert str(d) == printed
    assert d.check().passed


def test_entries_of_scalars_stay_explicit() -> None:
    assert str(derive("[x1; x2]", X)) == "[1, 0; 0, 1]"
    assert str(derive("x1^2 + x2^2", X, 2)) == "[2, 0; 0, 2]"
    assert str(derive("(x1 - 2 x2)^3", X, 2)) == "[6 x1 - 12 x2, s; s, 24 x1 - 48 x2] where s = 24 x2 - 12 x1"
