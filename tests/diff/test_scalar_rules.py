"""The slope of each elementwise function, also of those that lowering writes as another one, is that of its meaning."""

import numpy as np
import pytest

from matcalc.check.evaluate import MAPS
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.dims import Dim
from matcalc.core.functions import FUNCTIONS
from matcalc.diff.differentiate import differentiate
from matcalc.diff.scalar_rules import UNARY, d_binary
from matcalc.ir import build as b

N = Dim.of("n")
U, V = b.var("u", (N,)), b.var("v", (N,))
RANGES = {"positive": (0.3, 2.5), "unit": (-0.9, 0.9), "real": (-2.5, 2.5)}
STEP = 1e-5


def points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors in the domain of a function, all entries apart."""
    low, high = RANGES[FUNCTIONS[name].domain]
    rng = np.random.default_rng(3)
    return rng.uniform(low, high, 7), rng.uniform(low, high, 7)


@pytest.mark.parametrize("name", UNARY)
def test_slope(name: str) -> None:
    u, _ = points(name)
    expected = (MAPS[name](u + STEP) - MAPS[name](u - STEP)) / (2 * STEP)
    np.testing.assert_allclose(evaluate_tensor(UNARY[name](U), {"u": u}, {"n": 7}), expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", UNARY)
def test_slope_is_what_differentiating_gives(name: str) -> None:
    u, _ = points(name)
    found = evaluate_tensor(differentiate(b.apply(name, U), U), {"u": u}, {"n": 7})
    np.testing.assert_allclose(found, np.diag(evaluate_tensor(UNARY[name](U), {"u": u}, {"n": 7})), rtol=1e-13)


@pytest.mark.parametrize("name", ["max", "min"])
def test_slopes_by_two_arguments(name: str) -> None:
    u, v = points(name)
    first, second = (evaluate_tensor(slope, {"u": u, "v": v}, {"n": 7}) for slope in d_binary(name, U, V))
    np.testing.assert_allclose(first, (MAPS[name](u + STEP, v) - MAPS[name](u - STEP, v)) / (2 * STEP), atol=1e-9)
    np.testing.assert_allclose(second, (MAPS[name](u, v + STEP) - MAPS[name](u, v - STEP)) / (2 * STEP), atol=1e-9)
