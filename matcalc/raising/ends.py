"""Sums of matrices whose terms begin or end alike: A^T diag(z) A - A^T z z^T A is A^T (diag(z) - z z^T) A."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.expr.nodes import Expr
from matcalc.raising.orient import arranged, scalars_and_chain

Terms = list[tuple[Fraction, Expr]]


def common_ends(terms: Terms) -> tuple[list[Expr], Terms, list[Expr]] | None:
    """The factors with which all terms begin, what is left of the terms, and the factors with which they end; None where there are none.

    Deltas are in no term of the index form, so that a matrix beside a diagonal one is a common factor only as it is written.
    """
    if len(terms) < 2 or any(term.shape.kind != "matrix" for _, term in terms):
        return None
    split = [scalars_and_chain(term) for _, term in terms]
    chains = [chain for _, chain in split]
    before, after = _shared(chains), _shared([chain[::-1] for chain in chains])
    least = min(map(len, chains)) - 1
    before = before[:least]
    after = after[: least - len(before)]
    if not before and not after:
        return None
    left = [(c, arranged(scalars, chain[len(before) : len(chain) - len(after)]))
            for (c, _), (scalars, chain) in zip(terms, split, strict=True)]
    return before, left, after[::-1]


def _shared(chains: Sequence[Sequence[Expr]]) -> list[Expr]:
    """What all chains begin with."""
    found: list[Expr] = []
    for links in zip(*chains, strict=False):
        if len(set(links)) > 1:
            break
        found.append(links[0])
    return found
