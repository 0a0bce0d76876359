"""Convexity of a function from that of its parts, entry by entry: the rules of disciplined convex programming.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 3.2; Grant, Boyd and Ye, Disciplined convex programming (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.convexity.curves import Curve, curve, power_curve
from matcalc.convexity.facts import Fact
from matcalc.convexity.intervals import Interval
from matcalc.convexity.signs import Signs
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor

SUMS = ("add", "datasum", "transpose", "diag", "diagonal", "vec", "tr", "sum", "mean", "block")
"""Heads whose entries are sums of entries of their arguments with weights that are not negative."""

PRODUCTS = ("product", "hadamard", "kron")
NORMS = ("norm", "norm1")
LOG_CONVEX = ("add", "datasum", "transpose", "vec", "sum", "mean", "tr", "product", "hadamard")
"""Heads that keep logarithms convex."""


@dataclass(frozen=True)
class Bend:
    """What the entries of a part are as functions of the variable.

    Attributes:
        convex: why they are convex, None where that is not known.
        concave: why they are concave.
        is_affine: whether they are both, as sums of multiples of the entries of the variable.
        is_constant: whether they do not depend on it.
        is_strict: whether what is known holds strictly.
    """

    convex: Fact | None = None
    concave: Fact | None = None
    is_affine: bool = False
    is_constant: bool = False
    is_strict: bool = False

    def turned(self) -> Bend:
        """Of the negative."""
        return replace(self, convex=self.concave, concave=self.convex)


UNKNOWN = Bend()


class Composer:
    """Judges the parts of a function.

    Args:
        names: what it is a function of.
        tensors: the index form of every part.
        signs: bounds of tensors.
        level: the level of definiteness of a matrix.
        second_order: what the Hessian of a scalar part says, where nothing else is known.
    """

    def __init__(self, names: frozenset[str], tensors: Mapping[Expr, Tensor], signs: Signs,
                 level: Callable[[Tensor], int | None], second_order: Callable[[Expr], Bend]) -> None:
        self.names = names
        self.tensors = tensors
        self.signs = signs
        self.level = level
        self.second_order = second_order
        self.memo: dict[Expr, Bend] = {}
        self.varying: dict[Expr, bool] = {}

    def bend(self, node: Expr) -> Bend:
        """What a part is."""
        return fold(node, self._visit, self.memo)

    def varies(self, node: Expr) -> bool:
        """Whether a part depends on the variable."""
        return fold(node, lambda e, args: any(args) or (e.head in ("var", "item") and e.name in self.names), self.varying)

    def bounds(self, node: Expr) -> Interval:
        """Between which numbers its entries lie."""
        return self.signs.bounds(self.tensors[node])

    def _visit(self, node: Expr, args: tuple[Bend, ...]) -> Bend:
        found = self._composed(node, args)
        if found.convex is None and found.concave is None and node.shape.is_scalar:
            return self.second_order(node)
        return found

    def _composed(self, node: Expr, args: tuple[Bend, ...]) -> Bend:
        if node.head in ("var", "item") and node.name in self.names:
            return _affine(node)
        if all(a.is_constant for a in args):
            return replace(_affine(node), is_constant=True)
        if node.head in SUMS:
            return self._sum(node, args)
        if node.head in PRODUCTS:
            return self._product(node, args)
        if node.head in NORMS:
            return self._norm(node, args[0])
        if node.head == "logsumexp" and args[0].convex is not None:
            return Bend(Fact(f"{to_text(node)} is convex", "logsumexp", "", (args[0].convex,)))
        if node.head == "logdet" or (node.head == "map" and node.name == "log" and node.args[0].head == "det"):
            return self._logdet(node)
        if node.head == "map" and node.name == "log" and self.is_log_convex(node.args[0]):
            return Bend(Fact(f"{to_text(node)} is convex", "log-convex"))
        likelihood = self._log_likelihood(node)
        if likelihood is not None:
            return likelihood
        root = self._root(node)
        if root is not None:
            return Bend(Fact(f"{to_text(node)} is convex", "root-of-squares", f"q = {to_text(root)}"))
        if node.head == "power":
            return self._power(node, args)
        return self._map(node, args) if node.head == "map" else UNKNOWN

    # ------------------------------------------------------------ sums and products
    def _sum(self, node: Expr, args: Sequence[Bend]) -> Bend:
        if all(a.is_affine for a in args):
            return _affine(node)
        if len(args) == 1:
            strict = args[0].is_strict and node.head == "datasum"
            return replace(args[0], is_strict=strict)
        strict = any(a.is_strict for a in args) and node.shape.is_scalar
        convex, concave = _joined(node, [a.convex for a in args], "convex"), _joined(node, [a.concave for a in args], "concave")
        return Bend(convex, concave, is_strict=strict)

    def _product(self, node: Expr, args: Sequence[Bend]) -> Bend:
        moving = [a for a in args if not a.is_constant]
        if len(moving) != 1:
            return UNKNOWN
        if moving[0].is_affine:
            return _affine(node)
        total = Interval.of(1, 1)
        for part, bend in zip(node.args, args, strict=True):
            if bend.is_constant:
                total = total * self.bounds(part)
        if total.sign is None:
            return UNKNOWN
        strict = moving[0].is_strict and (total.is_positive or total.is_negative) and all(a.shape.is_scalar for a in node.args)
        bend = replace(moving[0] if total.is_nonnegative else moving[0].turned(), is_strict=strict)
        return Bend(_multiple(node, bend.convex, "convex"), _multiple(node, bend.concave, "concave"), is_strict=strict)

    # ------------------------------------------------------------ functions
    def _norm(self, node: Expr, arg: Bend) -> Bend:
        if arg.is_affine:
            return Bend(Fact(f"{to_text(node)} is convex", "norm"))
        if arg.convex is not None and self.bounds(node.args[0]).is_nonnegative:
            return Bend(Fact(f"{to_text(node)} is convex", "norm-of-nonnegative", "", (arg.convex,)))
        return UNKNOWN

    def _logdet(self, node: Expr) -> Bend:
        inner = node.args[0] if node.head == "logdet" else node.args[0].args[0]
        if self.memo[inner].is_affine and self.level(self.tensors[inner]) == 2:
            return Bend(concave=Fact(f"{to_text(node)} is concave", "log-det", f"M = {to_text(inner)}"))
        return UNKNOWN

    def is_log_convex(self, node: Expr) -> bool:
        """Whether the logarithm of every entry is convex: sums and products of exponentials of convex functions."""

        def visit(part: Expr, args: tuple[bool, ...]) -> bool:
            if not self.varies(part):
                return self.bounds(part).is_positive
            if part.head == "map" and part.name == "exp":
                return self.memo[part.args[0]].convex is not None
            return part.head in LOG_CONVEX and all(args)

        return fold(node, visit)

    def _log_likelihood(self, node: Expr) -> Bend | None:
        """log(softmax(u)) is u - logsumexp(u), log(sigmoid(u)) is -softplus(-u), log(1 - sigmoid(u)) is -softplus(u)."""
        if node.head != "map" or node.name != "log":
            return None
        inner = node.args[0]
        if inner.head == "softmax" and self.memo[inner.args[0]].is_affine:
            return Bend(concave=Fact(f"{to_text(node)} is concave", "log-softmax"))
        if inner.head == "map" and inner.name == "sigmoid":
            u, premise = inner.args[0], self.memo[inner.args[0]].concave
        else:
            found = _one_minus_sigmoid(inner)
            if found is None:
                return None
            u, premise = found, self.memo[found].convex
        if premise is None:
            return None
        return Bend(concave=Fact(f"{to_text(node)} is concave", "log-sigmoid", f"u = {to_text(u)}", _told([premise])))

    def _root(self, node: Expr) -> Expr | None:
        """q, where the node is q^p with p >= 1/2 and q a sum of squares of affine functions."""
        if node.head == "map" and node.name == "sqrt":
            base, p = node.args[0], Fraction(1, 2)
        elif node.head == "power" and node.args[1].head == "num":
            base, p = node.args[0], Fraction(str(node.args[1].data[0]))
        else:
            return None
        is_root = p >= Fraction(1, 2) and base.shape.is_scalar and base.head in ("add", "product", "datasum", "sum", "mean")
        return base if is_root and fold(base, self._is_sum_of_squares) else None

    def _is_sum_of_squares(self, node: Expr, args: tuple[bool, ...]) -> bool:
        """Whether a scalar is a sum of squares of affine functions and of numbers that are not negative."""
        if not node.shape.is_scalar:
            return False
        if not self.varies(node):
            return self.bounds(node).is_nonnegative
        if node.head in ("add", "datasum"):
            return all(args)
        if node.head in ("sum", "mean"):
            return self._is_square(node.args[0])
        return self._is_square(node) or (node.head == "product" and self._is_quadratic_form(dict(zip(node.args, args, strict=True))))

    def _is_square(self, node: Expr) -> bool:
        """Whether the node is the square of an affine function, or of its norm."""
        if node.head != "power" or node.args[1].data != (Fraction(2),):
            return False
        inner = node.args[0].args[0] if node.args[0].head == "norm" else node.args[0]
        return self.memo[inner].is_affine

    def _is_quadratic_form(self, known: Mapping[Expr, bool]) -> bool:
        """c u^T M u, with numbers c that are not negative, affine u and a psd matrix M; or a multiple of squares."""
        rest = [a for a in known if not a.shape.is_scalar or self.varies(a)]
        if not all(known[a] for a in known if a not in rest):
            return False
        if len(rest) == 1:
            return known[rest[0]]
        if len(rest) not in (2, 3) or rest[0].head != "transpose" or rest[0].args[0] is not rest[-1]:
            return False
        return self.memo[rest[-1]].is_affine and (len(rest) == 2 or (
            not self.varies(rest[1]) and (self.level(self.tensors[rest[1]]) or 0) > 0))

    def _power(self, node: Expr, args: Sequence[Bend]) -> Bend:
        base, exponent = node.args
        if args[1].is_constant and exponent.head == "num":
            p = Fraction(str(exponent.data[0]))
            return self._through(node, power_curve(p, self.bounds(base)), args[0])
        if args[0].is_constant and self.bounds(base).is_positive:
            low = self.bounds(base).low
            rising = low is not None and low[0] >= 1
            return self._through(node, Curve(True, False, rising, self.bounds(base).within(0, 1)), args[1])
        return UNKNOWN

    def _map(self, node: Expr, args: Sequence[Bend]) -> Bend:
        if node.name in ("max", "min"):
            way = "convex" if node.name == "max" else "concave"
            facts = [getattr(a, way) for a in args]
            fact = None if None in facts else Fact(f"{to_text(node)} is {way}", "maximum", "", _told(facts))
            return Bend(fact) if way == "convex" else Bend(None, fact)
        if len(args) != 1:
            return UNKNOWN
        return self._through(node, curve(node.name, self.bounds(node.args[0])), args[0])

    def _through(self, node: Expr, outer: Curve, inner: Bend) -> Bend:
        """h(g): convex for convex h and affine g, or h convex and rising with g convex, and so on."""
        def found(bends: bool, way: str, along: Fact | None, against: Fact | None) -> Fact | None:
            claim = f"{to_text(node)} is {way}"
            if bends and inner.is_affine:
                return Fact(claim, "composition", f"g = {to_text(node.args[0])} is affine")
            premise = along if outer.is_increasing else against if outer.is_decreasing else None
            return Fact(claim, "composition", "", (premise,)) if bends and premise is not None else None

        return Bend(found(outer.is_convex, "convex", inner.convex, inner.concave),
                    found(outer.is_concave, "concave", inner.concave, inner.convex))


def _one_minus_sigmoid(node: Expr) -> Expr | None:
    """u, where the node is 1 - sigmoid(u)."""
    if node.head != "add" or len(node.args) != 2:
        return None
    one, other = node.args if node.args[0].head == "num" else node.args[::-1]
    if one.data != (Fraction(1),) or other.head != "product" or len(other.args) != 2:
        return None
    sign, sigmoid = other.args
    is_it = sign.data == (Fraction(-1),) and sigmoid.head == "map" and sigmoid.name == "sigmoid"
    return sigmoid.args[0] if is_it else None


def _affine(node: Expr) -> Bend:
    fact = Fact(f"{to_text(node)} is affine", "affine")
    return Bend(fact, fact, is_affine=True)


def _told(facts: Sequence[Fact | None]) -> tuple[Fact, ...]:
    """The premises worth telling: those of parts that are not affine."""
    return tuple(f for f in facts if f is not None and f.rule != "affine")


def _joined(node: Expr, facts: Sequence[Fact | None], way: str) -> Fact | None:
    return None if None in facts else Fact(f"{to_text(node)} is {way}", "weighted-sum", "", _told(facts))


def _multiple(node: Expr, fact: Fact | None, way: str) -> Fact | None:
    return None if fact is None else Fact(f"{to_text(node)} is {way}", "weighted-sum", "", (fact,))
