"""Between which numbers the entries of a tensor lie, for all values that its variables can have.

Every rule is sound: sizes are at least 1, and a tensor is judged where it is defined, so that what is divided by is not zero
and what has a root or a logarithm is not negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from matcalc.convexity.folding import Folding, foldings
from matcalc.convexity.intervals import NONNEGATIVE, ONE, POSITIVE, REAL, UNIT, ZERO, Interval, power
from matcalc.core.functions import COMPARISONS
from matcalc.core.traversal import fold
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, content_of, factors_of, has_property

Facts = Mapping[Tensor, Interval]
"""What is known beforehand of tensors, each freed of its common rational factor."""

_OPEN_UNIT = Interval.of(0, 1, is_open=True)
_SYMMETRIC_UNIT = Interval.of(-1, 1)
_OPEN_SYMMETRIC = Interval.of(-1, 1, is_open=True)
_RIGHT_ANGLE = Interval.of(Fraction(-8, 5), Fraction(8, 5), is_open=True)

RANGES: dict[str, Interval] = {
    "exp": POSITIVE, "sin": _SYMMETRIC_UNIT, "cos": _SYMMETRIC_UNIT, "asin": _RIGHT_ANGLE, "acos": Interval.of(0, Fraction(16, 5)),
    "atan": _RIGHT_ANGLE, "cosh": Interval((ONE, False), None), "tanh": _OPEN_SYMMETRIC, "sigmoid": _OPEN_UNIT,
    "softplus": POSITIVE, "erf": _OPEN_SYMMETRIC, "relu": NONNEGATIVE, "step": Interval.of(0, 1), "abs": NONNEGATIVE,
    "sign": _SYMMETRIC_UNIT, **dict.fromkeys(COMPARISONS, Interval.of(0, 1)),
}
"""The range of each function over all numbers; what is missing has no bound."""

ODD_INCREASING = ("sinh", "tanh", "asin", "atan", "erf", "sign")
"""Functions that have the sign of their argument."""


class Signs:
    """Bounds of tensors.

    Args:
        facts: what is known beforehand.
        kernel: the level of definiteness of a symmetric matrix, None where nothing is known.
    """

    def __init__(self, facts: Facts, kernel: Callable[[Tensor], int | None]) -> None:
        self.facts = facts
        self.kernel = kernel
        self.memo: dict[Tensor, Interval] = {}

    def bounds(self, node: Tensor) -> Interval:
        """An interval that holds every entry."""
        return fold(node, self._visit, self.memo)

    def _visit(self, node: Tensor, args: tuple[Interval, ...]) -> Interval:
        found = self._own(node, args)
        coefficient, core = content_of(node)
        known = self.facts.get(core)
        return found if known is None else found.meet(known.scaled(coefficient))

    def _own(self, node: Tensor, args: tuple[Interval, ...]) -> Interval:
        if node.head == "lin":
            return self._sum(node, args)
        if node.head == "contract":
            return self._product(factors_of(node), args, node.rank)
        if node.head == "pow":
            exponent = b.number_of(node.args[1])
            return power(args[0], exponent) if exponent is not None else POSITIVE if args[0].is_positive else REAL
        if node.head == "map":
            return applied(str(node.data[0]), args)
        if node.head == "det":
            level = self.kernel(node.args[0])
            return POSITIVE if level == 2 else NONNEGATIVE if level == 1 else REAL
        if node.head == "logsumexp":
            return NONNEGATIVE if args[0].is_nonnegative else REAL
        return _leaf(node)

    def _sum(self, node: Tensor, args: Sequence[Interval]) -> Interval:
        total = Interval.of(0, 0)
        for coefficient, part in zip(node.coefficients, args, strict=True):
            total = total + part.scaled(coefficient)
        return total

    def _product(self, factors: Sequence[Factor], args: Sequence[Interval], rank: int) -> Interval:
        """A product, summed over what is bound: its entries by intervals, and by folding."""
        total = UNIT
        for part in args:
            total = total * part
        if any(i >= rank for _, idx in factors for i in idx):
            total = _summed(total)
        if total.sign is not None:
            return total
        folded = self.folded(factors, rank)
        return total if folded is None else total.meet(NONNEGATIVE if folded > 0 else -NONNEGATIVE)

    def folded(self, factors: Sequence[Factor], rank: int) -> int | None:
        """The sign of a product that is a sum of squares, None where it is not seen to be one."""
        for folding in foldings(factors, frozenset(range(rank))):
            sign = self.sign(factors, folding)
            if sign is not None:
                return sign
        return None

    def sign(self, factors: Sequence[Factor], folding: Folding) -> int | None:
        """The sign of a folded product: that of its weights and matrices."""
        total = 1
        for n, factor in enumerate(factors):
            if folding.partner[n] == n:
                level = self.level(factor, folding)
                if level is None:
                    return None
                total *= (level > 0) - (level < 0)
        return total

    def level(self, factor: Factor, folding: Folding) -> int | None:
        """Of a factor that stays: 2 for positive weights or a definite matrix, 1 for weights that may be zero or a psd one."""
        node, idx = factor
        moving = [i for i in idx if not folding.stays(i)]
        if moving:
            return self.kernel(node) if node.rank == 2 else declared_level(node)
        found = self.bounds(node)
        if found.sign is None and len(idx) == 2 and idx[0] == idx[1]:
            return self.kernel(node)
        return interval_level(found)


def interval_level(found: Interval) -> int | None:
    """The sign of an interval: 2 above zero, 1 not below."""
    if found.is_positive or found.is_nonnegative:
        return 2 if found.is_positive else 1
    return None if found.sign is None else -2 if found.is_negative else -1


def declared_level(node: Tensor) -> int | None:
    """The level of a matrix, or of every member of a family of matrices, as declared."""
    is_diagonal = has_property(node, "diagonal")
    if has_property(node, "posdef") or (is_diagonal and has_property(node, "positive")):
        return 2
    return 1 if has_property(node, "psd") or (is_diagonal and has_property(node, "nonnegative")) else None


def _leaf(node: Tensor) -> Interval:
    if node.head == "var":
        if has_property(node, "positive") and not any(has_property(node, p) for p in _WITH_ZEROS):
            return POSITIVE
        return NONNEGATIVE if has_property(node, "positive") or has_property(node, "nonnegative") else REAL
    if node.head == "size":
        return Interval((ONE, False), None)
    return _LEAVES.get(node.head, REAL)


_WITH_ZEROS = ("diagonal", "lower", "upper", "orthogonal")
"""Properties of matrices some of whose entries are zero."""

_LEAVES = {
    "ones": UNIT, "pi": Interval.of(3, 4, is_open=True), "softmax": Interval((ZERO, True), (ONE, False)),
    **dict.fromkeys(("delta", "basis", "embed", "fuse"), Interval.of(0, 1)),
}


def _summed(entries: Interval) -> Interval:
    """The sum of one entry or more."""
    if entries.is_nonnegative:
        return Interval(entries.low, None)
    return Interval(None, entries.high) if entries.is_nonpositive else REAL


def applied(name: str, args: Sequence[Interval]) -> Interval:
    """The range of an elementwise function."""
    if name == "max":
        low = [a.low for a in args if a.low is not None]
        return Interval(max(low, default=None), None)
    if name == "min":
        high = [a.high for a in args if a.high is not None]
        return Interval(None, min(high, default=None))
    found, (u,) = RANGES.get(name, REAL), args if len(args) == 1 else (REAL,)
    if name in ODD_INCREASING and u.sign is not None:
        half = (POSITIVE if u.is_positive else NONNEGATIVE) if u.is_nonnegative else -(POSITIVE if u.is_negative else NONNEGATIVE)
        return found.meet(half)
    if name == "exp" and u.sign is not None:
        return Interval((ONE, False), None) if u.is_nonnegative else Interval.of(0, 1).meet(POSITIVE)
    if name in ("relu", "abs") and u.is_positive:
        return POSITIVE
    if name == "log" and u.low is not None and u.low[0] >= 1:
        return POSITIVE if u.low[0] > 1 or u.low[1] else NONNEGATIVE
    if name == "log" and u.high is not None and u.high[0] <= 1:
        return -(POSITIVE if u.high[0] < 1 or u.high[1] else NONNEGATIVE)
    return found


