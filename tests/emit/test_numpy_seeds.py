"""The same source under every hash seed."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
from matcalc.api import derive
for text, wrt in [("x^T A x", "x"), ("||y - W2 tanh(W1 x + b)||^2", "W1"), ("a^T X^-1 b + c^T X^-1 d", "X"), ("[x; y; t]", "x")]:
    print(derive(text, wrt).numpy())
"""


@pytest.mark.slow
def test_source_is_deterministic() -> None:
    outputs = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1
