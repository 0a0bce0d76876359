"""Emitted code and results against the stored answers of JAX."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.api import derive
from tests.fuzz.answers import COUNT, Answer, projections, stored
from tests.fuzz.ways import FLOOR

CHUNKS = 20
ANSWERS = stored()


def problem(answer: Answer) -> str | None:
    """How the code of a derivative differs from the answer."""
    d = derive(answer.text, answer.wrt, answer.order, answer.declare)
    found = np.asarray(d(**answer.point(d.variables)))
    if list(found.shape) != answer.shape:
        return f"shape {found.shape}, not {answer.shape}"
    own = projections(found)
    scale = max(FLOOR, float(np.abs(found).max(initial=0.0)), *map(abs, answer.projections))
    error = max(abs(a - b) for a, b in zip(own, answer.projections, strict=True)) / scale
    return None if error <= answer.tolerance else f"off by {error:.1e}"


def test_there_are_all_answers() -> None:
    assert len(ANSWERS) == COUNT


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_code_has_the_values_that_jax_has(chunk: int) -> None:
    wrong = {a.seed: (a.text, a.wrt, found) for a in ANSWERS[chunk::CHUNKS] if (found := problem(a)) is not None}
    assert not wrong
