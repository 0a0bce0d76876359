"""Code for JAX, PyTorch and the array API standard: run, and held against the code for NumPy and the interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from matcalc import derive, gradients, hessian, hvp, jvp, solve_stationary, taylor, value_and_gradient, vjp
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.errors import DeclarationError, NotDifferentiableError
from matcalc.core.style import TARGETS
from matcalc.derivative import Derivative
from matcalc.emit.allowed import check_source
from matcalc.emit.dialects import DIALECTS
from matcalc.emit.library_helpers import LIBRARY_HELPERS
from matcalc.emit.library_ops import LIBRARY_OPERATIONS
from matcalc.evaluation import compiled
from matcalc.plan.steps import OPERATIONS
from tests.conformance import cases
from tests.emit.libraries import RUNNERS, are_equal, is_there
from tests.fuzz.case import make
from tests.kinds.derivative import points

LIBRARIES = [pytest.param(name, marks=[pytest.mark.skipif(not is_there(r.package), reason=f"{r.package} is not installed"),
                                       *([] if name == "strict" else [pytest.mark.slow])])
             for name, r in RUNNERS.items()]
EAGER = [p for p in LIBRARIES if p.values[0] not in ("jax", "jax jit", "array-api jax", "array-api dask")]
"""Those that compile nothing, so that many small functions run fast."""

SQUARE = {"X": "R^{n x n}", "A": "R^{n x n}", "B": "R^{n x n}", "v": "R^n", "u": "R^n"}
POSDEF = {"X": "R^{n x n} posdef", "v": "R^n"}
CASES: dict[str, Any] = {
    "two products": lambda: derive("x^T A x", "x"), "outer": lambda: derive("u^T A v", "A"), "weights": lambda: hessian("sum(log(1 + exp(A x)))", "x"),
    "layer": lambda: derive("1/2 ||y - tanh(A x + b)||^2", "A"), "tensor": lambda: derive("A B C", "B"), "third order": lambda: derive("sum(exp(A x))", "x", order=3),
    "norm": lambda: derive("||A x - b||", "x", order=2), "rows": lambda: derive("sum_{n=1}^N ||x_n||", "x"), "inverse": lambda: derive("X^-1", "X"),
    "evidence": lambda: value_and_gradient("logdet(X) + v^T X^-1 v", "X"), "posdef": lambda: derive("logdet(X) + v^T X^-1 v", "X", declare=POSDEF),
    "matrix solve": lambda: derive("tr(X^-1 B A)", "A", declare=SQUARE), "det": lambda: derive("det(X)", "X", order=2), "power": lambda: derive("tr(X^5)", "X"),
    "exponential": lambda: derive("tr(expm(X) A)", "A", declare=SQUARE), "logistic": lambda: value_and_gradient("sum(softplus(X w) - y .* (X w))", "w"),
    "network": lambda: gradients("||y - W2 tanh(W1 x + b1) - b2||^2", ["W1", "b1", "W2", "b2"]), "forward": lambda: jvp("X^-1 v", "X"), "reverse": lambda: vjp("softmax(A x)", "x"),
    "times a direction": lambda: hvp("logsumexp(A x)", "x"), "diagonal": lambda: derive("diag(x) A", "x"), "kronecker": lambda: derive("kron(A, B)", "A"),
    "blocks": lambda: derive("[a; x; B y]", "x"), "joined": lambda: gradients("||[x; A y; t]||^2", ["x", "y", "t"]), "entries": lambda: derive("x1^2 x2 + sin(x1) x2^3", ["x1", "x2"], order=2),
    "structured": lambda: derive("tr(A S)", "S", declare={"S": "R^{n x n} symmetric", "A": "R^{n x n}"}, structured="entries"), "reshaped": lambda: derive("vec(A X)", "X"),
    "error function": lambda: derive("sum(erf(x) .* x)", "x"), "kinks": lambda: derive("sum(relu(A x) + abs(x)) + sum(max(x, y))", "x"), "matrix softmax": lambda: derive("softmax(X)", "X"),
    "constants": lambda: derive("sqrt(2 pi) log(3) sum_{n=1}^N x_n^T x_n / N", "x"), "flat": lambda: derive("A X B", "X").flat(), "factored": lambda: derive("||T - U V^T||^2", "U", order=2),
    "squares": lambda: solve_stationary("||A x - b||^2", "x"), "polynomial": lambda: taylor("sum(exp(A x))", "x", degree=2),
}


@cache
def derived(key: str) -> Any:
    """The object of a case, once."""
    return CASES[key]()


def drawn(d: Any, seed: int = 0) -> dict[str, np.ndarray]:
    """A point for the parameters."""
    d = getattr(d, "derivative", d)
    variables = {n: d.variables[n] for n in getattr(d, "array_names", d.variables)}
    rng = np.random.default_rng(seed)
    return draw_point(variables, draw_sizes((d.expr, *variables.values()), rng), rng)


def numbers(source: str, point: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What code for NumPy gives."""
    found = compiled(source, "f")(*point.values())
    return [np.asarray(part) for part in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("library", EAGER)
def test_values_are_those_of_numpy(library: str, key: str) -> None:
    d = derived(key)
    point = drawn(d)
    kept = {name: array.copy() for name, array in point.items()}
    found = RUNNERS[library].call(d.numpy("f", target=RUNNERS[library].target), "f", point)
    assert are_equal(found, numbers(d.numpy("f"), point)) and {a.dtype for a in found} == {np.dtype(float)}
    assert all(np.array_equal(kept[name], point[name]) for name in point)
    assert not any(np.shares_memory(a, b) for a in found for b in point.values())


@pytest.mark.slow
@pytest.mark.parametrize("key", ["layer", "network", "evidence", "diagonal", "blocks", "kinks"])
@pytest.mark.skipif(not is_there("jax"), reason="jax is not installed")
def test_compiled_values_are_those_of_numpy(key: str) -> None:
    d = derived(key)
    found = RUNNERS["jax jit"].call(d.numpy("f", target="jax"), "f", drawn(d))
    assert are_equal(found, numbers(d.numpy("f"), drawn(d)))


QUICK = [name for name in ("strict", "torch") if is_there(RUNNERS[name].package)]
ALL = [name for name, runner in RUNNERS.items() if is_there(runner.package) and name not in ("jax", "array-api dask")]


@pytest.mark.slow
@pytest.mark.parametrize("part", (1, 6))
def test_conformance_formulas_have_the_values_of_numpy(part: int) -> None:
    _compare_conformance(part, QUICK)


@pytest.mark.wide
@pytest.mark.parametrize("part", range(10))
def test_conformance_formulas_have_the_values_of_numpy_in_every_library(part: int) -> None:
    _compare_conformance(part, ALL)


def _compare_conformance(part: int, libraries: Sequence[str]) -> None:
    """The values of every tenth case of the files."""
    for kind, case in list(cases())[part::10]:
        if kind in ("case", "structured_case"):
            d = derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
            point = next(iter(points(d, case)))[0]
            _compare(d, {name: point[name] for name in d.variables}, libraries)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_random_formulas_have_the_values_of_numpy(seed: int) -> None:
    _compare_random(seed, QUICK)


@pytest.mark.wide
@pytest.mark.parametrize("first", range(1000, 1300, 20))
def test_many_random_formulas_have_the_values_of_numpy(first: int) -> None:
    for seed in range(first, first + 20):
        _compare_random(seed, ALL)


def _compare_random(seed: int, libraries: Sequence[str]) -> None:
    case = make(seed)
    try:
        d = derive(case.text, case.spelled_wrt, case.order, case.declare)
        d.numpy("f")
    except (NotDifferentiableError, DeclarationError):  # among them sizes that no array tells
        return
    _compare(d, {name: case.point[name] for name in d.variables}, libraries)


def _compare(d: Derivative, point: dict[str, np.ndarray], libraries: Sequence[str]) -> None:
    with np.errstate(all="ignore"):
        wanted = numbers(d.numpy("f"), point)
        for library in libraries:
            found = RUNNERS[library].call(d.numpy("f", target=RUNNERS[library].target), "f", point)
            assert are_equal(found, wanted), (library, str(d.expr))


@pytest.mark.slow
@pytest.mark.skipif(not is_there("torch"), reason="torch is not installed")
@pytest.mark.parametrize("key", [key for key in CASES if key not in ("exponential", "power")])
def test_results_are_on_the_device_of_the_arguments(key: str) -> None:
    torch = import_module("torch")
    d = derived(key)
    for target in ("torch", "array-api"):
        function = compiled(d.numpy("f", target=target), "f")
        found = function(*(torch.empty(np.shape(a), dtype=torch.float32, device="meta") for a in drawn(d).values()))
        for part in found if isinstance(found, tuple) else (found,):
            assert part.device.type == "meta" and part.dtype == torch.float32


def test_every_operation_has_a_form_in_every_dialect() -> None:
    assert set(LIBRARY_OPERATIONS) == set(OPERATIONS) - {"lu", "cholesky"}
    assert set(DIALECTS) == set(LIBRARY_HELPERS) == set(TARGETS) - {"numpy"}


@pytest.mark.parametrize("target", sorted(DIALECTS))
@pytest.mark.parametrize("key", CASES)
def test_sources_are_short_and_allowed(key: str, target: str) -> None:
    source = derived(key).numpy("f", target=target)
    check_source(source)
    assert max(map(len, source.splitlines())) < 180


def test_what_a_target_cannot_do_is_refused() -> None:
    d = derive("x^T A x", "x")
    for target in ("jax", "torch", "array-api"):
        with pytest.raises(DeclarationError, match="for NumPy alone"):
            d.numpy(target=target, workspace=True)
        with pytest.raises(DeclarationError, match="routines of code for NumPy"):
            gradients("x^T A x", ["x"]).numpy(target=target, linalg="scipy")
        for taken in (DIALECTS[target].alias, "isinstance"):
            with pytest.raises(DeclarationError, match="uses itself"):
                d.numpy(taken, target=target)
    with pytest.raises(DeclarationError, match="did you mean target=\"jax\""):
        d.numpy(target="jaxx")
    with pytest.raises(DeclarationError, match="no argument"):
        solve_stationary("(x - 3)^2", "x").numpy(target="torch")
