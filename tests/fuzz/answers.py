"""Answers of JAX to fixed cases, stored so that the quick suite needs no JAX: `python -m tests.fuzz.answers` writes them.

Of each derivative there are its shape and three projections, on directions that its length and their number determine.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcalc.check.evaluate import Array
from matcalc.expr.nodes import Expr
from tests.fuzz.__main__ import reference
from tests.fuzz.case import make
from tests.fuzz.pool import point_of
from tests.fuzz.ways import compare, tolerance_of

STORED = Path(__file__).parent / "answers.json"
COUNT, FIRST_SEED, LONGEST_TEXT, LONGEST_TIME = 1000, 5_000_000, 200, 0.05
PROJECTIONS = 3


@dataclass(frozen=True)
class Answer:
    """A case as it is stored.

    Attributes:
        text: the formula.
        declare: the spaces of its variables.
        wrt: what it is differentiated by.
        order: how often.
        sizes: of the dimensions.
        seed: of the point.
        tolerance: relative to the largest projection.
        shape: of the derivative.
        projections: of the derivative, as JAX has it.
    """

    text: str
    declare: dict[str, str]
    wrt: str | list[str]
    order: int
    sizes: dict[str, int]
    seed: int
    tolerance: float
    shape: list[int]
    projections: list[float]

    def point(self, variables: Mapping[str, Expr]) -> dict[str, Array]:
        """The values of the variables."""
        return point_of(list(variables.values()), self.sizes, self.seed)


def projections(array: Array) -> list[float]:
    """Three projections of an array, divided by the root of its length."""
    flat = np.asarray(array, dtype=float).reshape(-1)
    steps = np.arange(1, flat.size + 1)
    return [float(flat @ np.cos((k + 1) * steps + k)) / max(1.0, flat.size**0.5) for k in range(PROJECTIONS)]


def stored() -> list[Answer]:
    """The answers in the file."""
    return [Answer(*entry) for entry in json.loads(STORED.read_text(encoding="utf-8"))]


def entry(seed: int) -> str | None:
    """The line of a case in the file; None for one that is long, slow, refused or without code."""
    jax = reference()
    assert jax is not None, "JAX is not installed"
    case = make(seed)
    if len(case.text) > LONGEST_TEXT:
        return None
    value = jax(case)
    outcome, d = compare(case, lambda _: value)
    if outcome.problems or d is None or "code" not in outcome.ways or outcome.seconds > LONGEST_TIME:
        return None
    own = [float(f"{p:.12g}") for p in projections(value)]
    parts = [case.text, case.declare, case.spelled_wrt, case.order, case.sizes, case.seed, tolerance_of(case), list(value.shape), own]
    return json.dumps(parts, ensure_ascii=False)


def write() -> None:
    """Writes the file anew: the first cases that fit, in the order of their seeds."""
    lines: list[str] = []
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=10) as pool:
        for line in pool.imap(entry, range(FIRST_SEED, FIRST_SEED + 4 * COUNT), chunksize=10):
            lines += [line] if line else []
            if len(lines) == COUNT:
                break
        pool.terminate()
    STORED.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    write()
