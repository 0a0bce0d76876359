"""Every output of the package: the same bytes under every hash seed, in a second call, and in another order of imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SCRIPT = """
import contextlib, io, json, sys
BEFORE = {before!r}
for name in BEFORE:
    __import__(name)
import matcalc
from matcalc import curvature, derive, gradients, graph, hessian, hvp, jvp, parse, simplify, solve_stationary, taylor, to_index
from matcalc import to_matrix, to_sympy, value_and_gradient, vjp
from matcalc.cli.main import main
from matcalc.core.errors import MatcalcError

NET = "1/2 ||y - W2 tanh(W1 x + b)||^2"
DATA = "sum_{{n=1}}^N (y_n - theta^T x_n)^2 where x_n in R^D, y_n in R"


def outputs():
    for text, wrt in (("x^T A x", "x"), (NET, "W1"), (DATA, "theta"), ("A X B", "X"), ("tr(X^T A X B)", "X"), ("softmax(A x)", "x"),
                      ("logdet(A + X B X^T)", "X"), ("det(A)", "A"), ("kron(A, B) x", "A")):
        d = derive(text, wrt)
        yield from (str(d), d.latex(), d.latex(equation=True), d.index(), d.numpy(), d.numpy(checks=False), repr(d.shape), repr(d.shapes))
        if text != "kron(A, B) x":
            steps = d.steps()
            yield from (str(steps), steps.latex(), steps.markdown())
        if "_n" not in text:
            yield from (d.vec(), d.flat("rows").numpy(), str(d.jvp()), d.vjp().numpy())
        yield str(d.derive(wrt))
    g = gradients(NET, ["W1", "W2", "x", "b"])
    yield from (str(g), g.latex(), g.numpy())
    for text, wrt in (("logsumexp(A x)", "x"), ("||X b - y||^2 + lambda b^T b", "b"), ("x1^2 x2 + x1 x2^3", ["x1", "x2"])):
        h = hessian(text, wrt)
        c = curvature(text, wrt)
        v = value_and_gradient(text, wrt)
        yield from (str(h), h.latex(), h.numpy(), str(c), repr(c.rules), str(hvp(text, wrt)), hvp(text, wrt).numpy(), v.numpy())
    s = solve_stationary("||X b - y||^2", "b")
    t = taylor("log(sum(exp(x)))", "x", degree=3)
    yield from (str(s), s.numpy(), str(t), t.latex(), t.numpy(), str(graph(NET, "x")), str(simplify("A x + A^T x")), str(to_index("x^T A x")))
    yield from (str(simplify("sum_i delta_ik A_ij", notation="index")), str(to_matrix("sum_j A_ij v_j")), str(to_sympy("x^T A x")))
    yield from (repr(parse(NET).variables), str(jvp("tanh(A x)", "x")), str(vjp("tanh(A x)", "x")))
    for wrong in ("x^T A x where A in R^{{2 x 3}}", "tahn(x)", "A + s where A in R^{{n x n}}, s in R", "Ax", "x^TAx"):
        try:
            yield str(derive(wrong, "x"))
        except MatcalcError as error:
            yield str(error)
    for arguments in (["derive", NET, "--wrt", "W1", "--to", "json"], ["graph", NET, "--wrt", "x"], ["functions"], ["rules"],
                      ["check", "x^T A x", "--wrt", "x"], ["derive", DATA, "--wrt", "theta", "--to", "steps", "--format", "latex"]):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
        yield f"{{code}} {{out.getvalue()}} {{err.getvalue()}}"


for _ in range({times}):
    print(json.dumps(list(outputs())))
"""


def run(seed: str, before: tuple[str, ...] = (), times: int = 1) -> list[list[str]]:
    """The outputs of a process, once for each call."""
    script = SCRIPT.format(before=before, times=times)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def twice() -> list[list[str]]:
    """All outputs of one process, and once more."""
    return run("0", times=2)


@pytest.fixture(scope="module")
def reference(twice: list[list[str]]) -> list[str]:
    assert len(twice[0]) > 150
    return twice[0]


@pytest.mark.parametrize("seed", ["1", "random"])
def test_hash_seeds_change_nothing(seed: str, reference: list[str]) -> None:
    assert run(seed) == [reference]


def test_a_second_call_changes_nothing(twice: list[list[str]]) -> None:
    assert twice[0] == twice[1]


def test_the_order_of_imports_changes_nothing(reference: list[str]) -> None:
    modules = sorted(".".join(p.relative_to(ROOT).with_suffix("").parts) for p in (ROOT / "matcalc").rglob("*.py")
                     if p.stem not in ("__init__", "__main__") and "_grammar" not in p.parts)
    assert run("2", before=("sympy", *reversed(modules))) == [reference]


def test_other_calls_before_change_nothing(reference: list[str]) -> None:
    """What was derived before, in other sizes and under other names, leaves no trace."""
    before = "from matcalc import derive; [str(derive(t, w).derive(w)) for t, w in (('y^T B y', 'y'), ('x^T A x', 'A'), ('A B X', 'B'))]"
    script = f"{before}\n{SCRIPT.format(before=(), times=1)}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    assert [k for k, (a, b) in enumerate(zip(found, reference, strict=True)) if a != b] == []
