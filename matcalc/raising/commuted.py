"""Sums of Kronecker products and commutation matrices with what their terms share taken out.

Of K (A kron B) = (B kron A) K both sides are tried, so that X^T X by X is (I + K) (I kron X^T).
Source: Magnus and Neudecker, Matrix Differential Calculus (2019), 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.raising.orient import arranged, is_stacked, scalars_and_chain, sizes_of
from matcalc.raising.writing import scaled

Term = tuple[Fraction, Expr]
Chain = tuple[Expr, ...]

MAX_TERMS = 24
"""Longer sums stay as they are."""


def gathered(terms: list[Term]) -> list[Term]:
    """The terms; two that share a factor as one, where that is smaller. Ends: every step leaves one term less."""
    if len(terms) > MAX_TERMS or not any(is_stacked(t) for _, t in terms):
        return terms
    while True:
        gains = []
        for i, j in combinations(range(len(terms)), 2):
            before = size(e.add([scaled(*terms[i]), scaled(*terms[j])]))
            gains += [(size(scaled(*new)) - before, i, j, new) for new in _joined(terms[i], terms[j])]
        best = min(gains, key=lambda gain: gain[:3], default=None)
        if best is None or best[0] >= 0:
            return terms
        _, i, j, new = best
        terms = [*terms[:i], new, *terms[i + 1 : j], *terms[j + 1 :]]


def _joined(first: Term, second: Term) -> Iterator[Term]:
    """Two terms as one, in every way that is known."""
    (c, one), (d, other) = first, second
    if {one.shape.kind, other.shape.kind} not in ({"matrix"}, {"vector"}):
        return
    (scalars, left), (others, right) = scalars_and_chain(one), scalars_and_chain(other)
    shared = [s for s in scalars if s in others]
    rest = [(c, _without(scalars, shared)), (d, _without(others, shared))]
    if shared and any(s.head != "power" for s in shared):
        yield _sum([(k, arranged(own, chain)) for (k, own), chain in zip(rest, (left, right), strict=True)], shared, (), ())
    if any(own for _, own in rest):
        return
    for p in _forms(tuple(left)):
        for q in _forms(tuple(right)):
            for found, before, after in _common(p, q):
                yield _sum(list(zip((c, d), found, strict=True)), shared, before, after)
            yield from _common_side(c, p, d, q, shared)
    if [link.head for link in (*left, *right)] == ["unvec", "unvec"]:
        common, inner = _sum(gathered([(c, left[0].args[0]), (d, right[0].args[0])]), (), (), ())
        yield common, arranged(shared, [e.unvec(inner, *left[0].shape.dims)])


def _without(scalars: list[Expr], shared: list[Expr]) -> list[Expr]:
    return [s for s in scalars if s not in shared]


def _sum(terms: list[Term], scalars: Sequence[Expr], before: Chain, after: Chain) -> Term:
    """A sum with the factors around it, the number that its terms share in front."""
    opened = [(c * k, t) for c, term in terms for k, t in _terms(term)]
    common = opened[0][0] if len({abs(k) for k, _ in opened}) == 1 else Fraction(1)
    inner = e.add([scaled(k / common, t) for k, t in opened])
    if inner.head == "add" and len(opened) == 2 and not before + after + tuple(scalars):
        return common, inner
    return common, arranged(list(scalars), [*before, inner, *after])


def _terms(node: Expr) -> list[Term]:
    """The terms of a sum with their numbers."""
    if node.head == "add":
        return [pair for term in node.args for pair in _terms(term)]
    if node.head == "product" and node.args[0].head == "num":
        return [(Fraction(str(node.args[0].data[0])), e.product(node.args[1:]))]
    return [(Fraction(1), node)]


def _common(p: Chain, q: Chain) -> Iterator[tuple[tuple[Expr, Expr], Chain, Chain]]:
    """What two chains differ in, with what they share in front and at the end."""
    start = next((n for n, (a, b) in enumerate(zip(p, q, strict=False)) if a is not b), min(len(p), len(q)))
    stop = next((n for n, (a, b) in enumerate(zip(p[::-1], q[::-1], strict=False)) if a is not b), min(len(p), len(q)))
    stop = min(stop, len(p) - start, len(q) - start)
    if start + stop:
        before, after = p[:start], p[len(p) - stop :]
        inner = [_product(chain[start : len(chain) - stop], before, after) for chain in (p, q)]
        yield (inner[0], inner[1]), before, after


def _product(chain: Chain, before: Chain, after: Chain) -> Expr:
    """The product of what is left, the identity where nothing is."""
    if chain:
        return e.product(chain)
    return e.identity(after[0].shape.rows if after else before[-1].shape.cols)


def _common_side(c: Fraction, p: Chain, d: Fraction, q: Chain, scalars: Sequence[Expr]) -> Iterator[Term]:
    """A kron B and A kron C as A kron (B + C), where two chains differ in nothing else."""
    places = [n for n, (a, b) in enumerate(zip(p, q, strict=False)) if a is not b]
    if len(p) != len(q) or len(places) != 1 or {p[places[0]].head, q[places[0]].head} != {"kron"}:
        return
    n, = places
    for side in (0, 1):
        if p[n].args[side] is q[n].args[side] and p[n].shape == q[n].shape:
            common, inner = _sum([(c, p[n].args[1 - side]), (d, q[n].args[1 - side])], (), (), ())
            link = e.kron(p[n].args[0], inner) if side == 0 else e.kron(inner, p[n].args[1])
            yield common, arranged(list(scalars), [*p[:n], link, *p[n + 1 :]])


def _forms(chain: Chain) -> list[Chain]:
    """The chain with the commutation matrix at one of its ends at every place that it can move to."""
    forms = [chain]
    while forms[-1][-1:] and _moved(forms[-1]) is not None:
        moved = _moved(forms[-1])
        assert moved is not None
        forms.append(moved)
    return forms


def _moved(chain: Chain) -> Chain | None:
    """The chain with a commutation matrix one place further left, None where it cannot go."""
    for n in range(1, len(chain)):
        if chain[n].head == "commutation":
            passed = _passed(chain[n - 1], chain[n])
            return None if passed is None else (*chain[: n - 1], *passed, *chain[n + 1 :])
    return None


def _passed(link: Expr, commutation: Expr) -> tuple[Expr, Expr] | None:
    """K (B kron A) for (A kron B) K, and K diag(vec(T^T)) for diag(vec(T)) K."""
    sizes = sizes_of(commutation)
    if link.head == "kron":
        a, b = link.args
        if sizes != (a.shape.cols, b.shape.cols) or "1" in (str(a.shape.rows), str(b.shape.rows)):
            return None
        return e.commutation(a.shape.rows, b.shape.rows), e.kron(b, a)
    if link.head == "diag" and link.args[0].head == "vec":
        inner = link.args[0].args[0]
        if inner.shape.kind == "matrix" and inner.shape.dims == sizes[::-1]:
            return commutation, e.diag(e.vec(e.transpose(inner)))
    return None
