"""A product as a graph of tensors, reduced to matrix notation.

Vectors sit on indices, matrices connect two of them. Leaves are absorbed, paths become products, cycles traces,
parallel matrices Hadamard products, an index between two matrices that carries a vector a diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from matcalc.core.dims import vector
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.raising.orient import Orientation, arranged


class NoMatrixForm(Exception):
    """The tensor has no form in matrix notation; it stays in index notation."""


@dataclass
class Graph:
    """The parts that are left. `edges` are (row index, column index, matrix)."""

    rank: int
    orientation: Orientation
    scalars: list[Expr] = field(default_factory=list)
    vectors: dict[int, list[Expr]] = field(default_factory=dict)
    edges: list[tuple[int, int, Expr]] = field(default_factory=list)

    def insert(self, value: Expr, idx: tuple[int, ...]) -> None:
        """Adds one raised factor on its indices."""
        if len(idx) > 2:
            raise NoMatrixForm
        if not idx:
            self.scalars.append(value)
        elif len(idx) == 1:
            self.vectors.setdefault(idx[0], []).append(value)
        elif idx[0] == idx[1]:
            self.vectors.setdefault(idx[0], []).append(e.diag(value))
        else:
            self.edges.append((idx[0], idx[1], value))

    def reduce(self) -> None:
        """Reduces until no bound index is left. Ends: every step removes an index or an edge."""
        while self.bound():
            if not (self.absorb_sum() or self.absorb_leaf() or self.join_pair() or self.merge_parallel() or self.join_through_vector()):
                raise NoMatrixForm
        while self.merge_parallel():
            pass

    def bound(self) -> list[int]:
        """The bound indices that are left, in order."""
        used = {i for i, j, _ in self.edges} | {j for _, j, _ in self.edges} | set(self.vectors)
        return sorted(i for i in used if i >= self.rank)

    def at(self, i: int) -> list[tuple[int, int, Expr]]:
        """The matrices on an index."""
        return [edge for edge in self.edges if i in edge[:2]]

    def absorb_sum(self) -> bool:
        """A matrix on two bound indices that nothing else holds: the sum of its entries."""
        for a, b, m in self.edges:
            if min(a, b) >= self.rank and not any(self.vectors.get(i) or len(self.at(i)) > 1 for i in (a, b)):
                self.edges.remove((a, b, m))
                squared = m.head == "power" and m.args[1].head == "num" and m.args[1].data == (2,)
                self.scalars.append(square_norm(m.args[0], self.orientation) if squared else sum_of(m))
                return True
        return False

    def absorb_leaf(self) -> bool:
        """A bound index with at most one matrix: an inner product, or a matrix times a vector."""
        for i in self.bound():
            edges = self.at(i)
            if len(edges) > 1:
                continue
            parts = self.vectors.pop(i, [])
            if not edges:
                self.scalars.append(self.inner(parts))
                return True
            a, b, m = edges[0]
            self.edges.remove(edges[0])
            left = self.orientation.turn(m) if a == i else m
            v = e.hadamard(parts) if parts else e.ones(vector(left.shape.cols))
            self.insert(e.product([left, v]), (b if a == i else a,))
            return True
        return False

    def inner(self, parts: list[Expr]) -> Expr:
        """The sum over an index that holds vectors alone."""
        if len(parts) == 1:
            (v,) = parts
            if v.head == "power" and v.args[1].head == "num" and v.args[1].data == (2,):
                return square_norm(v.args[0], self.orientation)
            return e.APPLY["tr"](v.args[0]) if v.head == "diagonal" else sum_of(v)
        first, rest = parts[0], e.hadamard(parts[1:])
        return self.orientation.inner(first, rest)

    def join_pair(self) -> bool:
        """A bound index between two matrices: their product, or a trace where both ends meet."""
        for i in self.bound():
            edges = self.at(i)
            if len(edges) != 2 or self.vectors.get(i):
                continue
            for edge in edges:
                self.edges.remove(edge)
            (a, left), (b, right) = (self.facing(edge, i) for edge in edges)
            chain = e.product([left, self.orientation.turn(right)])
            if a == b and a >= self.rank and not self.at(a) and not self.vectors.get(a):
                self.scalars.append(e.APPLY["tr"](self.orientation.shorter(chain)))
            else:
                self.insert(chain, (a, b))
            return True
        return False

    def facing(self, edge: tuple[int, int, Expr], i: int) -> tuple[int, Expr]:
        """The other end of an edge, and its matrix with that end as rows."""
        a, b, m = edge
        return (a, m) if b == i else (b, self.orientation.turn(m))

    def merge_parallel(self) -> bool:
        """Two matrices on the same two indices: their Hadamard product."""
        for n, (a, b, m) in enumerate(self.edges):
            for c, d, other in self.edges[n + 1 :]:
                if {a, b} == {c, d}:
                    self.edges.remove((c, d, other))
                    same = other if (a, b) == (c, d) else self.orientation.turn(other)
                    self.edges[n] = (a, b, e.hadamard([m, same]))
                    return True
        return False

    def join_through_vector(self) -> bool:
        """A bound index between two matrices that carries vectors: a diagonal matrix between them."""
        for i in self.bound():
            edges = self.at(i)
            if len(edges) == 2 and self.vectors.get(i):
                v = e.hadamard(self.vectors.pop(i))
                for edge in edges:
                    self.edges.remove(edge)
                (a, left), (b, right) = (self.facing(edge, i) for edge in edges)
                self.insert(e.product([left, e.diag(v), self.orientation.turn(right)]), (a, b))
                return True
        return False

    def result(self) -> Expr:
        """The value, once nothing bound is left."""
        core = self.core()
        scalars = merge_determinants(self.scalars)
        return arranged(scalars, [] if core is None else [core])

    def core(self) -> Expr | None:
        """The part that carries the axes of the result."""
        if self.rank == 0:
            return None
        if self.rank == 1:
            return e.hadamard(self.vectors[0])
        u = e.hadamard(self.vectors[0]) if self.vectors.get(0) else None
        v = e.hadamard(self.vectors[1]) if self.vectors.get(1) else None
        if not self.edges:
            if u is None or v is None:
                raise NoMatrixForm
            return e.product([u, self.orientation.turn(v)])
        a, _, m = self.edges[0]
        m = m if a == 0 else self.orientation.turn(m)
        if u is not None and v is not None:
            return e.hadamard([m, e.product([u, self.orientation.turn(v)])])
        if m.head == "identity" and (u or v) is not None:
            return e.diag(u if u is not None else v)  # type: ignore[arg-type]
        left = [e.diag(u)] if u is not None else []
        right = [e.diag(v)] if v is not None else []
        return e.product([*left, m, *right])


def square_norm(v: Expr, orientation: Orientation) -> Expr:
    """x^T x for a name, ||v||^2 for anything longer and for a matrix."""
    if v.shape.kind == "vector" and v.head in ("var", "item"):
        return e.product([orientation.turn(v), v])
    return e.power(e.APPLY["norm"](v), e.number(2))


def sum_of(node: Expr) -> Expr:
    """The sum of all entries, by its name where they are absolute values."""
    absolute = node.head == "map" and node.name == "abs"
    return e.APPLY["norm1"](node.args[0]) if absolute else e.APPLY["sum"](node)


def merge_determinants(scalars: list[Expr]) -> list[Expr]:
    """det(A) det(B) is det(A B). Source: Magnus and Neudecker (2019), 1.9."""
    merged: list[Expr] = []
    for scalar in scalars:
        fits = [
            n for n, other in enumerate(merged)
            if other.head == scalar.head == "det" and other.args[0].shape == scalar.args[0].shape
        ]
        if fits:
            merged[fits[0]] = e.APPLY["det"](e.product([merged[fits[0]].args[0], scalar.args[0]]))
        else:
            merged.append(scalar)
    return merged
