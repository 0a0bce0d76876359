"""Hessians by several scalars: matrices whose entries are formulas, judged by their minors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from matcalc.convexity.definiteness import Judge
from matcalc.convexity.facts import Fact, about
from matcalc.core.errors import LimitError
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.simplify.expand import expand
from matcalc.simplify.recognise import recognise

MAX_FORMULAS = 3
"""Matrices of formulas are judged by minors up to this size, matrices of numbers up to MAX_NUMBERS."""
MAX_NUMBERS = 8

Entries = Mapping[tuple[int, int], Tensor]


def judged(entries: Entries, size: int, judge: Judge, subject: str) -> Fact | None:
    """What a symmetric matrix of scalars is.

    Args:
        entries: those on and above the diagonal.
        size: the number of rows.
        judge: what knows the signs of formulas.
        subject: how the matrix is spoken of.
    """
    numbers = all(b.number_of(t) is not None for t in entries.values())
    diagonal = [judge.scalar(entries[i, i]) for i in range(size)]
    if size > (MAX_NUMBERS if numbers else MAX_FORMULAS):
        return _opposite(diagonal, subject)
    for sign in (1, -1):
        fact = _by_minors(entries, size, judge, subject, sign)
        if fact is not None:
            return fact
    return _opposite(diagonal, subject) or (Fact(f"{subject} is indefinite", "minors", "", (), 0) if numbers else None)


def _opposite(diagonal: Sequence[Fact | None], subject: str) -> Fact | None:
    """Two entries of the diagonal with opposite signs."""
    above = next((f for f in diagonal if f is not None and f.level == 2), None)
    below = next((f for f in diagonal if f is not None and f.level == -2), None)
    if above is None or below is None:
        return None
    return Fact(f"{subject} is indefinite", "diagonal-signs", "", (above, below), 0)


def _by_minors(entries: Entries, size: int, judge: Judge, subject: str, sign: int) -> Fact | None:
    """Definite or semidefinite, of the matrix times a sign."""
    facts: list[Fact] = []
    for rows in (rows for count in range(1, size + 1) for rows in combinations(range(size), count)):
        fact = _minor(entries, rows, judge, Fraction(sign))
        if fact is None or fact.level < 0:
            return None
        facts.append(fact)
    leading = [facts[n] for n, rows in enumerate(_subsets(size)) if rows == tuple(range(len(rows)))]
    definite = all(f.level == 2 for f in leading)
    return about(subject, (2 if definite else 1) * sign, "minors", "", tuple(leading if definite else facts))


def _subsets(size: int) -> list[tuple[int, ...]]:
    return [rows for count in range(1, size + 1) for rows in combinations(range(size), count)]


def _minor(entries: Entries, rows: Sequence[int], judge: Judge, sign: Fraction) -> Fact | None:
    try:
        value = recognise(expand(_determinant(entries, list(rows), list(rows), sign)))
    except LimitError:
        return None
    return judge.scalar(value)


def _determinant(entries: Entries, rows: list[int], cols: list[int], sign: Fraction) -> Tensor:
    """By the first row; expanded on the way, so that terms cancel."""
    if not rows:
        return b.const(1)
    terms = []
    for n, col in enumerate(cols):
        entry = entries[min(rows[0], col), max(rows[0], col)]
        inner = _determinant(entries, rows[1:], cols[:n] + cols[n + 1 :], sign)
        terms.append((sign * (-1) ** n, expand(b.multiply(entry, inner))))
    return b.lin(terms, ())
