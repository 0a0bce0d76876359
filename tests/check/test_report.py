"""Right derivatives pass, mutants do not, and nothing passes without a comparison."""

from collections.abc import Callable

import numpy as np
import pytest

from matcalc.api import derive, gradients
from matcalc.check.report import Form, check_derivative
from matcalc.core.dims import SCALAR, Dim, matrix, vector
from matcalc.core.errors import DeclarationError
from matcalc.expr import build as b

M, N, D = Dim.of("m"), Dim.of("n"), Dim.of("N")
s, x, y = b.variable("s", SCALAR), b.variable("x", vector(N)), b.variable("y", vector(M))
A, S = b.variable("A", matrix(M, N)), b.variable("S", matrix(N, N))
P = b.variable("P", matrix(N, N), ("posdef",))
T, t = b.item("T", vector(N), "i", D), b.item("t", SCALAR, "i", D)
VARIABLES = {node.name: node for node in (s, x, y, A, S, P, T, t)}


def f(name: str, *args: b.Expr) -> b.Expr:
    return b.elementwise(name, args)


AX = b.product([A, x])
SX = b.product([S, x])
QUADRATIC = b.product([b.transpose(x), S, x])
RESIDUAL = b.add([t, b.negate(b.product([b.transpose(T), x]))])
CASES: dict[str, tuple[b.Expr, str, Callable[[dict[str, np.ndarray]], np.ndarray]]] = {
    "quadratic": (QUADRATIC, "x", lambda v: (v["S"] + v["S"].T) @ v["x"]),
    "by a matrix": (QUADRATIC, "S", lambda v: np.outer(v["x"], v["x"])),
    "linear": (AX, "x", lambda v: v["A"]),
    "linear by matrix": (AX, "A", lambda v: np.einsum("ik,j->ikj", np.eye(len(v["A"])), v["x"])),
    "tanh": (f("tanh", SX), "x", lambda v: (1 - np.tanh(v["S"] @ v["x"]) ** 2)[:, None] * v["S"]),
    "logdet": (b.APPLY["logdet"](S), "S", lambda v: np.linalg.inv(v["S"]).T),
    "logdet posdef": (b.APPLY["logdet"](P), "P", lambda v: np.linalg.inv(v["P"])),
    "log of det": (f("log", b.APPLY["det"](S)), "S", lambda v: np.linalg.inv(v["S"]).T),
    "log": (f("log", x), "x", lambda v: np.diag(1 / v["x"])),
    "asin of a sum": (f("asin", b.APPLY["sum"](x)), "x",
                      lambda v: np.ones(v["x"].size) / np.sqrt(1 - v["x"].sum() ** 2)),
    "inverse": (b.matpow(S, -1), "S",
                lambda v: -np.einsum("ik,lj->ijkl", np.linalg.inv(v["S"]), np.linalg.inv(v["S"]))),
    "data": (b.datasum("i", D, b.power(RESIDUAL, b.number(2))), "x",
             lambda v: -2 * v["T"].T @ (v["t"] - v["T"] @ v["x"])),
    "by the data": (b.datasum("i", D, b.power(RESIDUAL, b.number(2))), "T",
                    lambda v: -2 * np.outer(v["t"] - v["T"] @ v["x"], v["x"])),
    "relu": (f("relu", SX), "x", lambda v: (v["S"] @ v["x"] > 0)[:, None] * v["S"]),
    "norm1": (b.APPLY["norm1"](AX), "x", lambda v: v["A"].T @ np.sign(v["A"] @ v["x"])),
    "constant": (b.APPLY["sum"](y), "x", lambda v: np.zeros(v["x"].size)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", range(5))
def test_right_derivatives_pass(name: str, seed: int) -> None:
    expr, wrt, derivative = CASES[name]
    report = check_derivative(expr, VARIABLES, [wrt], derivative, seed=seed)
    assert report.passed, str(report)
    assert report.worst_error < report.tolerance / 10
    assert str(report).startswith("passed") and "\n" not in str(report)


@pytest.mark.parametrize("name", [n for n in CASES if n != "constant"])
def test_mutants_are_caught(name: str) -> None:
    expr, wrt, derivative = CASES[name]
    factor = 1e-6 if name not in ("relu", "norm1") else 1e-5

    def one_entry(v: dict[str, np.ndarray]) -> np.ndarray:
        value = np.array(derivative(v), dtype=float)
        value.flat[np.abs(value).argmax()] *= 1 + factor
        return value

    mutants = [lambda v: -derivative(v), lambda v: derivative(v) * (1 + factor), one_entry,
               lambda v: np.full_like(derivative(v), np.nan), lambda v: derivative(v)[..., None]]
    for mutant in mutants:
        report = check_derivative(expr, VARIABLES, [wrt], mutant)
        assert not report.passed and report.failures and str(report).startswith("FAILED")


@pytest.mark.parametrize("name", ["by a matrix", "linear", "tanh", "logdet", "log of det", "by the data", "inverse"])
def test_transposed_mutants_are_caught(name: str) -> None:
    expr, wrt, derivative = CASES[name]
    report = check_derivative(expr, VARIABLES, [wrt], lambda v: np.swapaxes(derivative(v), -1, -2))
    assert report.passed == (name == "by a matrix")  # x x^T is symmetric


def cube(k: int) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """The derivatives of sum(x^3)."""

    def derivative(v: dict[str, np.ndarray]) -> np.ndarray:
        n = v["x"].size
        third = np.zeros((n,) * 3)
        third[(np.arange(n),) * 3] = 6
        return [3 * v["x"] ** 2, np.diag(6 * v["x"]), third][k - 1]

    return derivative


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("given", [False, True])
def test_higher_orders(order: int, given: bool) -> None:
    expr = b.APPLY["sum"](b.power(x, b.number(3)))
    previous = cube(order - 1) if given and order > 1 else None
    right = check_derivative(expr, VARIABLES, ["x"] * order, cube(order), previous=previous)
    assert right.passed, str(right)
    wrong = check_derivative(expr, VARIABLES, ["x"] * order, lambda v: cube(order)(v) * 1.001, previous=previous)
    assert not wrong.passed


def test_mixed_second_derivative() -> None:
    expr = b.product([b.transpose(y), A, x])
    assert check_derivative(expr, VARIABLES, ["x", "y"], lambda v: v["A"].T).passed
    assert not check_derivative(expr, VARIABLES, ["x", "y"], lambda v: v["A"]).passed


def test_structured_variable_ignores_the_previous_order() -> None:
    def hessian(v: dict[str, np.ndarray]) -> np.ndarray:
        inverse = np.linalg.inv(v["P"])
        return -np.einsum("jk,li->ijkl", inverse, inverse)

    report = check_derivative(b.APPLY["logdet"](P), VARIABLES, ["P", "P"], hessian, previous=CASES["logdet posdef"][2])
    assert report.passed, str(report)


def test_nothing_passes_without_a_comparison() -> None:
    expr = f("log", b.negate(b.power(b.APPLY["norm"](x), b.number(2))))
    report = check_derivative(expr, VARIABLES, ["x"], lambda v: v["x"])
    assert not report.passed and "nothing was compared" in str(report)


def test_structural_kinks_are_left_out() -> None:
    lower = b.variable("L", matrix(N, N), ("lower",))

    def derivative(v: dict[str, np.ndarray]) -> np.ndarray:
        n = len(v["L"])
        return np.einsum("ij,ik,jl->ijkl", v["L"] > 0, np.eye(n), np.eye(n))

    expr = f("relu", lower)
    assert check_derivative(expr, {"L": lower}, ["L"], derivative).passed
    assert not check_derivative(expr, {"L": lower}, ["L"], lambda v: -derivative(v)).passed


@pytest.mark.parametrize(("text", "wrt"), [
    ("norm(relu(x))", "x"), ("sqrt(sum(relu(x)))", "x"), ("norm(max(min(-y, 3 x), 0))", "x"), ("log(1 + sqrt(relu(t)))", "t"), ("relu(t)^(3/2)", "t"),
    ("sigmoid(1/relu(t))", "t"), ("||relu(x)||^3", "x"),
])
def test_points_where_a_root_is_zero_are_left_out(text: str, wrt: str) -> None:
    d = derive(text, wrt, declare={"t": "R"} if wrt == "t" else None)
    for seed in range(6):
        assert d.check(seed=seed).passed


def test_claims_cannot_change_the_point() -> None:
    def spoils(v: dict[str, np.ndarray]) -> np.ndarray:
        v["x"] *= 0
        return v["S"] * 0

    assert not check_derivative(SX, VARIABLES, ["x"], spoils).passed


def test_reports_are_reproducible() -> None:
    expr, wrt, derivative = CASES["tanh"]
    first, second = (check_derivative(expr, VARIABLES, [wrt], derivative, seed=3) for _ in range(2))
    assert first == second


def test_bad_requests() -> None:
    with pytest.raises(DeclarationError):
        check_derivative(QUADRATIC, VARIABLES, ["z"], lambda v: v["x"])
    with pytest.raises(DeclarationError):
        check_derivative(QUADRATIC, VARIABLES, ["x"] * 4, lambda v: v["x"])


def test_a_wrong_formula_fails_beside_right_code() -> None:
    claim = CASES["quadratic"][2]
    right = b.product([b.transpose(x), b.add([S, b.transpose(S)])])
    wrong = b.product([b.transpose(x), b.add([S, S])])
    assert check_derivative(QUADRATIC, VARIABLES, ["x"], claim, forms=[Form("the formula", right)]).passed
    report = check_derivative(QUADRATIC, VARIABLES, ["x"], claim, forms=[Form("the formula", wrong)])
    assert not report.passed and "the formula" in str(report)


def test_points_at_which_a_matrix_is_singular_are_left_out() -> None:
    for seed in range(6):
        assert derive("logdet(X^T X)", "X").check(seed).passed


@pytest.mark.parametrize("seed", range(3))
def test_values_are_compared_where_there_are_some(seed: int) -> None:
    """A matrix that is singular whenever X is wide: other sizes are drawn."""
    report = gradients("tr((X^T C X)^-1 A)", ["X"], {"X": "R^{m x n}", "C": "R^{m x m} symmetric", "A": "R^{n x n}"}).check(seed)
    assert report.passed and report.sizes["m"] > report.sizes["n"]


def test_a_function_without_a_value_is_not_compared() -> None:
    report = gradients("sum(x) det((ones(n) x^T)^-1)", ["x"], {"x": "R^n"}).check()
    assert not report.passed and "nothing was compared" in report.failures[0]
