"""Shape rules against arrays: the shape of each result is that of the array that its operands make, and misfits are refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from matcalc.core.dims import Dim, Shape, matrix, row, vector
from matcalc.core.errors import LimitError, ShapeError
from matcalc.core.limits import limited
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild

M, N, P, Q = (Dim.of(name) for name in "mnpq")
A, B, S, G = (b.variable(name, shape) for name, shape in
              (("A", matrix(M, N)), ("B", matrix(P, Q)), ("S", matrix(N, N)), ("G", matrix(N, P))))
X, Y, Z = (b.variable(name, vector(dim)) for name, dim in (("x", N), ("y", M), ("z", P)))
T, U = b.variable("t", Shape("scalar", ())), b.variable("u", Shape("scalar", ()))
R = b.transpose(Y)

PRODUCTS = [
    ([A, X], vector(M)), ([R, A], row(N)), ([A, G], matrix(M, P)), ([X, R], matrix(N, M)), ([R, A, X], None), ([T, A], matrix(M, N)),
    ([A, T], matrix(M, N)), ([R, Y, A], matrix(M, N)), ([R, A, G, Z], None), ([T, U], None),
]
MISFITS = [[A, Y], [A, B], [X, X], [X, Y], [R, R], [A, R], [X, A], [R, S], [S, R]]


@pytest.mark.parametrize(("factors", "shape"), PRODUCTS)
def test_products(factors: list[Expr], shape: Shape | None) -> None:
    assert b.product(factors).shape == (shape or Shape("scalar", ()))


@pytest.mark.parametrize("factors", MISFITS)
def test_products_that_do_not_fit(factors: list[Expr]) -> None:
    with pytest.raises(ShapeError, match="cannot multiply"):
        b.product(factors)


@pytest.mark.parametrize(("found", "shape"), [
    (b.kron(A, B), matrix(M * P, N * Q)), (b.kron(X, Y), vector(N * M)), (b.kron(R, b.transpose(X)), row(M * N)),
    (b.kron(X, R), matrix(N, M)), (b.kron(R, X), matrix(N, M)), (b.kron(A, X), matrix(M * N, N)), (b.kron(R, B), matrix(P, M * Q)),
    (b.kron(T, A), matrix(M, N)), (b.vec(A), vector(M * N)), (b.vec(X), vector(N)), (b.vec(R), vector(M)),
    (b.unvec(b.vec(A), N, M), matrix(N, M)), (b.transpose(A), matrix(N, M)), (b.transpose(X), row(N)), (b.transpose(T), Shape("scalar", ())),
    (b.diag(X), matrix(N, N)), (b.diag(R), matrix(M, M)), (b.diag(S), vector(N)), (b.commutation(M, P), matrix(M * P, M * P)),
    (b.matpow(S, 3), matrix(N, N)), (b.matpow(S, 0), matrix(N, N)), (b.APPLY["expm"](S), matrix(N, N)), (b.softmax(A), matrix(M, N)),
    (b.hadamard([T, A]), matrix(M, N)), (b.hadamard([X, T]), vector(N)), (b.elementwise("max", [T, A]), matrix(M, N)),
    (b.power(A, T), matrix(M, N)), (b.power(A, A), matrix(M, N)), (b.divide(A, T), matrix(M, N)), (b.zeros(T.shape), T.shape),
    (b.block([[A, Y], [b.transpose(X), T]]), matrix(M + Dim.of(1), N + Dim.of(1))), (b.block([[X], [Y], [T]]), vector(N + M + Dim.of(1))),
    (b.block([[R, T]]), row(M + Dim.of(1))), (b.block([[A], [A], [b.transpose(X)]]), matrix(M + M + Dim.of(1), N)),
    (b.block([[Y, Y, A]]), matrix(M, N + Dim.of(2))), (b.block([[T, U], [U, T]]), matrix(Dim.of(2), Dim.of(2))), (b.block([[A]]), A.shape),
    (b.block([[b.transpose(X)], [b.transpose(X)]]), matrix(Dim.of(2), N)), (b.datasum("n", N, A), matrix(M, N)),
    (b.add([b.number(1), A, b.pi()]), matrix(M, N)), *((b.APPLY[name](A), T.shape) for name in ("sum", "mean", "logsumexp", "norm", "norm1")),
    *((b.APPLY[name](S), T.shape) for name in ("tr", "det", "logdet")),
])
def test_shapes(found: Expr, shape: Shape) -> None:
    assert found.shape == shape


@pytest.mark.parametrize("build", [
    lambda: b.add([A, T]), lambda: b.add([X, Y]), lambda: b.add([X, R]), lambda: b.hadamard([A, X]), lambda: b.hadamard([A, b.transpose(A)]),
    lambda: b.power(X, Y), lambda: b.power(T, X), lambda: b.divide(A, X), lambda: b.matpow(A, 2), lambda: b.matpow(A, -1), lambda: b.diag(A),
    lambda: b.vec(T), lambda: b.unvec(A, M, N), lambda: b.unvec(X, M, N), lambda: b.softmax(T), lambda: b.elementwise("exp", [X, X]),
    lambda: b.elementwise("max", [X]), lambda: b.elementwise("max", [X, Y]), lambda: b.elementwise("gt", [X]), lambda: b.block([[X], [X, X]]),
    lambda: b.block([[A, X]]), lambda: b.block([[A], [B]]), *(lambda name=name: b.APPLY[name](A) for name in ("tr", "det", "logdet", "expm", "inv")),
])
def test_misfits(build: object) -> None:
    with pytest.raises(ShapeError):
        build()  # type: ignore[operator]


def test_messages_name_the_operands_in_order_and_shorten_them() -> None:
    for terms in ([T, S], [S, T]):
        with pytest.raises(ShapeError) as caught:
            b.add(terms)
        assert caught.value.hint is not None and caught.value.hint.startswith("write t I")
        assert str(caught.value).index(f"`{terms[0].name}`") < str(caught.value).index(f"`{terms[1].name}`")
    with pytest.raises(ShapeError) as caught:
        b.add([X, T])
    assert caught.value.hint == "a scalar does not broadcast into a sum: write t ones(...)"
    with pytest.raises(ShapeError, match="the inverse needs"):
        b.matpow(A, -1)
    with pytest.raises(ShapeError, match="the power 1 needs"):
        b.matpow(A, 1)
    with pytest.raises(ShapeError, match="`2 A G` is a m x p matrix and `x` is"):
        b.product([b.number(2), A, G, X])
    assert b.clip("a" * 40) == f"`{'a' * 40}`"
    assert b.clip("a" * 41) == f"`{'a' * 37}...`"


def test_numbers() -> None:
    assert b.divide(b.number(3), b.number(4)) is b.number(Fraction(3, 4))
    assert b.negate(b.number(3)) is b.number(-3)
    assert b.zeros(T.shape) is b.number(0)
    assert b.divide(b.number(1), T) is b.power(T, b.number(-1))
    assert b.divide(b.number(2), T) is b.product([b.number(2), b.power(T, b.number(-1))])
    assert b.matpow(S, 1) is S and b.matpow(S, 0) is b.identity(N)


def test_matrix_powers_have_a_limit() -> None:
    with limited(matrix_power=5), pytest.raises(LimitError, match="the matrix power -6 is beyond the limit of 5"):
        b.matpow(S, -6)
    for inner, outer, whole in ((3, 2, 6), (-2, 3, -6), (2, -3, -6)):
        with limited(matrix_power=5), pytest.raises(LimitError, match=f"the matrix power {whole} is beyond"):
            b.matpow(b.matpow(S, inner), outer)
    with limited(matrix_power=5):
        assert b.matpow(b.matpow(S, 2), 2).data == (2,)


@pytest.mark.parametrize(("build", "message", "hint"), [
    (lambda: b.elementwise("exp", [X, X]), "`exp` takes one argument, not 2", "exp(a)"),
    (lambda: b.elementwise("max", [X]), "`max` takes 2 arguments, not 1", "max(a, b)"),
    (lambda: b.elementwise("max", [X, Y]), "cannot take max of: `x` is a vector of length n and `y` is a vector of length m", None),
    (lambda: b.elementwise("gt", [X, Y]), "cannot compare: `x` is a vector of length n and `y` is a vector of length m", None),
    (lambda: b.unvec(A, M, N), "`unvec` needs a vector: `A` is a m x n matrix", "vec(A) is the vector of a matrix"),
    (lambda: b.unvec(T, M, N), "`unvec` needs a vector: `t` is a scalar", "vec(A) is the vector of a matrix"),
    (lambda: b.unvec(X, M, N), "`x` is a vector of length n: a m x n matrix has m n entries", "unvec(v, m, n) needs v in R^{m n}"),
])
def test_messages(build: Callable[[], Expr], message: str, hint: str | None) -> None:
    with pytest.raises(ShapeError) as caught:
        build()
    assert str(caught.value).startswith(message)
    assert hint is None or caught.value.hint == hint


def test_scalars_in_front_make_one_product() -> None:
    assert b.kron(T, A) is b.product([T, A]) and b.kron(A, T) is b.product([A, T])
    inner = b.product([b.transpose(X), X])
    assert b.product([inner, Y]).args == (inner, Y) and b.product([inner, Y, T]).args == (inner, Y, T)
    assert b.product([inner, T, Y, U]).args == (inner, T, Y, U) and b.product([T, U, inner]).args == (T, U, inner)
    assert b.product([inner, T]).args == (b.transpose(X), X, T)
    assert b.product([b.number(2), inner, Y]).args == (b.number(2), inner, Y)
    assert b.product([b.number(2), inner, T]).args == (b.number(2), b.transpose(X), X, T)
    assert b.product([T, inner, U]).args == (T, inner, U)
    assert b.product([b.product([T, U]), Y]).args == b.product([T, b.product([U, Y])]).args == (T, U, Y)
    assert b.product([b.product([A, X]), b.product([b.transpose(X), S])]).args == (A, X, b.transpose(X), S)
    assert b.product([inner, b.product([R, Y])]).args == (b.transpose(X), X, b.product([R, Y]))


def test_what_a_matrix_of_a_vector_holds() -> None:
    node = b.unvec(b.vec(A), M, N)
    assert b.APPLY["inv"](S) is b.matpow(S, -1) and b.APPLY["inv"](S).data == (-1,)
    assert node.data == (M, N) and node.shape == A.shape and b.unvec(b.vec(A), N, M).data == (N, M)


def test_transposes_of_shapes() -> None:
    assert [shape.transposed() for shape in (vector(N), row(N), matrix(M, N), T.shape)] == [row(N), vector(N), matrix(N, M), T.shape]


@pytest.mark.parametrize("node", [
    b.add([A, A]), b.product([A, X]), b.hadamard([A, A]), b.power(A, T), b.matpow(S, -3), b.transpose(A), b.elementwise("tanh", [A]),
    b.kron(A, B), b.unvec(b.vec(A), N, M), b.block([[A, Y], [b.transpose(X), T]]), b.datasum("n", N, A), b.APPLY["tr"](S), b.diag(X), b.diag(S),
])
def test_rebuilding_gives_the_node(node: Expr) -> None:
    assert rebuild(node, tuple(node.args)) is node
    turned = [b.transpose(b.transpose(a)) if a.shape.kind == "matrix" else a for a in node.args]
    assert rebuild(node, tuple(turned)) is node
    scaled = tuple(b.product([b.number(2), a]) for a in node.args)
    if node.head not in ("power", "block"):
        assert rebuild(node, scaled).shape == node.shape and rebuild(node, scaled) is not node
