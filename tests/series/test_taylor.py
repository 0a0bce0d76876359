"""Taylor polynomials: printed forms, remainders, terms against contracted derivative arrays, code, errors."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sympy

from matcalc import (
    DeclarationError,
    LimitError,
    MatcalcError,
    NotDifferentiableError,
    ParseError,
    ShapeError,
    derive,
    parse,
    taylor,
    to_sympy,
)
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.cli.main import main
from matcalc.evaluation import compiled
from matcalc.series.taylor import Taylor

EXPANSIONS: list[tuple[str, Any, Any, int, dict[str, str], str | None]] = [
    ("log(sum(exp(x)))", "x", "x0", 1, {}, "log(sum(exp(x0))) + softmax(x0)^T (x - x0)"),
    ("log(sum(exp(x)))", "x", "x0", 2, {},
     "log(sum(exp(x0))) + z^T delta + 1/2 delta^T (diag(z) - z z^T) delta where z = softmax(x0), delta = x - x0"),
    ("sum(exp(A x))", "x", "x0", 3, {},
     "sum(z) + z^T A delta + 1/2 z^T (A delta).^2 + 1/6 z^T (A delta).^3 where z = exp(A x0), delta = x - x0"),
    ("sin(x) + cos(x)", "x", "0", 4, {"x": "R"}, "1 + x - x^2/2 - x^3/6 + x^4/24"),
    ("exp(t)", "t", 0, 6, {"t": "R"}, "1 + t + t^2/2 + t^3/6 + t^4/24 + t^5/120 + t^6/720"),
    ("log(t)", "t", 1, 3, {"t": "R"}, "delta - delta^2/2 + delta^3/3 where delta = t - 1"),
    ("sqrt(1 + t)", "t", "3", 2, {"t": "R"}, "2 + delta/4 - delta^2/64 where delta = t - 3"),
    ("sin(t)", "t", "pi/6", 2, {"t": "R"}, None),
    ("atan(t)/t", "t", 1, 2, {"t": "R"}, None),
    ("2^t", "t", "-1/2", 3, {"t": "R"}, None),
    ("x^T A x", "x", "x0", 2, {}, "x0^T A x0 + x0^T (A + A^T) delta + delta^T A delta where delta = x - x0"),
    ("x^T A x", "x", "mu + B c", 2, {}, None),
    ("x^T A x + b^T x", "x", "0", 3, {}, "b^T x + x^T A x"),
    ("tanh(A x + b)", "x", "x0", 1, {}, "z + diag(1 - z.^2) A (x - x0) where z = tanh(A x0 + b)"),
    ("tanh(A x + b)", "x", "x0", 4, {}, None),
    ("tanh(A x + b)", "A", "A0", 3, {}, None),
    ("softmax(x)", "x", "x0", 3, {}, None),
    ("softmax(A x)", "x", "0", 2, {}, None),
    ("logdet(X)", "X", "X0", 3, {}, None),
    ("logdet(X)", "X", "I", 2, {}, "tr(delta) - 1/2 tr(delta^2) where delta = X - I"),
    ("X^-1", "X", "X0", 2, {}, "Z - Z delta Z + Z delta Z delta Z where Z = X0^-1, delta = X - X0"),
    ("tr(X^T A X)", "X", "X0", 2, {"X": "R^{n x m}"}, None),
    ("1/2 ||y - tanh(W x)||^2", "W", "W0", 2, {}, None),
    ("a^T X b", "X", "2 I", 1, {"X": "R^{n x n} symmetric"}, None),
    ("x1^2 + 2 x1 x2 + x2^3", ["x1", "x2"], [1, 2], 3, {},
     "13 + 6 delta1 + 14 delta2 + delta1^2 + 2 delta1 delta2 + 6 delta2^2 + delta2^3 where delta1 = x1 - 1, delta2 = x2 - 2"),
    ("exp(x1) sin(x2)", ["x1", "x2"], 0, 3, {}, "x2 + x1 x2 + x1^2 x2/2 - x2^3/6"),
    ("exp(u) sin(v) + w", ["u", "v"], ["a", "b"], 2, {"w": "R"}, None),
    ("[s^2; s t]", ["s", "t"], ["s0", "t0"], 2, {}, None),
    ("expm(t A)", "t", 0, 3, {"t": "R"}, "I + A t + 1/2 A^2 t^2 + 1/6 A^3 t^3"),
    ("sum_{n=1}^N log(1 + exp(-y_n w^T x_n))", "w", "w0", 2, {"y_n": "R"}, None),
    ("sum_{n=1}^N exp(w^T x_n)", "x", "x0", 2, {}, None),
    ("sum_{n=1}^N exp(w^T x_n)", "x", "0", 2, {}, "N + sum_{n=1}^{N} w^T x_n + 1/2 sum_{n=1}^{N} (w^T x_n)^2"),
    ("sum(f(A x)) where f(z) = z^2 sin(z)", "x", "x0", 3, {}, None),
    ("log(1 + exp(z)) where z = w^T x + b", "w", "w0", 2, {}, None),
    ("delta^T A x + sum(exp(x))", "x", "x0", 2, {}, None),
    ("tanh(A x + b)", "x", "b", 1, {"A": "R^{n x n}"}, None),
    ("det(X)", "X", "I", 3, {}, None),
    ("||x||", "x", "x0", 2, {}, None),
    ("exp(-||x - c||^2/2)", "x", "c", 4, {}, None),
    ("1/2 (x - mu)^T M (x - mu)", "x", "mu", 2, {}, "1/2 delta^T M delta where delta = x - mu"),
    ("||y - W tanh(V x)||^2", "W", "W0", 2, {}, None),
    ("||y - W tanh(V x)||^2", "V", "V0", 2, {}, None),
    ("sum_{n=1}^N ||x_n - mu||^2", "mu", "m", 2, {},
     "sum_{n=1}^{N} ||x_n - m||^2 - 2 (sum_{n=1}^{N} (x_n - m)^T) delta + N delta^T delta where delta = mu - m"),
    ("cos(s) + cos(t)", ["s", "t"], ["pi", "pi/3"], 2, {},
     "-1/2 - 1/2 sqrt(3) delta2 + (s - pi)^2/2 - delta2^2/4 where delta2 = t - pi/3"),
    ("t^(1/3)", "t", 8, 2, {}, "2 + delta/12 - delta^2/288 where delta = t - 8"),
    ("x^T x", "x", "[1; 2]", 1, {"x": "R^2"}, None),
    ("(1 + t)^p", "t", 0, 3, {"t": "R", "p": "R"}, None),
    ("x x^T", "x", "x0", 2, {}, "x0 x0^T + x0 delta^T + delta x0^T + delta delta^T where delta = x - x0"),
    ("x^T", "x", "x0", 1, {}, None),
    ("a + 0 x^T x", "x", "x0", 2, {"a": "R"}, None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "wrt", "at", "degree", "declare", "printed"), EXPANSIONS)
def test_expansions(text: str, wrt: Any, at: Any, degree: int, declare: dict[str, str], printed: str | None) -> None:
    t = taylor(text, wrt, at, degree, declare)
    assert printed is None or str(t) == printed
    for seed in range(2):
        report = t.check(seed)
        assert report.passed, str(report)
    assert t.latex() and len(t.terms) == degree + 1
    assert t.matrix is not None and _value_is_kept(t)


def _value_is_kept(t: Taylor) -> bool:
    """Whether the text reads back as what has the same value."""
    assert t.matrix is not None
    spaces = {f"{n}_n" if v.head == "item" else n: t.space(n) for n, v in t.variables.items() if n in str(t)}
    back = parse(str(t), declare=spaces)
    rng = np.random.default_rng(3)
    sizes = draw_sizes((t.matrix, *t.variables.values()), rng)
    point = draw_point(t.variables, sizes, rng, positive=True)
    found = evaluate(back.expr, {n: point[n] for n in back.variables}, sizes)
    return bool(np.allclose(found, evaluate(t.matrix, point, sizes)))


@pytest.mark.slow
@pytest.mark.parametrize(("text", "sizes", "degree"), [
    ("sum(exp(A x))", {"m": 3, "n": 2}, 4), ("log(sum(exp(x)))", {"n": 3}, 4), ("tanh(A x + b)", {"m": 3, "n": 2}, 3),
    ("softmax(A x)", {"m": 3, "n": 2}, 3), ("(x^T A x)^2", {"n": 3}, 4), ("||A x||^3", {"m": 2, "n": 3}, 3),
])
def test_terms_are_contracted_derivatives(text: str, sizes: dict[str, int], degree: int) -> None:
    t = taylor(text, "x", "x0", degree)
    rng = np.random.default_rng(0)
    values = draw_point(t.variables, sizes, rng)
    delta = values["x"] - values["x0"]
    for term in t.terms[1:]:
        d = derive(text, "x", order=term.degree)
        wanted = np.asarray(d(**{n: values["x0"] if n == "x" else values[n] for n in d.variables}))
        for _ in range(term.degree):
            wanted = wanted @ delta
        assert term.expr is not None
        assert np.allclose(evaluate(term.expr, values, sizes), wanted / math.factorial(term.degree))


@pytest.mark.slow
@pytest.mark.parametrize("text", ["sin(t) exp(t)", "1/(1 - t)", "tanh(t)^2", "log(1 + t)", "sigmoid(t)", "softplus(t)", "erf(t)",
                                  "cosh(t) atan(t)", "sqrt(1 + t^2)", "asin(t)/(1 + t)", "acos(t)", "sin(sin(t))"])
def test_maclaurin_series_are_those_of_sympy(text: str) -> None:
    t = taylor(text, "t", 0, 5, {"t": "R"})
    function = to_sympy(text, {"t": "R"})
    assert isinstance(function, sympy.Expr)
    (symbol,) = function.free_symbols
    coefficients = [float(sympy.diff(function, symbol, k).subs(symbol, 0)) / math.factorial(k) for k in range(6)]
    for value in (0.3, -0.7):
        wanted = sum(c * value**k for k, c in enumerate(coefficients))
        assert abs(wanted - float(t(t=value))) < 1e-12  # type: ignore[arg-type]


def test_code_takes_variable_and_point_first() -> None:
    t = taylor("sum(exp(A x))", "x", "x0", 2)
    assert list(t.variables) == ["x", "x0", "A"]
    function = compiled(t.numpy("quadratic"), "quadratic")
    x, x0, a = np.array([0.1, 0.2]), np.zeros(2), np.eye(2)
    assert np.isclose(function(x, x0, a), sum(1 + v + v**2 / 2 for v in x))
    assert np.isclose(t(x=x, x0=x0, A=a), function(x, x0, a))  # type: ignore[arg-type]
    assert [d.order for d in t.derivatives] == [1, 2]
    assert t.derivatives[0].check().passed


def test_symbols_of_sympy() -> None:
    u = sympy.Symbol("u")
    assert str(taylor(sympy.sin(u), u, 0, 3)) == "u - u^3/6"


@pytest.mark.parametrize(("text", "wrt", "at", "degree", "declare", "error", "words"), [
    ("x^T x", "x", "x0", 7, {}, LimitError, "at most 6"),
    ("x^T x", "x", "x0", -1, {}, DeclarationError, "whole number"),
    ("x^T x", "x", "x0", 1.5, {}, DeclarationError, "whole number"),
    ("x^T x", "x", "x0", True, {}, DeclarationError, "whole number"),
    ("x^T x", "y", "x0", 1, {}, DeclarationError, "does not occur"),
    ("x^T A x", "x", "A", 1, {}, ShapeError, "the point `A`"),
    ("x^T A x", "x", "A + B", 1, {}, ShapeError, "the point `A + B`"),
    ("x^T x", "x", "x + 1", 1, {}, DeclarationError, "depends on `x`"),
    ("x^T x", "x", "x", 1, {}, DeclarationError, "depends on `x`"),
    ("x^T x", "x", None, 1, {}, DeclarationError, "not a point"),
    ("x^T x", "x", float("inf"), 1, {}, DeclarationError, "not a number"),
    ("x^T x", "x", "", 1, {}, ParseError, "empty"),
    ("x^T x", "x", "x0 +", 1, {}, ParseError, "too soon"),
    ("u v", ["u", "v"], "a", 1, {}, DeclarationError, "one point for 2 variables"),
    ("u v", ["u", "v"], [1, 2, 3], 1, {}, DeclarationError, "3 points for 2"),
    ("log(t)", "t", 0, 1, {"t": "R"}, NotDifferentiableError, "log(0)"),
    ("1/t", "t", 0, 1, {"t": "R"}, NotDifferentiableError, "no derivative"),
    ("sqrt(t)", "t", 0, 1, {"t": "R"}, NotDifferentiableError, "sqrt"),
    ("||x||", "x", 0, 1, {}, NotDifferentiableError, "no derivative"),
    ("relu(x)", "x", 0, 2, {}, NotDifferentiableError, "relu"),
    ("||x - c||", "x", "c", 1, {}, NotDifferentiableError, "no derivative"),
    ("x^T x", "x", "[1; 2]", 1, {}, ShapeError, "declare="),
    ("max(s, t)", ["s", "t"], 1, 1, {}, NotDifferentiableError, "max"),
])
def test_errors(text: str, wrt: Any, at: Any, degree: Any, declare: dict[str, str], error: type[MatcalcError], words: str) -> None:
    with pytest.raises(error) as caught:
        taylor(text, wrt, at, degree, declare)
    assert words in str(caught.value)


def test_a_wrong_polynomial_fails_its_check() -> None:
    t = taylor("sum(exp(x))", "x", "x0", 2)
    object.__setattr__(t, "terms", (*t.terms[:2], taylor("2 sum(exp(x))", "x", "x0", 2).terms[2]))
    assert not t.check().passed


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["taylor", "log(sum(exp(x)))", "--wrt", "x", "--degree", "1", "--check"]) == 0
    out = capsys.readouterr()
    assert out.out == "log(sum(exp(x0))) + softmax(x0)^T (x - x0)\n" and "passed" in out.err
    assert main(["taylor", "u^2 v", "--wrt", "u", "v", "--at", "1, 2", "--degree", "2", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("2 + 4 delta1 + delta2")
    assert main(["taylor", "u^2 v", "--wrt", "u", "v", "--at", "0", "--to", "json"]) == 0
    assert '"degree": 1' in capsys.readouterr().out
    assert main(["taylor", "A x", "--wrt", "x", "--to", "numpy", "--name", "line"]) == 0
    assert "def line(x, x0, A)" in capsys.readouterr().out
    assert main(["taylor", "relu(x)", "--wrt", "x", "--at", "0"]) == 2
    assert main(["taylor", "x^T x", "--wrt", "x", "--name", "f"]) == 2


def test_expanding_at_a_name_needs_no_numpy_and_no_sympy() -> None:
    script = "import sys\nfrom matcalc import taylor\nstr(taylor('sum(exp(A x))', 'x', 'x0', 3)); str(taylor('sin(t)', 't', 0, 5, {'t': 'R'}))\n" \
             "print([name for name in ('numpy', 'sympy') if name in sys.modules])\n"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
