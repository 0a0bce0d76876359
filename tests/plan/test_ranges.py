"""Bounds of values: what each operation tells, and that no value is outside of them."""

from __future__ import annotations

from fractions import Fraction as F
from math import inf

import numpy as np
import pytest

from matcalc.core.dims import Dim
from matcalc.plan.ranges import is_nonnegative, ranges
from matcalc.plan.steps import Program

N = Dim.of("n")
VECTOR = ((0,), (0,), (0,))


def program() -> tuple[Program, dict[str, int]]:
    """Values of several ranges."""
    made = Program()
    x, w, p = (made.emit("var", (), (name, properties), (N,)) for name, properties in (("x", ()), ("w", ("nonnegative",)), ("p", ("positive",))))
    found = {"x": x, "w": w, "p": p}
    for name in ("exp", "tanh", "cosh", "sigmoid", "step", "abs", "relu", "softplus", "sqrt", "sin", "cos", "erf", "sign", "log"):
        found[name] = made.emit("map", (x,), (name,), (N,))
    for name, coefficient, shift in (("1 + tanh", 1, 1), ("2 - tanh", -1, 2), ("tanh - 3", 1, -3), ("-2 tanh", -2, 0)):
        found[name] = made.emit("combine", (found["tanh"],), ((F(coefficient),), F(shift), ((0,),), (0,)), (N,))
    found["-exp"] = made.emit("combine", (found["exp"],), ((F(-1),), F(0), ((0,),), (0,)), (N,))
    found["exp + tanh"] = made.emit("combine", (found["exp"], found["tanh"]), ((F(1), F(2)), F(0), ((0,), (0,)), (0,)), (N,))
    found["3"], found["-3"] = (made.emit("full", (), (F(value),), (N,)) for value in (3, -3))
    for first, second in (("exp", "-exp"), ("tanh", "tanh"), ("tanh", "tanh - 3"), ("sigmoid", "w"), ("-exp", "-exp"), ("tanh", "-2 tanh"), ("x", "3"), ("exp", "-3")):
        found[f"{first} * {second}"] = made.emit("multiply", (found[first], found[second]), VECTOR, (N,))
    for first, second in (("exp", "2 - tanh"), ("exp", "tanh - 3"), ("tanh", "2 - tanh"), ("exp", "exp"), ("tanh", "tanh"), ("exp", "-exp"), ("-exp", "-exp"), ("-exp", "w"), ("tanh", "tanh - 3"),
                          ("3", "cosh")):
        found[f"{first} / {second}"] = made.emit("divide", (found[first], found[second]), VECTOR, (N,))
    for base, exponent in (("tanh", 2), ("tanh", 3), ("x", 2), ("x", 3), ("2 - tanh", 2), ("x", -2), ("x", -1), ("w", -1), ("x", "1/2"), ("tanh - 3", 2), ("tanh - 3", 3), ("-2 tanh", 4)):
        found[f"{base}^{exponent}"] = made.emit("power", (found[base],), (F(exponent),), (N,))
    for name in ("exp", "-exp", "tanh", "w"):
        found[f"sum {name}"] = made.emit("sum", (found[name],), ((0,),), ())
        found[f"repeat {name}"] = made.emit("repeat", (found[name],), ((0,),), (N, N))
    found["norm"], found["softmax"], found["size"] = made.emit("norm", (x,), (None,), ()), made.emit("softmax", (x,), (0, 1), (N,)), made.emit("size", (), (N,), ())
    found["inv"] = made.emit("inv", (made.emit("repeat", (x,), ((0,),), (N, N)),), (), (N, N))
    return made, found


REALS, POSITIVE, NEGATIVE, UNIT = (-inf, inf), (0.0, inf), (-inf, 0.0), (0.0, 1.0)
EXPECTED = {
    "x": REALS, "w": POSITIVE, "p": POSITIVE, "exp": POSITIVE, "tanh": (-1, 1), "cosh": (1, inf), "sigmoid": UNIT, "step": UNIT, "abs": POSITIVE, "relu": POSITIVE, "softplus": POSITIVE,
    "sqrt": POSITIVE, "sin": (-1, 1), "cos": (-1, 1), "erf": (-1, 1), "sign": (-1, 1), "log": REALS, "1 + tanh": (0, 2), "2 - tanh": (1, 3), "tanh - 3": (-4, -2), "-2 tanh": (-2, 2),
    "-exp": NEGATIVE, "exp + tanh": (-2, inf), "3": (3, 3), "-3": (-3, -3), "exp * -exp": NEGATIVE, "tanh * tanh": UNIT, "tanh * tanh - 3": (-4, 4), "sigmoid * w": POSITIVE, "-exp * -exp": POSITIVE,
    "tanh * -2 tanh": (-2, 2), "x * 3": REALS, "exp * -3": NEGATIVE, "exp / 2 - tanh": POSITIVE, "exp / tanh - 3": NEGATIVE, "tanh / 2 - tanh": (-1, 1), "exp / exp": POSITIVE, "tanh / tanh": REALS,
    "exp / -exp": NEGATIVE, "-exp / -exp": POSITIVE, "-exp / w": NEGATIVE, "tanh / tanh - 3": REALS, "3 / cosh": (0, 3), "tanh^2": UNIT, "tanh^3": (-1, 1), "x^2": POSITIVE, "x^3": REALS,
    "2 - tanh^2": POSITIVE, "x^-2": POSITIVE, "x^-1": REALS, "w^-1": POSITIVE, "x^1/2": POSITIVE, "tanh - 3^2": (4, 16), "tanh - 3^3": (-64, -8), "-2 tanh^4": (0, 16), "sum exp": POSITIVE,
    "sum -exp": NEGATIVE, "sum tanh": REALS, "sum w": POSITIVE, "repeat exp": POSITIVE, "repeat -exp": NEGATIVE, "repeat tanh": (-1, 1), "repeat w": POSITIVE, "norm": POSITIVE, "softmax": UNIT,
    "size": POSITIVE, "inv": REALS,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_bounds(name: str) -> None:
    made, found = program()
    bounds = ranges(made)[found[name]]
    assert bounds == EXPECTED[name]
    assert is_nonnegative(bounds) == (EXPECTED[name][0] >= 0)


def test_all_are_here() -> None:
    assert set(program()[1]) == set(EXPECTED)


def test_products_of_bounds_hold_products() -> None:
    rng = np.random.default_rng(3)
    made = Program()
    tanh, shifted = (made.emit("map", (made.emit("var", (), (name, ()), (N,)),), ("tanh",), (N,)) for name in "ab")
    for shift in (-2, -1, 0, 1, 2):
        other = made.emit("combine", (shifted,), ((F(3),), F(shift), ((0,),), (0,)), (N,))
        value = made.emit("multiply", (tanh, other), VECTOR, (N,))
        low, high = ranges(made)[value]
        a, c = np.tanh(rng.standard_normal((2, 400)) * 5)
        assert (low <= a * (3 * c + shift)).all() and (a * (3 * c + shift) <= high).all()
        assert np.isclose(high, 3 + abs(shift)) and np.isclose(low, -3 - abs(shift))


def test_a_matrix_times_its_transpose_may_be_negative() -> None:
    made = Program()
    matrix = made.emit("var", (), ("K", ()), (N, N))
    value = made.emit("multiply", (matrix, matrix), ((0, 1), (1, 0), (0, 1)), (N, N))
    assert ranges(made)[value] == REALS
