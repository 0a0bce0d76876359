"""Results of many axes as their factors: a sum of products of small arrays and Kronecker deltas.

The Hessian of ||T - U V^T||^2 by U is 2 delta_ik (V^T V)_jl: two axes of numbers, not four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, components, factors_of, terms_of

LETTERS = "ijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Term:
    """A product of arrays and Kronecker deltas.

    Attributes:
        arrays: what is multiplied, each with the axes of the result that its own axes are.
        deltas: pairs of axes of the result that are equal.
    """

    arrays: tuple[tuple[Tensor, tuple[int, ...]], ...]
    deltas: tuple[tuple[int, int], ...]

    def formula(self, rank: int, first: int) -> str:
        """The term in index notation, its arrays numbered from `first` on."""
        letters = LETTERS[:rank]
        arrays = [f"F{first + n}{'_' if idx else ''}{''.join(letters[i] for i in idx)}" for n, (_, idx) in enumerate(self.arrays)]
        return " ".join([*arrays, *(f"delta_{letters[i]}{letters[j]}" for i, j in self.deltas)])


def factored_terms(node: Tensor) -> list[Term]:
    """The terms of a tensor, each as factors that share no index but axes of the result.

    Numbers and scalars go with the first array of a term.
    """
    return [_term(coefficient, term, node.rank) for coefficient, term in terms_of(node)]


def _term(coefficient: Fraction, node: Tensor, rank: int) -> Term:
    deltas: list[tuple[int, int]] = []
    others = []
    for t, idx in factors_of(node):
        if t.head == "delta" and all(i < rank for i in idx):
            deltas.append((min(idx), max(idx)))
        elif t.head != "ones" or not all(i < rank for i in idx):
            others.append((t, idx))
    arrays: list[tuple[Tensor, tuple[int, ...]]] = []
    scalars: list[tuple[Tensor, tuple[int, ...]]] = []
    for _, members in components(others, range(rank)):
        held = tuple(sorted({i for _, idx in members for i in idx if i < rank}))
        whole = b.contract(members, held)
        (arrays if held else scalars).append((whole, held))
    number = b.contract([(b.const(coefficient), ()), *scalars], ())
    if not arrays:
        return Term(((number, ()),), tuple(deltas))
    (first, idx), *rest = arrays
    scaled = b.contract([(number, ()), (first, tuple(range(first.rank)))], tuple(range(first.rank)))
    return Term(((scaled, idx), *rest), tuple(deltas))


def formula(terms: Sequence[Term], rank: int) -> str:
    """The sum of the terms in index notation over the names of their arrays."""
    found, first = [], 1
    for term in terms:
        found.append(term.formula(rank, first))
        first += len(term.arrays)
    return " + ".join(found) or "0"
