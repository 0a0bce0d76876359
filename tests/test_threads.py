"""Threads that derive at the same time get what they would get alone."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import numpy as np
import pytest

from matcalc import derive, parse

THREADS = 6
T = TypeVar("T")


@pytest.fixture(autouse=True)
def _busy() -> Iterator[None]:
    """Threads take turns and garbage is collected as often as can be."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(100, 5, 5)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


def at_once(work: Callable[[], T]) -> list[T]:
    """What each of some threads gets, that begin together."""
    start = Barrier(THREADS)

    def begin() -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(begin) for _ in range(THREADS)]]


def formula(n: int) -> tuple[str, str]:
    """A formula of names that occur in no other one, and one of its variables."""
    x = f"p{n}"
    return f"{x}^T A{n} {x} + sum(exp(B{n} {x})) + ||{x} - q{n}||^2 + log(1 + {x}^T {x}) + logsumexp(C{n} {x})", x


def test_equal_nodes_are_one() -> None:
    for n in range(6):
        assert len(set(at_once(lambda n=n: parse(formula(n)[0]).expr))) == 1  # type: ignore[misc]


def test_derivatives_are_those_of_one_thread() -> None:
    for n in range(100, 102):
        text, x = formula(n)
        found = at_once(lambda text=text, x=x: (str(d := derive(text, x)), d.numpy()))  # type: ignore[misc]
        d = derive(text, x)
        assert set(found) == {(str(d), d.numpy())}


def test_functions_are_compiled_by_several_threads() -> None:
    x, A = np.arange(3.0), np.eye(3)
    for n in range(200, 205):
        for value in at_once(lambda n=n: derive(f"{n} x^T A x", "x")(x=x, A=A)):  # type: ignore[misc]
            assert np.array_equal(value, 2 * n * x)
