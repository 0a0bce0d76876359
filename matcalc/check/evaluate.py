"""The meaning of every head, as a slow and obvious interpreter in NumPy.

It shares nothing with the emitters and the simplifier. Scalars are 0-D arrays, vectors and rows 1-D, matrices 2-D.
Complex arguments are carried through analytically (nothing is conjugated; branches follow the real part), so that the
complex step applies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcalc.core.dims import Dim, Shape
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr

Array = NDArray[Any]
DIFFERENCE_STEP = 1e-3


@dataclass(frozen=True)
class Scope:
    """What the leaves refer to: values of the variables, sizes of the dimensions, current data indices (from 0)."""

    values: Mapping[str, Array]
    sizes: Mapping[str, int]
    indices: Mapping[str, int] = field(default_factory=dict)


Evaluator = Callable[[Expr, tuple[Array, ...], Scope], Array]


def evaluate(node: Expr, values: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The value of an expression.

    Args:
        node: the expression.
        values: an array for each variable; a family has its data axis first.
        sizes: a number for each named dimension.
    """
    with np.errstate(all="ignore"):
        return _evaluate(node, Scope(values, sizes))


def _evaluate(root: Expr, scope: Scope) -> Array:
    memo = {node: _datasum(node, scope) for node in _outer_datasums(root)}
    return fold(root, lambda node, args: np.asarray(EVALUATORS[node.head](node, args, scope)), memo)


def _outer_datasums(root: Expr) -> list[Expr]:
    """The sums over data that are not inside another one."""
    found: list[Expr] = []
    seen: set[Expr] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.head == "datasum":
            found.append(node)
        else:
            stack.extend(node.args)
    return found


def _datasum(node: Expr, scope: Scope) -> Array:
    index, size = str(node.data[0]), _dim(node.data[1])
    total: Array = np.zeros(array_shape(node.shape, scope.sizes))
    for k in range(size.evaluate(scope.sizes)):
        inner = Scope(scope.values, scope.sizes, {**scope.indices, index: k})
        total = total + _evaluate(node.args[0], inner)
    return total


