"""The code of every function that makes some, for every target, to the letter, and its values."""

from __future__ import annotations

import json

import numpy as np
import pytest

from matcalc.check.sample import draw_point, draw_sizes
from matcalc.evaluation import compiled
from tests.emit.libraries import RUNNERS, are_equal
from tests.emit.sources import definitions_of, read, result_of, source_of

CASES = read()
CHUNKS = 10


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_code_reads_as_it_did(chunk: int) -> None:
    part = CASES[chunk::CHUNKS]
    assert [(case, definitions_of(case)) for case, _ in part] == part


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case, _ in CASES if json.loads(case)[2] in ({"linalg": "scipy"}, {"target": "jax"})])
def test_values_are_those_of_numpy(case: str) -> None:
    result = result_of(case)
    rng = np.random.default_rng(5)
    variables = {name: result.variables[name] for name in getattr(result, "array_names", result.variables)}
    point = draw_point(variables, draw_sizes((result.expr, *variables.values()), rng), rng, positive=True)
    wanted = compiled(result.numpy("f"), "f")(*point.values())
    wanted = list(wanted) if isinstance(wanted, tuple) else [wanted]
    if json.loads(case)[2] == {"target": "jax"}:
        found = RUNNERS["jax"].call(source_of(case), "f", point)
    else:
        by_scipy = compiled(source_of(case), "f")(*map(np.asarray, point.values()))
        found = list(by_scipy) if isinstance(by_scipy, tuple) else [by_scipy]
    assert are_equal([np.asarray(part) for part in found], [np.asarray(part) for part in wanted])
