"""Sizes, variables and values of a random case: every value follows from the seed and the name of its variable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from matcalc.check.evaluate import Array
from matcalc.core.dims import Dim, Shape
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr

NAMES: dict[str, tuple[str, ...]] = {
    "scalar": ("s", "t", "alpha", "lambda", "c1", "gamma"),
    "vector": ("x", "y", "z", "w", "beta", "mu", "x1", "u", "v_max", "theta", "x2", "h"),
    "matrix": ("A", "B", "C", "X", "W1", "Sigma", "Phi", "W2", "Y", "Lambda", "M", "P", "Q", "G", "K", "L"),
    "scalar family": ("r", "y", "z", "tau"),
    "vector family": ("x", "w", "phi", "z"),
    "matrix family": ("H", "V", "Z"),
}
"""Names of variables by kind; those of families are followed by their index."""

SQUARE_PROPERTIES = ("symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "posdef", "psd")
FAMILY_INDEX, FAMILY_SIZE = "i", "N"
BASE_DIMS = ("m", "n", "p", "q")
SMALL_SIZES = (1, 2, 3, 4)


@dataclass
class Pool:
    """The variables that a case may use, made when they are asked for.

    Attributes:
        pick: the source of choices.
        sizes: of the named dimensions, pairwise distinct, 1 among them.
        properties: how often a variable is declared to have a property.
        literal: a dimension that is written as its number, if any.
        variables: those made so far, by name.
        values: their arrays.
        seed: of the values.
    """

    pick: Random
    sizes: dict[str, int]
    seed: int
    properties: float = 0.3
    literal: str = ""
    variables: dict[str, Expr] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)

    @property
    def dims(self) -> list[Dim]:
        """The named dimensions, that of the data apart."""
        return [Dim.of(self.sizes[name] if name == self.literal else name) for name in self.sizes if name != FAMILY_SIZE]

    def variable(self, shape: Shape, family: bool = False) -> Expr | None:
        """A variable or a member of a family of a shape, an old one or a new one; None where names have run out."""
        if shape.kind == "row":
            return None
        head = "item" if family else "var"
        known = [v for v in self.variables.values() if v.head == head and v.shape == shape]
        if known and (len(known) > 2 or self.pick.random() < 0.6):
            return self.pick.choice(known)
        free = [n for n in NAMES[f"{shape.kind} family" if family else shape.kind] if n not in self.variables]
        if not free:
            return self.pick.choice(known) if known else None
        return self._declare(free[0] if self.pick.random() < 0.7 else self.pick.choice(free), shape, family)

    def _declare(self, name: str, shape: Shape, family: bool) -> Expr:
        properties = self._properties(shape, family)
        if family:
            node = b.item(name, shape, FAMILY_INDEX, Dim.of(FAMILY_SIZE), properties)
        else:
            node = b.variable(name, shape, properties)
        self.variables[name] = node
        self.values[name] = value_of(node, self.sizes, self.seed)
        return node

    def _properties(self, shape: Shape, family: bool) -> Sequence[str]:
        if self.pick.random() > self.properties:
            return ()
        if shape.is_square and not family:
            return (self.pick.choice(SQUARE_PROPERTIES),)
        return (self.pick.choice(("positive", "nonnegative")),) if not family else ()


def draw_sizes(pick: Random) -> dict[str, int]:
    """Sizes of the dimensions, pairwise distinct and 1 among them."""
    small = list(SMALL_SIZES)
    pick.shuffle(small)
    return {**dict(zip(BASE_DIMS, small, strict=True)), FAMILY_SIZE: 5 if pick.random() < 0.9 else 6}


def point_of(variables: Sequence[Expr], sizes: dict[str, int], seed: int) -> dict[str, Array]:
    """The values of variables: the same for the same seed, name, shape and properties."""
    return {v.name: value_of(v, sizes, seed) for v in variables}


def value_of(node: Expr, sizes: dict[str, int], seed: int) -> Array:
    """The array of a variable, which has the declared properties; of a family with its members along the first axis."""
    pick = Random(f"{seed} {node.name}")
    if node.head == "item":
        length = node.data[3]
        assert isinstance(length, Dim)
        return np.stack([_draw(node, sizes, pick) for _ in range(length.evaluate(sizes))])
    return _draw(node, sizes, pick)


def _draw(node: Expr, sizes: dict[str, int], pick: Random) -> Array:
    shape = tuple(d.evaluate(sizes) for d in node.shape.dims)
    properties = node.data[1]
    assert isinstance(properties, tuple)
    if not node.shape.is_square:
        return _entries(shape, pick, bool(properties))
    for name in properties:
        if name in _SQUARE:
            return np.asarray(_SQUARE[str(name)](shape[0], pick))
    return _entries(shape, pick, bool(properties)) + 0.7 * np.eye(shape[0])


def _entries(shape: tuple[int, ...], pick: Random, positive: bool = False) -> Array:
    """Entries between 0.2 and 1.3 in size: away from zero, and small enough for exponentials."""
    count = math.prod(shape)
    values = [pick.uniform(0.2, 1.3) * (1 if positive or pick.random() < 0.5 else -1) for _ in range(count)]
    return np.array(values).reshape(shape)


def _reflection(n: int, pick: Random) -> Array:
    v = _entries((n,), pick)
    return np.asarray(np.eye(n) - 2 * np.outer(v, v) / (v @ v))


def _gram(n: int, pick: Random) -> Array:
    factor = _entries((n, n), pick)
    return np.asarray(factor @ factor.T / n)


def _symmetric(n: int, pick: Random) -> Array:
    half = _entries((n, n), pick)
    return (half + half.T) / 2 + 0.7 * np.eye(n)


def _skew(n: int, pick: Random) -> Array:
    half = np.tril(_entries((n, n), pick), -1)
    return half - half.T


_SQUARE = {
    "symmetric": _symmetric,
    "skew": _skew,
    "diagonal": lambda n, pick: np.diag(_entries((n,), pick)),
    "lower": lambda n, pick: np.tril(_entries((n, n), pick)),
    "upper": lambda n, pick: np.triu(_entries((n, n), pick)),
    "orthogonal": lambda n, pick: _reflection(n, pick) @ _reflection(n, pick),
    "posdef": lambda n, pick: _gram(n, pick) + np.eye(n),
    "psd": _gram,
}
"""How square matrices with a property are drawn."""
