"""Every head and every function against direct NumPy."""

import math
from fractions import Fraction

import numpy as np
import pytest

from matcalc.check.differences import is_analytic, numerical_jacobian
from matcalc.check.evaluate import EVALUATORS, MAPS, evaluate
from matcalc.core.dims import SCALAR, Dim, matrix, row, vector
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.expr import build as b
from matcalc.expr.nodes import HEADS, UNEVALUATED

M, N = Dim.of("m"), Dim.of("n")
SIZES = {"m": 2, "n": 3, "N": 4}
RNG = np.random.default_rng(1)
V = {
    "s": np.array(0.7), "x": RNG.normal(size=3), "w": RNG.normal(size=3), "y": RNG.normal(size=2),
    "A": RNG.normal(size=(2, 3)), "B": RNG.normal(size=(2, 3)), "S": RNG.normal(size=(3, 3)) + 2 * np.eye(3),
    "T": RNG.normal(size=(4, 3)), "t": RNG.normal(size=4),
}
s = b.variable("s", SCALAR)
x, w, y = b.variable("x", vector(N)), b.variable("w", vector(N)), b.variable("y", vector(M))
A, B, S = b.variable("A", matrix(M, N)), b.variable("B", matrix(M, N)), b.variable("S", matrix(N, N))
xn, tn = b.item("T", vector(N), "i", Dim.of("N")), b.item("t", SCALAR, "i", Dim.of("N"))
xm = b.item("T", vector(N), "j", Dim.of("N"))
SERIES = sum((np.linalg.matrix_power(V["S"], k) / math.factorial(k) for k in range(60)), np.zeros((3, 3)))
SWAP = np.einsum("il,jk->ijkl", np.eye(3), np.eye(3)).reshape(9, 9)
DOUBLE = b.product([b.transpose(xn), xm])

CASES = {
    "num": [(b.number(Fraction(1, 3)), np.array(1 / 3))],
    "pi": [(b.pi(), np.array(np.pi))],
    "dim": [(b.dim_number(N), np.array(3.0))],
    "var": [(A, V["A"]), (s, V["s"])],
    "item": [(b.datasum("i", Dim.of("N"), xn), V["T"].sum(axis=0))],
    "identity": [(b.identity(N), np.eye(3))],
    "ones": [(b.ones(matrix(M, N)), np.ones((2, 3))), (b.ones(row(N)), np.ones(3))],
    "zeros": [(b.zeros(vector(N)), np.zeros(3))],
    "add": [(b.add([x, w, b.number(2)]), V["x"] + V["w"] + 2)],
    "product": [
        (b.product([s, A, x]), 0.7 * V["A"] @ V["x"]),
        (b.product([b.transpose(x), w]), np.array(V["x"] @ V["w"])),
        (b.product([y, b.transpose(x)]), np.outer(V["y"], V["x"])),
        (b.product([b.transpose(y), A]), V["y"] @ V["A"]),
        (b.product([x, b.transpose(x), w]), V["x"] * (V["x"] @ V["w"])),
        (b.product([A, S]), V["A"] @ V["S"]),
    ],
    "hadamard": [(b.hadamard([A, B, s]), V["A"] * V["B"] * 0.7)],
    "power": [
        (b.power(x, b.number(3)), V["x"] ** 3),
        (b.power(x, b.number(-1)), 1 / V["x"]),
        (b.power(s, b.number(Fraction(1, 2))), np.sqrt(V["s"])),
        (b.power(b.elementwise("exp", [x]), w), np.exp(V["x"]) ** V["w"]),
    ],
    "matpow": [(b.matpow(S, -1), np.linalg.inv(V["S"])), (b.matpow(S, 3), np.linalg.matrix_power(V["S"], 3)),
               (b.matpow(S, -2), np.linalg.matrix_power(V["S"], -2))],
    "transpose": [(b.transpose(A), V["A"].T), (b.transpose(x), V["x"])],
    "map": [(b.elementwise("max", [x, s]), np.maximum(V["x"], 0.7))],
    "tr": [(b.APPLY["tr"](S), np.trace(V["S"]))],
    "det": [(b.APPLY["det"](S), np.linalg.det(V["S"]))],
    "logdet": [(b.APPLY["logdet"](S), np.log(abs(np.linalg.det(V["S"])))),
               (b.APPLY["logdet"](b.negate(S)), np.log(abs(np.linalg.det(V["S"]))))],
    "diag": [(b.diag(x), np.diag(V["x"]))],
    "diagonal": [(b.diag(S), np.diag(V["S"]))],
    "vec": [(b.vec(A), V["A"].T.ravel())],
    "unvec": [(b.unvec(b.vec(A), M, N), V["A"]), (b.unvec(b.vec(A), N, M), V["A"].T.reshape(2, 3).T)],
    "commutation": [(b.product([b.commutation(M, N), b.vec(A)]), V["A"].ravel()), (b.commutation(N, N), SWAP)],
    "kron": [
        (b.kron(A, S), np.kron(V["A"], V["S"])),
        (b.kron(x, y), np.kron(V["x"], V["y"])),
        (b.kron(A, x), np.kron(V["A"], V["x"][:, None])),
        (b.kron(b.transpose(x), y), np.kron(V["x"][None], V["y"][:, None])),
    ],
    "expm": [(b.APPLY["expm"](S), SERIES)],
    "sum": [(b.APPLY["sum"](A), V["A"].sum())],
    "mean": [(b.APPLY["mean"](A), V["A"].mean())],
    "softmax": [(b.softmax(x), np.exp(V["x"]) / np.exp(V["x"]).sum())],
    "logsumexp": [(b.APPLY["logsumexp"](x), np.log(np.exp(V["x"]).sum()))],
    "norm": [(b.APPLY["norm"](A), np.linalg.norm(V["A"])), (b.APPLY["norm"](b.zeros(vector(N))), np.array(0.0))],
    "norm1": [(b.APPLY["norm1"](A), np.abs(V["A"]).sum())],
    "block": [
        (b.block([[s], [x]]), np.r_[0.7, V["x"]]),
        (b.block([[s, b.transpose(x)]]), np.r_[0.7, V["x"]]),
        (b.block([[A, y], [b.transpose(x), s]]), np.block([[V["A"], V["y"][:, None]], [V["x"][None], V["s"]]])),
        (b.block([[x, w]]), np.c_[V["x"], V["w"]]),
    ],
    "datasum": [
        (b.datasum("i", Dim.of("N"), b.product([tn, xn])), V["t"] @ V["T"]),
        (b.datasum("i", Dim.of("N"), b.datasum("j", Dim.of("N"), DOUBLE)), (V["T"] @ V["T"].T).sum()),
        (b.datasum("i", Dim.of("N"), s), np.array(2.8)),
    ],
}


