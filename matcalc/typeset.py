r"""LaTeX of a derivative as a whole: closed form or index notation, the clause of short names, the equation.

Imported where it is asked for, since a result in plain text needs none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matcalc.core.dims import Dim, matrix, vector
from matcalc.emit.latex import Block, equation, to_latex
from matcalc.emit.latex_index import axis_names, index_to_latex
from matcalc.emit.latex_names import entry, symbol
from matcalc.expr.build import transpose
from matcalc.expr.naming import Named, replaced
from matcalc.expr.nodes import Expr
from matcalc.ir.nodes import Tensor

if TYPE_CHECKING:
    from matcalc.derivative import Derivative
    from matcalc.flattening import Flattened
    from matcalc.formula import IndexFormula
    from matcalc.joint import Gradients


def latex(d: Derivative, with_equation: bool = False) -> str:
    """LaTeX of a derivative, for math mode.

    Args:
        d: the derivative.
        with_equation: whether the left-hand side and the space of the result are written too.
    """
    body, definitions = latex_parts(d, with_equation)
    return body + _joined(definitions)


def latex_parts(d: Derivative, with_equation: bool = False) -> tuple[str, list[str]]:
    """LaTeX of a derivative and of what its short names stand for, each for math mode.

    Args:
        d: the derivative.
        with_equation: whether the left-hand side and the space of the result are written too.
    """
    blocks = [_block(d, block) for block in d.wrt] if with_equation else []
    if d.matrix is None:
        tensor, definitions = d.named_parts()
        names = axis_names(tensor)
        body = index_to_latex(tensor, names)
        if with_equation:
            function = _over_names(d, [name for name, _ in definitions])
            body = equation(function, blocks, body, dims=d.tensor.axes, indices=_groups(d, names))
    else:
        named = d.named()
        body, definitions = to_latex(named.body), list(named.definitions)
        if with_equation:
            body = equation(_over_names(d, [name for name, _ in definitions]), blocks, body, dims=d.matrix.shape)
    return body, defined(definitions)


def flat_latex(f: Flattened, with_equation: bool = False) -> str:
    """LaTeX of a flattened derivative, for math mode."""
    d = f.derivative
    if f.matrix is None:
        body, definitions, dims = index_to_latex(f.tensor), list[tuple[str, Expr]](), f.tensor.axes
    else:
        named = d.abbreviated(f.matrix)
        body, definitions = to_latex(named.body), list(named.definitions)
        dims = f.matrix.shape.dims if f.matrix.shape.kind != "row" else (Dim.of(1), *f.matrix.shape.dims)
    if with_equation:
        body = equation(_stacked(d.expr, f.order, f.is_turned), _below(f), body, dims=dims)
    return body + _clause(definitions)


def _stacked(expr: Expr, order: str, turned: bool) -> str | Expr:
    """The function as a column, or turned into a row; `rvec` stacks the rows of a matrix."""
    if expr.shape.kind != "matrix":
        return transpose(expr) if turned else expr
    name = "vec" if order == "columns" else "rvec"
    return rf"\operatorname{{{name}}}({to_latex(expr)}){_TURNED if turned else ''}"


def _below(f: Flattened) -> Block | list[Block]:
    """What one differentiates by; the last variable stands as a row where the Jacobian has its entries as columns."""
    names: list[str] = []
    for block, size in zip(f.derivative.wrt, f.groups[1:], strict=True):
        own = _block(f.derivative, block)
        if isinstance(own, tuple):
            names.append(f"({', '.join(to_latex(part) for part in own if isinstance(part, Expr))})")
        elif isinstance(own, Expr):
            names.append(str(_stacked(own, f.order, False)) if size == 2 else to_latex(own))
    if len(names) > 1:
        return list(names)
    return names[0] + (_TURNED if f.groups[1] and not f.is_turned else "")


_TURNED = r"^{\top}"


def gradients_latex(g: Gradients) -> str:
    r"""LaTeX of a function f, its derivatives and the parts that they share, one a line of an `aligned` environment."""
    found = g.equations()
    left = {"": "f"} | {name: rf"\frac{{\partial f}}{{\partial {symbol(name)}}}" for name in g.wrt}
    if found is None:
        lines = [("f", to_latex(g.expr)), *((left[name], latex(d)) for name, d in g.items())]
    else:
        forms, equations = found
        lines = [(left[name], to_latex(form)) for name, form in forms.items()]
        lines += [(symbol(name), to_latex(form)) for name, form in equations]
    body = " \\\\\n".join(f"{lhs} &= {rhs}" for lhs, rhs in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def formula(named: Named | None, tensor: Tensor) -> str:
    """LaTeX of a formula with its short names; of the index form where there is no other."""
    if named is None:
        return index_to_latex(tensor, axis_names(tensor))
    return to_latex(named.body) + _clause(named.definitions)


def index_latex(formula: IndexFormula) -> str:
    """LaTeX of a formula in index notation, for math mode."""
    body = index_to_latex(formula.tensor, formula.indices, formula.letters)
    shown = []
    for d in formula.definitions:
        if isinstance(d.value, Expr):
            shown.append(f"{symbol(d.name)} = {to_latex(d.value)}")
        else:
            left = entry(symbol(d.name), d.indices)
            shown.append(f"{left} = {index_to_latex(d.value, d.indices, formula.letters)}")
    clause = r",\; ".join(shown)
    return body + (rf" \quad \text{{where }} {clause}" if shown else "")


def _clause(definitions: Sequence[tuple[str, Expr]]) -> str:
    return _joined(defined(definitions))


def defined(definitions: Sequence[tuple[str, Expr]]) -> list[str]:
    """Definitions as equations in LaTeX."""
    return [f"{symbol(name)} = {to_latex(value)}" for name, value in definitions]


def _joined(equations: Sequence[str]) -> str:
    shown = r",\; ".join(equations)
    return rf" \quad \text{{where }} {shown}" if shown else ""


def _over_names(d: Derivative, names: Sequence[str]) -> Expr:
    """The function with the user's names for the parts that the clause defines."""
    function = d.expr
    for name in names:
        part = d.definitions.get(name)
        if part is not None:
            function = replaced(function, part, Expr.make("var", (), (name, ()), part.shape))
    return function


def _block(d: Derivative, block: str | tuple[str, ...]) -> Block:
    """The variables of a differentiation; a family under the name of its array."""
    if not isinstance(block, str):
        return tuple(d.variables[name] for name in block)
    variable = d.variables[block]
    if variable.head != "item":
        return variable
    length = variable.data[3]
    assert isinstance(length, Dim)
    shape = vector(length) if variable.shape.is_scalar else matrix(length, variable.shape.dims[0])
    return Expr.make("var", (), (block, ()), shape)


def _groups(d: Derivative, names: Sequence[str]) -> list[Sequence[str]]:
    """The names of the axes by what they belong to: the function, then each variable."""
    ranks = [len(d.expr.shape.dims), *(_rank(d, block) for block in d.wrt)]
    starts = [sum(ranks[:n]) for n in range(len(ranks))]
    return [names[start : start + rank] for start, rank in zip(starts, ranks, strict=True)]


def _rank(d: Derivative, block: str | tuple[str, ...]) -> int:
    if not isinstance(block, str):
        return 1
    variable = d.variables[block]
    return len(variable.shape.dims) + (variable.head == "item")
