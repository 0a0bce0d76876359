"""Random sizes and points at which derivatives are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from matcalc.check.evaluate import Array, array_shape
from matcalc.core.dims import Dim
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr

_FIRST = (2, 3, 5, 4, 7, 6)
Rng = np.random.Generator


def draw_sizes(exprs: Iterable[Expr], rng: Rng) -> dict[str, int]:
    """Pairwise distinct small sizes for the named dimensions, distinct from the fixed ones too.

    Distinct sizes make a transposition show as a wrong shape.
    """
    dims: set[Dim] = set()
    for node in postorder(*exprs):
        dims.update(node.shape.dims)
        dims.update(entry for entry in node.data if isinstance(entry, Dim))
    names = sorted({name for dim in dims for name in dim.names})
    fixed = {dim.value for dim in dims}
    pool = [size for size in (*_FIRST, *range(8, 10 + len(names) + len(fixed))) if size not in fixed][: len(names)]
    return dict(zip(names, (int(size) for size in rng.permutation(pool)), strict=True))


def draw_point(
    variables: Mapping[str, Expr],
    sizes: Mapping[str, int],
    rng: Rng,
    positive: bool = False,
    scale: float = 1.0,
) -> dict[str, Array]:
    """Random arrays of order one that respect the declared properties.

    Args:
        variables: the `var` or `item` node of each name; a family gets its data axis first.
        sizes: a number for each named dimension.
        rng: where the numbers come from.
        positive: whether all entries that are free to be are positive.
        scale: a factor on everything that is not orthogonal.
    """
    point: dict[str, Array] = {}
    for name, node in variables.items():
        if node.head == "item":
            length = node.data[3]
            assert isinstance(length, Dim)
            members = [_draw(node, sizes, rng, positive, scale) for _ in range(length.evaluate(sizes))]
            point[name] = np.stack(members) if members else np.zeros((0, *array_shape(node.shape, sizes)))
        else:
            point[name] = _draw(node, sizes, rng, positive, scale)
    return point


def properties_of(node: Expr) -> frozenset[str]:
    """The declared properties of a variable or of the members of a family."""
    found = node.data[1]
    assert isinstance(found, tuple)
    return frozenset(str(prop) for prop in found)


def _draw(node: Expr, sizes: Mapping[str, int], rng: Rng, positive: bool, scale: float) -> Array:
    shape, found = array_shape(node.shape, sizes), properties_of(node)
    positive = positive or bool(found & {"positive", "nonnegative"})
    if not (len(shape) == 2 and shape[0] == shape[1]):
        return scale * _entries(shape, rng, positive)
    value = _square(shape[0], _normalised(found), rng, positive)
    return value if "orthogonal" in found else scale * value


def _entries(shape: tuple[int, ...], rng: Rng, positive: bool) -> Array:
    """Entries between 0.2 and 1.5 in size: away from zero, and small enough for exponentials."""
    signs = 1.0 if positive else rng.choice([-1.0, 1.0], shape)
    return np.asarray(signs * rng.uniform(0.2, 1.5, shape))


def _normalised(found: frozenset[str]) -> frozenset[str]:
    """The properties, with `diagonal` where they imply it."""
    triangles = found & {"lower", "upper"}
    balanced = found & {"symmetric", "posdef", "psd", "skew", "orthogonal"}
    return found | {"diagonal"} if len(triangles) == 2 or (triangles and balanced) else found


def _square(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    for prop, draw in _SQUARE.items():
        if prop in found:
            return draw(n, found, rng, positive)
    if positive:
        return np.eye(n) + rng.uniform(0.1, 0.9, (n, n)) / n
    return _rotation(n, rng) @ np.diag(rng.uniform(0.5, 2.0, n)) @ _rotation(n, rng)


def _rotation(n: int, rng: Rng) -> Array:
    return np.asarray(np.linalg.qr(rng.standard_normal((n, n)))[0])


def _diagonal(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    if "skew" in found:
        return np.zeros((n, n))
    positive = positive or bool(found & {"posdef", "psd"})
    signs = np.ones(n) if positive else rng.choice([-1.0, 1.0], n)
    return np.diag(signs * (np.ones(n) if "orthogonal" in found else rng.uniform(0.5, 2.0, n)))


def _orthogonal(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    if found & {"posdef", "psd"} or "positive" in found or "nonnegative" in found:
        return np.eye(n)
    rotation = _rotation(n, rng)
    if "symmetric" in found:
        return rotation @ np.diag(rng.choice([-1.0, 1.0], n)) @ rotation.T
    if "skew" in found and n % 2 == 0:
        return rotation @ np.kron(np.eye(n // 2), np.array([[0.0, 1.0], [-1.0, 0.0]])) @ rotation.T
    return rotation


def _posdef(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    factor = _entries((n, n), rng, positive)
    return factor @ factor.T / n + np.eye(n)


def _psd(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    """Singular in half of the draws."""
    if rng.random() < 0.5:
        return _posdef(n, found, rng, positive)
    factor = _entries((n, max(1, n - 1)), rng, positive)
    return factor @ factor.T / n


def _symmetric(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    if positive:
        value = np.eye(n) + rng.uniform(0.1, 0.9, (n, n)) / n
        return (value + value.T) / 2
    rotation = _rotation(n, rng)
    value = (rotation * (rng.choice([-1.0, 1.0], n) * rng.uniform(0.5, 2.0, n))) @ rotation.T
    return np.asarray((value + value.T) / 2)


def _skew(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    value = np.tril(_entries((n, n), rng, positive), -1)
    return value - value.T


def _lower(n: int, found: frozenset[str], rng: Rng, positive: bool) -> Array:
    return np.tril(_entries((n, n), rng, positive), -1) / n + _diagonal(n, frozenset(), rng, positive)


_SQUARE: dict[str, Callable[[int, frozenset[str], Rng, bool], Array]] = {
    "diagonal": _diagonal,
    "orthogonal": _orthogonal,
    "posdef": _posdef,
    "psd": _psd,
    "symmetric": _symmetric,
    "skew": _skew,
    "lower": _lower,
    "upper": lambda n, found, rng, positive: _lower(n, found, rng, positive).T,
}
"""How square matrices with a property are drawn; the first property that applies decides."""