def test_tables_are_complete() -> None:
    assert set(HEADS) == set(CASES)
    assert set(EVALUATORS) == set(HEADS) | set(UNEVALUATED)
    assert set(MAPS) == set(FUNCTIONS) | set(COMPARISONS)


@pytest.mark.parametrize("head", CASES)
def test_head(head: str) -> None:
    for node, expected in CASES[head]:
        value = evaluate(node, V, SIZES)
        assert value.shape == np.shape(expected)
        assert np.allclose(value, expected, rtol=1e-12, atol=1e-13)


DIRECT = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "softplus": lambda z: np.log(1 + np.exp(z)),
    "erf": np.vectorize(math.erf), "relu": lambda z: np.maximum(z, 0), "step": lambda z: np.heaviside(z, 0),
    "abs": np.abs, "sign": np.sign, "max": np.maximum, "min": np.minimum, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal,
}


@pytest.mark.parametrize("name", [*FUNCTIONS, *COMPARISONS])
def test_map(name: str) -> None:
    points = np.linspace(0.1, 0.9, 3) * ([1, 1, 1] if name in ("log", "sqrt") else [-1, 1, 1])
    arity = FUNCTIONS[name].arity if name in FUNCTIONS else 2
    args = [x, w][:arity]
    values = {"x": points, "w": np.array([0.5, 0.5, 0.9])}
    direct = DIRECT.get(name) or getattr(np, name)
    node = b.elementwise(name, args)
    expected = direct(*[values[a.name] for a in args])
    assert np.allclose(evaluate(node, values, SIZES), expected, rtol=1e-14)
    if is_analytic(node):
        h = 1e-5
        slope = (direct(points + h) - direct(points - h)) / (2 * h)
        assert np.allclose(numerical_jacobian(node, "x", values, SIZES), np.diag(slope), rtol=1e-7, atol=1e-9)


def test_stable_at_large_arguments() -> None:
    values = {"x": np.array([-800.0, 0.0, 800.0])}
    for name, expected in (("sigmoid", [0, 0.5, 1]), ("softplus", [0, math.log(2), 800])):
        assert np.allclose(evaluate(b.elementwise(name, [x]), values, SIZES), expected)
    assert evaluate(b.APPLY["logsumexp"](x), values, SIZES) == pytest.approx(800)
    assert np.allclose(evaluate(b.softmax(x), values, SIZES), [0, 0, 1])


@pytest.mark.parametrize("head", [h for h in CASES if h not in ("norm1", "map")])
def test_complex_step_agrees_with_differences(head: str) -> None:
    for node, _ in CASES[head]:
        for name in ("s", "x", "A", "S", "T"):
            exact = numerical_jacobian(node, name, V, SIZES)
            h = 1e-6
            for position in np.ndindex(V[name].shape):
                step = np.zeros(V[name].shape)
                step[position] = h
                up, down = (evaluate(node, {**V, name: V[name] + k * step}, SIZES) for k in (1, -1))
                assert np.allclose(exact[(..., *position)], (up - down) / (2 * h), rtol=1e-6, atol=1e-6)


def test_wrong_arrays_are_refused() -> None:
    with pytest.raises(ShapeError, match="`x`"):
        evaluate(x, {"x": np.ones(4)}, SIZES)
    with pytest.raises(DeclarationError, match="no value"):
        evaluate(x, {}, SIZES)
    with pytest.raises(DeclarationError, match="outside"):
        evaluate(xn, V, SIZES)


@pytest.mark.parametrize(("name", "kept"), [("relu", 2.0), ("step", 1.0), ("max", 2.0), ("min", -1.0), ("gt", 1.0), ("ge", 1.0), ("lt", 0.0), ("le", 0.0)])
@pytest.mark.parametrize("kind", [float, complex])
def test_what_has_no_value_has_none_on_either_side(name: str, kept: float, kind: type) -> None:
    two, none, other = np.array(2.0, kind), np.array(np.nan, kind), np.array(-1.0, kind)
    function = MAPS[name]
    if name in ("relu", "step"):
        assert function(two) == kept and np.isnan(function(none))
    else:
        assert function(two, other) == kept and np.isnan(function(none, other)) and np.isnan(function(two, none))
