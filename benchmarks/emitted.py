"""The functions that matcalc writes for the problems, with the seconds that deriving and writing took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.problems import Problem
from matcalc.api import derive, gradients
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.evaluation import compiled
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan


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


def emitted(problem: Problem) -> Emitted:
    """Derives a problem and compiles what is written."""
    start = time.process_time()
    if problem.outputs == ("value", "gradient"):
        joint = gradients(problem.formula, wrt=problem.wrt, declare=problem.declare)
        tensors, variables = (joint.tensor, *(d.tensor for d in joint.values())), joint.variables
    else:
        orders = {"gradient": 1, "hessian": 2}
        found = [
            derive(problem.formula, name, orders[o], problem.declare)
            for o in problem.outputs if o != "value" for name in problem.wrt
        ]
        variables = found[0].variables
        value = (lower(found[0].expr),) if "value" in problem.outputs else ()
        tensors = (*value, *(d.tensor for d in found))
    derived = time.process_time()
    parameters = {n: parameter_of(v) for n, v in variables.items()}
    source = to_numpy(plan(*tensors), parameters, "emitted", problem.formula)
    written = time.process_time()
    unchecked = to_numpy(plan(*tensors), parameters, "emitted", problem.formula, checks=False)
    functions = [compiled(text, "emitted") for text in (source, unchecked)]
    dims = {n: tuple(str(d) for d in p.axes) for n, p in parameters.items()}
    return Emitted(source, *functions, dims, derived - start, written - derived)
