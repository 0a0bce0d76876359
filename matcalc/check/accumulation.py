"""The check of a computation graph: local derivatives and their accumulation, against finite differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcalc.check.evaluate import Array, evaluate
from matcalc.check.report import SMALLEST_SCALE, Report, Sample, compare, drawn, reference_method
from matcalc.check.tensors import evaluate_tensor
from matcalc.expr.nodes import Expr
from matcalc.ir.nodes import Tensor


@dataclass(frozen=True)
class Local:
    """A local derivative: of the target by the source, axes of the target first.

    Attributes:
        source, target: the nodes.
        definition: that of the target.
        operands: the variables of the definition by name.
        tensor: the derivative.
    """

    source: str
    target: str
    definition: Expr
    operands: Mapping[str, Expr]
    tensor: Tensor


@dataclass(frozen=True)
class Flow:
    """A graph as the check sees it.

    Attributes:
        expr: the formula as a whole.
        variables: its variables by name.
        steps: the definitions of the intermediate variables in the order of evaluation, the output last.
        locals: the local derivatives along the edges, in the order of the nodes that they end in.
        derivatives: what the engine derives for the whole, by the variable.
    """

    expr: Expr
    variables: Mapping[str, Expr]
    steps: Mapping[str, Expr]
    locals: Sequence[Local]
    derivatives: Mapping[str, Tensor]

    @property
    def output(self) -> str:
        """The name of the last step."""
        return list(self.steps)[-1]


def check_flow(flow: Flow, seed: int) -> Report:
    """Compares the accumulation in both modes, the derivatives of the whole and every local derivative.

    Those of the whole are compared at random points, local derivatives at random values of the operands.
    """
    reports = [*(_whole(flow, wrt, seed) for wrt in flow.derivatives), *(_local(local, seed) for local in flow.locals)]
    worst = max(reports, key=lambda r: (not r.passed, r.worst_error / r.tolerance))
    return replace(worst, failures=tuple(line for report in reports for line in report.failures))


def _whole(flow: Flow, wrt: str, seed: int) -> Report:
    sizes, samples = drawn(flow.expr, flow.variables, [wrt], seed, None)
    found: list[tuple[Sample, str, Array]] = []
    for sample in samples:
        values = _values(flow, sample.point, sizes)
        arrays = [np.asarray(evaluate_tensor(local.tensor, values, sizes)) for local in flow.locals]
        found += [
            (sample, f"reverse accumulation by {wrt}: ", reverse(flow, values, arrays, wrt)),
            (sample, f"forward accumulation by {wrt}: ", forward(flow, values, arrays, wrt)),
            (sample, f"the derivative by {wrt}: ", evaluate_tensor(flow.derivatives[wrt], values, sizes)),
        ]
    return _compared(flow.expr, found, seed, sizes)


def _local(local: Local, seed: int) -> Report:
    sizes, samples = drawn(local.definition, local.operands, [local.source], seed, None)
    label = f"the local derivative of {local.target} by {local.source}: "
    found = [(s, label, evaluate_tensor(local.tensor, s.point, sizes)) for s in samples]
    return _compared(local.definition, found, seed, sizes)


def _compared(expr: Expr, found: Iterable[tuple[Sample, str, Array]], seed: int, sizes: dict[str, int]) -> Report:
    """The report of claimed arrays; it fails where there is nothing to compare."""
    how, tolerance = reference_method(expr, 1, False)
    worst, failures, compared = 0.0, list[str](), False
    for sample, label, array in found:
        error, lines = compare(sample, array, tolerance, SMALLEST_SCALE)
        worst, failures = max(worst, error), [*failures, *(label + line for line in lines)]
        compared = compared or not sample.skipped.size or not sample.skipped.all()
    if not compared:
        worst, failures = float("inf"), ["nothing was compared: no point was found at which the derivative exists"]
    return Report(not failures, worst, tolerance, how, seed, sizes, tuple(failures))


def _values(flow: Flow, point: Mapping[str, Array], sizes: Mapping[str, int]) -> dict[str, Array]:
    """The values of all nodes at a point, each from those before it."""
    values = dict(point)
    for name, definition in flow.steps.items():
        values[name] = evaluate(definition, values, sizes)
    return values


def reverse(flow: Flow, values: Mapping[str, Array], arrays: Sequence[Array], wrt: str) -> Array:
    """The derivative of the output by a variable, from the output back; axes of the output first.

    (df/dv)_ov = sum over successors s of (df/ds)_os (ds/dv)_sv.
    """
    output = values[flow.output]
    total: dict[str, Array] = {flow.output: _unit(output)}
    for local, array in reversed(list(zip(flow.locals, arrays, strict=True))):
        if local.target in total:
            part = np.tensordot(total[local.target], array, axes=values[local.target].ndim)
            total[local.source] = total.get(local.source, np.zeros(())) + part
    return total.get(wrt, np.zeros(output.shape + values[wrt].shape))


def forward(flow: Flow, values: Mapping[str, Array], arrays: Sequence[Array], wrt: str) -> Array:
    """The derivative of the output by a variable, from the variable on; axes of the output first.

    (dv/dx)_vx = sum over operands p of (dv/dp)_vp (dp/dx)_px.
    """
    total: dict[str, Array] = {wrt: _unit(values[wrt])}
    for local, array in zip(flow.locals, arrays, strict=True):
        if local.source in total:
            part = np.tensordot(array, total[local.source], axes=values[local.source].ndim)
            total[local.target] = total.get(local.target, np.zeros(())) + part
    return total.get(flow.output, np.zeros(values[flow.output].shape + values[wrt].shape))


def _unit(value: Array) -> Array:
    """The derivative of an array by itself."""
    return np.eye(value.size).reshape(value.shape + value.shape)