def array_shape(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of the array that holds a value."""
    return tuple(dim.evaluate(sizes) for dim in shape.dims)


def _dim(value: object) -> Dim:
    assert isinstance(value, Dim)
    return value


# ---------------------------------------------------------------- leaves
def _num(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    value = node.data[0]
    assert isinstance(value, Fraction)
    return np.asarray(value.numerator / value.denominator)


def _var(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    if node.name not in scope.values:
        raise DeclarationError(f"no value for `{node.name}`", hint="an array for each variable of the formula")
    return _shaped(node, np.asarray(scope.values[node.name]), scope)


def _item(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    if node.name not in scope.values:
        raise DeclarationError(f"no value for `{node.name}`", hint="an array for each variable of the formula")
    index = str(node.data[2])
    if index not in scope.indices:
        raise DeclarationError(f"`{node.name}_{index}` occurs outside a sum over `{index}`",
                               hint=f"sum_{{{index}=1}}^N ...")
    family = np.asarray(scope.values[node.name])
    length = _dim(node.data[3]).evaluate(scope.sizes)
    if family.ndim == 0 or family.shape[0] != length:
        raise ShapeError(f"the family `{node.name}` has the shape {family.shape}, not {length} members",
                         hint="the members stand along the first axis")
    return _shaped(node, np.asarray(family[scope.indices[index]]), scope)


def _shaped(node: Expr, value: Array, scope: Scope) -> Array:
    wanted = array_shape(node.shape, scope.sizes)
    if value.shape != wanted:
        raise ShapeError(f"the array for `{node.name}` has the shape {value.shape}, not {wanted}",
                         hint="the sizes that one letter stands for are equal in all arrays")
    return value if value.dtype.kind in "fc" else value.astype(float)


# ---------------------------------------------------------------- sums, products, powers
def _add(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    total: Array = np.zeros(array_shape(node.shape, scope.sizes))
    for arg in args:
        total = total + arg
    return total


def _product(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    value, kind = args[0], node.args[0].shape.kind
    for factor, arg in zip(node.args[1:], args[1:], strict=True):
        kinds = (kind, factor.shape.kind)
        if "scalar" in kinds:
            value, kind = value * arg, kinds[1] if kinds[0] == "scalar" else kinds[0]
        elif kinds == ("vector", "row"):
            value, kind = np.outer(value, arg), "matrix"
        else:
            value, kind = np.asarray(value @ arg), _CONTRACTED[kinds]
    return value


_CONTRACTED: dict[tuple[str, str], Any] = {
    ("row", "vector"): "scalar",
    ("row", "matrix"): "row",
    ("matrix", "vector"): "vector",
    ("matrix", "matrix"): "matrix",
}


def _hadamard(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    value: Array = np.ones(array_shape(node.shape, scope.sizes))
    for arg in args:
        value = value * arg
    return value


def _power(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    base, exponent = args
    if exponent.ndim == 0 and exponent.dtype.kind == "f" and float(exponent).is_integer() and abs(exponent) <= 64:
        return _integer_power(base, int(exponent))
    if base.dtype.kind == exponent.dtype.kind == "f":
        return np.asarray(np.power(base, exponent))
    return np.asarray(np.exp(exponent * np.log(base.astype(complex))))


def _integer_power(base: Array, k: int) -> Array:
    value: Array = np.ones(base.shape)
    for _ in range(abs(k)):
        value = value * base
    return np.asarray(1.0 / value) if k < 0 else value


def _matpow(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    k = int(str(node.data[0]))
    factor = np.linalg.inv(args[0]) if k < 0 else args[0]
    value: Array = np.eye(len(factor))
    for _ in range(abs(k)):
        value = value @ factor
    return value


# ---------------------------------------------------------------- elementwise functions
def _sign_of(z: Array) -> Array:
    """1 or -1 by the real part, 1 at zero."""
    return np.where(z.real >= 0, 1.0, -1.0)


def _sigmoid(z: Array) -> Array:
    small = np.exp(-z * _sign_of(z))
    return np.asarray(np.where(z.real >= 0, 1 / (1 + small), small / (1 + small)))


def _softplus(z: Array) -> Array:
    return np.asarray(np.where(z.real >= 0, z, 0.0) + np.log1p(np.exp(-z * _sign_of(z))))


def _compared(holds: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """1 where a comparison holds, 0 where it does not, no number where one of the sides is none."""
    return lambda a, b=0.0: np.where(np.isnan(a.real) | np.isnan(b.real), np.nan, np.where(holds(a.real, b.real), 1.0, 0.0))


def _larger(a: Array, b: Array) -> Array:
    return np.where(np.isnan(a.real) | (a.real >= b.real), a, b)


def _erf(z: Array) -> Array:
    real = np.asarray(np.vectorize(math.erf, otypes=[float])(z.real))
    if z.dtype.kind == "f":
        return real
    return np.asarray(real + 1j * z.imag * (2 / math.sqrt(math.pi)) * np.exp(-(z.real**2)))


MAPS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
    "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "sigmoid": _sigmoid, "softplus": _softplus, "erf": _erf,
    "relu": lambda z: _larger(z, np.zeros_like(z)),
    "step": _compared(np.greater),
    "abs": lambda z: z * np.sign(z.real),
    "sign": lambda z: np.sign(z.real),
    "max": _larger,
    "min": lambda a, b: -_larger(-a, -b),
    "gt": _compared(np.greater), "ge": _compared(np.greater_equal), "lt": _compared(np.less), "le": _compared(np.less_equal),
}
"""The meaning of every name in FUNCTIONS and COMPARISONS."""


# ---------------------------------------------------------------- functions of matrices
def _logdet(x: Array) -> Array:
    sign, logabs = np.linalg.slogdet(x)
    return np.asarray(logabs) if x.dtype.kind == "f" else np.asarray(logabs + np.log(sign * np.sign(sign.real)))


def _expm(x: Array) -> Array:
    """Scaling and squaring with the diagonal Pade approximant of order 8."""
    size = float(np.abs(x).sum(axis=0).max(initial=0.0))
    squarings = max(0, math.ceil(math.log2(size)) + 1) if 0 < size < math.inf else 0
    x = x / 2.0**squarings
    order, coefficient = 8, 1.0
    numerator = denominator = term = np.eye(len(x))
    for k in range(1, order + 1):
        coefficient *= (order - k + 1) / (k * (2 * order - k + 1))
        term = term @ x
        numerator = numerator + coefficient * term
        denominator = denominator + (-1) ** k * coefficient * term
    value: Array = np.linalg.solve(denominator, numerator)
    for _ in range(squarings):
        value = value @ value
    return value


def _norm(v: Array) -> Array:
    """The root of the sum of squares; constant zero at the origin, where its derivative is defined as zero."""
    return np.asarray(np.sqrt((v * v).sum())) if v.real.any() else np.zeros(())


def _logsumexp(v: Array) -> Array:
    top = v.real.max()
    return np.asarray(top + np.log(np.exp(v - top).sum()))


def _softmax(v: Array) -> Array:
    weights = np.exp(v - v.real.max())
    return np.asarray(weights / weights.sum())


# ---------------------------------------------------------------- structure
def _as_matrix(value: Array, shape: Shape) -> Array:
    if shape.kind == "matrix":
        return value
    return value.reshape(-1, 1) if shape.kind == "vector" else value.reshape(1, -1)


def _kron(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    left, right = (_as_matrix(v, a.shape) for v, a in zip(args, node.args, strict=True))
    return np.kron(left, right).reshape(array_shape(node.shape, scope.sizes))


def _commutation(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    m, n = (_dim(size).evaluate(scope.sizes) for size in node.data)
    value: Array = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            value[j + n * i, i + m * j] = 1.0
    return value


def _block(node: Expr, args: tuple[Array, ...], scope: Scope) -> Array:
    width = int(str(node.data[1]))
    entries = [_as_matrix(v, a.shape) for v, a in zip(args, node.args, strict=True)]
    lines = [np.concatenate(entries[i : i + width], axis=1) for i in range(0, len(entries), width)]
    return np.concatenate(lines, axis=0).reshape(array_shape(node.shape, scope.sizes))


def _of(function: Callable[[Array], Any]) -> Evaluator:
    """The evaluator of a head that is a function of the value of its one argument."""
    return lambda node, args, scope: np.asarray(function(args[0]))


def direction_of(name: str) -> str:
    """The key under which the values hold the direction in which a variable moves."""
    return f"d {name}"


def _along(node: Expr, scope: Scope, direction: Array) -> Array:
    """How the value of u changes as v moves: central differences, extrapolated once."""
    u, v = node.args
    base = np.asarray(scope.values[v.name], dtype=float)

    def slope(step: float) -> Array:
        sides = [Scope({**scope.values, v.name: base + t * direction}, scope.sizes, scope.indices) for t in (step, -step)]
        above, below = (_evaluate(u, side) for side in sides)
        return np.asarray((above - below) / (2 * step))

    return np.asarray((4 * slope(DIFFERENCE_STEP / 2) - slope(DIFFERENCE_STEP)) / 3)


EVALUATORS: dict[str, Evaluator] = {
    "num": _num,
    "pi": lambda node, args, scope: np.asarray(math.pi),
    "dim": lambda node, args, scope: np.asarray(float(_dim(node.data[0]).evaluate(scope.sizes))),
    "var": _var,
    "item": _item,
    "identity": lambda node, args, scope: np.eye(node.shape.rows.evaluate(scope.sizes)),
    "ones": lambda node, args, scope: np.ones(array_shape(node.shape, scope.sizes)),
    "zeros": lambda node, args, scope: np.zeros(array_shape(node.shape, scope.sizes)),
    "commutation": _commutation,
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "power": _power,
    "matpow": _matpow,
    "transpose": _of(lambda x: x.T),
    "map": lambda node, args, scope: np.asarray(MAPS[node.name](*args)),
    "tr": _of(np.trace),
    "det": _of(np.linalg.det),
    "logdet": _of(_logdet),
    "diag": _of(np.diag),
    "diagonal": _of(np.diagonal),
    "vec": _of(lambda x: x.reshape(-1, order="F")),
    "unvec": lambda node, args, scope: args[0].reshape(array_shape(node.shape, scope.sizes), order="F"),
    "kron": _kron,
    "expm": _of(_expm),
    "sum": _of(np.sum),
    "mean": _of(np.mean),
    "softmax": _of(_softmax),
    "logsumexp": _of(_logsumexp),
    "norm": _of(_norm),
    "norm1": _of(lambda v: (v * np.sign(v.real)).sum()),
    "block": _block,
    "datasum": lambda node, args, scope: _datasum(node, scope),
    "differential": lambda node, _, scope: _along(node, scope, scope.values[direction_of(node.args[1].name)]),
    "partial": lambda node, _, scope: _along(node, scope, np.asarray(1.0)),
}
"""The meaning of every head, those of derivations among them."""
