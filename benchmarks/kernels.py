"""The choices that `matcalc/plan/costs.py` makes, measured: `python -m benchmarks.kernels [--write]`.

Each row is one choice at one size: the seconds of both ways, one core, medians of calls that take turns. `--write` keeps
them in `tests/plan/measured.toml`, which the tests hold the rules of the planner against.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1"))

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.clock import measured

Array = np.ndarray
Way = Callable[[], object]
KEPT = Path(__file__).resolve().parent.parent / "tests" / "plan" / "measured.toml"
RNG = np.random.default_rng(0)


def gram(n: int) -> dict[str, Way]:
    """2 X^T X, the factor first, or one triangle and the factor afterwards."""
    X = RNG.standard_normal((3 * n, n))

    def triangle() -> Array:
        out = X.T.dot(X)
        out *= 2.0
        return out

    return {"general": lambda: (2.0 * X.T).dot(X), "triangle": triangle}


def outer(n: int) -> dict[str, Way]:
    """u v^T."""
    u, v = RNG.standard_normal(n), RNG.standard_normal(n)
    return {"matmul": lambda: u[:, None].dot(v[None, :]), "einsum": lambda: np.einsum("i,j->ij", u, v)}


def softplus(n: int) -> dict[str, Way]:
    """log(1 + exp(z))."""
    z = RNG.standard_normal(n)
    return {"one": lambda: np.logaddexp(0.0, z), "several": lambda: np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)}


def residual(m: int, n: int, k: int) -> dict[str, Way]:
    """(U V^T - T) V, through the residual, or term by term."""
    T, U, V = RNG.standard_normal((m, n)), RNG.standard_normal((m, k)), RNG.standard_normal((n, k))

    def whole() -> Array:
        r = U.dot(V.T)
        r -= T
        return r.dot(V)

    def apart() -> Array:
        r = U.dot((1.0 * V.T).dot(V))
        r -= T.dot(V)
        return r

    return {"whole": whole, "apart": apart}


def chain(*sizes: int) -> dict[str, Way]:
    """A product of three factors, from the left or from the right."""
    A, B, C = (RNG.standard_normal((p, q)) for p, q in pairwise(sizes))
    if sizes[-1] == 1:
        C = C[:, 0]
    return {"left": lambda: A.dot(B).dot(C), "right": lambda: A.dot(B.dot(C))}


CHOICES: dict[str, tuple[Callable[..., dict[str, Way]], list[tuple[int, ...]]]] = {
    "gram": (gram, [(n,) for n in (5, 10, 20, 40, 80, 160, 320, 640)]),
    "outer": (outer, [(n,) for n in (10, 30, 100, 300, 600, 1500, 2500)]),
    "softplus": (softplus, [(n,) for n in (1, 10, 30, 100, 300, 1000, 10000)]),
    "residual": (residual, [(20, 20, 3), (20, 20, 10), (300, 200, 20), (300, 200, 100), (300, 30, 20), (2000, 1000, 50), (1000, 1000, 400)]),
    "chain": (chain, [(100, 100, 100, 1), (10, 10, 10, 1), (20, 300, 20, 300), (300, 20, 300, 20), (500, 10, 400, 30), (30, 400, 10, 500)]),
}


def rows() -> Iterator[tuple[str, tuple[int, ...], dict[str, float]]]:
    """Every choice at every size, with the seconds of its ways."""
    for choice, (ways, sizes) in CHOICES.items():
        for size in sizes:
            yield choice, size, {name: times.median for name, times in measured(ways(*size)).items()}


def main() -> int:
    """Measures, prints, and keeps."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    lines = [f"# Written by `python -m benchmarks.kernels --write`: microseconds, NumPy {np.__version__}, one core."]
    for choice, size, seconds in rows():
        times = ", ".join(f"{name} = {1e6 * s:.3g}" for name, s in seconds.items())
        lines.append(f'\n[[measured]]\nchoice = "{choice}"\nsizes = {list(size)}\nmicroseconds = {{ {times} }}')
        print(f"{choice:10} {size!s:18} {times}", flush=True)
    if "--write" in sys.argv:
        KEPT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
