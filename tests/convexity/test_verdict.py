"""Verdicts of textbook functions, of functions with kinks, and of domains that are not convex."""

from __future__ import annotations

import pytest

from matcalc.api import curvature, derive
from matcalc.core.errors import DeclarationError, ShapeError

PD, PSD, ND, NSD = "positive definite", "positive semidefinite", "negative definite", "negative semidefinite"
X = {"X": "R^{n x n} posdef"}
R, PLUS = {"s": "R"}, {"s": "R positive"}

CERTIFIED = [
    ("||X beta - Y||^2", "beta", {"beta": "R^d"}, PSD, "convex"),
    ("||X beta - Y||^2 + lambda ||beta||^2", "beta", {"lambda": "R positive", "beta": "R^d"}, PD, "strictly convex"),
    ("logsumexp(A x + b)", "x", None, PSD, "convex"),
    ("sum(log(1 + exp(-y .* (X w))))", "w", None, PSD, "convex"),
    ("-sum_{i=1}^n (y_i log(sigmoid(w^T x_i)) + (1 - y_i) log(1 - sigmoid(w^T x_i)))", "w",
     {"y_i": "R", "x_i": "R^d", "w": "R^d"}, PSD, "convex"),
    ("-logdet(X)", "X", X, PD, "strictly convex"),
    ("-logdet(X) + tr(S X)", "X", X, PD, "strictly convex"),
    ("tr(X^T A X)", "X", {"A": "R^{n x n} psd"}, PSD, "convex"),
    ("tr(X^T A X)", "X", {"A": "R^{n x n} posdef"}, PD, "strictly convex"),
    ("tr(X^-1)", "X", X, PD, "strictly convex"),
    ("a^T X^-1 a", "X", X, PSD, "convex"),
    ("||Y - X W||^2", "W", {"W": "R^{d x k}"}, PSD, "convex"),
    ("||X||^2", "X", None, PD, "strictly convex"),
    ("-1/2 sum_{i=1}^n (x_i - mu)^T Sigma^-1 (x_i - mu)", "mu", {"Sigma": "R^{m x m} posdef"}, ND, "strictly concave"),
    ("-sum(log(b - A x))", "x", None, PSD, "convex"),
    ("sum(x .* log(x))", "x", {"x": "R^n"}, PD, "strictly convex"),
    ("logdet(I + A diag(x) A^T)", "x", {"x": "R^n nonnegative", "A": "R^{m x n}"}, NSD, "concave"),
    ("||x||", "x", None, PSD, "convex"), ("||x||^3", "x", None, PSD, "convex"), ("norm1(A x - b)", "x", None, PSD, "convex"),
    ("norm1(x) + ||A x - b||^2", "x", None, PSD, "convex"),
    ("sum(relu(A x + b))", "x", None, PSD, "convex"), ("sum(relu(1 - y .* (X w)))", "w", None, PSD, "convex"),
    ("max(a^T x, b^T x)", "x", None, PSD, "convex"), ("min(a^T x, b^T x)", "x", None, NSD, "concave"),
    ("sqrt((x - mu)^T P (x - mu))", "x", {"P": "R^{n x n} posdef"}, PSD, "convex"),
    ("exp(||x||^2)", "x", None, PD, "strictly convex"),
    ("a^T x + b", "x", {"b": "R"}, "zero", "affine"), ("tr(A X)", "X", None, "zero", "affine"),
    ("s^3", "s", PLUS, PD, "strictly convex"), ("1/s", "s", PLUS, PD, "strictly convex"), ("-log(s)", "s", R, PD, "strictly convex"),
    ("sqrt(s)", "s", R, ND, "strictly concave"), ("2^s", "s", R, PD, "strictly convex"), ("s^4", "s", R, PSD, "convex"),
    ("s log(s) + (1 - s) log(1 - s)", "s", R, PD, "strictly convex"),
    ("x^2/y", ["x", "y"], {"y": "R positive"}, PSD, "convex"), ("x1^2 + 3 x1 x2 + 5 x2^2", ["x1", "x2"], None, PD, "strictly convex"),
    ("sum_{i=1}^n (y_i - a x_i - b)^2", ["a", "b"], {"y_i": "R", "x_i": "R"}, PSD, "convex"),
    ("log(exp(x) + exp(y))", ["x", "y"], None, PSD, "convex"), ("sum(tanh(x))", "x", {"x": "R^n positive"}, ND, "strictly concave"),
]
NOT_CERTIFIED = [
    ("relu(-s) - abs(s)", "s", R), ("x^T A x", "x", None), ("1[s > t] s", "s", {"s": "R", "t": "R"}), ("(a^T x) (b^T x)", "x", None), ("sqrt(s^2) - 2 abs(s)", "s", R),
    ("1/2 (x - mu)^T Sigma^-1 (x - mu)", "x", {"Sigma": "R^{n x n} symmetric"}), ("||y - W2 tanh(W1 x)||^2", "x", None),
    ("lambda ||x||^2", "x", {"lambda": "R"}), ("tr(A X B X^T)", "X", None),
]
INDEFINITE = [
    ("s^3", "s", R), ("x1^2 x2 + x1 x2^3", ["x1", "x2"], None), ("x y", ["x", "y"], None), ("x^2 - c y^2", ["x", "y"], {"c": "R positive"}),
    ("det(X)", "X", None), ("sum(sin(x))", "x", None), ("log(1 + x^T x)", "x", None), ("logdet(X)", "X", None),
]
NEITHER = [("norm1(x) - ||x||^2", "x"), ("sum(step(x))", "x"), ("sum(sign(x))", "x")]


