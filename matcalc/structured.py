"""Arrays kept as their factors: what `form="factored"` evaluates to. Imported where it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcalc.core.display import Displayed
from matcalc.core.errors import ShapeError

Array = np.ndarray
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Product:
    """A product of arrays and Kronecker deltas.

    Attributes:
        arrays: what is multiplied.
        axes: for each array, the axes of the whole that its own axes are.
        deltas: pairs of axes of the whole that are equal.
    """

    arrays: tuple[Array, ...]
    axes: tuple[tuple[int, ...], ...]
    deltas: Pairs

    def joined(self, rank: int) -> list[int]:
        """For each axis the first one that the deltas make it equal to."""
        first = list(range(rank))
        for i, j in self.deltas:
            low, high = sorted((first[i], first[j]))
            first = [low if f == high else f for f in first]
        return first


@dataclass(frozen=True, repr=False)
class Factored(Displayed):
    """A sum of products of small arrays and deltas, which stands for an array of many axes.

    Attributes:
        shape: of the array that it stands for.
        terms: what is added.
    """

    shape: tuple[int, ...]
    terms: tuple[Product, ...]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def factors(self) -> tuple[Array, ...]:
        """All arrays, in the order of the terms."""
        return tuple(array for term in self.terms for array in term.arrays)

    @property
    def nbytes(self) -> int:
        """The memory that the factors take."""
        return sum(array.nbytes for array in self.factors)

    def dense(self) -> Array:
        """The array with all its entries."""
        out = np.zeros(self.shape)
        for term in self.terms:
            first = term.joined(self.ndim)
            kept = sorted(set(first))
            held = sorted({first[i] for idx in term.axes for i in idx})
            _add(out, first, kept, _contracted(_operands(term, first), held), held)
        return out

    def apply(self, direction: object) -> Array:
        """The sum over the last axes times a direction that has those axes, without the dense array.

        Raises:
            ShapeError: where the direction has other axes than the last ones.
        """
        along = np.asarray(direction, dtype=np.float64)
        kept = self.ndim - along.ndim
        if kept < 0 or self.shape[kept:] != along.shape:
            raise ShapeError(f"the direction has the shape {along.shape}, and the last axes are {self.shape[max(kept, 0):]}",
                             hint="a direction with the shape of the variable")
        out = np.zeros(self.shape[:kept])
        for term in self.terms:
            first = term.joined(self.ndim)
            free = sorted(set(first[:kept]))
            operands = [*_operands(term, first), (along, first[kept:])]
            held = [i for i in free if any(i in idx for _, idx in operands)]
            _add(out, first[:kept], free, _contracted(operands, held), held)
        return out

    def __matmul__(self, direction: object) -> Array:
        return self.apply(direction)

    def __repr__(self) -> str:
        terms = " + ".join(" ".join([*(f"{a.shape}" for a in t.arrays), *(f"delta{p}" for p in t.deltas)]) for t in self.terms)
        return f"Factored(shape={self.shape}: {terms or 0})"


Operand = tuple[Array, list[int]]


def _operands(term: Product, first: Sequence[int]) -> list[Operand]:
    """The arrays with their axes."""
    return [(array, [first[i] for i in idx]) for array, idx in zip(term.arrays, term.axes, strict=True)]


def _contracted(operands: Sequence[Operand], out: list[int]) -> Array:
    """The product, summed over the axes that are not in `out`."""
    parts = [part for operand in operands for part in operand]
    return np.asarray(np.einsum(*parts, out, optimize=len(operands) > 1))


def _add(out: Array, axes: list[int], kept: list[int], core: Array, held: Sequence[int]) -> None:
    """Adds a product, repeated along the axes that it does not hold, to the entries whose equal axes have equal positions."""
    if not kept:
        out += core
        return
    view = np.einsum(out, axes, kept)
    view += core.reshape([view.shape[n] if i in held else 1 for n, i in enumerate(kept)])


def assembled(shape: tuple[int, ...], arrays: Iterable[object], axes: Sequence[Sequence[tuple[int, ...]]], deltas: Sequence[Pairs]) -> Factored:
    """The factored form from the arrays of all terms in order."""
    left = [np.asarray(array) for array in arrays]
    terms = []
    for idx, pairs in zip(axes, deltas, strict=True):
        own, left = left[: len(idx)], left[len(idx) :]
        terms.append(Product(tuple(own), tuple(idx), tuple(pairs)))
    return Factored(shape, tuple(terms))
