"""Raising: the matrix form of a tensor, where it has one.

A tensor of one axis raises to a column; `as_row` turns it. Order for the reader: by first appearance of the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from matcalc.core.dims import SCALAR, Shape, matrix, vector
from matcalc.core.traversal import fold
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Axes, Tensor, factors_of
from matcalc.raising.graph import Graph, NoMatrixForm
from matcalc.raising.orient import Orientation

Key = tuple[int, ...]


class Raiser:
    """Raises tensors to expressions, each node once.

    Args:
        order: position of each variable in the order of its first appearance.
    """

    def __init__(self, order: Mapping[str, int]) -> None:
        self.order = order
        self.orientation = Orientation()
        self.memo: dict[Tensor, Expr] = {}
        self.keys: dict[Expr, Key] = {}

    def to_matrix(self, node: Tensor, as_row: bool = False) -> Expr:
        """The matrix form.

        Raises:
            NoMatrixForm: where the tensor, or a part of it, has none.
        """
        result = fold(node, self.visit, self.memo)
        return self.orientation.turn(result) if as_row else self.orientation.best(result)

    def visit(self, node: Tensor, args: tuple[Expr, ...]) -> Expr:
        """The matrix form of a node on raised arguments."""
        if node.rank > 2:
            raise NoMatrixForm
        result = self.raised(node, args)
        if is_symmetric(node):
            self.orientation.symmetric.add(result)
        return result

    def raised(self, node: Tensor, args: tuple[Expr, ...]) -> Expr:
        """The form before its symmetry is noted."""
        if node.head == "var":
            properties = node.data[1]
            assert isinstance(properties, tuple)
            return e.variable(str(node.data[0]), shape_of(node.axes), properties)
        if node.head == "lin":
            return self.combination(node, args)
        if node.head == "contract":
            return self.product(node, args)
        if node.head == "map":
            if node.data == ("step",):
                return e.elementwise("gt", [args[0], e.number(0)])
            return e.elementwise(str(node.data[0]), args)
        if node.head == "pow":
            return raise_power(*args)
        if node.head == "matpow":
            return e.matpow(args[0], int(str(node.data[0])))
        if node.head in ("delta", "ones", "size", "pi"):
            return _leaf(node)
        if node.head not in e.APPLY:
            raise NoMatrixForm
        return e.APPLY[node.head](args[0])

    def product(self, node: Tensor, args: tuple[Expr, ...]) -> Expr:
        """The graph of a contraction, reduced."""
        graph = Graph(node.rank, self.orientation)
        parts = [(value, idx) for value, (_, idx) in zip(args, factors_of(node), strict=True)]
        for value, idx in sorted(parts, key=lambda part: self.key(part[0])):
            graph.insert(value, idx)
        graph.reduce()
        return graph.result()

    def combination(self, node: Tensor, args: tuple[Expr, ...]) -> Expr:
        """A sum in reading order, a common factor of the coefficients in front."""
        if not args:
            return e.zeros(shape_of(node.axes))
        shown = [e.number(1) if is_ones(t) else a for t, a in zip(node.args, args, strict=True)]
        if all(map(e.is_number, shown)):
            shown = list(args)
        terms = sorted(zip(node.coefficients, shown, strict=True), key=lambda term: self.key(term[1]))
        first = next((n for n, (c, _) in enumerate(terms) if c > 0), 0)
        terms.insert(0, terms.pop(first))
        common = terms[0][0] if len({abs(c) for c, _ in terms}) == 1 else Fraction(1)
        inner = e.add([scaled(c / common, a) for c, a in terms])
        return scaled(common, inner)

    def key(self, node: Expr) -> Key:
        """Positions of the names in the expression, as they are read."""
        known = self.keys.get(node)
        if known is None:
            known = self.keys[node] = fold(node, self._key, {})
        return known

    def _key(self, node: Expr, args: tuple[Key, ...]) -> Key:
        if node.head in ("var", "item"):
            return (self.order.get(node.name, len(self.order)),)
        return tuple(position for key in args for position in key)[:32]


def _leaf(node: Tensor) -> Expr:
    if node.head == "delta":
        return e.identity(node.axes[0])
    if node.head == "ones":
        return e.ones(vector(node.axes[0]))
    return e.pi() if node.head == "pi" else e.dim_number(node.data[0])  # type: ignore[arg-type]


def is_ones(node: Tensor) -> bool:
    """Whether all entries are 1, so that a number can stand for the tensor in a sum."""
    return all(t.head == "ones" for t, _ in factors_of(node))


def shape_of(axes: Axes) -> Shape:
    """The shape that a tensor raises to: one axis is a column."""
    return SCALAR if not axes else vector(*axes) if len(axes) == 1 else matrix(*axes)


def scaled(coefficient: Fraction, node: Expr) -> Expr:
    """A number times an expression, as it is written."""
    if coefficient == 1:
        return node
    if coefficient == -1:
        return e.negate(node)
    if node.head == "num":
        return e.number(coefficient * Fraction(str(node.data[0])))
    if node.head == "product" and node.args[0].head == "num":
        return e.product([e.number(coefficient * Fraction(str(node.args[0].data[0]))), *node.args[1:]])
    return e.product([e.number(coefficient), node])


def raise_power(base: Expr, exponent: Expr) -> Expr:
    """Square roots and norms under their names."""
    if exponent.head == "num":
        value = Fraction(str(exponent.data[0]))
        if value.denominator == 2 and base.shape.is_scalar:
            inner = _norm_of(base)
            if inner is not None:
                return e.power(inner, e.number(2 * value)) if 2 * value != 1 else inner
        if value.denominator == 2:
            root = e.elementwise("sqrt", [base])
            return root if value == Fraction(1, 2) else e.power(root, e.number(2 * value))
    return e.power(base, exponent)


def _norm_of(square: Expr) -> Expr | None:
    """||v|| for v^T v or ||v||^2."""
    if square.head == "power" and square.args[0].head == "norm":
        return square.args[0]
    if square.head == "product" and len(square.args) == 2 and square.args[0] is e.transpose(square.args[1]):
        return e.APPLY["norm"](square.args[1])
    return None
