"""How raised expressions are written: signs, numbers, divisors and comparisons as a reader expects them."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.dims import SCALAR, Shape, matrix, vector
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild
from matcalc.ir.nodes import ONE, Axes, Tensor, factors_of
from matcalc.raising.orient import is_denominator


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


def positive(coefficient: Fraction, node: Expr) -> tuple[Fraction, Expr]:
    """A term with its sign in the coefficient, and positive where a difference can be turned round."""
    sign, node = without_sign(node)
    coefficient *= sign
    turned = _turned_difference(node) if coefficient < 0 and node.head == "product" else None
    return (coefficient, node) if turned is None else (-coefficient, turned)


_MIRRORED = {"gt": "lt", "le": "ge"}


def comparison(name: str, node: Expr) -> Expr:
    """1[u > 0] or 1[u <= 0], a number or what is subtracted on the other side: 1[u - v > 0] is 1[u > v]."""
    if node.head == "add" and len(node.args) == 2 and any(map(e.is_number, node.args)):
        number, other = sorted(node.args, key=lambda a: not e.is_number(a))
        if _is_negative(other):
            return e.elementwise(_MIRRORED[name], [scaled(-ONE, other), number])
        return e.elementwise(name, [other, scaled(-ONE, number)])
    if node.head == "add" and len(node.args) == 2 and _is_negative(node.args[1]):
        return e.elementwise(name, [node.args[0], scaled(-ONE, node.args[1])])
    return e.elementwise(name, [node, e.number(0)])


def complements(terms: list[tuple[Fraction, Expr]]) -> list[tuple[Fraction, Expr]]:
    """1 - 1[u > 0] as 1[u <= 0]."""
    opposite = {"gt": "le", "lt": "ge", "ge": "lt", "le": "gt"}
    if len(terms) == 2 and terms[0][0] == -terms[1][0]:
        for (c, one), (_, step) in (terms, terms[::-1]):
            if one is e.number(1) and step.head == "map" and step.name in opposite:
                return [(c, e.elementwise(opposite[step.name], step.args))]
    return terms


def settled(node: Expr) -> Expr:
    """The expression; of -(u - v) w the form (v - u) w, where that difference stands there once."""
    sign, core = without_sign(node)
    turned = _turned_difference(core) if sign < 0 else None
    return node if turned is None else turned


def unsigned(node: Expr) -> Expr:
    """A scalar without a minus in front, where a sum in it can take it: -2 (1 - u) w as 2 (u - 1) w."""
    if not node.shape.is_scalar or node.head != "product" or not _is_negative(node):
        return node
    turned = _turned_sum(e.product(node.args[1:]))
    return node if turned is None else scaled(-Fraction(str(node.args[0].data[0])), turned)


def _turned_sum(node: Expr) -> Expr | None:
    """The negative of a scalar sum, alone or as a factor, with a positive term first; None where there is none.

    1 - tanh(u)^2 and 1 - sigmoid(u) stay as they are.
    """
    if node.head == "add":
        if not any(map(_is_negative, node.args)) or _is_slope(node):
            return None
        turned = [scaled(-ONE, arg) for arg in node.args]
        return e.add(sorted(turned, key=lambda arg: (_is_negative(arg), arg.head == "num")))
    for n, arg in enumerate(node.args if node.head == "product" else ()):
        inner = _turned_sum(arg)
        if inner is not None:
            return e.product([*node.args[:n], inner, *node.args[n + 1 :]])
    return None


def _is_slope(node: Expr) -> bool:
    """Whether it is 1 - tanh(u)^2 or 1 - sigmoid(u)."""
    one, *others = node.args
    core = without_sign(others[0])[1] if len(others) == 1 else node
    core = core.args[0] if core.head == "power" else core
    return one is e.number(1) and core.head == "map" and core.name in ("tanh", "sigmoid")


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
        return None if inner is None else rebuild(node, (inner,))
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


def is_odd(exponent: Expr) -> bool:
    """Whether a number is an odd integer."""
    return exponent.head == "num" and Fraction(str(exponent.data[0])) % 2 == 1


def without_sign(node: Expr) -> tuple[Fraction, Expr]:
    """-1 and the rest of a product with -1 in front; 1 and the expression otherwise."""
    if node.head == "product" and node.args[0] is e.number(-1):
        return -ONE, e.product(node.args[1:])
    return ONE, node


def is_even(exponent: Expr) -> bool:
    """Whether a number is an even integer."""
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
    if square.head == "power" and square.args[0].head == "norm" and square.args[1] is e.number(2):
        return square.args[0]
    if square.head == "product" and len(square.args) == 2 and square.args[0] is e.transpose(square.args[1]):
        return e.APPLY["norm"](square.args[1])
    return None


def by_rows(head: str, u: Expr) -> Expr:
    """softmax or logsumexp of each row of a matrix, spelled out: the language has them for all entries at once."""
    powers = e.elementwise("exp", [u])
    totals = e.product([powers, e.ones(vector(u.shape.cols))])
    if head == "logsumexp":
        return e.elementwise("log", [totals])
    return e.product([e.diag(e.power(totals, e.number(-1))), powers])
