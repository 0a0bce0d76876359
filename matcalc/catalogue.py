"""What the engine knows: functions and derivative rules, each with its formula and source, read off the tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from matcalc.core.dims import Dim
from matcalc.core.functions import FUNCTIONS
from matcalc.diff.differentiate import RULES
from matcalc.diff.scalar_rules import BINARY, UNARY, d_binary
from matcalc.ir import build as b
from matcalc.ir.text import to_index


class Entry(NamedTuple):
    """A line of the catalogue.

    Attributes:
        name: the name in the language, or that of the rule.
        formula: what it computes, in plain text.
        source: where the formula is from.
    """

    name: str
    formula: str
    source: str


_MN = "Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 1"
_MN2 = "Magnus and Neudecker, Matrix Differential Calculus (2019), chapter 2"
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
    Entry("kron", "kron(A, B) = A kron B, blocks A_ij B", _MN2),
    Entry("sum", "the sum of all entries", _DEF),
    Entry("mean", "the sum of all entries over their number", _DEF),
    Entry("norm", "norm(v) = (sum_i v_i^2)^(1/2): Euclidean, of a matrix Frobenius", _MN),
    Entry("norm1", "norm1(v) = sum_i |v_i|, over all entries of a matrix", _DEF),
    Entry("softmax", "softmax(v)_i = exp(v_i) / sum_j exp(v_j)", _GOODFELLOW),
    Entry("logsumexp", "logsumexp(v) = log(sum_i exp(v_i))", _BOYD),
    Entry("ones", "ones(n), ones(m, n): all entries 1", _DEF),
    Entry("zeros", "zeros(n), zeros(m, n): all entries 0", _DEF),
)
"""Functions that act on a vector or a matrix as a whole; the elementwise ones are in `core/functions.py`."""


def elementwise_functions() -> list[Entry]:
    """The functions that act on each entry."""
    return [Entry(f.name, f.formula, f.source) for f in FUNCTIONS.values()]


def derivative_rules() -> list[Entry]:
    """The rules of differentiation: of the index form's primitives, then of each elementwise function."""
    return [*_primitives(), *_slopes()]


def _primitives() -> Iterator[Entry]:
    for head, rule in RULES.items():
        yield Entry(f"d-{head}", *_formula_and_source(rule))


def _formula_and_source(rule: Callable[..., object]) -> tuple[str, str]:
    """The first line of a rule's docstring, which is its formula, and the source that it states."""
    text = inspect.getdoc(rule) or ""
    formula, _, source = text.partition("Source: ")
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
