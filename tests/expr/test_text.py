"""Printed text reads back as the same node."""

import tomllib
from pathlib import Path

import pytest

from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import Program, elaborate

FOLDER = Path(__file__).resolve().parent.parent / "cases"
CASES = [
    (case["id"], column, case[column], case.get("declare", {}))
    for path in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    for column in ("expr", "expect", "vec")
    if column in case
]

TRICKY = """
tr(I_n) | kron(I_n, A) | I_n | I_{m n} + kron(I_m, I_n) | 2 I_3 + I_3 | (I + A)^-1 | exp(I_n) | tr(I_m) A + I
x * -y | x (-2) y | a .* (-b) | a - -b .* c | a + (-x) .* y | -(a .* b) | -a .* b | (-a).^2 | -a.^2 | (-s)^2 t
x ./ y | x ./ 2 | x .* (1 ./ y.^2) | 1 .* (1 ./ y) | 2 ./ x ./ y | 1 ./ x .* y | 1 ./ (x .* y) | x ./ -2
(x^2)^-1 | 1/(x^2) | a (x^2)^-1 | 2.^-1 | 2^-3 x | x/2 | x/3*2 | 2 (3) x | 2*(1/3)*x | x (1/2) | 1*(1/s^2) | 1/2/s^2
x^(T) | x.^(T) | x^(-T) | x^-n | x^{n-1} | x^(1/2) | x^-0.5 | x.^-2 | x.^-1 | x^-2 y^2 | (s^2)^3 | s^(2 t) | 2^s
A^-2 | (A^2)^T | (A^T)^-1 | A^-T | (A B)^-T | (A + A^T)^-1 | A^0 | A^1 | (A^-1)^2
2 sum_{n=1}^N x_n | (sum_{n=1}^N x_n) y^T | sum_{n=1}^N sum_{m=1}^M x_n z_m^T | sum_{n=1}^N -x_n | a - sum_{n=1}^N x_n
sum_{n=1}^N (x_n .* y) | (sum_{n=1}^N y_n)^2 | -2 sum_{n=1}^N (y_n - w^T x_n) x_n^T | sum_{n=1}^{3} x_n
||(||x|| y)|| | ||x|| ||y|| | |a||b| | |||x||| | max(-x, 0) | 1[-x > y] | (x > 0) .* y | 2 1[x > 0]
[-a; b - c] | [a, b]' | [A x; 1] | [x; -1]^T y | [A, b; c^T, d] | [x] | [a + b, c; -d, 1/2] | ones(m + 1, 2) | ones(m n)
x - 0 | 0 x | -0 | a - (b + c) .* d | (x^T y) z | x (y^T z) | (x^T y) (z^T w) | x^T (A + B) y / t | -x/t | x/(-t)
\\frac{x^T A x}{x^T x} | \\sum_{\\alpha=1}^N x_\\alpha | e^s | 2 e | T x | \\hat{y}_1 | W^{(12)} x | x_max | W_{ij} x
"""


def read_back(program: Program) -> Expr:
    declare = {}
    for name, v in program.variables.items():
        key = name if v.head == "var" else f"{name}_{v.data[2]}"
        properties = v.data[1]
        assert isinstance(properties, tuple)
        declare[key] = f"{v.shape} {' '.join(properties)}"
    return elaborate(to_text(program.expr), declare).expr


@pytest.mark.parametrize(("name", "column", "text", "declare"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_the_cases_read_back(name: str, column: str, text: str, declare: dict[str, str]) -> None:
    program = elaborate(text, declare)
    assert read_back(program) is program.expr, to_text(program.expr)


@pytest.mark.parametrize("text", [part.strip() for line in TRICKY.split("\n") for part in line.split(" | ") if part])
def test_tricky_formulas_read_back(text: str) -> None:
    program = elaborate(text)
    assert read_back(program) is program.expr, to_text(program.expr)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("tanh(x)^2", "tanh(x)^2"), ("x^(n-1)", "x^(n - 1)"), ("A^{-1}", "A^-1"), ("x^{2}", "x^2"), ("x^{-2} y^2", "x^-2 y^2"),
        ("v.^{-3}", "v.^-3"), ("x^{n}", "x^n"), ("x^{1/2}", "x^(1/2)"), ("x^(T)", "x^(T)"), ("A^{-T}", "A^-T"),
        ("x ./ y", "x ./ y"), ("1 ./ x", "1 ./ x"), ("x / 2", "x/2"), ("x * -y^T", "-x y^T"), ("I + A", "I + A"),
        ("tr(I_n)", "tr(I_n)"), ("A - 2 B", "A - 2 B"), ("2 sum_{n=1}^N x_n", "2 sum_{n=1}^{N} x_n"),
        ("||x||_1", "norm1(x)"), ("||A||_F", "||A||"), ("A > B", "1[A > B]"), ("a/(b c)", "a/(b c)"),
        ("-2 x^T y / t", "-2 x^T y/t"),
    ],
)
def test_printed_form(text: str, printed: str) -> None:
    assert to_text(elaborate(text).expr) == printed
