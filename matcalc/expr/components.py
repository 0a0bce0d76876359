"""Index notation as typed terms: scalars made of the components of arrays, with sums over named indices.

An index is an object, so a name that is bound twice in a formula is two indices and substitution captures nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.core.dims import ONE, Dim
from matcalc.core.errors import Span
from matcalc.expr.nodes import Expr

OPS: dict[str, str] = {
    "num": "an exact rational number; data = (Fraction,)",
    "pi": "the number pi",
    "size": "a dimension as a number; data = (Dim,)",
    "array": "a component of a variable; data = (name,)",
    "defined": "a component of a definition of the where clause; data = (name,)",
    "island": "a component of an expression of the matrix language; data = (key in Components.islands,)",
    "delta": "1 where both slots are equal, else 0",
    "ones": "1 for all values of the slots",
    "shift": "1 where slot 0 is slot 1 plus an offset; data = (Dim,)",
    "position": "1 where the slot is a position, counted from 1; data = (Dim,)",
    "pair": "1 where slot 0 counts the pairs (slot 1, slot 2) column by column: i + rows (j - 1)",
    "add": "a sum of terms; data = signs",
    "product": "a product; data = * or / for each factor",
    "power": "args (base, exponent)",
    "call": "an elementwise function or comparison; data = (name,)",
    "sum": "a sum over indices; data = the indices",
    "gather": "the array with the argument as its entries; data = the indices of its axes",
    "of_array": "a component of a function of an array; data = (name,), args = (gather or of_array,)",
    "matpow": "a component of a power of a square matrix; data = (k,), args = (gather or of_array,)",
}


@dataclass(eq=False, slots=True)
class Index:
    """A free or bound index.

    Attributes:
        letter: its name in the text.
        extent: how far it runs; known after inference.
    """

    letter: str
    extent: Dim = ONE

    def __repr__(self) -> str:
        return self.letter


Slot = Index | int
"""What stands below a name: an index, or a position counted from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A node of index notation.

    Attributes:
        op: one of OPS.
        args: the operands.
        data: what else the operation needs.
        slots: the indices below a component.
        free: the indices that the value depends on, in order of first appearance.
        span: where it stands in the text.
    """

    op: str
    args: tuple[Term, ...]
    data: tuple[Hashable, ...]
    slots: tuple[Slot, ...]
    free: tuple[Index, ...]
    span: Span

    @property
    def word(self) -> str:
        """The first datum as text."""
        return str(self.data[0])


def term(op: str, args: Iterable[Term], data: tuple[Hashable, ...], span: Span, slots: tuple[Slot, ...] = ()) -> Term:
    """A term; what it depends on follows from its slots and operands."""
    args = tuple(args)
    free = dict.fromkeys(s for s in slots if isinstance(s, Index))
    free.update(dict.fromkeys(i for a in args for i in a.free))
    if op in ("sum", "gather"):
        free = {index: None for index in free if index not in data}
    return Term(op, args, data, slots, tuple(free), span)


@dataclass(frozen=True, slots=True)
class Array:
    """A variable of index notation, with any number of axes.

    Attributes:
        family: whether a part in the matrix language takes axis 0 as the members of a family.
    """

    name: str
    axes: tuple[Dim, ...]
    properties: tuple[str, ...] = ()
    family: bool = False

    @property
    def space(self) -> str:
        """The space as a declaration states it, without properties."""
        if not self.axes:
            return "R"
        if len(self.axes) == 1:
            text = str(self.axes[0])
            return f"R^{text}" if text.isalnum() else f"R^{{{text}}}"
        return f"R^{{{' x '.join(map(str, self.axes))}}}"


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition of the where clause: a body in index notation, or an expression of the matrix language.

    Attributes:
        formals: the indices on its left-hand side, one an axis.
        body: what it stands for, None where that is a matrix expression.
        expr: the matrix expression, None where there is a body.
    """

    name: str
    formals: tuple[Index, ...]
    body: Term | None
    expr: Expr | None


@dataclass(frozen=True, slots=True)
class Components:
    """A formula in index notation, resolved and sized.

    Attributes:
        body: the formula.
        free: its free indices, in alphabetical order.
        arrays: its variables in order of first appearance.
        definitions: those of the where clause, each after those that it needs.
        islands: the parts that are in the matrix language; variables in them may be definitions of index notation.
        letters: the names of bound indices, in order of appearance.
        text: the formula as written.
        wrt: the components that one differentiates by: names of variables with their slots.
    """

    body: Term
    free: tuple[Index, ...]
    arrays: Mapping[str, Array]
    definitions: Mapping[str, Defined]
    islands: Mapping[int, Expr]
    letters: tuple[str, ...]
    text: str
    wrt: tuple[tuple[str, tuple[Slot, ...]], ...] = field(default=())
