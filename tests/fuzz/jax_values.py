"""Derivatives by JAX, from the typed expression alone: it shares no code with lowering, differentiation or the emitters.

JAX differentiates while it traces; the traced program is then run by NumPy, one operation at a time. Compiling each of
them for each shape, as JAX does itself, would take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from tests.fuzz.jaxpr import run

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

Values = Mapping[str, Any]
Sizes = Mapping[str, int]
SQUARINGS, TERMS = 7, 14


def derivative(expr: Expr, wrt: str | tuple[str, ...], order: int, point: Values, sizes: Sizes, compiled: bool = False) -> np.ndarray:
    """The array of a derivative: axes of the output, then those of the variable, once per order.

    Args:
        expr: the function.
        wrt: a variable, or scalars that form one vector.
        order: how often.
        point: the values of the variables.
        sizes: of the dimensions.
        compiled: whether JAX runs its program itself.
    """
    expr = fold(expr, _squared)

    def function(moving: Any) -> Any:
        own = {wrt: moving} if isinstance(wrt, str) else {name: lax.index_in_dim(moving, k, 0, False) for k, name in enumerate(wrt)}
        return value(expr, {**point, **own}, sizes)

    at = np.asarray(point[wrt] if isinstance(wrt, str) else [point[name] for name in wrt], dtype=float)
    for _ in range(order):
        function = jax.jacfwd(function)
    return np.asarray(function(at)) if compiled else run(function, at)


def _squared(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """An even power of a norm as one of a sum of squares, which is smooth at zero."""
    if node.head == "power" and args[0].head == "norm" and args[1].head == "num":
        (exponent,) = args[1].data
        if isinstance(exponent, Fraction) and exponent > 0 and exponent % 2 == 0:
            (inner,) = args[0].args
            return b.power(b.APPLY["sum"](b.hadamard([inner, inner])), b.number(exponent / 2))
    return node.with_args(args) if args else node


def value(expr: Expr, point: Values, sizes: Sizes, index: int | None = None) -> Any:
    """The value of an expression, in operations that JAX traces; `index` is that of the sum over data around it."""
    memo: dict[Expr, Any] = {}
    outer: list[Expr] = []
    stack = [expr]
    while stack:
        node = stack.pop()
        outer += [node] if node.head == "datasum" else []
        stack.extend(() if node.head == "datasum" else node.args)
    for node in outer:
        size = node.data[1]
        assert isinstance(size, Dim)
        memo[node] = sum(value(node.args[0], point, sizes, k) for k in range(size.evaluate(sizes)))
    return fold(expr, lambda node, args: _of(node, args, point, sizes, index), memo)


def _of(node: Expr, args: tuple[Any, ...], point: Values, sizes: Sizes, index: int | None) -> Any:
    shape = tuple(d.evaluate(sizes) for d in node.shape.dims)
    if node.head == "var":
        return point[node.name]
    if node.head == "item":
        return lax.index_in_dim(jnp.asarray(point[node.name]), index or 0, 0, False)
    if node.head == "num":
        number = node.data[0]
        assert isinstance(number, Fraction)
        return float(number)
    if node.head in _CONSTANTS:
        return _CONSTANTS[node.head](node, shape, sizes)
    if node.head == "map":
        return _MAPS[node.name](*args)
    if node.head in _SIMPLE:
        return _SIMPLE[node.head](args[0])
    return _STRUCTURED[node.head](node, args, shape)


def _commutation(node: Expr, shape: tuple[int, ...], sizes: Sizes) -> np.ndarray:
    """The matrix that takes vec(A) to vec(A^T): rows of the identity, taken column by column."""
    m, n = (d.evaluate(sizes) for d in node.data if isinstance(d, Dim))
    return np.eye(m * n)[np.arange(m * n).reshape(n, m).T.reshape(-1)]


_CONSTANTS: dict[str, Callable[[Expr, tuple[int, ...], Sizes], Any]] = {
    "pi": lambda node, shape, sizes: np.pi,
    "dim": lambda node, shape, sizes: float(node.data[0].evaluate(sizes)),  # type: ignore[union-attr]
    "identity": lambda node, shape, sizes: np.eye(shape[0]),
    "ones": lambda node, shape, sizes: np.ones(shape),
    "zeros": lambda node, shape, sizes: np.zeros(shape),
    "commutation": _commutation,
}

_MAPS: dict[str, Callable[..., Any]] = {
    "exp": lax.exp, "log": lax.log, "sqrt": lax.sqrt, "sin": lax.sin, "cos": lax.cos, "tan": lambda z: lax.sin(z) / lax.cos(z),
    "asin": lax.asin, "acos": lax.acos, "atan": lax.atan, "tanh": lax.tanh, "erf": lax.erf,
    "sinh": lambda z: (lax.exp(z) - lax.exp(-z)) / 2, "cosh": lambda z: (lax.exp(z) + lax.exp(-z)) / 2,
    "sigmoid": lambda z: 1 / (1 + lax.exp(-z)), "softplus": lambda z: lax.log1p(lax.exp(z)),
    "relu": lambda z: jnp.where(z > 0, z, 0.0), "step": lambda z: jnp.where(z > 0, 1.0, 0.0), "abs": lambda z: lax.abs(z),
    "sign": lax.sign, "max": lambda a, c: jnp.where(a >= c, a, c), "min": lambda a, c: jnp.where(a <= c, a, c),
    "gt": lambda a, c: jnp.where(a > c, 1.0, 0.0), "ge": lambda a, c: jnp.where(a >= c, 1.0, 0.0),
    "lt": lambda a, c: jnp.where(a < c, 1.0, 0.0), "le": lambda a, c: jnp.where(a <= c, 1.0, 0.0),
}
_MAPS = {name: (lambda *args, f=f: f(*(jnp.asarray(a, dtype=float) for a in args))) for name, f in _MAPS.items()}


def _inverse(x: Any) -> Any:
    return jnp.linalg.inv(x)


def _expm(x: Any) -> Any:
    """The series of x / 2^s, then s squarings; x is small."""
    total = term = np.eye(x.shape[0])
    for k in range(1, TERMS):
        term = term @ x / (k * 2.0**SQUARINGS)
        total = total + term
    for _ in range(SQUARINGS):
        total = total @ total
    return total


def _logsumexp(x: Any) -> Any:
    top = lax.stop_gradient(jnp.max(x))
    return top + lax.log(jnp.sum(lax.exp(x - top)))


def _softmax(x: Any) -> Any:
    weights = lax.exp(x - lax.stop_gradient(jnp.max(x)))
    return weights / jnp.sum(weights)


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "transpose": lambda x: jnp.transpose(x),
    "tr": lambda x: jnp.sum(x * np.eye(x.shape[0])),
    "det": lambda x: jnp.linalg.det(x),
    "logdet": lambda x: jnp.linalg.slogdet(x)[1],
    "diag": lambda x: x[:, None] * np.eye(x.shape[0]),
    "diagonal": lambda x: jnp.sum(x * np.eye(x.shape[0]), axis=1),
    "vec": lambda x: jnp.reshape(jnp.transpose(x), (-1,)),
    "expm": _expm,
    "sum": lambda x: jnp.sum(x),
    "mean": lambda x: jnp.sum(x) / max(1, np.size(x)),
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "norm": lambda x: lax.sqrt(jnp.sum(x * x)),
    "norm1": lambda x: jnp.sum(lax.abs(x)),
}


def _product(node: Expr, args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    value, kind = args[0], node.args[0].shape.kind
    for arg, factor in zip(args[1:], node.args[1:], strict=True):
        other = factor.shape.kind
        if "scalar" in (kind, other):
            value, kind = value * arg, other if kind == "scalar" else kind
        elif (kind, other) == ("vector", "row"):
            value, kind = value[:, None] * arg[None, :], "matrix"
        else:
            value = jnp.matmul(value, arg)
            kind = {("row", "vector"): "scalar", ("row", "matrix"): "row", ("matrix", "vector"): "vector"}.get((kind, other), "matrix")  # type: ignore[assignment]
    return value


def _power(node: Expr, args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    base, exponent = args
    constant = node.args[1].data[0] if node.args[1].head == "num" else None
    if isinstance(constant, Fraction) and constant.denominator == 1:
        return lax.integer_pow(jnp.asarray(base, dtype=float), int(constant))
    return jnp.exp(exponent * jnp.log(base))


def _matpow(node: Expr, args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    k = int(str(node.data[0]))
    factor = _inverse(args[0]) if k < 0 else args[0]
    result = factor
    for _ in range(abs(k) - 1):
        result = result @ factor
    return result


def _grid(x: Any, node: Expr) -> Any:
    """A value as a matrix."""
    if node.shape.kind == "matrix":
        return x
    x = jnp.asarray(x, dtype=float)
    return x.reshape((-1, 1)) if node.shape.kind == "vector" else x.reshape((1, -1))


def _kron(node: Expr, args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    left, right = (_grid(x, a) for x, a in zip(args, node.args, strict=True))
    (m, n), (p, q) = left.shape, right.shape
    return (left.reshape(m, 1, n, 1) * right.reshape(1, p, 1, q)).reshape(shape)


def _block(node: Expr, args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    width, parts = int(str(node.data[1])), [_grid(x, a) for x, a in zip(args, node.args, strict=True)]
    lines = [jnp.concatenate(parts[i : i + width], axis=1) for i in range(0, len(parts), width)]
    return jnp.concatenate(lines, axis=0).reshape(shape)


def _times(args: Sequence[Any], shape: tuple[int, ...]) -> Any:
    value = np.ones(shape)
    for arg in args:
        value = value * arg
    return value


_STRUCTURED: dict[str, Callable[[Expr, Sequence[Any], tuple[int, ...]], Any]] = {
    "add": lambda node, args, shape: sum(args, np.zeros(shape)),
    "product": _product,
    "hadamard": lambda node, args, shape: _times(args, shape),
    "power": _power,
    "matpow": _matpow,
    "kron": _kron,
    "block": _block,
    "unvec": lambda node, args, shape: jnp.transpose(jnp.reshape(args[0], shape[::-1])),
}
