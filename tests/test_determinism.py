"""The same bytes from every run: one process for each hash seed, all outputs compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FORMULAS = [
    ("x^T A x", "x", 1, {}),
    ("x^T A x", "x", 2, {}),
    ("||A X - B||^2 + tr(X^T C X D)", "X", 1, {}),
    ("tr(A X B X^T C)", "X", 1, {}),
    ("tr(B^T X^T C X X^T C X B)", "X", 1, {}),
    ("logdet(A + X B X^T)", "X", 1, {"A": "R^{m x m}", "X": "R^{m x n}", "B": "R^{n x n}"}),
    ("-1/2 logdet(S) - 1/2 (x - mu)^T S^-1 (x - mu)", "S", 1, {"S": "R^{n x n} posdef", "mu": "R^n"}),
    ("tr((X^T C X)^-1 (X^T B X))", "X", 1, {}),
    ("1/2 ||y - W2 tanh(W1 x + b)||^2", "W1", 1, {"W1": "R^{h x d}", "W2": "R^{k x h}", "x": "R^d", "b": "R^h"}),
    ("softmax(A x)^T diag(c) tanh(B x)", "x", 1, {"A": "R^{m x n}", "B": "R^{m x n}", "x": "R^n", "c": "R^m"}),
    ("v^T (sigmoid(W x) .* tanh(U x))", "x", 2, {"W": "R^{h x d}", "U": "R^{h x d}", "x": "R^d", "v": "R^h"}),
    ("(a^T x)/(b^T x) + (b^T x)/(c^T x) + (c^T x)/(a^T x)", "x", 1, {n: "R^n" for n in "abcx"}),
    ("sum(exp(A x) .* exp(B x) .* (A x))", "x", 2, {"A": "R^{m x n}", "B": "R^{m x n}", "x": "R^n"}),
    ("max(a^T x, b^T x) + ||x||_1 + ||x - a||", "x", 1, {n: "R^n" for n in "abx"}),
    ("det(A + t B) + tr((A + t B)^3) - t^2", "t", 1, {"A": "R^{n x n}", "B": "R^{n x n}", "t": "R"}),
    ("B diag(x) C", "x", 1, {"B": "R^{p x n}", "x": "R^n", "C": "R^{n x q}"}),
    ("A X B", "X", 1, {"A": "R^{p x m}", "X": "R^{m x n}", "B": "R^{n x q}"}),
    ("sum_{n=1}^N (logsumexp(W x_n) - y_n^T W x_n)", "W", 1, {"W": "R^{K x D}", "x_n": "R^D", "y_n": "R^K"}),
    ("x1^2 x2 + x1 x2^3 + sin(x1 x2 x3)", ["x1", "x2", "x3"], 2, {}),
    ("||A ⊗ B - C||^2", "A", 1, {"A": "R^{m x n}", "B": "R^{p x q}", "C": "R^{m p x n q}"}),
    ("det([S, x; y^T, t])", "x", 1, {"S": "R^{n x n}", "x": "R^n", "y": "R^n", "t": "R"}),
]
SCRIPT = """
import json, sys
from matcalc.api import derive
for formula in json.load(sys.stdin):
    d = derive(*formula)
    print(json.dumps([str(d), d.latex(), d.index()]))
    print(json.dumps(d.numpy()))
"""


def outputs(seed: str) -> list[str]:
    """One line of JSON for each output of each formula."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(FORMULAS), capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": seed}, cwd=Path(__file__).parent.parent,
    )
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def reference() -> list[str]:
    return outputs("0")


@pytest.mark.parametrize("seed", ["1", "2", "random"])
def test_hash_seeds_change_nothing(seed: str, reference: list[str]) -> None:
    assert len(reference) == 2 * len(FORMULAS)
    assert outputs(seed) == reference


def test_a_second_run_in_one_process_changes_nothing(reference: list[str]) -> None:
    script = SCRIPT.replace("json.load(sys.stdin)", "2 * json.load(sys.stdin)")
    run = subprocess.run([sys.executable, "-c", script], input=json.dumps(FORMULAS), capture_output=True, text=True,
                         check=True, cwd=Path(__file__).parent.parent)
    assert run.stdout.splitlines() == 2 * reference
