"""Hessians: the second derivative of a scalar function by one variable, symmetric as it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from matcalc.core.errors import LimitError, ShapeError
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr import build as e
from matcalc.expr.build import clip
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Tensor, terms_of
from matcalc.pipeline import Block, matrix_form
from matcalc.raising.orient import Orientation
from matcalc.raising.symmetric import reads_symmetric
from matcalc.simplify.congruence import congruence, spread
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor

MAX_FACTORED = 16
"""Sums of more terms are not factored term by term."""


def hessian_of(
    expr: Expr,
    variables: Mapping[str, Expr],
    block: Block,
    definitions: Mapping[str, Expr] | None = None,
    structured: str | None = None,
) -> Derivative:
    """The Hessian of an elaborated scalar function.

    Args:
        expr: the function.
        variables: all variables by name, in the order of first appearance.
        block: what to differentiate by, twice.
        definitions: the user's names for parts of the function.
        structured: "entries" or "projection" for a matrix that is declared symmetric, skew or diagonal.

    Raises:
        ShapeError: where the function is no scalar.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    if not expr.shape.is_scalar:
        raise ShapeError(f"a Hessian is that of a scalar function, and {clip(to_text(expr))} is {expr.shape.describe()}",
                         hint="derive(..., order=2) has the second derivative as a tensor")
    d = derive_expr(expr, variables, [block, block], definitions, structured=structured)
    if d.matrix is None or d.tensor.rank != 2 or reads_symmetric(d.matrix):
        return d
    best = _symmetric_form(d)
    return d if best is None else replace(d, tensor=best[0], matrix=best[1])


def _symmetric_form(d: Derivative) -> tuple[Tensor, Expr] | None:
    """The smallest form that reads symmetric, with its tensor; written out in full only where nothing else does."""
    for flat in _spreads(d.tensor):
        found = list(_halves(flat, d))
        for tensor in dict.fromkeys(_attempts(d.tensor, flat)):
            form = matrix_form(tensor, d.expr, d.variables)
            if form is not None and reads_symmetric(form):
                found.append((tensor, form))
        if found:
            return min(found, key=lambda pair: size(pair[1]))
    return None


def _attempts(tensor: Tensor, flat: Tensor) -> Iterator[Tensor]:
    """Equal tensors: with matrices taken out on both sides, factored term by term, written out."""
    taken = congruence(flat)
    yield taken
    yield flat
    for whole in (tensor, taken, flat):
        if len(whole.args) <= MAX_FACTORED:
            yield b.lin([(c, factor(t)) for c, t in terms_of(whole)], whole.axes)


def _spreads(tensor: Tensor) -> Iterator[Tensor]:
    yield spread(tensor)
    try:
        yield expand(tensor)
    except LimitError:
        return


def _halves(flat: Tensor, d: Derivative) -> Iterator[tuple[Tensor, Expr]]:
    """M + M^T, where M has one of every pair of terms that are transposes of each other."""
    if len(flat.args) > MAX_FACTORED:
        return
    left = {term for _, term in terms_of(flat)}
    parts: list[Expr | None] = []
    for c, term in terms_of(flat):
        if term not in left:
            continue
        turned = b.transpose(term)
        left -= {term, turned}
        form = matrix_form(b.scale(c, factor(term)), d.expr, d.variables)
        parts.append(form)
        if turned is not term and form is not None:
            parts.append(Orientation().turn(form))
    forms = [form for form in parts if form is not None]
    if len(forms) == len(parts) and is_symmetric(flat) and reads_symmetric(whole := e.add(forms)):
        yield flat, whole
