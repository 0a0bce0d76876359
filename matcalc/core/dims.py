"""Symbolic dimensions and the shapes made of them.

A dimension is a polynomial with integer coefficients in named sizes: `n`, `3`, `m n` (a vec), `m + 1` (a block
vector). Two dimensions are equal when their polynomials are, so equality is exact and needs no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from matcalc.core.errors import LimitError
from matcalc.core.limits import limits
from matcalc.core.names import check_name

Monomial = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dim:
    """A size, as a polynomial: sorted pairs of (sorted names, coefficient), no coefficient zero."""

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def of(size: int | str) -> Dim:
        """The dimension of a number or of a name.

        Raises:
            DeclarationError: for what is no name.
        """
        if isinstance(size, int):
            return Dim((((), size),)) if size else Dim(())
        return Dim((((check_name(size),), 1),))

    @staticmethod
    def _collect(pairs: Iterable[tuple[Monomial, int]]) -> Dim:
        total: dict[Monomial, int] = {}
        for names, coefficient in pairs:
            total[names] = total.get(names, 0) + coefficient
        return Dim(tuple(sorted((k, v) for k, v in total.items() if v)))

    def __add__(self, other: Dim) -> Dim:
        return Dim._collect((*self.terms, *other.terms))

    def __sub__(self, other: Dim) -> Dim:
        return Dim._collect((*self.terms, *((names, -c) for names, c in other.terms)))

    @property
    def is_nonnegative(self) -> bool:
        """Whether no sizes make it negative, as the signs of its coefficients show."""
        return all(c >= 0 for _, c in self.terms)

    def __mul__(self, other: Dim) -> Dim:
        """The product.

        Raises:
            LimitError: where it has too many names.
        """
        own, others = (sum(map(len, (names for names, _ in dim.terms))) for dim in (self, other))
        if own * len(other.terms) + others * len(self.terms) > limits().size_names:
            raise LimitError(f"a size in the formula is a product or a sum of more than {limits().size_names} names",
                             hint="a name for what it is made of, with a declared size")
        return Dim._collect(
            (tuple(sorted(a + b)), p * q) for a, p in self.terms for b, q in other.terms
        )

    @property
    def value(self) -> int | None:
        """The number, where the dimension is one."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == ():
            return self.terms[0][1]
        return None

    @property
    def name(self) -> str | None:
        """The name, where the dimension is a single one."""
        if len(self.terms) == 1 and len(self.terms[0][0]) == 1 and self.terms[0][1] == 1:
            return self.terms[0][0][0]
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """All names in the dimension, sorted."""
        return tuple(sorted({name for names, _ in self.terms for name in names}))

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The number for given sizes of the names."""
        total = 0
        for names, coefficient in self.terms:
            for name in names:
                coefficient *= sizes[name]
            total += coefficient
        return total

    def __str__(self) -> str:
        def monomial(names: Monomial, coefficient: int) -> str:
            parts = ([str(coefficient)] if coefficient != 1 or not names else []) + list(names)
            return " ".join(parts)

        return " + ".join(monomial(names, c) for names, c in self.terms) or "0"

    __repr__ = __str__


ONE = Dim.of(1)

Kind = Literal["scalar", "vector", "row", "matrix"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Kind and dimensions of a value.

    A scalar has no dimension, a (column) vector and a row have one, a matrix has two. A kind is never read off the
    sizes: a 1 x 1 matrix, a vector of length 1 and a scalar are three different things.
    """

    kind: Kind
    dims: tuple[Dim, ...]

    @property
    def rows(self) -> Dim:
        """The number of rows of the value seen as a matrix."""
        return self.dims[0] if self.kind in ("vector", "matrix") else ONE

    @property
    def cols(self) -> Dim:
        """The number of columns of the value seen as a matrix."""
        return self.dims[-1] if self.kind in ("row", "matrix") else ONE

    @property
    def is_scalar(self) -> bool:
        """Whether the value is a scalar."""
        return self.kind == "scalar"

    @property
    def is_square(self) -> bool:
        """Whether the value is a matrix with as many rows as columns."""
        return self.kind == "matrix" and self.dims[0] == self.dims[1]

    def transposed(self) -> Shape:
        """The shape of the transpose."""
        if self.kind == "vector":
            return Shape("row", self.dims)
        if self.kind == "row":
            return Shape("vector", self.dims)
        return Shape(self.kind, self.dims[::-1])

    def __str__(self) -> str:
        if self.kind == "scalar":
            return "R"
        if self.kind == "vector":
            text = str(self.dims[0])
            return f"R^{text}" if text.isalnum() else f"R^{{{text}}}"
        return f"R^{{{self.rows} x {self.cols}}}"

    def describe(self) -> str:
        """Words for an error message, such as `a 3 x n matrix`."""
        if self.kind == "scalar":
            return "a scalar"
        if self.kind == "vector":
            return f"a vector of length {self.dims[0]}"
        if self.kind == "row":
            return f"a row of length {self.dims[0]}"
        return f"a {self.rows} x {self.cols} matrix"


SCALAR = Shape("scalar", ())


def vector(size: Dim) -> Shape:
    """The shape of a column vector."""
    return Shape("vector", (size,))


def row(size: Dim) -> Shape:
    """The shape of a row vector."""
    return Shape("row", (size,))


def matrix(rows: Dim, cols: Dim) -> Shape:
    """The shape of a matrix."""
    return Shape("matrix", (rows, cols))
