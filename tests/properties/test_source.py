"""What holds for all emitted code: it has the value of the derivative, and leaves its arguments alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from matcalc.api import derive
from matcalc.check.tensors import evaluate_tensor
from matcalc.derivative import derive_expr
from matcalc.expr.nodes import Expr
from tests.strategies import expressions, point_of, variables_of

quick = settings(max_examples=20)


@quick
@given(expressions(depth=2, rough=True))
def test_emitted_code_has_the_value_of_the_tensor(expr: Expr) -> None:
    variables = variables_of(expr)
    point, sizes = point_of(7, expr)
    for name in list(variables)[:3]:
        d = derive_expr(expr, variables, [name])
        before = {n: a.copy() for n, a in point.items()}
        found = np.asarray(d(**point))
        expected = evaluate_tensor(d.tensor, point, sizes)
        assert found.shape == expected.shape, d.numpy()
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale, err_msg=d.numpy())
        for n, array in before.items():
            np.testing.assert_array_equal(point[n], array)


@pytest.mark.parametrize("text", ["||z .* z||", "sqrt(sum(z.^6))", "||sinh(z).^2||"])
def test_norms_of_powers(text: str) -> None:
    assert derive(text, "z", declare={"z": "R^m"}).check().passed
