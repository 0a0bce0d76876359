"""A diagonal less a matrix of rank one: diag(w) - b z z^T.

For w > 0 it is psd where b sum_i z_i^2/w_i <= 1, and definite where that is below 1: the Schur complement of the matrix
[diag(w), z; z^T, 1/b]. Source: Horn and Johnson, Matrix Analysis (2013), section 7.7.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.convexity.signs import Signs, interval_level
from matcalc.core.errors import LimitError
from matcalc.ir import build as b
from matcalc.ir.nodes import UNIT, Tensor, factors_of, terms_of
from matcalc.simplify.expand import expand
from matcalc.simplify.recognise import recognise

Split = tuple[int, Tensor, Tensor, Tensor, list[tuple[Fraction, Tensor]]]
MINUS = Fraction(-1)


def split(node: Tensor) -> Split | None:
    """A sign, w, b and z, and the other terms, where the matrix times the sign is diag(w) - b z z^T and these."""
    diagonal: list[tuple[Fraction, Tensor]] = []
    outer: list[tuple[Fraction, Tensor, Tensor]] = []
    rest: list[tuple[Fraction, Tensor]] = []
    for coefficient, term in terms_of(node):
        w, square = _diagonal(term), _outer(term)
        if w is not None:
            diagonal.append((coefficient, w))
        elif square is not None:
            outer.append((coefficient, *square))
        else:
            rest.append((coefficient, term))
    if not diagonal or not outer:
        return None
    sign = 1 if diagonal[0][0] > 0 else -1
    below = [(c, s, z) for c, s, z in outer if c * sign < 0]
    if len(below) != 1:
        return None
    c, s, z = below[0]
    above = [(k, b.contract([(s2, ()), (z2, (0,)), (z2, (1,))], (0, 1))) for k, s2, z2 in outer if k * sign > 0]
    w = b.lin([(k * sign, t) for k, t in diagonal], (node.axes[0],))
    return sign, w, b.scale(abs(c), s), z, [*rest, *above]


def _diagonal(term: Tensor) -> Tensor | None:
    """w, where the term is diag(w)."""
    factors = factors_of(term)
    if not any(t.head == "delta" and set(idx) == {0, 1} for t, idx in factors):
        return None
    rest = [(t, idx) for t, idx in factors if t.head != "delta"]
    if any(set(idx) - {0} for _, idx in rest if idx) and any(1 in idx for _, idx in rest):
        return None
    return b.contract([*rest, (b.ones(term.axes[:1]), (0,))], (0,))


def _outer(term: Tensor) -> tuple[Tensor, Tensor] | None:
    """A scalar and z, where the term is the scalar times z z^T."""
    factors = factors_of(term)
    scalars = [f for f in factors if not f[1]]
    left = _side(factors, 0)
    right = _side(factors, 1)
    if left is None or right is None or len(left) + len(right) + len(scalars) != len(factors):
        return None
    z, other = b.contract(left, (0,)), b.contract(right, (1,))
    return (b.contract(scalars, ()), z) if z is other else None


def _side(factors: list[tuple[Tensor, tuple[int, ...]]], axis: int) -> list[tuple[Tensor, tuple[int, ...]]] | None:
    """The factors that hang together with one axis, None where the other axis is among them."""
    reached, found = {axis}, list[tuple[Tensor, tuple[int, ...]]]()
    while True:
        more = [f for f in factors if f not in found and reached & set(f[1])]
        if not more:
            break
        found += more
        reached.update(i for _, idx in more for i in idx)
    return found if found and 1 - axis not in reached else None


def is_dominated(diagonal: Tensor, scalar: Tensor, vector: Tensor, signs: Signs) -> int | None:
    """2 or 1 where diag(w) - b z z^T is definite or psd, None where that is not seen."""
    if not signs.bounds(diagonal).is_positive or not signs.bounds(scalar).is_nonnegative:
        return None
    squares = [(b.power(vector, b.const(2)), ("i",)), (b.power(diagonal, b.const(-1)), ("i",)), (scalar, ())]
    slack = b.lin([(Fraction(1), UNIT), (MINUS, b.contract(squares, ()))], ())
    for form in _without_divisors(slack, signs):
        level = interval_level(signs.bounds(form))
        if level is not None and level > 0:
            return 1 if b.is_zero(form) else level
    return None


def _without_divisors(slack: Tensor, signs: Signs) -> list[Tensor]:
    """The tensor, and it times its divisors where these are positive."""
    found = [recognise(slack)]
    try:
        flat = recognise(expand(slack))
        found.append(flat)
        for _, term in terms_of(flat):
            for t, idx in factors_of(term):
                exponent = b.number_of(t.args[1]) if t.head == "pow" and not idx else None
                if exponent is not None and exponent < 0 and signs.bounds(t.args[0]).is_positive:
                    whole = b.power(t.args[0], b.const(-exponent))
                    found.append(recognise(b.over_terms(flat, (), [(whole, ())], ())))
    except LimitError:
        pass
    return list(dict.fromkeys(found))
