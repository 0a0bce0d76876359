"""Sizes are distinct, points respect the declared properties."""

import numpy as np
import pytest

from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.dims import SCALAR, Dim, matrix, vector
from matcalc.expr import build as b

N = Dim.of("n")
TESTS = {
    "symmetric": lambda X: np.allclose(X, X.T),
    "skew": lambda X: np.allclose(X, -X.T),
    "diagonal": lambda X: np.allclose(X, np.diag(np.diag(X))),
    "lower": lambda X: np.allclose(X, np.tril(X)),
    "upper": lambda X: np.allclose(X, np.triu(X)),
    "orthogonal": lambda X: np.allclose(X @ X.T, np.eye(len(X))),
    "posdef": lambda X: np.allclose(X, X.T) and np.linalg.eigvalsh(X).min() > 0.1,
    "psd": lambda X: np.allclose(X, X.T) and np.linalg.eigvalsh(X).min() > -1e-12,
    "positive": lambda X: (X > 0).all(),
    "nonnegative": lambda X: (X >= 0).all(),
}
COMBINED = [("symmetric", "orthogonal"), ("posdef", "diagonal"), ("lower", "upper"), ("positive", "posdef"),
            ("lower", "symmetric"), ("orthogonal", "posdef"), ("orthogonal", "diagonal"), ("symmetric", "positive"),
            ("upper", "orthogonal"), ("lower", "posdef"), ("skew", "lower"), ("psd", "nonnegative")]


@pytest.mark.parametrize("properties", [*((name,) for name in TESTS), *COMBINED])
@pytest.mark.parametrize("positive", [False, True])
def test_points_respect_properties(properties: tuple[str, ...], positive: bool) -> None:
    node = b.variable("X", matrix(N, N), properties)
    for seed in range(10):
        for size in (1, 3, 4):
            X = draw_point({"X": node}, {"n": size}, np.random.default_rng(seed), positive)["X"]
            assert X.shape == (size, size)
            assert all(TESTS[name](X) for name in properties)
            if not {"skew", "psd"} & set(properties):
                assert np.linalg.cond(X) < 1e3


def test_families_have_a_leading_axis() -> None:
    family = b.item("C", matrix(N, N), "i", Dim.of("N"), ("posdef",))
    values = draw_point({"C": family, "s": b.variable("s", SCALAR)}, {"n": 2, "N": 5}, np.random.default_rng(0))
    assert values["C"].shape == (5, 2, 2) and values["s"].shape == ()
    assert all(TESTS["posdef"](member) for member in values["C"])
    assert not np.allclose(values["C"][0], values["C"][1])


def test_sizes_are_distinct() -> None:
    shapes = [matrix(Dim.of("m"), N), vector(Dim.of(3)), vector(Dim.of("k") * N), matrix(Dim.of("p"), Dim.of("q"))]
    nodes = [b.variable(f"v{i}", shape) for i, shape in enumerate(shapes)]
    for seed in range(20):
        sizes = draw_sizes([*nodes, b.dim_number(Dim.of("r"))], np.random.default_rng(seed))
        assert set(sizes) == {"m", "n", "k", "p", "q", "r"}
        assert len(set(sizes.values())) == 6 and 3 not in sizes.values() and min(sizes.values()) > 1
