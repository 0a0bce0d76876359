"""Linear systems that are least squares: M = sum_t A_t^T A_t and r = sum_t A_t^T b_t.

Their solution is that of the stacked system [A_1; A_2; ...] w = [b_1; b_2; ...] by least squares, whose condition is the square
root of that of M. Source: Golub and Van Loan, Matrix Computations (2013), sections 5.3 and 6.1.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.convexity.folding import foldings
from matcalc.convexity.signs import Signs
from matcalc.convexity.squares import taken_apart
from matcalc.core.traversal import postorder
from matcalc.ir import build as b
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of

HALF = Fraction(1, 2)
DIRECTION = "direction"


@dataclass(frozen=True)
class Block:
    """A part of a least squares problem: the rows A, and what they should give."""

    rows: Tensor
    target: Tensor


def least_squares(matrix: Tensor, right: Tensor, signs: Signs) -> list[Block] | None:
    """The blocks of a system M w = r, None where M or r is not of this form.

    Args:
        matrix: M, symmetric.
        right: r, a vector, or a matrix with several right-hand sides.
        signs: what is known of signs.
    """
    grams = [_gram(c, t, signs) for c, t in terms_of(matrix)]
    if not grams or any(g is None for g in grams):
        return None
    known = sorted((g for g in grams if g is not None), key=lambda g: g.half is None)
    targets: list[list[tuple[Fraction, Tensor]]] = [[] for _ in known]
    for c, term in terms_of(right):
        place = next(((n, rest) for n, g in enumerate(known) if (rest := g.rest(term)) is not None), None)
        if place is None:
            return None
        targets[place[0]].append((c, place[1]))
    blocks = [g.block(target, right) for g, target in zip(known, targets, strict=True)]
    return None if any(_is_divided(block.target, g.weight) for block, g in zip(blocks, known, strict=True)) else blocks


@dataclass(frozen=True)
class Gram:
    """A term c A^T diag(w) A of M.

    Attributes:
        half: A, its end first; None for the identity.
        weight: c w along the end of A, or c.
        size: the axis of the unknown.
    """

    half: Tensor | None
    weight: Tensor

    def rest(self, term: Tensor) -> Tensor | None:
        """u, where the term is A^T u."""
        if self.half is None:
            return term
        return next(_residuals(term, self.half), None)

    def block(self, targets: Sequence[tuple[Fraction, Tensor]], right: Tensor) -> Block:
        """The rows diag(c w)^(1/2) A, and diag(c w)^(-1/2) times the sum of the u."""
        root, inverse = b.power(self.weight, b.const(HALF)), b.power(self.weight, b.const(-HALF))
        own: tuple[int, ...] = (0,) if self.weight.rank else ()
        if self.half is None:
            rows = b.contract([(root, own), (b.delta(right.axes[0]), (0, 1))], (0, 1))
        else:
            rows = b.contract([(root, own), (self.half, (0, 1))], (0, 1))
        axes = (rows.axes[0], *right.axes[1:])
        slots = tuple(range(len(axes)))
        parts = [(c, b.contract([(t, slots), (inverse, own)], slots)) for c, t in targets]
        return Block(rows, b.lin(parts, axes))


def _gram(coefficient: Fraction, term: Tensor, signs: Signs) -> Gram | None:
    """A term of M as a Gram matrix with weights that are not negative."""
    direction = b.var(DIRECTION, term.axes[:1])
    factors = factors_of(term)
    scalars = [f for f in factors if not f[1]]
    weight = b.contract([(b.const(coefficient), ()), *scalars], ())
    if not signs.bounds(weight).is_nonnegative:
        return None
    rest = [f for f in factors if f[1]]
    if len(rest) == 1 and rest[0][0].head == "delta":
        return Gram(None, weight)
    if any(t.head == "delta" for t, _ in rest):
        inner = b.contract([*((t, idx) for t, idx in rest if t.head != "delta"), (b.ones(term.axes[:1]), (0,))], (0,))
        total = b.contract([(weight, ()), (inner, (0,))], (0,))
        return Gram(None, total) if signs.bounds(inner).is_nonnegative else None
    whole: list[Factor] = [*rest, (direction, (0,)), (direction, (1,))]
    for folding in foldings(whole):
        square = taken_apart(whole, folding, direction)
        if square is None or square.is_joined or square.half is None or square.half.rank != 2:
            continue
        if square.middle is None:
            return Gram(square.half, weight)
        inner = b.contract([(square.middle, ("k", "k"))], ("k",))
        if signs.bounds(inner).is_nonnegative:
            return Gram(square.half, b.contract([(weight, ()), (inner, (0,))], (0,)))
    return None


def _residuals(term: Tensor, half: Tensor) -> Iterator[Tensor]:
    """The ways to read a term as A^T u: A is found in it, its last axis on axis 0 of the term."""
    factors, wanted = factors_of(term), factors_of(half)
    stack: list[tuple[int, dict[int, int], tuple[int, ...]]] = [(0, {1: 0}, ())]
    while stack:
        n, names, used = stack.pop()
        if n == len(wanted):
            rest = [f for m, f in enumerate(factors) if m not in used]
            found = _residual(term, half, names, rest)
            if found is not None:
                yield found
            continue
        node, idx = wanted[n]
        for m, (other, slots) in enumerate(factors):
            if other is node and m not in used:
                joined = _joined(names, idx, slots)
                if joined is not None:
                    stack.append((n + 1, joined, (*used, m)))


def _joined(names: dict[int, int], idx: Sequence[int], slots: Sequence[int]) -> dict[int, int] | None:
    """The indices of A with those that they stand on in the term, one on one."""
    result = dict(names)
    for i, j in zip(idx, slots, strict=True):
        if result.setdefault(i, j) != j:
            return None
    return result if len(set(result.values())) == len(result) else None


def _residual(term: Tensor, half: Tensor, names: dict[int, int], rest: Sequence[Factor]) -> Tensor | None:
    """What is left of a term, with the end of A as its first axis; None where it still holds another index of A."""
    end = names[0]
    gone = {j for i, j in names.items() if i != 0}
    if end < term.rank or any(gone & set(idx) for _, idx in rest):
        return None
    out: tuple[Hashable, ...] = (end, *range(1, term.rank))
    filled: list[tuple[Tensor, tuple[Hashable, ...]]] = [*rest, (b.ones((half.axes[0],)), (end,))]
    return b.contract(filled, out)


def _is_divided(node: Tensor, weight: Tensor) -> bool:
    """Whether a target is divided by the weight of its rows, which may be small or zero."""
    bases = {t for t, _ in factors_of(weight)}
    return any(t.head == "pow" and t.args[0] in bases and (b.number_of(t.args[1]) or 0) < 0 for t in postorder(node))
