"""Emitted code on the arrays of each library: what a function gives, as arrays of NumPy."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from matcalc.evaluation import compiled

Point = Mapping[str, np.ndarray]


def is_there(package: str) -> bool:
    """Whether a package is installed."""
    return importlib.util.find_spec(package) is not None


def jax() -> ModuleType:
    """JAX with double precision."""
    found = import_module("jax")
    found.config.update("jax_enable_x64", True)
    return found


@dataclass(frozen=True)
class Runner:
    """A way to run emitted code.

    Attributes:
        target: what the code is written for.
        package: what has to be installed.
        to: the array of the library for one of NumPy.
        back: the other way round.
        around: what is done with the function first, such as tracing it.
    """

    target: str
    package: str
    to: Callable[[np.ndarray], Any]
    back: Callable[[Any], np.ndarray] = np.asarray
    around: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function

    def call(self, source: str, name: str, point: Point) -> list[np.ndarray]:
        """What the function gives at a point, an array for each result."""
        function = self.around(compiled(source, name))
        found = function(*(self.to(np.asarray(array)) for array in point.values()))
        return [self.back(part) for part in (found if isinstance(found, tuple) else (found,))]


def _strict() -> Any:
    return import_module("array_api_strict")


def _dask(array: np.ndarray) -> Any:
    return import_module("dask.array").from_array(array, chunks=-1)


RUNNERS: dict[str, Runner] = {
    "jax": Runner("jax", "jax", lambda a: jax().numpy.asarray(a)),
    "jax jit": Runner("jax", "jax", lambda a: jax().numpy.asarray(a), around=lambda f: jax().jit(f)),
    "torch": Runner("torch", "torch", lambda a: import_module("torch").from_numpy(np.array(a)), lambda t: t.numpy()),
    "strict": Runner("array-api", "array_api_strict", lambda a: _strict().asarray(a)),
    "array-api numpy": Runner("array-api", "array_api_compat", lambda a: a),
    "array-api torch": Runner("array-api", "torch", lambda a: import_module("torch").from_numpy(np.array(a)), lambda t: t.numpy()),
    "array-api jax": Runner("array-api", "jax", lambda a: jax().numpy.asarray(a)),
    "array-api dask": Runner("array-api", "dask", _dask),
}
"""By name."""


def are_equal(found: list[np.ndarray], wanted: list[np.ndarray], rtol: float = 1e-9) -> bool:
    """Whether arrays have the same shapes and, up to rounding, the same entries."""
    return len(found) == len(wanted) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=rtol * max(1.0, np.abs(b[np.isfinite(b)]).max(initial=0.0)), equal_nan=True)
        for a, b in zip(found, map(np.asarray, wanted), strict=True))
