"""LaTeX is input language too: what is printed parses back, to the same expression wherever that is possible."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcalc.core.errors import MatcalcError
from matcalc.emit.latex import to_latex
from matcalc.lowering.lower import lower
from matcalc.syntax.elaborate import elaborate

CASES = Path(__file__).parent.parent / "cases"

DIVISOR = r"\\oslash \S*\^\{\\odot"
"""An elementwise power with a negative exponent, which prints as a division and reads back as one."""

REGROUPED = [
    ("s^(1/2)", "the square root reads as the function sqrt"),
    ("x^T x / (s t)", None),
    ("x^T x / s / t", "one fraction bar for two divisors"),
    ("1/2 s / t", "a rational number joins the fraction of the factors"),
    ("s^(-3/2)", "a reciprocal of a power that is no whole number"),
    ("2 x^T y a", "brackets around an inner product inside a product"),
]
"""What parses back to another grouping of the same value, with the reason (None for what comes back the same)."""


def texts() -> Iterator[tuple[str, dict[str, str]]]:
    """All formulas of the case files, with their declarations."""
    for path in sorted(CASES.glob("*.toml")):
        for group in tomllib.loads(path.read_text()).values():
            for case in group:
                for key in ("expr", "expect", "vec"):
                    text = case.get(key)
                    if isinstance(text, str) and not re.search(r"sum_\w|delta_|sum_\{\w(,|\})", text):
                        yield text, case.get("declare", {})


@pytest.mark.parametrize(("text", "declare"), list(texts()))
def test_cases_come_back(text: str, declare: dict[str, str]) -> None:
    try:
        expr = elaborate(text, declare).expr
    except MatcalcError:
        pytest.skip("sizes of I that only the case file knows")
    latex = to_latex(expr)
    back = elaborate(latex, declare).expr
    assert back is expr or (re.search(DIVISOR, latex) and lower(back) is lower(expr)), latex


def test_there_are_cases() -> None:
    assert sum(1 for _ in texts()) > 300


@pytest.mark.parametrize(("text", "reason"), REGROUPED)
def test_regrouped_values_are_equal(text: str, reason: str | None) -> None:
    declare = {"s": "R", "t": "R", "x": "R^n", "y": "R^n", "a": "R^n"}
    expr = elaborate(text, declare).expr
    back = elaborate(to_latex(expr), declare).expr
    assert (back is expr) == (reason is None), to_latex(expr)
    if text != "s^(-3/2)":
        assert lower(back) is lower(expr)


@pytest.mark.parametrize("text", [
    "x.^2", "x.^t", "x.^(t - 1)", "x.^(-t)", "x.^(5/2)", "A.^3 x", "(A x).^2", "tanh(x).^2", "(x.^2).^3", "x.^y", "s x.^2 .* y",
    "[s; t]", "[s, t]", "[s, t; t, s]", "[A, x; y^T, s]", "[s + t, -s; 1/2, s t]^T", "tanh([s; t])", "||[x; s]||", "det([s, t; t, s])",
    "x + ones(n)", "ones(n)^T x", "ones(m, n) x", "x + 0 ones(n)", "[x; zeros(m)]", "[A x, zeros(n, 2 m)]", "[x; ones(m n)]",
    "[A x, ones(n, m + 1)]", "[x; ones(n1)]", "[x; ones(n n)]", "1[x > ones(n)]", "s zeros(n)",
])
def test_elementwise_powers_matrices_and_constants_come_back(text: str) -> None:
    spaces = {"A": "R^{n x n}", "x": "R^n", "y": "R^n", "s": "R", "t": "R"}
    declare = {name: space for name, space in spaces.items() if re.search(rf"\b{name}\b", text)}
    expr = elaborate(text, declare).expr
    assert elaborate(to_latex(expr), declare).expr is expr, to_latex(expr)


@pytest.mark.parametrize("text", ["x.^-2", "y ./ x.^2", "x.^(-3/2)"])
def test_elementwise_divisions_keep_their_value(text: str) -> None:
    declare = {name: "R^n" for name in "xy" if name in text}
    expr = elaborate(text, declare).expr
    assert lower(elaborate(to_latex(expr), declare).expr) is lower(expr), to_latex(expr)


@pytest.mark.parametrize("text", [
    r"\tanh\left(A x + b\right)", r"\lVert x \rVert^{2}", r"\frac{1}{2} x^{\top} A^{-\top} x", r"I_{n} \otimes x^{\top}",
])
def test_printing_is_stable(text: str) -> None:
    declare = {"A": "R^{n x n}", "x": "R^n", "b": "R^n"}
    once = to_latex(elaborate(text, declare).expr)
    assert to_latex(elaborate(once, declare).expr) == once
