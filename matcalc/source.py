"""Source of a derivative: plan, emit, and the docstring. Imported where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc.core.style import Style
from matcalc.emit.library_code import to_library
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import Parameter, parameter_of, stated_shapes
from matcalc.emit.numpy_workspace import to_workspace
from matcalc.expr.components import Array
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.factored import LETTERS, factored_terms, formula
from matcalc.ir.nodes import Tensor
from matcalc.plan.program import plan
from matcalc.plan.steps import Program

if TYPE_CHECKING:
    from matcalc.derivative import Derivative
    from matcalc.flattening import Flattened
    from matcalc.joint import Gradients


def code(program: Program, parameters: Mapping[str, Parameter], style: Style, lines: Sequence[str], results: Sequence[str] = ()) -> str:
    """Source of a program in a style, with a docstring of some lines.

    Args:
        program: what to compute.
        parameters: names with axes and spaces, in the order of the parameters.
        style: the name of the function, its target, and what it checks.
        lines: its docstring.
        results: the variables that the results after the first, a value, are gradients by.
    """
    doc = "\n".join(lines)
    if style.workspace:
        return to_workspace(program, parameters, style.name, doc, style.linalg)
    if style.target != "numpy":
        return to_library(program, parameters, style.name, doc, style.target, style.checks, results)
    return to_numpy(program, parameters, style.name, doc, style.checks, results, style.linalg)


def dense_source(d: Derivative, style: Style) -> str:
    """Source of one function of the variables, in the order of first appearance."""
    lines = [f"{d.title}.", "", f"Formula: {d}", stated_shapes(d.variables)]
    if d.structured is not None:
        lines += [f"Structured matrices: by {d.structured}."]
    lines += [f"Returns {'the value, then ' if d.extra else ''}an array of shape {_tuple(d.shape)}."]
    return code(plan(*d.extra, d.tensor), _parameters(d.variables), style, lines)


def factored_source(d: Derivative, style: Style) -> str:
    """Source of one function of the variables that returns the arrays of the factored form, in the order of its terms."""
    terms = factored_terms(d.tensor)
    letters = LETTERS[: d.tensor.rank]
    lines = [f"{d.title}, as its factors.", "",
             f"The entry {', '.join(letters)} is {formula(terms, d.tensor.rank)}, with delta_{letters[:2]} = 1 where the two are equal, else 0.",
             stated_shapes(d.variables), f"Returns the tuple of arrays F1, F2, ... ; the whole has the shape {_tuple(d.shape)}."]
    arrays = [array for term in terms for array, _ in term.arrays]
    return code(plan(*arrays), _parameters(d.variables), style, lines)


def workspace_source(d: Derivative, style: Style) -> str:
    """Source of a class with buffers, whose instances are functions of the variables."""
    lines = [f"{d.title}, with buffers for repeated calls.", "", f"Formula: {d}", stated_shapes(d.variables),
             f"A call returns {'the value, then ' if d.extra else ''}an array of shape {_tuple(d.shape)}."]
    return code(plan(*d.extra, d.tensor), _parameters(d.variables), style, lines)


SOURCES = {"workspace": workspace_source, "dense": dense_source, "factored": factored_source}
"""What writes each form."""


def flat_source(f: Flattened, style: Style) -> str:
    """Source of one function of the variables that returns the flattened derivative."""
    d = f.derivative
    by = ", then ".join(block if isinstance(block, str) else f"[{', '.join(block)}]" for block in d.wrt)
    layout = ", denominator layout" if f.is_turned else ""
    lines = [f"Derivative of {to_text(d.expr)} by {by} as a matrix; matrices are stacked by {f.order}{layout}.", "",
             f"Formula: {f}", stated_shapes(d.variables), f"Returns an array of shape {_tuple(f.shape)}."]
    return code(plan(f.tensor), _parameters(d.variables), style, lines)


def gradients_source(g: Gradients, style: Style) -> str:
    """Source of one function, or of a class with buffers, that returns the value and all derivatives."""
    lines = [f"Value and derivatives of {to_text(g.expr)}.", "", *g.lines(), "", stated_shapes(g.variables)]
    spaces = ", ".join(f"{wrt} {_tuple([str(d) for d in t.axes])}" for wrt, t in zip(g.wrt, g.swept.results, strict=True))
    lines += [f"Returns the value, then the derivatives: {spaces}."]
    program = plan(g.swept.value, *g.swept.results, named=g.swept.cotangents)
    return code(program, _parameters(g.variables), style, lines, g.wrt)


def formula_source(tensor: Tensor, variables: Mapping[str, Expr], style: Style, lines: Sequence[str]) -> str:
    """Source of one function of the variables that returns a value, with a docstring that begins with some lines."""
    shown = [*lines, stated_shapes(variables), f"Returns an array of shape {_tuple([str(d) for d in tensor.axes])}."]
    return code(plan(tensor), _parameters(variables), style, shown)


def component_source(tensor: Tensor, arrays: Mapping[str, Array], heading: Sequence[str], style: Style) -> str:
    """Source of one function of the variables that returns the array of a formula."""
    shapes = f"Shapes: {', '.join(f'{n} in {a.space}' for n, a in arrays.items())}"
    returns = f"Returns an array of shape {_tuple([str(d) for d in tensor.axes])}."
    parameters = {n: Parameter(a.axes, a.space) for n, a in arrays.items()}
    return code(plan(tensor), parameters, style, (*heading, shapes, returns))


def _parameters(variables: Mapping[str, Expr]) -> dict[str, Parameter]:
    return {n: parameter_of(v) for n, v in variables.items()}


def _tuple(shape: Sequence[str]) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(shape)})"
