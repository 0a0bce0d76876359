"""The numbers of SymPy expressions at given arrays, by NumPy: an oracle that shares no code with the conversion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalOf


def number(node: sympy.Basic, values: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> np.ndarray:
    """The value, a matrix for a matrix expression."""
    below = [number(a, values, sizes) for a in node.args] if type(node) in PLAIN else []
    if below:
        return np.asarray(PLAIN[type(node)](*below))
    if isinstance(node, sympy.MatrixSymbol):
        rows, cols = (length(s, sizes) for s in node.shape)
        return np.asarray(values[node.name]).reshape(rows, cols)
    if isinstance(node, sympy.Identity | sympy.OneMatrix | sympy.ZeroMatrix):
        rows, cols = (length(s, sizes) for s in node.shape)
        make = {sympy.Identity: lambda: np.eye(rows), sympy.OneMatrix: lambda: np.ones((rows, cols))}
        return next((m() for k, m in make.items() if isinstance(node, k)), np.zeros((rows, cols)))
    if isinstance(node, ElementwiseApplyFunction):
        inner = number(node.expr, values, sizes)
        (entry,), body = node.function.variables, node.function.expr
        return np.vectorize(lambda z: float(number(body.subs(entry, sympy.Float(z, 17)), values, sizes)))(inner)
    if isinstance(node, sympy.BlockMatrix):
        rows, cols = node.blockshape
        return np.block([[number(node.blocks[i, j], values, sizes) for j in range(cols)] for i in range(rows)])
    if isinstance(node, sympy.MatrixBase):
        rows, cols = node.shape
        return np.array([[float(number(node[i, j], values, sizes)) for j in range(cols)] for i in range(rows)])
    if isinstance(node, sympy.Sum):
        ((index, _, end),) = node.limits
        return sum((number(node.function.subs(index, k), values, sizes) for k in range(1, length(end, sizes) + 1)), np.asarray(0.0))
    if isinstance(node, sympy.Indexed):
        return np.asarray(values[str(node.base)])[int(node.indices[0]) - 1]
    if isinstance(node, sympy.Symbol):
        return np.asarray(values[node.name] if node.name in values else sizes[node.name])
    return np.asarray(float(node) if not node.args else float(node.func(*(float(number(a, values, sizes)) for a in node.args))))


def length(size: sympy.Basic, sizes: Mapping[str, int]) -> int:
    """The number that a symbolic size is."""
    size = sympy.sympify(size)
    return int(size.subs({s: sizes[s.name] for s in size.free_symbols}))


def product(*factors: np.ndarray) -> np.ndarray:
    """Numbers and matrices multiplied in order."""
    value = factors[0]
    for factor in factors[1:]:
        value = value * factor if 0 in (value.ndim, factor.ndim) else value @ factor
    return value


def together(*parts: np.ndarray) -> np.ndarray:
    """Entry by entry."""
    return np.asarray(np.prod(np.stack(parts), axis=0))


PLAIN = {
    sympy.Add: lambda *a: sum(a), sympy.MatAdd: lambda *a: sum(a), sympy.Mul: product, sympy.MatMul: product,
    sympy.Pow: lambda x, p: x**p, sympy.Transpose: np.transpose, sympy.Inverse: lambda x, *_: np.linalg.inv(x),
    sympy.MatPow: lambda x, k: np.linalg.matrix_power(x, int(k)), sympy.Trace: np.trace, sympy.Determinant: np.linalg.det,
    sympy.HadamardProduct: together, sympy.HadamardPower: lambda x, p: x**p, sympy.DiagMatrix: lambda v: np.diag(v.ravel()),
    DiagonalOf: lambda x: np.diag(x)[:, None], sympy.KroneckerProduct: np.kron,
}
