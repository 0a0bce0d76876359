"""The code that formulas become: to the letter, and their values."""

import numpy as np
import pytest

from tests.plan.codes import code_of, planned, read, source_of

CODES = read()


@pytest.mark.parametrize("text", CODES)
def test_code(text: str) -> None:
    assert code_of(text) == CODES[text]


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
