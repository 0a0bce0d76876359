"""Raising: the matrix form of a tensor, where it has one.

A tensor of one axis raises to a column; `as_row` turns it. Order for the reader: by first appearance of the names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from matcalc.core.dims import SCALAR, Dim, Shape, matrix, vector
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Axes, Tensor, factors_of
from matcalc.raising.blocks import Grid, raise_grid
from matcalc.raising.fused import Fused, raise_fused
from matcalc.raising.graph import Graph, NoMatrixForm
from matcalc.raising.orient import Orientation, is_denominator
from matcalc.raising.view import Names, Product, Setting, View

Key = tuple[int, ...]
Part = tuple[Expr, tuple[int, ...], frozenset[int]]
_ONE = e.number(1)
ONE = Fraction(1)


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

    def to_matrix(self, node: Tensor, as_row: bool = False) -> Expr:
        """The matrix form.

        Raises:
            NoMatrixForm: where the tensor, or a part of it, has none.
        """
        result = fold(View(node, (None,) * node.rank, self.setting), self.visit, self.memo)
        result = settled(result)
        return self.orientation.turn(result) if as_row else self.orientation.best(result)

    def visit(self, view: View, args: tuple[Expr, ...]) -> Expr:
        """The matrix form of a view on its raised parts."""
        if sum(name is None for name in view.names) > 2:
            raise NoMatrixForm
        result = self.as_written(self.raised(view, args))
        own = None if any(view.names) else self.setting.written.get(view.tensor)
        if own is not None and own.shape == result.shape and size(own) <= size(result):
            result = own
        if not any(view.names) and is_symmetric(view.tensor):
            self.orientation.symmetric.add(result)
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
            return raise_fused(form, args, self.orientation)
        if isinstance(form, Product):
            return self.signed_product(view, form, args)
        if node.head == "var":
            return _variable(node, view.names)
        if node.head == "lin":
            return self.combination(view, args)
        if node.head == "map":
            if node.data == ("step",):
                return comparison("gt", args[0])
            return self.untransposed(lambda u: e.elementwise(str(node.data[0]), [u, *args[1:]]), args[0])
        if node.head == "pow":
            if _is_even(args[1]) and self.reading_sign(view.args[0]) < 0:
                args = (self.negative(view.args[0]), args[1])
            return self.untransposed(lambda u: raise_power(u, args[1]), args[0])
        if node.head == "matpow":
            return self.untransposed(lambda u: e.matpow(u, int(str(node.data[0]))), args[0])
        if node.head == "expm":
            return self.untransposed(e.APPLY["expm"], args[0])
        if node.head in ("det", "logdet"):
            return e.APPLY[node.head](args[0].args[0] if args[0].head == "transpose" else args[0])
        if node.head in ("delta", "ones", "size", "pi"):
            return _leaf(node, view.names)
        if node.head not in e.APPLY:
            raise NoMatrixForm
        return e.APPLY[node.head](args[0])

    def untransposed(self, build: Callable[[Expr], Expr], arg: Expr) -> Expr:
        """A function that commutes with the transpose, of a transpose."""
        return self.orientation.turn(build(arg.args[0])) if arg.head == "transpose" else build(arg)

    def signed_product(self, view: View, form: Product, args: tuple[Expr, ...]) -> Expr:
        """A product whose sums read with their first term positive, the sign in front."""
        negative = [self.reading_sign(part) < 0 for part in view.args]
        shown = [self.negative(p) if n else a for p, n, a in zip(view.args, negative, args, strict=True)]
        signs = sum(negative)
        for n, value in enumerate(shown):
            if value.head == "product" and value.args[0] is e.number(-1):
                shown[n] = e.product(value.args[1:])
                signs += 1
        result = self.product(view.tensor.rank, form, tuple(shown), view.names)
        return scaled(-ONE, result) if signs % 2 else result

    def product(self, rank: int, form: Product, args: tuple[Expr, ...], names: Names) -> Expr:
        """The graph of a contraction, reduced; sums over data first."""
        plain = [i for i in range(rank) if not names[i]]
        slot = {i: n for n, i in enumerate(plain)}
        parts = [
            (value, tuple(slot.get(i, i + rank) for i in idx), data)
            for value, idx, data in zip(args, form.idx, form.data, strict=True)
        ]
        parts.sort(key=lambda part: (_is_compound_scalar(part[0]), self.key(part[0]), size(part[0])))
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
        total = e.datasum(name, length, graph.result())
        left = frozenset(i for _, _, data in inside for i in data) - {index}
        found: list[Part] = [(s, (), frozenset(i for i in left if _mentions(s, form.bound[i][0]))) for s in constant]
        return [*found, *outside, (total, tuple(outer), left)]

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
        terms = self.sorted_terms(_complements([_positive(*term) for term in terms]))
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
        known = self.keys.get(node)
        if known is None:
            known = self.keys[node] = fold(node, self._key, {})
        return known

    def _key(self, node: Expr, args: tuple[Key, ...]) -> Key:
        if node.head in ("var", "item"):
            return (self.order.get(node.name, len(self.order)),)
        return tuple(position for key in args for position in key)[:32]


def _unordered(node: Expr) -> tuple[str, tuple[bytes, ...]]:
    return node.head, tuple(sorted(arg.key for arg in node.args))


def _is_compound_scalar(node: Expr) -> bool:
    return node.shape.is_scalar and bool(node.args)


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
    return e.dim_number(dim)


def is_ones(node: Tensor) -> bool:
    """Whether all entries are 1, so that a number can stand for the tensor in a sum."""
    return all(t.head == "ones" for t, _ in factors_of(node))


def shape_of(axes: Axes) -> Shape:
    """The shape that a tensor raises to: one axis is a column."""
    return SCALAR if not axes else vector(*axes) if len(axes) == 1 else matrix(*axes)


def scaled(coefficient: Fraction, node: Expr) -> Expr:
    """A number times an expression, as it is written: 1/2 of 1/u is 1/(2 u)."""
    if coefficient == 1:
        return node
    if coefficient == -1 and node.head != "product":
        return e.negate(node)
    if node.head == "num":
        return e.number(coefficient * Fraction(str(node.data[0])))
    if coefficient.denominator != 1:
        lowered = _below(node, coefficient.denominator)
        if lowered is not None:
            return scaled(Fraction(coefficient.numerator), lowered)
    if node.head == "product" and node.args[0].head == "num":
        coefficient *= Fraction(str(node.args[0].data[0]))
        return e.product([*([e.number(coefficient)] if coefficient != 1 else []), *node.args[1:]])
    return e.product([e.number(coefficient), node])


def _positive(coefficient: Fraction, node: Expr) -> tuple[Fraction, Expr]:
    """A term with its sign in the coefficient, and positive where a difference can be turned round."""
    if node.head == "product" and node.args[0] is e.number(-1):
        coefficient, node = -coefficient, e.product(node.args[1:])
    turned = _turned_difference(node) if coefficient < 0 and node.head == "product" else None
    return (coefficient, node) if turned is None else (-coefficient, turned)


_MIRRORED = {"gt": "lt", "le": "ge"}


def comparison(name: str, node: Expr) -> Expr:
    """1[u > 0] or 1[u <= 0], a number in u on the other side: 1[u - 1 > 0] is 1[u > 1]."""
    if node.head == "add" and len(node.args) == 2 and any(map(e.is_number, node.args)):
        number, other = sorted(node.args, key=lambda a: not e.is_number(a))
        if _is_negative(other):
            return e.elementwise(_MIRRORED[name], [scaled(-ONE, other), number])
        return e.elementwise(name, [other, scaled(-ONE, number)])
    return e.elementwise(name, [node, e.number(0)])


def _complements(terms: list[tuple[Fraction, Expr]]) -> list[tuple[Fraction, Expr]]:
    """1 - 1[u > 0] as 1[u <= 0]."""
    opposite = {"gt": "le", "lt": "ge", "ge": "lt", "le": "gt"}
    if len(terms) == 2 and terms[0][0] == -terms[1][0]:
        for (c, one), (_, step) in (terms, terms[::-1]):
            if one is e.number(1) and step.head == "map" and step.name in opposite:
                return [(c, e.elementwise(opposite[step.name], step.args))]
    return terms


def settled(node: Expr) -> Expr:
    """The expression; of -(u - v) w the form (v - u) w, where that difference stands there once."""
    if node.head != "product" or node.args[0] is not e.number(-1):
        return node
    turned = _turned_difference(e.product(node.args[1:]))
    return node if turned is None else turned


def _turned_difference(node: Expr) -> Expr | None:
    """The negative of u - v as v - u, also where it is transposed or a factor; None where no difference is found.

    1 - u stays as it is.
    """
    if node.head == "add" and len(node.args) == 2 and _is_negative(node.args[1]) and node.args[0].head != "num":
        if _is_negative(node.args[0]):
            return None
        return e.add([scaled(-ONE, node.args[1]), scaled(-ONE, node.args[0])])
    if node.head in ("transpose", "datasum"):
        inner = _turned_difference(node.args[0])
        return None if inner is None else e.rebuild(node, (inner,))
    if node.head in ("product", "hadamard"):
        for n, arg in enumerate(node.args):
            inner = _turned_difference(arg)
            if inner is not None and not {arg, e.transpose(arg)} & {*node.args[:n], *node.args[n + 1 :]}:
                args = [*node.args[:n], inner, *node.args[n + 1 :]]
                return e.product(args) if node.head == "product" else e.hadamard(args)
    return None


def _is_negative(node: Expr) -> bool:
    first = node.args[0] if node.head == "product" else node
    return first.head == "num" and str(first.data[0]).startswith("-")


def _is_even(exponent: Expr) -> bool:
    return exponent.head == "num" and Fraction(str(exponent.data[0])) % 2 == 0


def _below(node: Expr, number: int) -> Expr | None:
    """The expression with its first divisor multiplied by a number, None where it has no divisor."""
    if node.head == "power" and node.args[1].head == "num":
        exponent = -Fraction(str(node.args[1].data[0]))
        if exponent <= 0 or exponent.denominator != 1:
            return None
        base = node.args[0] if exponent == 1 else e.power(node.args[0], e.number(exponent))
        return e.power(e.product([e.number(number), base]), e.number(-1))
    if node.head == "transpose":
        inner = _below(node.args[0], number)
        return None if inner is None else e.transpose(inner)
    if node.head != "product":
        return None
    for n, arg in enumerate(node.args):
        inner = _below(arg, number) if is_denominator(arg) else None
        if inner is not None:
            return e.product([*node.args[:n], inner, *node.args[n + 1 :]])
    return None


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
