"""Random well-typed expressions for property tests: shapes are chosen first, then something of that shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from matcalc.check.evaluate import Array
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.dims import SCALAR, Dim, Shape, matrix, vector
from matcalc.core.traversal import postorder
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr

M, N = Dim.of("m"), Dim.of("n")
VARIABLES = [
    b.variable("s", SCALAR), b.variable("t", SCALAR),
    b.variable("x", vector(N)), b.variable("y", vector(N)), b.variable("z", vector(M)),
    b.variable("A", matrix(M, N)), b.variable("B", matrix(N, M)), b.variable("P", matrix(M, M)),
    b.variable("S", matrix(N, N)), b.variable("G", matrix(N, N), ["symmetric"]), b.variable("K", matrix(N, N), ["posdef"]),
    b.variable("L", matrix(N, N), ["diagonal"]), b.variable("Q", matrix(N, N), ["orthogonal"]),
    b.variable("W", matrix(N, N), ["skew"]),
]
SMOOTH = ("sin", "cos", "tanh", "sigmoid", "erf", "atan")
ROUGH = ("softplus", "relu", "abs", "step", "sign")
SHAPES = [SCALAR, vector(N), vector(M), matrix(M, N), matrix(N, N), matrix(N, M)]

Draw = Callable[[st.SearchStrategy[object]], object]


def leaf(draw: Draw, shape: Shape) -> Expr:
    """A variable or a constant of a shape."""
    choices = [v for v in VARIABLES if v.shape == shape]
    if shape.is_scalar:
        choices += [b.pi()]
    elif shape.is_square:
        choices += [b.identity(shape.rows)]
    return draw(st.sampled_from(choices))  # type: ignore[return-value]


def bounded(node: Expr) -> Expr:
    """The entries brought into -1..1, so that powers and inverses stay tame."""
    return b.elementwise("sin", [node])


def negative(node: Expr) -> Expr:
    """The node with a sign in front, as text with a sign is read."""
    return b.product([b.number(-1), *node.args]) if node.head == "product" else b.negate(node)


def safe_inverse(node: Expr) -> Expr:
    """The inverse of 3 n I + sin(X), which is well conditioned."""
    size = node.shape.rows
    return b.matpow(b.add([b.product([b.number(3), b.dim_number(size), b.identity(size)]), bounded(node)]), -1)


def _sum(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    terms = [build(draw, shape, depth - 1, functions) for _ in range(2)]
    signs = draw(st.tuples(st.booleans(), st.booleans()))
    return b.add([negative(t) if minus else t for t, minus in zip(terms, signs, strict=True)])  # type: ignore[call-overload]


def _scaled(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    inner = build(draw, shape, depth - 1, functions)
    if inner.head != "product" and draw(st.booleans()):
        return b.product([b.number(draw(st.sampled_from((2, Fraction(1, 3), 5)))), inner])  # type: ignore[arg-type]
    return b.product([build(draw, SCALAR, depth - 1, functions), inner])


def _hadamard(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    return b.hadamard([build(draw, shape, depth - 1, functions) for _ in range(2)])


def _map(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    return b.elementwise(draw(st.sampled_from(functions)), [build(draw, shape, depth - 1, functions)])  # type: ignore


def _square(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    return b.power(build(draw, shape, depth - 1, functions), b.number(draw(st.sampled_from((2, 3)))))  # type: ignore


def _fraction(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    below = b.add([b.number(2), b.power(build(draw, SCALAR, depth - 1, functions), b.number(2))])
    return b.divide(build(draw, shape, depth - 1, functions), below)


ANYWHERE = (_sum, _scaled, _hadamard, _map, _square, _fraction)


def _inner(draw: Draw, depth: int, functions: Sequence[str]) -> Expr:
    shape = draw(st.sampled_from([vector(N), vector(M)]))
    left, right = (build(draw, shape, depth - 1, functions) for _ in range(2))  # type: ignore[arg-type]
    return b.product([b.transpose(left), right])


def _reduced(draw: Draw, depth: int, functions: Sequence[str]) -> Expr:
    head = draw(st.sampled_from(["sum", "mean", "logsumexp", "norm"]))
    shape = draw(st.sampled_from([vector(N), matrix(M, N)]))
    inner = build(draw, shape, depth - 1, functions)  # type: ignore[arg-type]
    if head == "norm":  # of a vector that is not zero
        return b.power(b.add([b.number(1), b.power(b.APPLY["norm"](inner), b.number(2))]), b.number(Fraction(1, 2)))
    return b.APPLY[str(head)](inner)


def _trace(draw: Draw, depth: int, functions: Sequence[str]) -> Expr:
    inner = build(draw, matrix(N, N), depth - 1, functions)
    head = draw(st.sampled_from(["tr", "tr", "logdet", "det"]))
    return b.APPLY["tr"](inner) if head == "tr" else b.APPLY[str(head)](safe_inverse(inner))


def _product(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    middle = draw(st.sampled_from([M, N]))
    left = build(draw, matrix(shape.rows, middle), depth - 1, functions)  # type: ignore[arg-type]
    right = vector(middle) if shape.kind == "vector" else matrix(middle, shape.cols)  # type: ignore[arg-type]
    return b.product([left, build(draw, right, depth - 1, functions)])


def _vector(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    square = matrix(shape.rows, shape.rows)
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return b.softmax(build(draw, shape, depth - 1, functions))
    inner = build(draw, square, depth - 1, functions)
    return b.diag(inner) if kind == 1 else b.product([safe_inverse(inner), build(draw, shape, depth - 1, functions)])


def _matrix(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    kind = draw(st.integers(0, 3))
    if kind == 0 or (kind > 1 and not shape.is_square):
        return b.transpose(build(draw, shape.transposed(), depth - 1, functions))
    if kind == 1:
        rows, cols = (build(draw, vector(d), depth - 1, functions) for d in shape.dims)
        return b.product([rows, b.transpose(cols)])
    if kind == 2:
        return b.diag(build(draw, vector(shape.rows), depth - 1, functions))
    return safe_inverse(build(draw, shape, depth - 1, functions))


def build(draw: Draw, shape: Shape, depth: int, functions: Sequence[str]) -> Expr:
    """A random expression of a shape; leaves at depth 0."""
    if depth <= 0 or draw(st.integers(0, 7)) == 0:
        return leaf(draw, shape)
    if draw(st.booleans()):
        return draw(st.sampled_from(ANYWHERE))(draw, shape, depth, functions)  # type: ignore[operator,no-any-return]
    if shape.is_scalar:
        return draw(st.sampled_from((_inner, _reduced, _trace)))(draw, depth, functions)  # type: ignore
    own = _vector if shape.kind == "vector" else _matrix
    return draw(st.sampled_from((_product, own)))(draw, shape, depth, functions)  # type: ignore


@st.composite
def expressions(draw: Draw, depth: int = 3, rough: bool = False, shapes: Sequence[Shape] = SHAPES) -> Expr:
    """Expressions over the variables; with `rough`, kinks too."""
    shape = draw(st.sampled_from(list(shapes)))
    return build(draw, shape, depth, (*SMOOTH, *ROUGH) if rough else SMOOTH)  # type: ignore[arg-type]


def variables_of(*exprs: Expr) -> dict[str, Expr]:
    """The variables in expressions, by name."""
    return {node.name: node for node in postorder(*exprs) if node.head == "var"}


def point_of(seed: int, *exprs: Expr) -> tuple[dict[str, Array], dict[str, int]]:
    """Random values and sizes for all variables in expressions."""
    rng = np.random.default_rng(seed)
    sizes = {"m": 2, "n": 3, **draw_sizes(exprs, rng)}
    return draw_point(variables_of(*exprs), sizes, rng), sizes
