"""What a derivative by independent entries becomes when the entries of a matrix depend on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matcalc.check.differences import Block
from matcalc.check.evaluate import Array
from matcalc.check.sample import properties_of
from matcalc.expr.nodes import Expr


def follow_structure(value: Array, blocks: Sequence[Block], variables: Mapping[str, Expr], convention: str | None) -> Array:
    """The derivative along the directions in which structured matrices can move.

    An entry of a symmetric matrix moves with its mirror image, of a skew one against it, of a diagonal one only on the
    diagonal. By entries the derivatives of what moves together add up; projected they are shared out evenly.

    Args:
        value: the derivative by all entries; axes of the output, then those of each block.
        blocks: what was differentiated by.
        variables: the `var` or `item` node of every name.
        convention: "entries", "projection", or None for the derivative as it is.
    """
    if convention is None:
        return value
    sizes = [1 if not isinstance(b, str) else len(variables[b].shape.dims) + (variables[b].head == "item") for b in blocks]
    at = value.ndim - sum(sizes)
    for block, size in zip(blocks, sizes, strict=True):
        found = properties_of(variables[block]) if isinstance(block, str) else frozenset()
        value = _along(value, at + size - 2, found, convention)
        at += size
    return value


def _along(value: Array, at: int, found: frozenset[str], convention: str) -> Array:
    if not found & {"symmetric", "posdef", "psd", "skew", "diagonal"}:
        return value
    matrices = np.moveaxis(value, (at, at + 1), (-2, -1))
    result = np.zeros_like(matrices)
    n = matrices.shape[-1]
    for i in range(n):
        for j in range(n):
            direction = np.zeros((n, n))
            direction[i, j] = 1.0
            if "diagonal" in found:
                direction *= i == j
            elif "skew" in found:
                direction[j, i] -= 1.0
            else:
                direction[j, i] = 1.0
            moved = (matrices * direction).sum(axis=(-2, -1))
            share = 0.5 if convention == "projection" and i != j and "diagonal" not in found else 1.0
            result[..., i, j] = share * moved
    return np.moveaxis(result, (-2, -1), (at, at + 1))
