"""The syntax tree: what the text says, before names and shapes are known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.core.errors import LimitError, Span
from matcalc.core.limits import keep_time, limits


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """A node of the syntax tree.

    Attributes:
        op: what it is: num, name, add, product, hadamard, neg, pow, dotpow, transpose, call, norm, abs, compare,
            block, datasum, ones, list, apply (a function that the user defines).
        args: the operands.
        data: what else the operation needs (signs, operators, a name).
        span: where it stands in the text.
        depth: the height of the tree below it.
        closed: whether it stands in brackets.
    """

    op: str
    args: tuple[Syntax, ...]
    data: tuple[Hashable, ...]
    span: Span
    depth: int = 1
    closed: bool = False

    @property
    def word(self) -> str:
        """The first datum as text: the name, the function."""
        return str(self.data[0])

    @property
    def number(self) -> Fraction | None:
        """The value of a literal number, also a negative one."""
        if self.op == "num":
            assert isinstance(self.data[0], Fraction)
            return self.data[0]
        if self.op == "neg" and self.args[0].op == "num":
            value = self.args[0].number
            return None if value is None else -value
        return None

    def enclosed(self, span: Span) -> Syntax:
        """The same node in brackets that span `span`."""
        return replace(self, span=span, closed=True)


def node(op: str, args: tuple[Syntax, ...], data: tuple[Hashable, ...], span: Span) -> Syntax:
    """A node of checked depth."""
    keep_time()
    depth = 1 + max((a.depth for a in args), default=0)
    if depth > limits().nesting:
        raise LimitError(f"the expression nests deeper than {limits().nesting} operations", span=span,
                         hint="names in a `where` clause keep formulas small")
    return Syntax(op, args, data, span, depth)


@dataclass(frozen=True, slots=True)
class Declaration:
    """`names in space`, with the text after `in` as written."""

    names: tuple[str, ...]
    space: str
    span: Span


@dataclass(frozen=True, slots=True)
class Definition:
    """`name = body`, or `name(parameters) = body` for a function."""

    name: str
    body: Syntax
    span: Span
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed program."""

    text: str
    body: Syntax
    definitions: tuple[Definition, ...]
    declarations: tuple[Declaration, ...]
    functions: tuple[Definition, ...] = ()
