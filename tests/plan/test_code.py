"""The code that formulas become: to the letter, and their values."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from matcalc.emit.numpy import to_numpy
from matcalc.plan.program import plan
from tests.plan.codes import Planned, Point, code_of, planned, read, source_of

CODES = read()
COUNT = 16
PARTS = pytest.mark.parametrize("part", range(COUNT))


@PARTS
def test_code(part: int) -> None:
    expected = dict(list(CODES.items())[part::COUNT])
    assert {text: code_of(text) for text in expected} == expected


@PARTS
def test_value(part: int) -> None:
    for text, code in list(CODES.items())[part::COUNT]:
        found, rng = planned(text), np.random.default_rng(5)
        for factor in (1, 4) if "if " in code else (1,):  # where code compares sizes, both of its ways
            point, sizes = found.draw(rng, factor)
            values = called(source_of(text), found, point)
            for value, expected in zip(values if len(found.nodes) > 1 else (values,), found.value(point, sizes), strict=True):
                assert np.shape(value) == np.shape(expected), text
                np.testing.assert_allclose(value, expected, rtol=1e-7, atol=1e-9, err_msg=text)


@PARTS
def test_every_step_has_the_axes_that_it_says(part: int) -> None:
    for text in list(CODES)[part::COUNT]:
        found = planned(text)
        program = replace(plan(*found.nodes), instead=None)
        program.results = tuple(range(len(program.steps)))
        point, sizes = found.draw(np.random.default_rng(6), 1)
        values = called(to_numpy(program, found.parameters, "f", "Every step.", checks=False), found, point)
        for step, value in zip(program.steps, values if len(program.steps) > 1 else (values,), strict=True):
            assert np.shape(value) == tuple(dim.evaluate(sizes) for dim in step.axes), (text, step)


def called(source: str, found: Planned, point: Point) -> tuple[np.ndarray, ...]:
    """What the function of a source returns at a point."""
    scope: dict[str, Callable[..., tuple[np.ndarray, ...]]] = {}
    exec(source, scope)  # noqa: S102
    return scope["f"](*(point[name] for name in found.parameters))
