"""The functions that matcalc writes for the problems, with the seconds that deriving and writing took."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.problems import Problem
from matcalc.api import derive, gradients
from matcalc.core.style import Style
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.evaluation import compiled
from matcalc.expr.nodes import Expr
from matcalc.plan.program import plan
from matcalc.source import gradients_source


@dataclass(frozen=True)
class Emitted:
    """A compiled function.

    Attributes:
        source: its module.
        function: the function, which checks its arguments.
        unchecked: the same without checks.
        parameters: the names of the parameters in order, each with its dimensions.
        derivation: seconds from the formula to the derivatives.
        generation: seconds from the derivatives to the source.
    """

    source: str
    function: Callable[..., object]
    unchecked: Callable[..., object]
    parameters: dict[str, tuple[str, ...]]
    derivation: float
    generation: float


def emitted(problem: Problem, linalg: str = "numpy") -> Emitted:
    """Derives a problem and compiles what is written, linear algebra by one of the two libraries."""
    start = time.process_time()
    variables, write = writer(problem, linalg)
    derived = time.process_time()
    source = write(True)
    written = time.process_time()
    dims = {n: tuple(str(d) for d in parameter_of(v).axes) for n, v in variables.items()}
    functions = [compiled(text, "emitted") for text in (source, write(False))]
    return Emitted(source, *functions, dims, derived - start, written - derived)


def writer(problem: Problem, linalg: str = "numpy") -> tuple[Mapping[str, Expr], Callable[[bool], str]]:
    """The variables of a problem, and what writes its code, with or without checks."""
    if problem.outputs == ("value", "gradient"):
        joint = gradients(problem.formula, wrt=problem.wrt, declare=problem.declare)
        return joint.variables, lambda checks: gradients_source(joint, Style("emitted", checks, linalg))
    orders = {"gradient": 1, "hessian": 2}
    found = [
        derive(problem.formula, name, orders[o], problem.declare)
        for o in problem.outputs if o != "value" for name in problem.wrt
    ]
    variables = found[0].variables
    joint = gradients(problem.formula, wrt=problem.wrt, declare=problem.declare) if "value" in problem.outputs else None
    value = [joint.swept.value] if joint is not None else []
    tensors = [*value, *(d.tensor for d in found)]
    parameters = {n: parameter_of(v) for n, v in variables.items()}
    return variables, lambda checks: to_numpy(plan(*tensors), parameters, "emitted", problem.formula, checks, linalg=linalg)
