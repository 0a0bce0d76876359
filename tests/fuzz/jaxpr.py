"""Programs that JAX traced, run by NumPy one operation at a time; what is not in the table is run by JAX."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend import core

Array = Any


def run(function: Callable[[Array], Array], at: Array) -> np.ndarray:
    """The value of a function that JAX traces."""
    closed = jax.make_jaxpr(function)(at)
    with np.errstate(all="ignore"):
        return np.asarray(_run(closed.jaxpr, closed.consts, [at])[0])


def _run(jaxpr: Any, consts: Sequence[Array], args: Sequence[Array]) -> list[Array]:
    known: dict[Any, Array] = {}

    def read(v: Any) -> Array:
        return v.val if isinstance(v, core.Literal) else known[v]

    known.update(zip(jaxpr.constvars, (np.asarray(c) for c in consts), strict=True))
    known.update(zip(jaxpr.invars, args, strict=True))
    for eqn in jaxpr.eqns:
        found = _apply(eqn, [np.asarray(read(v)) for v in eqn.invars])
        known.update(zip(eqn.outvars, found, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _apply(eqn: Any, args: list[Array]) -> Sequence[Array]:
    name, params = eqn.primitive.name, eqn.params
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        inner = params.get(key)
        if inner is not None and name not in ("while", "cond", "scan", "custom_linear_solve"):
            closed = hasattr(inner, "consts")
            return _run(inner.jaxpr if closed else inner, inner.consts if closed else (), args)
    if name in PRIMITIVES:
        found = PRIMITIVES[name](params, *args)
        return found if eqn.primitive.multiple_results else [found]
    found = eqn.primitive.bind(*args, **params)
    return [np.asarray(f) for f in found] if eqn.primitive.multiple_results else [np.asarray(found)]


def _dot_general(params: Any, a: Array, b: Array) -> Array:
    (left, right), (left_batch, right_batch) = params["dimension_numbers"]
    letters = iter(range(52))
    one, two = [-1] * a.ndim, [-1] * b.ndim
    for i, j in [*zip(left_batch, right_batch, strict=True), *zip(left, right, strict=True)]:
        one[i] = two[j] = next(letters)
    one, two = ([next(letters) if k < 0 else k for k in axes] for axes in (one, two))
    batch = [one[i] for i in left_batch]
    out = batch + [k for i, k in enumerate(one) if i not in (*left, *left_batch)] + [
        k for j, k in enumerate(two) if j not in (*right, *right_batch)]
    return np.einsum(a, one, b, two, out)


def _broadcast(params: Any, x: Array, *_: Array) -> Array:
    shape, axes = params["shape"], params["broadcast_dimensions"]
    return np.broadcast_to(x.reshape([x.shape[axes.index(k)] if k in axes else 1 for k in range(len(shape))]), shape)


def _pad(params: Any, x: Array, fill: Array) -> Array:
    if any(low < 0 or high < 0 or inner for low, high, inner in params["padding_config"]):
        return np.asarray(jax.lax.pad(x, fill, params["padding_config"]))
    return np.pad(x, [(low, high) for low, high, _ in params["padding_config"]], constant_values=fill)


def _slice(params: Any, x: Array) -> Array:
    steps = params["strides"] or [1] * x.ndim
    return x[tuple(slice(*s) for s in zip(params["start_indices"], params["limit_indices"], steps, strict=True))]


def _select(params: Any, which: Array, *cases: Array) -> Array:
    return np.where(which == 0, cases[0], cases[1])


def _iota(params: Any) -> Array:
    shape, axis = params["shape"], params["dimension"]
    line = np.arange(shape[axis], dtype=params["dtype"]).reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return np.broadcast_to(line, shape)


def _plain(function: Callable[..., Array]) -> Callable[..., Array]:
    return lambda params, *args: function(*args)


_ERF = np.vectorize(math.erf, otypes=[float])

PRIMITIVES: dict[str, Callable[..., Any]] = {
    **{name: _plain(f) for name, f in {
        "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
        "exp": np.exp, "log": np.log, "log1p": np.log1p, "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh,
        "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "sqrt": np.sqrt,
        "rsqrt": lambda x: 1 / np.sqrt(x), "abs": np.abs, "sign": np.sign, "max": np.maximum, "min": np.minimum,
        "gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
        "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "stop_gradient": lambda x: x, "copy": lambda x: x,
        "copy_p": lambda x: x, "square": np.square, "erf": lambda x: _ERF(x) if x.size else x,
    }.items()},
    "pow": lambda p, x, y: np.power(x, y),
    "integer_pow": lambda p, x: 1.0 / x ** -p["y"] if p["y"] < 0 else x ** p["y"],
    "dot_general": _dot_general,
    "broadcast_in_dim": _broadcast,
    "reshape": lambda p, x, *_: x.reshape(p["new_sizes"]),
    "squeeze": lambda p, x: x.reshape([n for k, n in enumerate(x.shape) if k not in {d % x.ndim for d in p["dimensions"]}]),
    "transpose": lambda p, x: np.transpose(x, p["permutation"]),
    "concatenate": lambda p, *xs: np.concatenate(xs, axis=p["dimension"]),
    "pad": _pad,
    "slice": _slice,
    "select_n": _select,
    "iota": _iota,
    "convert_element_type": lambda p, x: x.astype(p["new_dtype"]),
    "reduce_sum": lambda p, x, *_: x.sum(axis=tuple(p["axes"])),
    "reduce_max": lambda p, x, *_: x.max(axis=tuple(p["axes"])),
    "reduce_min": lambda p, x, *_: x.min(axis=tuple(p["axes"])),
    "reduce_prod": lambda p, x, *_: x.prod(axis=tuple(p["axes"])),
    "reduce_and": lambda p, x, *_: x.all(axis=tuple(p["axes"])),
    "reduce_or": lambda p, x, *_: x.any(axis=tuple(p["axes"])),
}
