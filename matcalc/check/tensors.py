"""Defining interpreter of the index language: one einsum a product, slow and obvious."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from matcalc.check.evaluate import MAPS
from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.ir.nodes import Tensor, factors_of

Array = np.ndarray


def evaluate_tensor(node: Tensor, values: Mapping[str, Array], sizes: Mapping[str, int],
                    known: Mapping[Tensor, Array] | None = None) -> Array:
    """The array of a tensor, axes in order; the arrays of some parts may be known."""

    def visit(t: Tensor, args: tuple[Array, ...]) -> Array:
        if t.head == "var":
            return np.asarray(values[str(t.data[0])])
        if t.head == "contract":
            return _contract(t, args)
        shape = tuple(d.evaluate(sizes) for d in t.axes)
        if t.head == "lin":
            return sum((float(c) * a for c, a in zip(t.coefficients, args, strict=True)), np.zeros(shape))
        if t.head in SIZED_EVALUATORS:
            return SIZED_EVALUATORS[t.head](t, shape, sizes)
        return TENSOR_EVALUATORS[t.head](t, shape, args)

    return fold(node, visit, dict(known or {}))


def _contract(node: Tensor, args: tuple[Array, ...]) -> Array:
    operands: list[object] = []
    for (_, idx), array in zip(factors_of(node), args, strict=True):
        operands += [array, list(idx)]
    if not operands:
        return np.asarray(1.0)
    return np.asarray(np.einsum(*operands, list(range(node.rank)), optimize="greedy"))  # type: ignore[call-overload]


def _normalised(t: Tensor, _: tuple[int, ...], args: tuple[Array, ...]) -> Array:
    """softmax or logsumexp, one by one along the leading axes."""
    lead = int(str(t.data[0]))
    rest = tuple(range(lead, args[0].ndim))
    top = args[0].real.max(axis=rest, keepdims=True)
    weights = np.exp(args[0] - top)
    total = weights.sum(axis=rest, keepdims=True)
    return np.asarray(weights / total if t.head == "softmax" else (top + np.log(total)).sum(axis=rest))


def _exponential(x: Array) -> Array:
    """The exponential series of x / 2^s, then s squarings."""
    squarings = int(np.ceil(np.log2(1.0 + np.abs(x).sum())))
    total = term = np.eye(len(x))
    for k in range(1, 24):
        term = term @ x / (k * 2.0**squarings)
        total = total + term
    for _ in range(squarings):
        total = total @ total
    return total


# ---------------------------------------------------------------- constants that select
def _position(t: Tensor, sizes: Mapping[str, int]) -> int:
    dim = t.data[0]
    assert isinstance(dim, Dim)
    return dim.evaluate(sizes)


def _basis(t: Tensor, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
    value = np.zeros(shape)
    value[_position(t, sizes)] = 1.0
    return value


def _embed(t: Tensor, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
    value = np.zeros(shape)
    for i in range(shape[0]):
        value[i, i + _position(t, sizes)] = 1.0
    return value


def _fuse(t: Tensor, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
    value = np.zeros(shape)
    for j in range(shape[1]):
        for i in range(shape[2]):
            value[i + shape[2] * j, j, i] = 1.0
    return value


def _size(t: Tensor, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Array:
    return np.asarray(float(_position(t, sizes)))


SIZED_EVALUATORS: dict[str, Callable[[Tensor, tuple[int, ...], Mapping[str, int]], Array]] = {
    "size": _size, "basis": _basis, "embed": _embed, "fuse": _fuse,
}
"""The heads whose value depends on sizes beyond their own axes."""

TENSOR_EVALUATORS: dict[str, Callable[[Tensor, tuple[int, ...], tuple[Array, ...]], Array]] = {
    "delta": lambda _, shape, __: np.eye(shape[0]),
    "ones": lambda _, shape, __: np.ones(shape),
    "pi": lambda *_: np.asarray(np.pi),
    "map": lambda t, _, args: np.asarray(MAPS[str(t.data[0])](*args)),
    "pow": lambda _, __, args: np.asarray(np.asarray(args[0], dtype=np.result_type(*args, 1.0)) ** args[1]),
    "matpow": lambda t, _, args: np.linalg.matrix_power(args[0], int(str(t.data[0]))),
    "det": lambda _, __, args: np.asarray(np.linalg.det(args[0])),
    "logdet": lambda _, __, args: np.asarray(np.linalg.slogdet(args[0])[1]),
    "expm": lambda _, __, args: _exponential(args[0]),
    "softmax": _normalised,
    "logsumexp": _normalised,
}