@pytest.mark.parametrize(("text", "wrt", "declare", "verdict", "function"), CERTIFIED)
def test_certificate(text: str, wrt: str | list[str], declare: dict[str, str] | None, verdict: str, function: str) -> None:
    found = curvature(text, wrt, declare)
    assert (found.verdict, found.shape_of_function) == (verdict, function), f"{found}\n{found.reason}"
    assert not found.falsified
    assert found.reason.splitlines()
    assert found.is_convex == (function in ("convex", "strictly convex", "affine"))


@pytest.mark.parametrize(("text", "wrt", "declare"), NOT_CERTIFIED)
def test_unknown(text: str, wrt: str, declare: dict[str, str] | None) -> None:
    found = curvature(text, wrt, declare)
    assert (found.verdict, found.shape_of_function, found.reason) == ("unknown", "unknown", "")
    assert not found.falsified


@pytest.mark.parametrize(("text", "wrt", "declare"), INDEFINITE)
def test_indefinite(text: str, wrt: str | list[str], declare: dict[str, str] | None) -> None:
    found = curvature(text, wrt, declare)
    assert (found.verdict, found.shape_of_function) == ("indefinite", "neither"), str(found)


@pytest.mark.parametrize(("text", "wrt"), NEITHER)
def test_neither_by_chords_where_there_are_kinks(text: str, wrt: str) -> None:
    found = curvature(text, wrt)
    assert (found.verdict, found.shape_of_function, found.rules) == ("unknown", "neither", ("chords",)), str(found)


@pytest.mark.parametrize(("text", "declare", "verdict", "domain"), [
    ("1/s^2", R, PD, ("s is not 0",)), ("log(s^2)", R, ND, ("s^2 > 0",)),
])
def test_domain_that_is_not_convex(text: str, declare: dict[str, str], verdict: str, domain: tuple[str, ...]) -> None:
    found = curvature(text, "s", declare)
    assert (found.verdict, found.shape_of_function, found.domain) == (verdict, "unknown", domain)
    assert "not known to be convex" in str(found)


def test_conditions_are_told() -> None:
    assert str(curvature("-sum(log(b - A x))", "x")) == (
        "positive semidefinite; the function is convex where b - A x > 0; positive definite where A has independent columns")
    assert curvature("||X b - y||^2", "b").remarks == ("positive definite where X has independent columns",)
    assert curvature("sum_{n=1}^N (y_n - theta^T x_n)^2", "theta").remarks == ("positive definite where the x_n span the whole space",)
    assert "in the directions of symmetric matrices" in curvature("-logdet(X)", "X", X).remarks


def test_dependence_on_other_variables_is_told() -> None:
    assert curvature("x^T A x", "x").remarks[0].startswith("it depends on A: for some values the second derivative is")


def test_orthogonal_matrices_are_no_convex_set() -> None:
    assert curvature("tr(A Q)", "Q", {"Q": "R^{n x n} orthogonal"}).shape_of_function == "unknown"


def test_of_a_derivative() -> None:
    assert derive("x^T x", "x").curvature().verdict == PD


def test_same_seed_same_words() -> None:
    assert str(curvature("x^T A x", "x", seed=3)) == str(curvature("x^T A x", "x", seed=3))


def test_refused() -> None:
    with pytest.raises(ShapeError, match="scalar function"):
        curvature("A x", "x")
    with pytest.raises(DeclarationError, match="does not occur"):
        curvature("x^T x", "y")
