"""Code by SciPy beside code by NumPy: `python -m benchmarks.linalg [PREFIX ...]`, on one core with one BLAS thread.

Prints for each problem and size the microseconds of a call by NumPy and by SciPy and the ratio, below 1 where SciPy wins.
"""

from __future__ import annotations

import os

from benchmarks import THREADS

os.environ.update(dict.fromkeys(THREADS, "1"))

import sys
from functools import partial

import numpy as np

from benchmarks.clock import measured
from benchmarks.emitted import emitted
from benchmarks.problems import PROBLEMS, SIZES, Problem

DEFAULT = ("P1.", "P2.", "P3.hess", "P7.", "P8.", "P9.grad", "P12.")
LIBRARIES = ("numpy", "scipy")


def line(problem: Problem) -> str:
    """One line of the table; results are compared first."""
    codes = {library: emitted(problem, library) for library in LIBRARIES}
    parts = []
    for size in SIZES:
        point = problem.point(size, codes["numpy"].parameters)
        arrays = [point[n] for n in codes["numpy"].parameters]
        for one, other in zip(*(_flat(code.function(*arrays)) for code in codes.values()), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9 * max(1.0, float(np.abs(one).max())))
        times = measured({library: partial(code.function, *arrays) for library, code in codes.items()})
        noisy = "~" if times["scipy"].is_noisy(times["numpy"]) else ""
        ratio = f"{times['scipy'].ratio(times['numpy']):.2f}{noisy}"
        parts.append(f"{times['numpy'].median * 1e6:.1f} | {times['scipy'].median * 1e6:.1f} | {ratio}")
    return f"| {problem.key} | {' | '.join(parts)} |"


def _flat(found: object) -> tuple[np.ndarray, ...]:
    return tuple(map(np.asarray, found)) if isinstance(found, tuple) else (np.asarray(found),)


def main() -> None:
    """Prints the table."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"| task | {' | '.join(f'{size}: NumPy, us | SciPy, us | ratio' for size in SIZES)} |")
    print(f"|{' --- |' * (1 + 3 * len(SIZES))}")
    for problem in PROBLEMS:
        if problem.key.startswith(tuple(sys.argv[1:]) or DEFAULT):
            print(line(problem), flush=True)


if __name__ == "__main__":
    main()
