"""Functions of numbers worked out: every exact value is the value of the function, and what is not exact stays."""

from fractions import Fraction

import numpy as np
import pytest

from matcalc.check.evaluate import MAPS
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.functions import FUNCTIONS
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.simplify.constants import AT_NUMBERS, EXACT, fold_constants, number_in

N, M = Dim.of("n"), Dim.of("m")
SIZES = {"n": 3, "m": 2}
U = b.var("u", (N,))


def value(node: Tensor) -> np.ndarray:
    """The entries of a tensor without variables."""
    return evaluate_tensor(node, {}, SIZES)


@pytest.mark.parametrize(("name", "at"), AT_NUMBERS)
def test_exact_values(name: str, at: Fraction) -> None:
    np.testing.assert_allclose(value(AT_NUMBERS[name, at]()), MAPS[name](np.float64(at)), rtol=1e-15, atol=1e-15)
    folded = fold_constants(b.apply(name, b.const(at)))
    assert folded.head != "map" or folded.data != (name,)
    np.testing.assert_allclose(value(folded), MAPS[name](np.float64(at)), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("at", [(Fraction(3, 4), Fraction(-2)), (Fraction(-3, 4), Fraction(5)), (Fraction(0), Fraction(0))])
def test_rational_values(name: str, at: tuple[Fraction, Fraction]) -> None:
    numbers = at[: FUNCTIONS[name].arity]
    folded = fold_constants(b.apply(name, *map(b.const, numbers)))
    assert b.number_of(folded) == Fraction(float(MAPS[name](*map(np.float64, numbers))))


@pytest.mark.parametrize(("base", "exponent", "expected"), [
    ("4", "1/2", "2"), ("4", "3/2", "8"), ("4", "-1/2", "1/2"), ("8/27", "1/3", "2/3"), ("8/27", "-2/3", "9/4"), ("3", "2", "9"),
    ("0", "1/2", "0"), ("1000000", "1/6", "10"), ("4096", "1/12", "2"), ("-2", "3", "-8"), ("2", "1/2", None), ("-4", "1/2", None),
    ("2/9", "1/2", None), ("9/2", "1/2", None), ("26", "1/3", None), ("8192", "1/13", None),
])
def test_powers_of_numbers(base: str, exponent: str, expected: str | None) -> None:
    folded = fold_constants(b.power(b.const(Fraction(base)), b.const(Fraction(exponent))))
    assert b.number_of(folded) == (None if expected is None else Fraction(expected))


@pytest.mark.parametrize("head", ["softmax", "logsumexp"])
@pytest.mark.parametrize("axes", [(N,), (N, M)])
def test_normalised_numbers(head: str, axes: tuple[Dim, ...]) -> None:
    same = b.scale(Fraction(5, 2), b.ones(axes))
    node = b.normalised(head, same, 0)
    folded = fold_constants(node)
    assert folded.axes == node.axes and folded.head not in ("softmax", "logsumexp")
    np.testing.assert_allclose(value(folded), value(node), rtol=1e-14)


def test_functions_of_arrays_of_one_number() -> None:
    assert fold_constants(b.apply("cos", b.zero((N, M)))) is b.ones((N, M))
    assert fold_constants(b.apply("max", b.ones((N,)), b.scale(Fraction(2), b.ones((N,))))) is b.scale(Fraction(2), b.ones((N,)))
    assert fold_constants(b.apply("exp", U)) is b.apply("exp", U)
    assert fold_constants(b.apply("exp", b.const(2))) is b.apply("exp", b.const(2))


def test_numbers_that_all_entries_are() -> None:
    assert number_in(b.zero((N,))) == 0
    assert number_in(b.scale(Fraction(3), b.ones((N, M)))) == 3
    assert number_in(U) is None


def test_the_logarithm_of_zero_is_refused() -> None:
    with pytest.raises(NotDifferentiableError, match="logarithm of zero"):
        fold_constants(b.apply("log", b.zero(())))
