"""The chain rule along the edges of a graph, in reverse and forward mode, in index form.

The local derivative of s by v has the axes of s, then those of v. With the axes of the output o in front,

    reverse: (df/dv)_ov = sum over successors s of (df/ds)_os (ds/dv)_sv
    forward: (dv/dx)_vx = sum over operands p of (dv/dp)_vp (dp/dx)_px

Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from matcalc.autodiff.formula import Formula, Symbol, written
from matcalc.core.dims import Dim
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Axes, Tensor
from matcalc.pipeline import matrix_form
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Edge, Graph

MAX_WRITTEN = 120
"""Leaves of a closed form that is written out in a table."""


@dataclass(frozen=True)
class Accumulated:
    """An accumulated derivative.

    Attributes:
        symbol: what it is.
        rank: the number of axes of what is differentiated.
        rule: the sum over paths as the chain rule has it; None for the derivative of a node by itself.
        step: the rule with the local derivatives in it.
        closed: the derivative in names of nodes alone; None where that is too large to be read.
    """

    symbol: Symbol
    rank: int
    rule: Formula | None
    step: Formula
    closed: Formula | None

    @property
    def shortest(self) -> tuple[Formula, Formula]:
        """The step, or the closed form where that is no longer, with its left-hand side."""
        closed = self.closed if self.closed is not None and len(self.closed.text) <= len(self.step.text) else self.step
        return self.symbol.equal_to(closed, self.rank), closed

    @property
    def equations(self) -> list[tuple[Formula, Formula]]:
        """Left- and right-hand sides: the rule, the step and the closed form, each once."""
        found = [f for f in (self.rule, self.step, self.closed) if f is not None]
        kept = [f for n, f in enumerate(found) if f.text not in (g.text for g in found[:n])]
        return [(self.symbol.equal_to(f, self.rank), f) for f in kept if f.text != self.symbol.text]


def axes_of(leaf: Expr) -> Axes:
    """The axes of a variable; a family has that of its members in front."""
    if leaf.head != "item":
        return leaf.shape.dims
    length = leaf.data[3]
    assert isinstance(length, Dim)
    return (length, *leaf.shape.dims)


class Accumulation:
    """The derivatives of one accumulation, each from those that it needs."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._leaves = {node.name: node.leaf for node in graph.nodes}
        self._order = {name: n for n, name in enumerate(self._leaves)}
        self._prefix = next(p for p in ("D" + "q" * n for n in count(1)) if not any(name.startswith(p) for name in self._leaves))
        self._closed: dict[tuple[str, str], Tensor | None] = {}

    def reverse(self, name: str) -> Accumulated:
        """The derivative of the output by a node; asked for in the order from the output to the inputs."""
        top = self._graph.output.name
        terms = [(Symbol(top, e.target), e) for e in self._graph.outgoing(name)]
        return self._accumulated(Symbol(top, name), terms, backwards=True)

    def forward(self, name: str, wrt: str) -> Accumulated:
        """The derivative of a node by a variable; asked for in the order from the inputs to the output."""
        edges = [e for e in self._graph.incoming(name) if (e.source, wrt) in self._closed]
        return self._accumulated(Symbol(name, wrt), [(Symbol(e.source, wrt), e) for e in edges], backwards=False)

    def reaches(self, top: str, bottom: str) -> bool:
        """Whether a derivative is known."""
        return (top, bottom) in self._closed

    def _accumulated(self, own: Symbol, terms: list[tuple[Symbol, Edge]], backwards: bool) -> Accumulated:
        rank = len(axes_of(self._leaves[own.top]))
        if own.top == own.bottom:
            unit = self._closed[own.top, own.bottom] = _identity(axes_of(self._leaves[own.top]))
            return Accumulated(own, rank, None, self._formula(own, unit, {}), None)
        names = {f"{self._prefix}{n}": known for n, (known, _) in enumerate(terms)}
        axes = (*axes_of(self._leaves[own.top]), *axes_of(self._leaves[own.bottom]))
        step, closed = b.zero(axes), self._sum(own, terms, axes)
        for name, (known, edge) in zip(names, terms, strict=True):
            known_axes = (*axes_of(self._leaves[known.top]), *axes_of(self._leaves[known.bottom]))
            value = _identity(axes_of(self._leaves[known.top])) if known.top == known.bottom else b.var(name, known_axes)
            step = b.add(step, self._chained(own, known, value, edge))
        self._closed[own.top, own.bottom] = closed
        short = None if closed is None else self._formula(own, closed, {})
        return Accumulated(own, rank, _rule(terms, backwards), self._formula(own, step, names), short)

    def _sum(self, own: Symbol, terms: list[tuple[Symbol, Edge]], axes: Axes) -> Tensor | None:
        """The derivative in names of nodes alone; None where it, or one that it needs, is too large."""
        total = b.zero(axes)
        for known, edge in terms:
            before = self._closed[known.top, known.bottom]
            total = total if before is None else b.add(total, self._chained(own, known, before, edge))
            if before is None or _leaves(total) > MAX_WRITTEN:
                return None
        return total

    def _chained(self, own: Symbol, known: Symbol, value: Tensor, edge: Edge) -> Tensor:
        """One term of the chain rule."""
        local = edge.derivative.tensor
        outer, middle, inner = (len(axes_of(self._leaves[n])) for n in (own.top, _between(own, known), own.bottom))
        top, through, bottom = (tuple((k, n) for n in range(size)) for k, size in enumerate((outer, middle, inner)))
        first, second = (value, local) if known.top == own.top else (local, value)
        return recognise(b.contract([(first, (*top, *through)), (second, (*through, *bottom))], (*top, *bottom)))

    def _formula(self, own: Symbol, tensor: Tensor, names: Mapping[str, Symbol]) -> Formula:
        tensor = factor(tensor)
        is_row = self._is_row(own)
        symbols = {name: Expr.make("var", (), (name, ()), self._leaves[own.bottom].shape) for name in names}
        matrix = matrix_form(tensor, self._graph.program.expr, {**symbols, **self._leaves}, is_row)
        order = {name: n for n, name in enumerate((*names, *self._order))}
        rows = frozenset(name for name, known in names.items() if self._is_row(known))
        return written(tensor, matrix, order, names, rows)

    def _is_row(self, own: Symbol) -> bool:
        """Whether it is a gradient, which is printed as a row: of a scalar by a vector."""
        return self._leaves[own.top].shape.is_scalar and self._leaves[own.bottom].shape.kind == "vector"


def _between(own: Symbol, known: Symbol) -> str:
    return known.bottom if known.top == own.top else known.top


def _rule(terms: list[tuple[Symbol, Edge]], backwards: bool) -> Formula:
    """The sum over the edges; the derivative of a node by itself is left out."""
    products = []
    for known, edge in terms:
        own = Symbol(edge.target, edge.source, "∂")
        known_first = [known, own] if backwards else [own, known]
        products.append([own] if known.top == known.bottom else known_first)
    return Formula(" + ".join(" ".join(s.text for s in p) for p in products) or "0",
                   " + ".join(" ".join(s.latex for s in p) for p in products) or "0")


def _identity(axes: Axes) -> Tensor:
    """The derivative of a variable by itself: a delta for each axis."""
    rank = len(axes)
    return b.contract([(b.delta(dim), (n, rank + n)) for n, dim in enumerate(axes)], tuple(range(2 * rank)))


def _leaves(tensor: Tensor) -> int:
    """The number of leaves, written out."""
    return fold(tensor, lambda _, args: sum(args) if args else 1)
