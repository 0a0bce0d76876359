"""Defining interpreter of the index language: one einsum a product, slow and obvious."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from matcalc.check.evaluate import MAPS
from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.ir.nodes import Tensor, factors_of

Array = np.ndarray


def evaluate_tensor(node: Tensor, values: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The array of a tensor, axes in order."""

    def visit(t: Tensor, args: tuple[Array, ...]) -> Array:
        if t.head == "var":
            return np.asarray(values[str(t.data[0])])
        if t.head == "contract":
            return _contract(t, args)
        shape = tuple(d.evaluate(sizes) for d in t.axes)
        if t.head == "lin":
            return sum((float(c) * a for c, a in zip(t.coefficients, args, strict=True)), np.zeros(shape))
        if t.head == "size":
            dim = t.data[0]
            assert isinstance(dim, Dim)
            return np.asarray(float(dim.evaluate(sizes)))
        return TENSOR_EVALUATORS[t.head](t, shape, args)

    return fold(node, visit)


def _contract(node: Tensor, args: tuple[Array, ...]) -> Array:
    operands: list[object] = []
    for (_, idx), array in zip(factors_of(node), args, strict=True):
        operands += [array, list(idx)]
    if not operands:
        return np.asarray(1.0)
    return np.asarray(np.einsum(*operands, list(range(node.rank)), optimize="greedy"))  # type: ignore[call-overload]


def _softmax(_: Tensor, __: tuple[int, ...], args: tuple[Array, ...]) -> Array:
    e = np.exp(args[0] - args[0].real.max())
    return np.asarray(e / e.sum())


def _logsumexp(_: Tensor, __: tuple[int, ...], args: tuple[Array, ...]) -> Array:
    top = args[0].real.max()
    return np.asarray(top + np.log(np.exp(args[0] - top).sum()))


TENSOR_EVALUATORS: dict[str, Callable[[Tensor, tuple[int, ...], tuple[Array, ...]], Array]] = {
    "delta": lambda _, shape, __: np.eye(shape[0]),
    "ones": lambda _, shape, __: np.ones(shape),
    "pi": lambda *_: np.asarray(np.pi),
    "map": lambda t, _, args: np.asarray(MAPS[str(t.data[0])](*args)),
    "pow": lambda _, __, args: np.asarray(np.asarray(args[0], dtype=np.result_type(*args, 1.0)) ** args[1]),
    "matpow": lambda t, _, args: np.linalg.matrix_power(args[0], int(str(t.data[0]))),
    "det": lambda _, __, args: np.asarray(np.linalg.det(args[0])),
    "logdet": lambda _, __, args: np.asarray(np.linalg.slogdet(args[0])[1]),
    "softmax": _softmax,
    "logsumexp": _logsumexp,
}
