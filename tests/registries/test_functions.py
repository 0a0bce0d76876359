"""Every elementwise function has a derivative, a meaning, text, LaTeX and NumPy, and they agree with each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy

from matcalc.api import derive
from matcalc.check.differences import is_analytic
from matcalc.check.evaluate import MAPS, evaluate
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim, vector
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.diff.differentiate import differentiate
from matcalc.diff.scalar_rules import BINARY, UNARY
from matcalc.emit.latex import to_latex
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate

N = vector(Dim.of("n"))
X, Y = e.variable("x", N), e.variable("y", N)
DECLARE = {"x": "R^n", "y": "R^n"}
RANGES = {"positive": (0.2, 2.5), "nonnegative": (0.2, 2.5), "unit": (-0.9, 0.9), "real": (-2.5, 2.5)}
SECOND = (0.2, 1.5)

SYMPY: dict[str, Callable[..., sympy.Expr]] = {
    "asin": sympy.asin, "acos": sympy.acos, "atan": sympy.atan, "abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min,
    "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)), "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "relu": lambda z: sympy.Max(z, 0), "step": sympy.Heaviside,
}
"""Functions that SymPy spells in another way, or not at all."""


def node(name: str) -> Expr:
    """The function of one or two vectors."""
    arity = FUNCTIONS[name].arity if name in FUNCTIONS else 2
    return e.elementwise(name, [X, Y][:arity])


def points(name: str) -> dict[str, np.ndarray]:
    """Seven points inside the domain, none at a kink."""
    low, high = RANGES[FUNCTIONS[name].domain] if name in FUNCTIONS else RANGES["real"]
    rng = np.random.default_rng(sorted(FUNCTIONS).index(name) if name in FUNCTIONS else 99)
    return {"x": rng.uniform(low, high, 7), "y": rng.uniform(low, high, 7)}


def in_sympy(name: str) -> tuple[sympy.Expr, list[sympy.Symbol]]:
    """The function of SymPy symbols."""
    symbols = list(sympy.symbols("x y", real=True))[: FUNCTIONS[name].arity]
    return SYMPY.get(name, getattr(sympy, name, None))(*symbols), symbols  # type: ignore[misc]


def test_every_function_has_a_derivative_and_a_meaning() -> None:
    assert {name for name, f in FUNCTIONS.items() if f.arity == 1} == set(UNARY)
    assert {name for name, f in FUNCTIONS.items() if f.arity == 2} == set(BINARY)
    assert set(FUNCTIONS) | set(COMPARISONS) == set(MAPS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_described(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.name == name
    assert function.formula and function.source and function.latex.startswith("\\")
    assert function.domain in RANGES
    assert not (function.odd and function.even)


@pytest.mark.parametrize("name", [*FUNCTIONS, *COMPARISONS])
def test_complex_steps_are_taken_where_the_function_is_analytic(name: str) -> None:
    at = points(name)
    moved = {k: v + 1e-30j for k, v in at.items()}
    assert is_analytic(node(name)) == (name not in {"relu", "step", "abs", "sign", "max", "min", *COMPARISONS})
    if is_analytic(node(name)):
        slope = evaluate_tensor(differentiate(lower(node(name)), lower(X)), at, {"n": 7})
        np.testing.assert_allclose(evaluate(node(name), moved, {"n": 7}).imag / 1e-30, np.diag(slope), rtol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_meaning_agrees_with_sympy(name: str) -> None:
    expression, symbols = in_sympy(name)
    at = points(name)
    arguments = [at[str(s)] for s in symbols]
    expected = [float(expression.evalf(subs=dict(zip(symbols, map(float, v), strict=True)))) for v in zip(*arguments)]
    np.testing.assert_allclose(MAPS[name](*arguments), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivative_agrees_with_sympy(name: str) -> None:
    expression, symbols = in_sympy(name)
    at = points(name)
    arguments = [at[str(s)] for s in symbols]
    for symbol, variable in zip(symbols, (X, Y)):
        slope = sympy.diff(expression, symbol)
        expected = [float(slope.evalf(subs=dict(zip(symbols, map(float, v), strict=True)))) for v in zip(*arguments)]
        found = evaluate_tensor(differentiate(lower(node(name)), lower(variable)), at, {"n": 7})
        np.testing.assert_allclose(found, np.diag(expected), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.odd or f.even])
def test_symmetry(name: str) -> None:
    x = points(name)["x"]
    sign = -1.0 if FUNCTIONS[name].odd else 1.0
    np.testing.assert_allclose(MAPS[name](-x), sign * MAPS[name](x), rtol=1e-13)


@pytest.mark.parametrize("name", [*FUNCTIONS, *COMPARISONS])
def test_text_reads_back(name: str) -> None:
    shapes = dict(list(DECLARE.items())[: len(node(name).args)])
    assert elaborate(to_text(node(name)), shapes).expr is node(name)


@pytest.mark.parametrize("name", [*FUNCTIONS, *COMPARISONS])
def test_latex_reads_back(name: str) -> None:
    shapes = dict(list(DECLARE.items())[: len(node(name).args)])
    at = points(name)
    read = elaborate(to_latex(node(name)), shapes).expr
    np.testing.assert_array_equal(evaluate(read, at, {"n": 7}), evaluate(node(name), at, {"n": 7}))


@pytest.mark.parametrize(("name", "sign"), [("gt", ">"), ("ge", r"\geq"), ("lt", "<"), ("le", r"\leq")])
def test_latex_of_comparisons(name: str, sign: str) -> None:
    assert f"x {sign} y" in to_latex(node(name))


@pytest.mark.parametrize("name", [*FUNCTIONS, *COMPARISONS])
def test_numpy(name: str) -> None:
    """The emitted derivative of t f(x) by t is f(x)."""
    used = dict(list(DECLARE.items())[: len(node(name).args)])
    d = derive(f"t ({to_text(node(name))})", "t", declare={**used, "t": "R"})
    at = {k: v for k, v in points(name).items() if k in used}
    values = {**at, "t": np.array(0.7)}
    expected = evaluate(node(name), at, {"n": 7})
    np.testing.assert_allclose(d(**{k: values[k] for k in d.variables}), expected, rtol=1e-12, atol=1e-15)


KINKS = {"relu": 0.0, "step": 0.0, "abs": 0.0, "sign": 0.0}


@pytest.mark.parametrize("name", KINKS)
def test_slope_at_the_kink(name: str) -> None:
    slope = differentiate(lower(node(name)), lower(X))
    assert evaluate_tensor(slope, {"x": np.zeros(1)}, {"n": 1}) == KINKS[name]
