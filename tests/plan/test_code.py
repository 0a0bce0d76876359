"""The code that formulas become: to the letter, and their values."""

from dataclasses import replace

import numpy as np
import pytest

from matcalc.emit.numpy import to_numpy
from matcalc.plan.program import plan
from tests.plan.codes import code_of, planned, read, source_of

CODES = read()


def test_code() -> None:
    assert {text: code_of(text) for text in CODES} == CODES


@pytest.mark.parametrize("text", CODES)
def test_value(text: str) -> None:
    found, rng = planned(text), np.random.default_rng(5)
    for factor in (1, 4) if "if " in CODES[text] else (1,):  # where code compares sizes, both of its ways
        point, sizes = found.draw(rng, factor)
        scope: dict[str, object] = {}
        exec(source_of(text), scope)  # noqa: S102
        values = scope["f"](*(point[name] for name in found.parameters))  # type: ignore[operator]
        for value, expected in zip(values if len(found.nodes) > 1 else (values,), found.value(point, sizes), strict=True):
            assert np.shape(value) == np.shape(expected)
            np.testing.assert_allclose(value, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("text", CODES)
def test_every_step_has_the_axes_that_it_says(text: str) -> None:
    found = planned(text)
    program = replace(plan(*found.nodes), instead=None)
    program.results = tuple(range(len(program.steps)))
    point, sizes = found.draw(np.random.default_rng(6), 1)
    scope: dict[str, object] = {}
    exec(to_numpy(program, found.parameters, "f", "Every step.", checks=False), scope)  # noqa: S102
    values = scope["f"](*(point[name] for name in found.parameters))  # type: ignore[operator]
    for step, value in zip(program.steps, values if len(program.steps) > 1 else (values,), strict=True):
        assert np.shape(value) == tuple(dim.evaluate(sizes) for dim in step.axes), step
