"""Derivatives by other functions of the interface, as whole arrays: products with unit directions, gradients, SciPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from matcalc import gradients
from matcalc.check.evaluate import Array
from matcalc.derivative import Derivative
from matcalc.evaluation import compiled
from tests.fuzz.case import Case

MAX_DIRECTIONS = 16
"""So many unit directions are multiplied with at most."""


def routes(case: Case, d: Derivative) -> Iterator[tuple[str, Callable[[], Array]]]:
    """The names of the routes that a case has, and what computes the array of its derivative by each."""
    shape = tuple(dim.evaluate(case.sizes) for dim in d.tensor.axes)
    rank = len(case.expr.shape.dims)
    value, last = shape[:rank], shape[len(shape) - (len(shape) - rank) // case.order :]
    if case.order == 1:
        if _count(last) <= MAX_DIRECTIONS:
            yield "products on the right", lambda: _along(d.jvp(), case, last, leading=False)
        if _count(value) <= MAX_DIRECTIONS:
            yield "products on the left", lambda: _along(d.vjp(), case, value, leading=True)
        if not rank and isinstance(case.wrt, str):
            yield "gradients", lambda: _gradient(case)
    elif not rank and _count(last) <= MAX_DIRECTIONS:
        yield "products with the Hessian", lambda: _along(d.hvp(), case, last, leading=False)
    yield "code with SciPy", lambda: _by_scipy(case, d)


def _count(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=int))


def _along(product_: Any, case: Case, shape: tuple[int, ...], leading: bool) -> Array:
    """All products with unit directions, their indices in front or at the end."""
    parts = []
    for index in product(*map(range, shape)):
        direction = np.zeros(shape)
        direction[index] = 1.0
        parts.append(np.asarray(product_(**case.point, **{product_.direction: direction})))
    whole = np.array(parts).reshape((*shape, *parts[0].shape))
    return whole if leading else np.moveaxis(whole, range(len(shape)), range(-len(shape), 0))


def _gradient(case: Case) -> Array:
    found = gradients(case.text, [str(case.wrt)], case.declare)
    _, by_name = found(**case.point)
    return np.asarray(next(iter(by_name.values())))


def _by_scipy(case: Case, d: Derivative) -> Array:
    function = compiled(d.numpy("f", linalg="scipy"), "f")
    return np.asarray(function(*(case.point[name] for name in d.array_names)))
