"""The code of each operation, to the letter, for programs of one step; arrays filled place by place, with their values."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest

from matcalc.core.dims import Dim
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import Parameter
from matcalc.emit.numpy_ops import OPERATIONS
from matcalc.plan.place import Place, Slot, indices_of
from matcalc.plan.steps import Axes, Indices, Program

M, N, P = map(Dim.of, "mnp")
ONE, TWO = Dim.of(1), Dim.of(2)
SIZES = {"m": 2, "n": 3, "p": 5}
AXES: dict[str, Axes] = {
    "A": (M, N), "B": (N, P), "C": (M, N), "S": (N, N), "T": (M, N, P), "U": (N, N, P), "V": (P, N, N), "W": (M, N, N, P),
    "x": (N,), "y": (N,), "z": (M,), "u": (P,), "f": (M * N,), "a": (M, P), "s": (), "t": (),
}
VECTOR, MATRIX = ((0,), (0,), (0,)), (0, 1)
Data = tuple[object, ...]


def combine(text: str, shift: int = 0) -> Data:
    """The data of a sum of vectors, from its coefficients."""
    coefficients = tuple(map(F, text.split()))
    return coefficients, F(shift), ((0,),) * len(coefficients), (0,)


SUMS: list[tuple[str, str, Data, Axes, str]] = [
    ("combine", "x y", combine("1 -1"), (N,), "x - y"), ("combine", "x y", combine("-1 1"), (N,), "y - x"), ("combine", "x y", combine("-1 -1"), (N,), "-x - y"),
    ("combine", "x", combine("-1", 2), (N,), "2.0 - x"), ("combine", "x", combine("1", -2), (N,), "x - 2.0"), ("combine", "x", combine("-1", -2), (N,), "-2.0 - x"),
    ("combine", "x y", combine("1/2 -1/3"), (N,), "0.5 * x - y / 3.0"), ("combine", "x y", combine("-1/2 2/3"), (N,), "2 / 3 * y - 0.5 * x"),
    ("combine", "x", combine("-2/3"), (N,), "-2 / 3 * x"), ("combine", "x", combine("-1/3"), (N,), "-x / 3.0"), ("combine", "x", combine("2"), (N,), "2.0 * x"),
    ("combine", "x z A", ((F(1), F(3), F(1)), F(0), ((1,), (0,), MATRIX), MATRIX), (M, N), "x + 3.0 * z[:, None] + A"),
    ("combine", "S", ((F(2),), F(0), ((1, 0),), MATRIX), (N, N), "2.0 * S.T"), ("combine", "s x", ((F(2), F(1)), F(1), ((), (0,)), (0,)), (N,), "1.0 + 2.0 * s + x"),
]

PRODUCTS: list[tuple[str, str, Data, Axes, str]] = [
    ("multiply", "z A", ((0,), MATRIX, MATRIX), (M, N), "z[:, None] * A"), ("multiply", "x A", ((1,), MATRIX, MATRIX), (M, N), "x * A"),
    ("multiply", "s x", ((), (0,), (0,)), (N,), "s * x"), ("multiply", "x z", ((0,), (1,), MATRIX), (N, M), "x[:, None] * z"), ("multiply", "s t", ((), (), ()), (), "s * t"),
    ("multiply", "T A", ((0, 1, 2), MATRIX, (0, 1, 2)), (M, N, P), "T * A[:, :, None]"), ("multiply", "B T", ((1, 2), (0, 1, 2), (0, 1, 2)), (M, N, P), "B * T"),
    ("multiply", "A T", ((2, 1), (2, 1, 0), (0, 1, 2)), (P, N, M), "A.T * T.transpose(2, 1, 0)"), ("divide", "A z", (MATRIX, (0,), MATRIX), (M, N), "A / z[:, None]"),
    ("divide", "A x", (MATRIX, (1,), MATRIX), (M, N), "A / x"), ("divide", "x s", ((0,), (), (0,)), (N,), "x / s"), ("divide", "s x", ((), (0,), (0,)), (N,), "s / x"),
    ("nonzero", "s", (), (), "s or 1.0"), ("nonzero", "x", (), (N,), "np.where(x == 0.0, 1.0, x)"),
    ("matmul", "A x", (False, False), (M,), "A.dot(x)"), ("matmul", "A z", (True, False), (N,), "z.dot(A)"), ("matmul", "A B", (False, False), (M, P), "A.dot(B)"),
    ("matmul", "A C", (False, True), (M, M), "A.dot(C.T)"), ("matmul", "A C", (True, False), (N, N), "A.T.dot(C)"), ("matmul", "B A", (True, True), (P, M), "B.T.dot(A.T)"),
    ("matmul", "x y", (False, False), (), "x.dot(y)"), ("matmul", "T u", (False, False), (M, N), "T.dot(u)"),
    ("gram", "A", (0, "", F(1)), (N, N), "_gram(A)"), ("gram", "A", (1, "", F(1)), (M, M), "_gram(A.T)"), ("gram", "A", (0, "", F(2)), (N, N), "_gram(A, 2.0)"),
    ("gram", "A z", (0, "any", F(1)), (N, N), "_signed_gram(A, z)"), ("gram", "A x", (1, "any", F(1)), (M, M), "_signed_gram(A.T, x)"),
    ("gram", "A z", (0, "nonnegative", F(1)), (N, N), "_weighted_gram(A, z)"), ("outer", "x z", (), (N, M), "_outer(x, z)"), ("inner", "A C", (), (), "np.vdot(A, C)"),
    ("tensordot", "T B", ((1, 2), (0, 1)), (M,), "np.tensordot(T, B, axes=((1, 2), (0, 1)))"),
    ("tensordot", "A T", ((0,), (0,)), (N, N, P), "np.tensordot(A, T, axes=((0,), (0,)))"),
    ("einsum", "T B", ((0, 1, 2), (1, 2), (0, 2)), (M, P), "np.einsum('abc,bc->ac', T, B)"),
    ("einsum", "A T", ((3, 1), (3, 1, 5), (1, 5)), (N, P), "np.einsum('ba,bac->ac', A, T)"),
]

AXES_MOVED: list[tuple[str, str, Data, Axes, str]] = [
    ("sum", "A", ((0,),), (N,), "A.sum(0)"), ("sum", "A", ((1,),), (M,), "A.sum(1)"), ("sum", "A", (MATRIX,), (), "A.sum()"), ("sum", "T", ((0, 2),), (N,), "T.sum((0, 2))"),
    ("trace", "S", (), (), "np.trace(S)"), ("diagonal", "S", (0, 1), (N,), "S.diagonal().copy()"), ("diagonal", "U", (0, 1), (P, N), "U.diagonal().copy()"),
    ("diagonal", "V", (1, 2), (P, N), "np.diagonal(V, 0, 1, 2).copy()"), ("permute", "A", (1, 0), (N, M), "A.T.copy()"),
    ("permute", "T", (2, 0, 1), (P, M, N), "T.transpose(2, 0, 1).copy()"), ("permute", "T", (1, 2, 0), (N, P, M), "T.transpose(1, 2, 0).copy()"),
    ("take", "A", (0, ONE), (N,), "A[1].copy()"), ("take", "A", (1, ONE), (M,), "A[:, 1].copy()"), ("take", "T", (2, M), (M, N), "T[:, :, m].copy()"),
    ("take", "x", (0, TWO), (), "x[2]"), ("slice", "x", (0, ONE, TWO), (TWO,), "x[1:3].copy()"), ("slice", "A", (1, Dim.of(0), M), (M, M), "A[:, :m].copy()"),
    ("slice", "T", (2, M, N), (M, N, N), "T[:, :, m:m + n].copy()"), ("reshape", "A", (), (M * N,), "A.ravel().copy()"), ("reshape", "f", (), (M, N), "f.reshape(m, n).copy()"),
    ("reshape", "T", (), (M * N, P), "T.reshape(m * n, p).copy()"), ("stack", "x y", (), (N, TWO), "np.column_stack([x, y])"),
    ("full", "", (F(0),), (M, N), "np.zeros((m, n))"), ("full", "", (F(1),), (N,), "np.ones(n)"), ("full", "", (F(3, 2),), (M, N), "np.full((m, n), 1.5)"),
    ("full", "", (F(2),), (N,), "np.full(n, 2.0)"), ("repeat", "s", ((),), (M, N), "np.full((m, n), s).copy()"),
    ("repeat", "x", ((1,),), (M, N), "np.broadcast_to(x, (m, n)).copy()"), ("repeat", "z", ((0,),), (M, N), "np.broadcast_to(z[:, None], (m, n)).copy()"),
    ("repeat", "B", ((2, 0),), (P, M, N), "np.broadcast_to(B.T[:, None, :], (p, m, n)).copy()"),
    ("number", "", (F(3, 7),), (), "np.float64(3 / 7)"), ("number", "", (F(2),), (), "np.float64(2.0)"), ("pi", "", (), (), "np.float64(np.pi)"),
    ("size", "", (M * N,), (), "np.float64(m * n)"), ("size", "", (M + N + ONE,), (), "np.float64(1 + m + n)"), ("size", "", (N - ONE,), (), "np.float64(-1 + n)"),
    ("size", "", (N + N - M,), (), "np.float64(-m + 2 * n)"),
    ("size", "", (Dim.of(0),), (), "np.float64(0)"),
]

FUNCTIONS: list[tuple[str, str, Data, Axes, str]] = [
    ("solve", "S x", (False, False), (N,), "np.linalg.solve(S, x)"), ("solve", "S x", (True, False), (N,), "np.linalg.solve(S.T, x)"),
    ("solve", "S A", (False, True), (N, M), "np.linalg.solve(S, A.T)"), ("solve", "S A", (True, True), (N, M), "np.linalg.solve(S.T, A.T)"),
    ("lstsq", "A z", (), (N,), "np.linalg.lstsq(A, z, rcond=None)[0]"),
    ("lstsq", "A z S y", (), (N,), "np.linalg.lstsq(np.vstack([A, S]), np.concatenate([z, y]), rcond=None)[0]"), ("inv", "S", (), (N, N), "np.linalg.inv(S)"),
    ("matpow", "S", (3,), (N, N), "np.linalg.matrix_power(S, 3)"), ("matpow", "S", (-2,), (N, N), "np.linalg.matrix_power(S, -2)"), ("det", "S", (), (), "np.linalg.det(S)"),
    ("logdet", "S", (), (), "np.linalg.slogdet(S)[1]"), ("logdet", "S", ("posdef",), (), "2.0 * np.log(np.linalg.cholesky(S).diagonal()).sum()"), ("expm", "S", (), (N, N), "_expm(S)"),
    ("map", "x", ("exp",), (N,), "np.exp(x)"), ("map", "x", ("softplus",), (N,), "_softplus(x)"), ("map", "s", ("softplus",), (), "np.logaddexp(0.0, s)"),
    ("map", "x", ("relu",), (N,), "np.maximum(x, 0.0)"), ("map", "x", ("step",), (N,), "np.heaviside(x, 0.0)"), ("map", "x y", ("max",), (N,), "np.maximum(x, y)"),
    ("map", "x y", ("min",), (N,), "np.minimum(x, y)"), ("map", "x", ("asin",), (N,), "np.arcsin(x)"), ("map", "x", ("acos",), (N,), "np.arccos(x)"),
    ("map", "x", ("atan",), (N,), "np.arctan(x)"), ("map", "x", ("erf",), (N,), "_erf(x)"), ("map", "x", ("sign",), (N,), "np.sign(x)"),
    ("bounded_exp", "x", (), (N,), "np.exp(np.minimum(x, 709.0))"), ("power", "x", (F(2),), (N,), "x ** 2"),
    ("power", "x", (F(-1),), (N,), "1.0 / x"), ("power", "x", (F(-2),), (N,), "1.0 / x ** 2"), ("power", "x", (F(1, 2),), (N,), "np.sqrt(x)"),
    ("power", "x", (F(-1, 2),), (N,), "1.0 / np.sqrt(x)"), ("power", "x", (F(3, 2),), (N,), "x ** 1.5"), ("power", "x", (F(-3, 2),), (N,), "x ** (-1.5)"),
    ("power", "x", (F(-1, 3),), (N,), "x ** (-1 / 3)"), ("pow", "x y", (), (N,), "x ** y"), ("norm", "A", (None,), (), "np.linalg.norm(A)"),
    ("norm", "A", ((1,),), (M,), "np.linalg.norm(A, axis=1)"), ("norm", "T", ((0, 2),), (N,), "np.linalg.norm(T, axis=(0, 2))"), ("softmax", "x", (0, 1), (N,), "_softmax(x)"),
    ("softmax", "A", (1, 2), (M, N), "_softmax_along(A, 1)"), ("softmax", "T", (1, 3), (M, N, P), "_softmax_along(T, (1, 2))"),
    ("logsumexp", "A", (0, 2), (), "_logsumexp(A)"), ("logsumexp", "T", (1, 3), (M,), "_logsumexp_along(T, (1, 2))"),
]


def made(op: str, operands: str, data: Data, axes: Axes) -> Program:
    """The program of one operation on parameters."""
    program = Program()
    values = tuple(program.emit("var", (), (name, ()), AXES[name]) for name in operands.split())
    program.results = (program.emit(op, values, data, axes),)
    return program


def source_of(program: Program) -> str:
    """A module with the program as the function `f`."""
    return to_numpy(program, {name: Parameter(axes, str(axes)) for name, axes in AXES.items()}, "f", "A tensor.", checks=False)


def body(program: Program) -> list[str]:
    """The statements of the function that compute, without those that name sizes."""
    function = ast.parse(source_of(program)).body[-1]
    assert isinstance(function, ast.FunctionDef)
    lines = [ast.unparse(line) for line in function.body[1:]]
    return [line for line in lines if " = len(" not in line]


@pytest.mark.parametrize(("op", "operands", "data", "axes", "code"), [*SUMS, *PRODUCTS, *AXES_MOVED, *FUNCTIONS])
def test_code(op: str, operands: str, data: Data, axes: Axes, code: str) -> None:
    assert body(made(op, operands, data, axes)) == [f"return {code}"]


def test_every_operation_is_shown() -> None:
    shown = {row[0] for row in (*SUMS, *PRODUCTS, *AXES_MOVED, *FUNCTIONS)}
    assert shown == set(OPERATIONS) - {"var"}


def test_a_column_that_was_taken_is_spread() -> None:
    program = Program()
    a, other = program.emit("var", (), ("A", ()), (M, N)), program.emit("var", (), ("a", ()), (M, P))
    column = program.emit("take", (a,), (1, ONE), (M,))
    program.results = (program.emit("multiply", (column, other), ((0,), MATRIX, MATRIX), (M, P)),)
    assert body(program) == ["return A[:, 1, None] * a"]
    row = program.emit("take", (a,), (0, ONE), (N,))
    program.results = (program.emit("multiply", (row, program.emit("var", (), ("B", ()), (N, P))), ((0,), MATRIX, MATRIX), (N, P)),)
    assert body(program) == ["return A[1][:, None] * B"]
    part = program.emit("take", (program.emit("var", (), ("V", ()), (P, N, N)),), (1, ONE), (P, N))
    program.results = (program.emit("multiply", (part, other), ((1, 2), (0, 1), (0, 1, 2)), (M, P, N)),)
    assert body(program) == ["return V[:, 1] * a[:, :, None]"]


def test_a_number_leads_a_product_of_scalars() -> None:
    program = Program()
    s, t, x = (program.emit("var", (), (name, ()), AXES[name]) for name in "stx")
    two, both = program.emit("number", (), (F(2),), ()), program.emit("multiply", (s, t), ((), (), ()), ())
    program.results = (program.emit("multiply", (two, both), ((), (), ()), ()),)
    assert body(program) == ["return 2.0 * s * t"]
    scaled = program.emit("multiply", (s, x), ((), (0,), (0,)), (N,))
    program.results = (program.emit("multiply", (two, scaled), ((), (0,), (0,)), (N,)),)
    assert body(program) == ["return 2.0 * (s * x)"]


def nesting(node: ast.AST) -> int:
    """How deeply a syntax tree nests."""
    return 1 + max(map(nesting, ast.iter_child_nodes(node)), default=0)


@pytest.mark.parametrize("count", [64, 65, 129, 64 * 64 + 1])
def test_long_sums_are_sums_of_sums(count: int) -> None:
    coefficients = tuple(F(n % 7 + 1) for n in range(count))
    program = Program()
    value = program.emit("var", (), ("x", ()), (N,))
    program.results = (program.emit("combine", (value,) * count, (coefficients, F(0), ((0,),) * count, (0,)), (N,)),)
    scope: dict[str, object] = {}
    exec(source_of(program), scope)  # noqa: S102
    found = scope["f"](*(np.ones([d.evaluate(SIZES) for d in own]) for own in AXES.values()))  # type: ignore[operator]
    assert found.tolist() == [float(sum(coefficients))] * SIZES["n"]
    assert nesting(ast.parse(source_of(program))) < 64 * 3


def test_a_size_that_is_only_known_as_a_whole() -> None:
    program = made("size", "", (M * N,), ())
    source = to_numpy(program, {"f": Parameter((M * N,), "R^{m n}")}, "f", "A size.", checks=False)
    assert "return np.float64(f.shape[0])" in source or "return np.float64(f_.shape[0])" in source, source


# ---------------------------------------------------------------- arrays that are filled place by place
I, J, L = Slot("all", 0, size=N), Slot("all", 1, size=P), Slot("all", 1, size=M)
MN = Slot("split", size=M * N, parts=(L, I), dims=(M, N))


def at(position: int, size: Dim = N) -> Slot:
    """One position."""
    return Slot("at", start=Dim.of(position), size=size)


def part(start: Dim, index: int = 0, size: Dim = N) -> Slot:
    """A part of an axis."""
    return Slot("range", index, start, size)


FILLED: list[tuple[str, bool, list[tuple[Place, Indices]], tuple[str, ...], Axes, list[str]]] = [
    ("s", False, [((I, I), ())], ("set",), (N, N), ["return s * np.eye(n)"]),
    ("x", False, [((I, I), (0,))], ("set",), (N, N), ["out = np.zeros((n, n))", "out.ravel()[::n + 1] = x", "return out"]),
    ("S x", True, [((I, I), (0,))], ("add",), (N, N), ["out = S.copy()", "out.flat[::n + 1] += x", "return out"]),
    ("S x", True, [((I, I), (0,))], ("set",), (N, N), ["out = S.copy()", "out.flat[::n + 1] = x", "return out"]),
    ("s t", False, [((at(0, TWO),), ()), ((at(1, TWO),), ())], ("set", "set"), (TWO,), ["return np.array([s, t], dtype=np.float64)"]),
    ("s", False, [((at(2),), ())], ("set",), (Dim.of(3),), ["return np.array([0.0, 0.0, s], dtype=np.float64)"]),
    ("s t", False, [((at(1), at(0)), ()), ((at(0), at(2)), ())], ("set", "set"), (TWO, Dim.of(3)),
     ["return np.array([[0.0, 0.0, t], [s, 0.0, 0.0]], dtype=np.float64)"]),
    ("s", False, [((at(1),), ())], ("set",), (Dim.of(17),), ["out = np.zeros(17)", "out[1] = s", "return out"]),
    ("s", False, [((at(1),), ())], ("set",), (Dim.of(16),), [f"return np.array([0.0, s, {', '.join(['0.0'] * 14)}], dtype=np.float64)"]),
    ("s", False, [((at(1), at(2)), ())], ("set",), (Dim.of(3), Dim.of(6)), ["out = np.zeros((3, 6))", "out[1, 2] = s", "return out"]),
    ("s", False, [((at(0),), ())], ("set",), (N,), ["out = np.zeros(n)", "out[0] = s", "return out"]),
    ("s", False, [((at(1),), ())], ("set",), (N,), ["out = np.zeros(n)", "out[1] = s", "return out"]),
    ("x z", False, [((part(Dim.of(0)),), (0,)), ((part(N, 0, M),), (0,))], ("set", "set"), (M + N,), ["return np.concatenate([x, z])"]),
    ("x s z", False, [((part(Dim.of(0)),), (0,)), ((at(0),), ()), ((part(N + ONE, 0, M),), (0,))], ("set",) * 3, (M + N + ONE,), []),
    ("z x", False, [((part(N, 0, M),), (0,)), ((part(Dim.of(0)),), (0,))], ("set", "set"), (M + N,), ["return np.concatenate([x, z])"]),
    ("s x", False, [((at(0),), ()), ((part(ONE),), (0,))], ("set", "set"), (N + ONE,), ["return np.concatenate([[s], x])"]),
    ("x z", False, [((part(Dim.of(0)),), (0,)), ((part(N, 0, M),), (0,))], ("set", "set"), (M + N + P,),
     ["out = np.zeros(m + n + p)", "out[:n] = x", "out[n:m + n] = z", "return out"]),
    ("s x", False, [((part(Dim.of(0), 0, M),), ()), ((part(M),), (0,))], ("set", "set"), (M + N,),
     ["out = np.zeros(m + n)", "out[:m] = s", "out[m:m + n] = x", "return out"]),
    ("x", False, [((part(M),), (0,))], ("add",), (M + N,), ["out = np.zeros(m + n)", "out[m:m + n] += x", "return out"]),
    ("B", False, [((I, part(M, 1, P)), (0, 1))], ("set",), (N, M + P), ["out = np.zeros((n, m + p))", "out[:, m:m + p] = B", "return out"]),
    ("B", False, [((part(M), J), (0, 1))], ("set",), (M + N, P), ["out = np.zeros((m + n, p))", "out[m:m + n] = B", "return out"]),
    ("x", False, [((I, at(1)), (0,))], ("set",), (N, P), ["out = np.zeros((n, p))", "out[:, 1] = x", "return out"]),
    ("x", False, [((part(M), I), (0,))], ("set",), (M + N, N), ["out = np.zeros((m + n, n))", "np.einsum('ii->i', out[m:m + n])[...] = x", "return out"]),
    ("B", False, [((I, I, J), (0, 1))], ("set",), (N, N, P), ["out = np.zeros((n, n, p))", "out.reshape(n * n, p)[::n + 1] = B", "return out"]),
    ("B", False, [((J, I, I), (0, 1))], ("set",), (P, N, N), ["out = np.zeros((p, n, n))", "out.reshape(p, n * n)[:, ::n + 1] = B.T", "return out"]),
    ("B", False, [((I, J, I), (0, 1))], ("set",), (N, P, N), ["out = np.zeros((n, p, n))", "np.einsum('iji->ij', out)[...] = B", "return out"]),
    ("x", False, [((I, J, I), (0,))], ("set",), (N, P, N), ["out = np.zeros((n, p, n))", "np.einsum('iji->ij', out)[...] = x[:, None]", "return out"]),
    ("U B", True, [((I, I, J), (0, 1))], ("add",), (N, N, P), ["out = U.copy()", "np.einsum('iij->ij', out)[...] += B", "return out"]),
    ("A", False, [((MN, L, I), (1, 0))], ("set",), (M * N, M, N),
     ["out = np.zeros((m * n, m, n))", "np.einsum('ijij->ij', out.reshape(m, n, m, n))[...] = A", "return out"]),
    ("x", False, [((MN, at(1, P)), (0,))], ("set",), (M * N, P), ["out = np.zeros((m * n, p))", "out.reshape(m, n, p)[:, :, 1] = x", "return out"]),
]


def positions(place: Place, values: dict[int, int]) -> Iterator[int]:
    """The position along each axis for given values of the indices."""
    for slot in place:
        found = [(leaf.start.evaluate(SIZES) if leaf.start is not None else 0) + values.get(leaf.index, 0) for leaf in slot.leaves]
        yield found[0] if slot.kind != "split" else found[0] * slot.dims[1].evaluate(SIZES) + found[1]


def filled(base: np.ndarray, places: Sequence[tuple[Place, Indices]], modes: Sequence[str], values: Sequence[np.ndarray]) -> np.ndarray:
    """The array with each value written, entry by entry."""
    result = base.copy()
    for (place, own), mode, value in zip(places, modes, values, strict=True):
        sizes = {leaf.index: leaf.size.evaluate(SIZES) for slot in place for leaf in slot.leaves if leaf.size is not None and leaf.index >= 0}
        for entry in product(*(range(sizes[i]) for i in indices_of(place))):
            at_index = dict(zip(indices_of(place), entry, strict=True))
            where = tuple(positions(place, at_index))
            result[where] = value[tuple(at_index[i] for i in own)] + (result[where] if mode == "add" else 0.0)
    return result


@pytest.mark.parametrize(("operands", "has_base", "places", "modes", "axes", "code"), [case for case in FILLED if case[-1]])
def test_places(operands: str, has_base: bool, places: list[tuple[Place, Indices]], modes: tuple[str, ...], axes: Axes, code: list[str]) -> None:
    program = made("assemble", operands, (has_base, tuple(places), modes), axes)
    assert body(program) == code
    rng = np.random.default_rng(3)
    point = {name: rng.standard_normal([d.evaluate(SIZES) for d in own]) for name, own in AXES.items()}
    scope: dict[str, object] = {}
    exec(source_of(program), scope)  # noqa: S102
    values = [point[name] for name in operands.split()]
    base = values.pop(0) if has_base else np.zeros([d.evaluate(SIZES) for d in axes])
    np.testing.assert_array_equal(scope["f"](*point.values()), filled(base, places, modes, values))  # type: ignore[operator]
