"""No certificate is wrong: random formulas, and each certificate against points that it was not tried at."""

from __future__ import annotations

import re

import numpy as np
import pytest

from matcalc.api import curvature, parse
from matcalc.check.convexity import Subject, contradiction
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.convexity.definiteness import Judge
from matcalc.convexity.facts import LEVELS
from matcalc.core.errors import MatcalcError
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower
from tests.convexity.formulas import formula


def check(seed: int) -> str:
    """The verdict on a random formula, after more trials."""
    text, declare = formula(seed)
    try:
        found = curvature(text, "x", declare)
    except MatcalcError:
        return "refused"
    assert not found.falsified, f"{text}: {found.falsified}"
    if found.verdict in ("unknown", "indefinite"):
        return found.verdict
    level = next(n for n, words in LEVELS.items() if words == found.verdict)
    program = parse(text, declare)
    for more in (101, 102, 103):
        subject = Subject(program.expr, program.variables, "x", found.hessian, more)
        words = contradiction(subject, (level > 0) - (level < 0), found.hessian is not None, found.shape_of_function != "unknown")
        assert words is None, f"{text} is not {found.verdict}: {words}\n{found.reason}"
    return found.verdict


@pytest.mark.slow
def test_random_formulas() -> None:
    verdicts = [check(seed) for seed in range(12)]
    assert sum(v not in ("unknown", "indefinite", "refused") for v in verdicts) > 2
    assert "unknown" in verdicts and "indefinite" in verdicts


@pytest.mark.wide
@pytest.mark.parametrize("start", range(1000, 1400, 50))
def test_many_random_formulas(start: int) -> None:
    for seed in range(start, start + 50):
        check(seed)


MATRICES = (
    "A^T A", "A A^T", "P", "P^-1", "A^T P A", "P + A A^T", "P - A A^T", "S", "S^2", "S^-2", "-P", "P .* R", "A^T diag(w) A",
    "diag(w)", "diag(v)", "diag(v.^2)", "v v^T", "P - v v^T", "I - v v^T/(v^T v)", "I - v v^T", "diag(softmax(v)) - softmax(v) softmax(v)^T",
    "P^3", "(A^T A + s I)^-1", "expm(S)", "I + S", "Q P Q^T", "Q^T S Q", "A^T A - A^T A", "s P", "t P", "t^2 P", "R", "P R P",
    "P R + R P", "kron(P, I_2)", "2 I - ones(n, n)", "ones(n, n)", "exp(v) exp(v)^T", "diag(exp(v))", "(P + R) .* (A^T A)",
    "P^-1 - (P + R)^-1", "-A^T A - P", "R - 2 R", "P .* P .* P", "S .* S", "K^2", "K^4", "-K^2 + I", "K^T K", "v v^T .* P",
)


@pytest.mark.parametrize("text", MATRICES)
def test_matrices(text: str) -> None:
    spaces = {
        "A": "R^{m x n}", "P": "R^{n x n} posdef", "S": "R^{n x n} symmetric", "R": "R^{n x n} psd", "Q": "R^{n x n} orthogonal",
        "w": "R^n positive", "v": "R^n", "s": "R positive", "t": "R",
        "K": "R^{n x n} skew",
    }
    if text in ("A A^T", "P + A A^T", "P - A A^T", "A^T P A", "A^T diag(w) A"):
        spaces["A"] = "R^{n x m}"
    used = set(re.findall(r"[A-Za-z]\w*", text))
    program = parse(text, {name: space for name, space in spaces.items() if name in used})
    fact = Judge({}, to_index).matrix(lower(program.expr))
    seen = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes((program.expr, *program.variables.values()), rng) | ({"n": 1} if seed == 0 else {})
        point = draw_point(program.variables, sizes, rng, scale=(1.0, 0.1, 3.0)[seed % 3])
        values = np.linalg.eigvalsh(evaluate(program.expr, point, sizes))
        scale = 1e-12 * float(np.abs(values).max())
        seen.add((values[0] > scale, values[0] >= -scale, values[-1] <= scale, values[-1] < -scale))
    if fact is None:
        return
    holds = {2: lambda s: s[0], 1: lambda s: s[1], 0: lambda s: s[1] and s[2], -1: lambda s: s[2], -2: lambda s: s[3]}[fact.level]
    assert all(map(holds, seen)), fact
