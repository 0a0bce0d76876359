"""The code that a formula becomes: to the letter, and its value."""

import numpy as np
import pytest

from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from tests.plan.codes import code_of, program_of, read, source_of

CODES = read()


@pytest.mark.parametrize("text", CODES)
def test_code(text: str) -> None:
    assert code_of(text) == CODES[text]


@pytest.mark.parametrize("text", CODES)
def test_value(text: str) -> None:
    program = program_of(text)
    rng = np.random.default_rng(5)
    for factor in (1, 4):  # where code compares sizes, both of its ways
        sizes = {name: factor * size if name in "mn" else size for name, size in draw_sizes([program.expr, *program.variables.values()], rng).items()}
        point = draw_point(program.variables, sizes, rng, positive=True)
        scope: dict[str, object] = {}
        exec(source_of(text), scope)  # noqa: S102
        value = scope["f"](*point.values())  # type: ignore[operator]
        expected = evaluate(program.expr, point, sizes)
        assert np.shape(value) == np.shape(expected)
        np.testing.assert_allclose(value, expected, rtol=1e-7, atol=1e-9)
        if "if " not in CODES[text]:
            break
