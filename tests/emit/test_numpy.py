"""Emitted functions agree with the interpreter of the index language, and leave their inputs alone."""

import numpy as np
import pytest

from matcalc.check.sample import draw_point, draw_sizes
from matcalc.check.tensors import evaluate_tensor
from matcalc.diff.differentiate import differentiate
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.expr.nodes import Expr
from matcalc.lowering.lower import lower
from matcalc.plan.program import plan
from tests.formulas import CASES, A, B, C, t, x, y, z


@pytest.mark.parametrize("expr", CASES, ids=repr)
def test_emitted_derivatives(expr: Expr) -> None:
    rng = np.random.default_rng(7)
    variables = {v.name: v for v in (A, B, C, x, y, z, t)}
    sizes = draw_sizes([expr, *variables.values()], rng)
    point = draw_point(variables, sizes, rng, positive=True)
    point["z"] = point["z"] / (1 + np.abs(point["z"]).max())
    before = {k: v.copy() for k, v in point.items()}
    parameters = {k: parameter_of(v) for k, v in variables.items()}
    tensor = lower(expr)
    for result in (tensor, *(differentiate(tensor, lower(v)) for v in variables.values())):
        source = to_numpy(plan(result), parameters, "f", "A derivative.")
        scope: dict[str, object] = {}
        exec(compile(source, "<emitted>", "exec"), scope)  # noqa: S102
        value = scope["f"](*point.values())  # type: ignore[operator]
        expected = evaluate_tensor(result, point, sizes)
        assert np.shape(value) == expected.shape, source
        np.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-10, err_msg=source)
    assert all(np.array_equal(point[k], before[k]) for k in point)
