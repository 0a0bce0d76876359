"""What the engine knows: functions, derivative rules and identities, with formula and source, read off the tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from matcalc.core.dims import Dim
from matcalc.core.functions import FUNCTIONS
from matcalc.diff.differentiate import RULES
from matcalc.diff.scalar_rules import BINARY, UNARY, d_binary
from matcalc.ir import build as b
from matcalc.ir.text import to_index
from matcalc.simplify.elementwise_rules import ELEMENTWISE
from matcalc.simplify.identities import IDENTITIES, RECOGNITION, SPACES


class Entry(NamedTuple):
    """A line of the catalogue.

    Attributes:
        name: the name in the language, or that of the rule.
        formula: what it computes, in plain text.
        source: where the formula is from.
        condition: where it holds, empty for everywhere.
        by: for an identity, what makes the engine know it.
    """

    name: str
    formula: str
    source: str
    condition: str = ""
    by: str = ""


class Group(NamedTuple):
    """Entries of one kind.

    Attributes:
        title: what they are.
        note: what a reader must know to read their formulas.
        entries: the lines.
    """

    title: str
    note: str
    entries: Sequence[Entry]


_MN = "Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 1"
_MN2 = "Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 2"
_MN3 = "Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 3"
_HIGHAM = "Higham, Functions of Matrices (2008), chapter 10"
_GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning (2016), section 4.1"
_BOYD = "Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5"
_DEF = "definition"
_DIFFERENTIAL = "definition of the differential"

MATRIX_FUNCTIONS = (
    Entry("tr", "tr(A) = sum_i A_ii", _MN),
    Entry("det", "det(A), the determinant", _MN),
    Entry("logdet", "logdet(A) = log|det(A)|", _DEF),
    Entry("inv", "inv(A) = A^-1, also of scalars", _MN),
    Entry("expm", "expm(A) = sum_k A^k / k!, the matrix exponential", _HIGHAM),
    Entry("diag", "diag(v)_ij = v_i delta_ij; diag(A)_i = A_ii", _DEF),
    Entry("vec", "vec(A)_k = A_ij for k = i + m (j - 1): columns stacked", _MN2),
    Entry("unvec", "unvec(v, m, n)_ij = v_k for k = i + m (j - 1): the inverse of vec", _MN2),
    Entry("kron", "kron(A, B) = A kron B, blocks A_ij B", _MN2),
    Entry("sum", "the sum of all entries", _DEF),
    Entry("mean", "the sum of all entries over their number", _DEF),
    Entry("norm", "norm(v) = (sum_i v_i^2)^(1/2): Euclidean, of a matrix Frobenius", _MN),
    Entry("norm1", "norm1(v) = sum_i |v_i|, over all entries of a matrix", _DEF),
    Entry("softmax", "softmax(v)_i = exp(v_i) / sum_j exp(v_j)", _GOODFELLOW),
    Entry("logsumexp", "logsumexp(v) = log(sum_i exp(v_i))", _BOYD),
    Entry("ones", "ones(n), ones(m, n): all entries 1", _DEF),
    Entry("commutation", "commutation(m, n) vec(A) = vec(A^T) for A in R^{m x n}", _MN3),
    Entry("zeros", "zeros(n), zeros(m, n): all entries 0", _DEF),
)
"""Functions that act on a vector or a matrix as a whole; the elementwise ones are in `core/functions.py`."""


def elementwise_functions() -> list[Entry]:
    """The functions that act on each entry."""
    return [Entry(f.name, f.formula, f.source) for f in FUNCTIONS.values()]


def derivative_rules() -> list[Entry]:
    """The rules of differentiation: of the index form's primitives, then of each elementwise function."""
    return [*_primitives(), *_slopes()]


def elementwise_identities() -> list[Entry]:
    """The identities of elementwise functions, each replacing its left side by its right side."""
    return [Entry(rule.name, rule.math, rule.source, rule.where, RECOGNITION) for rule in ELEMENTWISE]


def identities() -> list[Group]:
    """The identities of matrix algebra, by topic."""
    return [
        Group(topic, "", [Entry(i.name, f"{i.lhs} = {i.rhs}", i.source, i.condition, i.by) for i in records])
        for topic, records in IDENTITIES.items()
    ]


def rules() -> list[Group]:
    """Every rule and identity."""
    return [
        Group("derivative rules", "Of the primitives of the index form as differentials, of functions as slopes.",
              derivative_rules()),
        Group("elementwise identities", "u and v are entries; the left side becomes the right one.",
              elementwise_identities()),
        *identities(),
    ]


def letters() -> list[str]:
    """What the letters in the identities of matrix algebra stand for, the letters of one space together."""
    spaces: dict[str, list[str]] = {}
    for name, space in SPACES.items():
        spaces.setdefault(space, []).append(name)
    return [f"{', '.join(names)} in {space}" for space, names in spaces.items()]


def _primitives() -> Iterator[Entry]:
    for head, rule in RULES.items():
        yield Entry(f"d-{head}", *_formula_and_source(rule))


def _formula_and_source(rule: Callable[..., object]) -> tuple[str, str]:
    """The first line of a rule's docstring, which is its formula, and the source that it states."""
    text = inspect.getdoc(rule) or ""
    formula, _, source = text.partition("Source: ")
    source = source.partition("\n\n")[0]
    return formula.strip().partition("\n")[0].rstrip("."), " ".join(source.split()).rstrip(".") or _DIFFERENTIAL


def _slopes() -> Iterator[Entry]:
    """The derivative of each function at a variable z, or at u and v, as its table computes it."""
    axes = (Dim.of("n"),)
    z, u, v = (b.var(name, axes) for name in "zuv")
    for name, rule in UNARY.items():
        yield Entry(f"d-{name}", f"{name}'(z) = {_entry(to_index(rule(z)))}", _source(name))
    for name in BINARY:
        for arg, slope in zip("uv", d_binary(name, u, v), strict=True):
            yield Entry(f"d-{name}-{arg}", f"d {name}(u, v)/d{arg} = {_entry(to_index(slope))}", _source(name))


def _entry(text: str) -> str:
    """The text for one entry, its index left out."""
    return re.sub(r"\b([zuv])_i\b", r"\1", text)


def _source(name: str) -> str:
    kink = "" if FUNCTIONS[name].smooth else "; at the kink: docs/conventions.md"
    return f"{FUNCTIONS[name].source}{kink}"
