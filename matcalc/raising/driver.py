"""Raising: the matrix form of a tensor, where it has one.

A tensor of one axis raises to a column; `as_row` turns it. Order for the reader: by first appearance of the names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from matcalc.core.dims import Dim, vector
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import ONE, UNEVALUATED, Axes, Tensor
from matcalc.raising.blocks import Grid, raise_grid
from matcalc.raising.commuted import gathered
from matcalc.raising.ends import common_ends
from matcalc.raising.fused import Fused, chained, raise_fused
from matcalc.raising.graph import Graph, NoMatrixForm
from matcalc.raising.orient import Orientation
from matcalc.raising.view import Names, Product, Setting, View
from matcalc.raising.writing import (
    by_rows,
    comparison,
    complements,
    is_even,
    is_odd,
    is_ones,
    positive,
    raise_power,
    scaled,
    settled,
    shape_of,
    unsigned,
    without_sign,
)

Key = tuple[int, ...]
Part = tuple[Expr, tuple[int, ...], frozenset[int]]
_ONE = e.number(1)


class Raiser:
    """Raises tensors to expressions, each node once.

    Args:
        order: position of each variable in the order of its first appearance.
        setting: names of data indices, and the last touch on entries of explicit vectors and matrices.
    """

    def __init__(self, order: Mapping[str, int], setting: Setting) -> None:
        self.order = order
        self.setting = setting
        self.orientation = Orientation(set(setting.written.values()))
        self.memo: dict[View, Expr] = {}
        self.keys: dict[Expr, Key] = {}
        self.written: dict[tuple[str, tuple[bytes, ...]], Expr] = {}
        for node in setting.written.values():
            if node.head in ("add", "product", "hadamard"):
                self.written.setdefault(_unordered(node), node)

    def to_matrix(self, node: Tensor, as_row: bool = False, names: Names = ()) -> Expr:
        """The matrix form.

        Args:
            node: what is raised.
            as_row: whether a column is turned.
            names: the data indices under which the first axes run over data.

        Raises:
            NoMatrixForm: where the tensor, or a part of it, has none.
        """
        result = unsigned(self.with_sign(node, names))
        return self.orientation.turn(result) if as_row else self.orientation.best(result)

    def with_sign(self, node: Tensor, names: Names = ()) -> Expr:
        """The matrix form, a column as it is, with the sign in front of scalars whose sum reads the other way round.

        Raises:
            NoMatrixForm: where the tensor, or a part of it, has none.
        """
        return settled(fold(View(node, (*names, *(None,) * (node.rank - len(names))), self.setting), self.visit, self.memo))

    def form(self, node: Tensor) -> Expr | None:
        """The matrix form, None where there is none."""
        try:
            return self.to_matrix(node)
        except NoMatrixForm:
            return None

    def visit(self, view: View, args: tuple[Expr, ...]) -> Expr:
        """The matrix form of a view on its raised parts."""
        if sum(name is None for name in view.names) > 2:
            raise NoMatrixForm
        result = self.as_written(self.raised(view, args))
        own = None if any(view.names) else self.setting.written.get(view.tensor)
        if own is not None and own.shape == result.shape and size(own) <= size(result):
            result = own
        if not any(view.names) and is_symmetric(view.tensor):
            self.orientation.note_symmetric(result)
        return result

    def as_written(self, node: Expr) -> Expr:
        """The order of terms and factors that the source has, where the same sum or product stands there."""
        scalars = node.head == "product" and all(a.shape.is_scalar for a in node.args)
        if scalars or node.head in ("add", "hadamard"):
            return self.written.get(_unordered(node), node)
        return node

    def raised(self, view: View, args: tuple[Expr, ...]) -> Expr:
        """The form before its symmetry is noted."""
        node, form = view.tensor, view.form[0]
        if isinstance(form, Grid):
            return raise_grid(form, args, self.orientation)
        if isinstance(form, Fused):
            return raise_fused(form, self.signed(view, args), self.orientation)
        if isinstance(form, Product):
            return self.signed_product(view, form, args)
        if node.head == "var":
            return _variable(node, view.names)
        if node.head == "lin":
            return self.combination(view, args)
        if node.head == "map":
            if node.data == ("step",):
                return comparison("gt", args[0])
            return self.untransposed(lambda *us: e.elementwise(str(node.data[0]), us), *args)
        if node.head == "pow":
            if is_even(args[1]) and self.reading_sign(view.args[0]) < 0:
                args = (self.negative(view.args[0]), args[1])
            sign, base = without_sign(args[0]) if is_odd(args[1]) else (ONE, args[0])
            return scaled(sign, self.untransposed(raise_power, base, args[1]))
        if node.head == "matpow":
            return self.untransposed(lambda u: e.matpow(u, int(str(node.data[0]))), args[0])
        if node.head == "expm":
            return self.untransposed(e.APPLY["expm"], args[0])
        if node.head in ("det", "logdet"):
            return e.APPLY[node.head](args[0].args[0] if args[0].head == "transpose" else args[0])
        if node.head in ("delta", "ones", "size", "pi"):
            return _leaf(node, view.names)
        if node.head in UNEVALUATED and (node.head == "differential" or not node.args[1].rank):
            return e.unevaluated(node.head, args[0], e.variable(str(node.args[1].data[0]), shape_of(node.args[1].axes[:2])))
        if node.head in ("softmax", "logsumexp") and None in view.names[: int(str(node.data[0]))]:
            return by_rows(node.head, args[0])
        if node.head not in e.APPLY:
            raise NoMatrixForm
        return e.APPLY[node.head](args[0])

    def untransposed(self, build: Callable[..., Expr], arg: Expr, *others: Expr) -> Expr:
        """A function that commutes with the transpose, of the smaller of a matrix and its transpose; further arguments
        follow the first one.
        """
        arg = self.orientation.best(arg)
        if arg.head != "transpose":
            return build(arg, *others)
        return self.orientation.turn(build(arg.args[0], *map(self.orientation.turn, others)))

    def signed_product(self, view: View, form: Product, args: tuple[Expr, ...]) -> Expr:
        """A product whose sums read with their first term positive, the sign in front."""
        negative = [self.reading_sign(part) < 0 for part in view.args]
        shown = [self.negative(p) if n else a for p, n, a in zip(view.args, negative, args, strict=True)]
        signs = sum(negative)
        for n, value in enumerate(shown):
            sign, shown[n] = without_sign(value)
            signs += sign < 0
        result = self.product(view.tensor.rank, form, tuple(shown), view.names)
        return scaled(-ONE, result) if signs % 2 else result

    def signed(self, view: View, args: tuple[Expr, ...]) -> tuple[Expr, ...]:
        """Parts whose sums read with their first term positive, the sign in front of each."""
        pairs = zip(view.args, args, strict=True)
        return tuple(scaled(-ONE, self.negative(p)) if self.reading_sign(p) < 0 else a for p, a in pairs)

    def product(self, rank: int, form: Product, args: tuple[Expr, ...], names: Names) -> Expr:
        """The graph of a contraction, reduced; sums over data first."""
        plain = [i for i in range(rank) if not names[i]]
        slot = {i: n for n, i in enumerate(plain)}
        parts = [
            (value, tuple(slot.get(i, i + rank) for i in idx), data)
            for value, idx, data in zip(args, form.idx, form.data, strict=True)
        ]
        parts.sort(key=lambda part: (_is_compound_scalar(part[0]), self.key(part[0]), size(part[0]), _size_name(part[0])))
        while any(data for _, _, data in parts):
            parts = self.sum_over_data(parts, len(plain), form)
        graph = Graph(len(plain), self.orientation)
        for value, idx, _ in parts:
            if value is not _ONE or len(parts) == 1:
                graph.insert(value, idx)
        graph.reduce()
        return graph.result()

    def sum_over_data(self, parts: list[Part], rank: int, form: Product) -> list[Part]:
        """The parts with those that hold one data index summed over it."""
        index = min(i for _, _, data in parts for i in data)
        name, length = form.bound[index]
        inside = _connected(parts, index, rank)
        if any(data - {index} for _, _, data in inside):
            inside = [p for p in parts if index in p[2]]
        outside = [p for p in parts if p not in inside]
        held = {i for _, idx, _ in inside for i in idx}
        outer = sorted(i for i in held if i < rank or any(i in idx for _, idx, _ in outside))
        place = {i: n for n, i in enumerate(outer)}
        graph = Graph(len(outer), self.orientation)
        for value, idx, _ in inside:
            if value is not _ONE:
                graph.insert(value, tuple(place.get(i, i + len(outer)) for i in idx))
        graph.reduce()
        constant = [s for s in graph.scalars if not _mentions(s, name)]
        graph.scalars = [s for s in graph.scalars if _mentions(s, name)]
        total = self.total(name, length, graph.result())
        left = frozenset(i for _, _, data in inside for i in data) - {index}
        found: list[Part] = [(s, (), frozenset(i for i in left if _mentions(s, form.bound[i][0]))) for s in constant]
        return [*found, *outside, (total, tuple(outer), left)]

    def total(self, name: str, length: Dim, body: Expr) -> Expr:
        """A sum over data, its index renamed where a sum inside has the same one."""
        inside = [part for part in postorder(body) if part.head == "datasum"]
        used = {str(part.data[0]) for part in inside}
        if name not in used:
            return e.datasum(name, length, body)
        new = self.setting.fresh(length, used | {str(p.data[2]) for p in postorder(body) if p.head == "item"})
        known = {part: part for part in inside if part.data[0] == name}
        return e.datasum(new, length, fold(body, lambda node, args: _under(node, args, name, new), known))

    def combination(self, view: View, args: tuple[Expr, ...], sign: Fraction = ONE) -> Expr:
        """A sum in reading order, a common factor of the coefficients in front."""
        node = view.tensor
        if not args:
            return e.zeros(shape_of(_plain_axes(node, view.names))) if node.rank else e.number(0)
        shown = [e.number(1) if is_ones(t) else a for t, a in zip(node.args, args, strict=True)]
        if all(map(e.is_number, shown)):
            shown = list(args)
        return self.sum_of([(sign * c, a) for c, a in zip(node.coefficients, shown, strict=True)])

    def sum_of(self, terms: list[tuple[Fraction, Expr]]) -> Expr:
        """A sum of terms, those that come before the first positive one at the end."""
        terms = gathered(self.sorted_terms(complements([positive(*term) for term in terms])))
        ends = common_ends(terms)
        if ends is not None:
            before, left, after = ends
            return chained([*before, self.sum_of(left), *after])
        first = next((n for n, (c, _) in enumerate(terms) if c > 0), 0)
        terms = [*terms[first:], *terms[:first]]
        common = terms[0][0] if len({abs(c) for c, _ in terms}) == 1 else Fraction(1)
        inner = e.add([scaled(c / common, a) for c, a in terms])
        return scaled(common, self.orientation.smaller_turn(inner) if inner.shape.kind == "matrix" else inner)

    def sorted_terms(self, terms: list[tuple[Fraction, Expr]]) -> list[tuple[Fraction, Expr]]:
        """Terms in reading order."""
        return sorted(terms, key=lambda term: (self.key(term[1]), size(term[1])))

    def reading_sign(self, view: View) -> int:
        """-1 for a sum most of whose terms are subtracted, of as many the one that is read first."""
        if view.tensor.head != "lin" or len(view.tensor.args) < 2 or view.form[0] is not None:
            return 1
        terms = [(c, self.memo[a]) for c, a in zip(view.tensor.coefficients, view.args, strict=True)]
        negative = sum(c < 0 for c, _ in terms)
        most = negative * 2 >= len(terms)
        return -1 if most and (self.sorted_terms(terms)[0][0] < 0 or negative * 2 > len(terms)) else 1

    def negative(self, view: View) -> Expr:
        """The negative of a sum, as it is read."""
        return self.combination(view, tuple(self.memo[a] for a in view.args), -ONE)

    def key(self, node: Expr) -> Key:
        """Positions of the names in the expression, as they are read."""
        return fold(node, self._key, self.keys)

    def _key(self, node: Expr, args: tuple[Key, ...]) -> Key:
        if node.head in UNEVALUATED:
            return (len(self.order) + 1,)
        if node.head in ("var", "item"):
            return (self.order.get(node.name, len(self.order)),)
        return tuple(position for key in args for position in key)[:32]


def _unordered(node: Expr) -> tuple[str, tuple[bytes, ...]]:
    return node.head, tuple(sorted(arg.key for arg in node.args))


def _is_compound_scalar(node: Expr) -> bool:
    return node.shape.is_scalar and bool(node.args)


def _size_name(node: Expr) -> str:
    """The name of a dimension that stands as a number, or below a bar."""
    base = node.args[0] if node.head == "power" else node
    return str(base.data[0]) if base.head == "dim" else ""


def _connected(parts: list[Part], index: int, rank: int) -> list[Part]:
    """The parts that hang together with a data index over bound indices."""
    inside = [p for p in parts if index in p[2]]
    while True:
        bound = {i for _, idx, _ in inside for i in idx if i >= rank}
        data = {i for _, _, held in inside for i in held}
        wider = [p for p in parts if p in inside or bound & set(p[1]) or data & p[2]]
        if len(wider) == len(inside):
            return inside
        inside = wider


def _mentions(node: Expr, index: str) -> bool:
    """Whether a member of a family under this index occurs."""
    return any(part.head == "item" and part.data[2] == index for part in postorder(node))


def _under(node: Expr, args: tuple[Expr, ...], old: str, new: str) -> Expr:
    """The node with members under another index."""
    if node.head == "item" and node.data[2] == old:
        return Expr.make("item", (), (*node.data[:2], new, node.data[3]), node.shape)
    return node.with_args(args) if args else node


def _variable(node: Tensor, names: Names) -> Expr:
    name, properties, family = node.data
    assert isinstance(properties, tuple)
    if not family:
        return e.variable(str(name), shape_of(node.axes), properties)
    return e.item(str(name), shape_of(node.axes[1:]), str(names[0]), node.axes[0], properties)


def _plain_axes(node: Tensor, names: Names) -> Axes:
    return tuple(d for d, name in zip(node.axes, names, strict=True) if not name)


def _leaf(node: Tensor, names: Names) -> Expr:
    if node.head == "delta":
        if any(names):
            raise NoMatrixForm
        return e.identity(node.axes[0])
    if node.head == "ones":
        return e.number(1) if names[0] else e.ones(vector(node.axes[0]))
    if node.head == "pi":
        return e.pi()
    dim = node.data[0]
    assert isinstance(dim, Dim)
    if len(dim.terms) > 1:
        return e.dim_number(dim)
    ((names, coefficient),) = dim.terms
    return e.product([*([] if coefficient == 1 else [e.number(coefficient)]), *(e.dim_number(Dim.of(name)) for name in names)])
