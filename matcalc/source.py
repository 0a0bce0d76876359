"""NumPy source of a derivative: plan, emit, and the docstring. Imported where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.expr.text import to_text
from matcalc.plan.program import plan

if TYPE_CHECKING:
    from matcalc.derivative import Derivative


def numpy_source(d: Derivative, name: str) -> str:
    """Source of one function of the variables, in the order of first appearance."""
    parameters = {n: parameter_of(v) for n, v in d.variables.items()}
    by = ", then ".join(block if isinstance(block, str) else f"[{', '.join(block)}]" for block in d.wrt)
    lines = [f"Derivative of {to_text(d.expr)} by {by}."]
    lines += ["", f"Formula: {d}", f"Shapes: {', '.join(f'{n} in {v}' for n, v in d.shapes.items())}"]
    lines += [f"Returns an array of shape ({', '.join(d.shape)})."]
    return to_numpy(plan(d.tensor), parameters, name, "\n".join(lines))
