"""Emitted code and printed results against the stored answers of JAX."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from matcalc.check.evaluate import Array
from tests.fuzz.answers import COUNT, Answer, projections, stored
from tests.fuzz.printed import derived, read
from tests.fuzz.ways import FLOOR, read_again

CHUNKS = 20
ANSWERS, PRINTED = stored(), read()


def problem(answer: Answer, printed: str) -> str | None:
    """How the code or the text of a derivative differs from what is stored."""
    d = derived(answer)
    if str(d) != printed:
        return f"prints {d}, not {printed}"
    found = np.asarray(d(**answer.point(d.variables)))
    if list(found.shape) != answer.shape:
        return f"shape {found.shape}, not {answer.shape}"
    return off(found, answer.projections, answer.tolerance)


def off(found: Array, expected: Sequence[float], tolerance: float) -> str | None:
    """By how much the projections of an array differ from those of JAX."""
    scale = max(FLOOR, float(np.abs(found).max(initial=0.0)), *map(abs, expected))
    error = max(abs(a - b) for a, b in zip(projections(found), expected, strict=True)) / scale
    return None if error <= tolerance else f"off by {error:.1e}"


def test_there_are_all_answers() -> None:
    assert len(ANSWERS) == len(PRINTED) == COUNT


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_code_has_the_values_that_jax_has(chunk: int) -> None:
    cases = zip(ANSWERS[chunk::CHUNKS], PRINTED[chunk::CHUNKS], strict=True)
    wrong = {a.seed: (a.text, a.wrt, found) for a, printed in cases if (found := problem(a, printed)) is not None}
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_printed_has_the_values_that_jax_has(chunk: int) -> None:
    for answer, printed in zip(ANSWERS[chunk::CHUNKS], PRINTED[chunk::CHUNKS], strict=True):
        d = derived(answer)
        if d.matrix is not None:
            found = read_again(printed, d, answer.declare, answer.point(d.variables), answer.sizes)
            assert off(found, answer.projections, answer.tolerance) is None, answer
