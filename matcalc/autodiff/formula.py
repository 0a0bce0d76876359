"""Formulas of a graph as text and LaTeX: local derivatives, and accumulated ones with symbols for those before them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from matcalc.autodiff.transposes import oriented
from matcalc.derivative import Derivative
from matcalc.emit.latex import to_latex
from matcalc.emit.latex_index import axis_names, index_to_latex
from matcalc.emit.latex_names import entry, symbol
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.ir.text import index_names, names_in, to_index
from matcalc.lowering.lower import lower
from matcalc.pipeline import is_vector, matrix_form, tensor_of
from matcalc.simplify.factor import factor


@dataclass(frozen=True)
class Formula:
    """A formula in two spellings.

    Attributes:
        text: as text.
        latex: as LaTeX.
        free: names of the free indices in text and in LaTeX, where it is in index notation.
    """

    text: str
    latex: str
    free: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Symbol:
    """d top / d bottom, as a factor of a formula.

    Attributes:
        top, bottom: names of nodes.
        letter: "d", or "∂" for a derivative with all other operands fixed.
    """

    top: str
    bottom: str
    letter: str = "d"

    @property
    def text(self) -> str:
        """As text."""
        return f"{self.letter}{self.top}/{self.letter}{self.bottom}"

    @property
    def latex(self) -> str:
        """As LaTeX."""
        return self._fraction(symbol(self.top), symbol(self.bottom))

    def equal_to(self, formula: Formula, rank: int) -> Formula:
        """The left-hand side of an equation; by entries where the formula is in index notation.

        Args:
            formula: the right-hand side.
            rank: the number of axes of the top.
        """
        names, shown = formula.free
        if not names:
            return Formula(self.text, self.latex)
        top, bottom = _subscripted(self.top, names[:rank]), _subscripted(self.bottom, names[rank:])
        above, below = entry(symbol(self.top), shown[:rank]), entry(symbol(self.bottom), shown[rank:])
        return Formula(f"{self.letter}{top}/{self.letter}{bottom}", self._fraction(above, below))

    def _fraction(self, above: str, below: str) -> str:
        letter = r"\partial" if self.letter == "∂" else r"\mathrm{d}"
        return rf"\frac{{{letter} {above}}}{{{letter} {below}}}"


def _subscripted(name: str, names: Sequence[str]) -> str:
    return f"{name}_{''.join(names)}" if names else name


def local(derivative: Derivative, name: str) -> Formula:
    """A local derivative; the node itself may stand in it under its name, which needs no clause."""
    if derivative.matrix is None:
        tensor, definitions = derivative.named_parts()
        formula = _indexed(tensor, {variable: n for n, variable in enumerate(derivative.variables)})
        text, latex, free = formula.text, formula.latex, formula.free
    else:
        named = derivative.named()
        text, latex, definitions = to_text(named.body), to_latex(named.body), list(named.definitions)
        free = ((), ())
    rest = [(own, value) for own, value in definitions if own != name]
    if rest:
        text += " where " + ", ".join(f"{own} = {to_text(value)}" for own, value in rest)
        latex += r" \quad \text{where } " + r",\; ".join(f"{symbol(own)} = {to_latex(value)}" for own, value in rest)
    return Formula(text, latex, free)


def with_name(derivative: Derivative, own: Expr, leaf: Expr) -> Derivative:
    """The derivative with a variable in the place of an expression: 1 - tanh(A x + b)^2 by f = tanh(A x + b) is 1 - f^2."""
    tensor = derivative.tensor
    for old in (lower(own), tensor_of(own)):
        tensor = substitute(tensor, old, lower(leaf))
    if tensor is derivative.tensor:
        return derivative
    tensor = factor(tensor)
    variables = {**derivative.variables, leaf.name: leaf}
    as_row = tensor.rank == 1 and own.shape.is_scalar and is_vector(variables, derivative.wrt[-1])
    matrix = matrix_form(tensor, derivative.expr, variables, as_row)
    return replace(derivative, tensor=tensor, matrix=matrix, variables=variables)


def written(tensor: Tensor, matrix: Expr | None, order: Mapping[str, int], symbols: Mapping[str, Symbol],
            rows: frozenset[str]) -> Formula:
    """A derivative in which some variables stand for derivatives.

    Args:
        tensor: the derivative.
        matrix: its matrix form, if it has one.
        order: the variables in reading order.
        symbols: what variables stand for, by name.
        rows: those of them that are gradients by a vector, printed as rows.
    """
    formula = _indexed(tensor, order) if matrix is None else _oriented(matrix, rows)
    text, latex = formula.text, formula.latex
    for name, own in symbols.items():
        text = re.sub(rf"\b{name}(?=\b|_)", partial(_in_text, own), text)
        latex = re.sub(re.escape(symbol(name)), partial(_in_latex, own), latex)
    return Formula(text, latex, formula.free)


def _indexed(tensor: Tensor, order: Mapping[str, int]) -> Formula:
    free = tuple(islice(index_names(names_in(tensor)), tensor.rank))
    names = axis_names(tensor)
    return Formula(to_index(tensor, order), index_to_latex(tensor, names), (free, tuple(names)))


def _oriented(matrix: Expr, rows: frozenset[str]) -> Formula:
    shown = oriented(matrix, rows)
    return Formula(to_text(shown), to_latex(shown))


def _in_text(own: Symbol, found: re.Match[str]) -> str:
    """In brackets, unless it is a term of its own."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    alone = before in ("", "-") or before.endswith((" + ", " - "))
    return own.text if alone and (not after or after.startswith((" + ", " - "))) else f"({own.text})"


def _in_latex(own: Symbol, found: re.Match[str]) -> str:
    """In brackets where something is raised or lowered beside it."""
    after = found.string[found.end() :]
    return rf"\left({own.latex}\right)" if after.startswith(("^", "_")) else own.latex
