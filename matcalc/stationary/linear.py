"""A gradient as a linear function of the variable: what multiplies it, and what is left.

G(W) = sum_t A_t W B_t^T - R for a matrix W, M w - r for a vector, m s - r for a scalar.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.core.errors import LimitError, MatcalcError
from matcalc.core.traversal import contains, postorder
from matcalc.ir import build as b
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Factor, Tensor, factors_of, terms_of
from matcalc.ir.substitute import substitute
from matcalc.simplify.expand import expand
from matcalc.simplify.recognise import recognise

Slots = tuple[Hashable, ...]
ONE, MINUS = Fraction(1), Fraction(-1)


@dataclass(frozen=True)
class Linear:
    """H W = R, with the axes of W once in R, twice in H."""

    hessian: Tensor
    right: Tensor


def linear_in(gradient: Tensor, variable: Tensor) -> Linear | None:
    """The gradient as H W - R, None where it is not of this form.

    Args:
        gradient: with the axes of the variable.
        variable: what is unknown.
    """
    try:
        flat = recognise(expand(gradient))
    except LimitError:
        return None
    rest, moving = list[tuple[Fraction, Tensor]](), list[tuple[Fraction, Tensor]]()
    for coefficient, term in terms_of(flat):
        if not contains(term, [variable]):
            rest.append((-coefficient, term))
            continue
        slope = _slope(term, variable)
        if slope is None:
            return None
        moving.append((coefficient, slope))
    axes = (*gradient.axes, *variable.axes)
    return Linear(b.lin(moving, axes), _as_given(gradient, variable, b.lin(rest, gradient.axes)))


def _as_given(gradient: Tensor, variable: Tensor, right: Tensor) -> Tensor:
    """The right side not written out: what the gradient is at zero, its sign changed, where that can be seen to be the same."""
    try:
        at_zero = b.scale(MINUS, substitute(gradient, variable, b.zero(variable.axes)))
        return at_zero if recognise(expand(at_zero)) is right else right
    except MatcalcError:
        return right


def as_given(linear: Linear, hessian: Tensor) -> Linear:
    """The system with its matrix not written out, where that is the Hessian of the function."""
    try:
        return Linear(hessian, linear.right) if recognise(expand(hessian)) is linear.hessian else linear
    except LimitError:
        return linear


def _slope(term: Tensor, variable: Tensor) -> Tensor | None:
    """What multiplies the variable in a product that holds it once."""
    factors = _opened(term, variable)
    own = [n for n, (t, _) in enumerate(factors) if t is variable]
    others = [f for n, f in enumerate(factors) if n not in own]
    if len(own) != 1 or any(contains(t, [variable]) for t, _ in others):
        return None
    slots = factors[own[0]][1]
    names = [("slot", n) for n in range(len(slots))]
    parts: list[tuple[Tensor, Slots]] = [*others]
    parts += [(b.delta(d), (i, name)) for d, i, name in zip(variable.axes, slots, names, strict=True)]
    return b.contract(parts, (*range(term.rank), *names))


def _opened(term: Tensor, variable: Tensor) -> list[Factor]:
    """The factors, those of scalar products that hold the variable among them."""
    found: list[Factor] = []
    fresh = term.rank + sum(t.rank for t in term.args) + 1
    for node, idx in factors_of(term):
        if node.rank or node.head != "contract" or node is term or not contains(node, [variable]):
            found.append((node, idx))
            continue
        found += [(t, tuple(i + fresh for i in slots)) for t, slots in factors_of(node)]
        fresh += 1 + max((i for slots in node.indices for i in slots), default=0)
    return found


# ---------------------------------------------------------------- common factors
def without_common(linear: Linear, is_nonzero: Callable[[Tensor], bool]) -> Linear:
    """The system divided by the numbers and the scalars that all of its terms share, as far as these are not zero."""
    h, r = linear.hessian, linear.right
    terms = [t for node in (h, r) for _, t in terms_of(node)]
    if not terms:
        return linear
    coefficients = [c for node in (h, r) for c, _ in terms_of(node)]
    size = _content(coefficients) * (1 if terms_of(h)[0][0] > 0 else -1)
    shared = [t for t, idx in factors_of(terms[0]) if not idx]
    shared = [s for s in shared if all((s, ()) in factors_of(t) for t in terms) and is_nonzero(s)]
    inverse = b.contract([(b.const(1 / size), ()), *((b.power(s, b.const(-1)), ()) for s in shared)], ())
    divided = [_times(node, inverse) for node in (h, r)]
    return Linear(*divided)


def _times(node: Tensor, scalar: Tensor) -> Tensor:
    own = tuple(range(node.rank))
    return b.lin([(c, b.contract([(t, own), (scalar, ())], own)) for c, t in terms_of(node)], node.axes)


def _content(coefficients: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for c in coefficients:
        total = _gcd(total, abs(c))
    return total


def _gcd(one: Fraction, two: Fraction) -> Fraction:
    while two:
        one, two = two, one % two
    return one


def without_left(linear: Linear, is_invertible: Callable[[Tensor], bool], size: Callable[[Tensor], int]) -> Linear:
    """The system of a vector with an invertible matrix that all terms begin with taken away, where that is shorter."""
    for matrix in dict.fromkeys(t for _, term in terms_of(linear.hessian) for t, idx in factors_of(term) if idx and idx[0] == 0):
        if matrix.rank != 2 or matrix.head == "delta" or not is_invertible(matrix):
            continue
        inverse = b.matpow(matrix, -1)
        parts = [_applied(inverse, node) for node in (linear.hessian, linear.right)]
        if sum(map(size, parts)) < size(linear.hessian) + size(linear.right):
            return Linear(*parts)
    return linear


def _applied(matrix: Tensor, node: Tensor) -> Tensor:
    """A matrix times a vector or a matrix, term by term."""
    own = tuple(range(1, node.rank))
    return b.lin([(c, b.contract([(matrix, (0, "k")), (t, ("k", *own))], (0, *own))) for c, t in terms_of(node)], node.axes)


def solved(matrix: Tensor, right: Tensor) -> Tensor:
    """M^-1 r, with what cancels gone."""
    return recognise(_applied(b.matpow(matrix, -1), right))


# ---------------------------------------------------------------- matrices
@dataclass(frozen=True)
class Sides:
    """A W B^T."""

    left: Tensor
    right: Tensor


def sides(hessian: Tensor, is_symmetric_unknown: bool) -> list[Sides] | None:
    """H W as a sum of A W B^T, None where a term has another form."""
    found: list[Sides] = []
    for coefficient, term in terms_of(hessian):
        pair = _pair(term, (0, 2), (1, 3)) or (_pair(term, (0, 3), (1, 2)) if is_symmetric_unknown else None)
        if pair is None:
            return None
        found.append(Sides(b.scale(coefficient, pair[0]), pair[1]))
    return _merged(found)


def _pair(term: Tensor, first: tuple[int, int], second: tuple[int, int]) -> tuple[Tensor, Tensor] | None:
    """The matrices on two pairs of axes that nothing else joins."""
    factors = factors_of(term)
    scalars = [f for f in factors if not f[1]]
    groups = [_reached(factors, pair) for pair in (first, second)]
    if set(groups[0][0]) & set(groups[1][0]):
        return None
    if groups[0][1] & set(second) or groups[1][1] & set(first):
        return None
    if len(groups[0][0]) + len(groups[1][0]) + len(scalars) != len(factors):
        return None
    made = [b.contract([factors[n] for n in members], pair) for (members, _), pair in zip(groups, (first, second), strict=True)]
    return b.contract([(made[0], (0, 1)), *scalars], (0, 1)), made[1]


def _reached(factors: Sequence[Factor], start: Sequence[int]) -> tuple[tuple[int, ...], set[int]]:
    """The factors that hang together with some indices, and all of their indices."""
    reached, members = set(start), set[int]()
    while True:
        more = {n for n, (_, idx) in enumerate(factors) if n not in members and reached & set(idx)}
        if not more:
            return tuple(sorted(members)), reached
        members |= more
        reached |= {i for n in more for i in factors[n][1]}


def _merged(found: Sequence[Sides]) -> list[Sides]:
    """Terms with one right matrix, then those with one left matrix, as one."""
    by_right: dict[Tensor, list[Tensor]] = {}
    for part in found:
        by_right.setdefault(part.right, []).append(part.left)
    by_left: dict[Tensor, list[Tensor]] = {}
    for right, lefts in by_right.items():
        by_left.setdefault(b.add(*lefts), []).append(right)
    return [Sides(left, b.add(*rights)) for left, rights in by_left.items()]


def turned(node: Tensor) -> Tensor:
    """The transpose, and a symmetric matrix as it is."""
    return node if is_symmetric(node) else b.transpose(node)


def depends(node: Tensor, names: frozenset[str]) -> bool:
    """Whether one of the variables occurs."""
    return any(t.head == "var" and t.data[0] in names for t in postorder(node))
