"""Lowering: one index formula per head of the matrix language.

A row and a column lower to the same tensor of one axis. Every formula is tested against the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor

Args = tuple[Tensor, ...]
Rule = Callable[[Expr, Args], Tensor]

MINUS = Fraction(-1)


def lower(node: Expr) -> Tensor:
    """The tensor with the same value: no axis for a scalar, one for a vector or row, two for a matrix.

    Raises:
        NotDifferentiableError: for a head without an index formula.
    """
    return fold(node, _lower)


def _lower(node: Expr, args: Args) -> Tensor:
    rule = LOWERINGS.get(node.head)
    if rule is None:
        raise NotDifferentiableError(f"`{node.head}` has no index form yet")
    return rule(node, args)


def _axes(node: Expr) -> tuple[Dim, ...]:
    return node.shape.dims


def broadcast(node: Tensor, axes: tuple[Dim, ...]) -> Tensor:
    """A scalar repeated along the axes; any other tensor as it is."""
    return b.multiply(node, b.ones(axes)) if node.rank == 0 and axes else node


def _var(node: Expr, args: Args) -> Tensor:
    properties = node.data[1]
    assert isinstance(properties, tuple)
    return b.var(node.name, _axes(node), properties)


def _add(node: Expr, args: Args) -> Tensor:
    r"""(u + v)_ij = u_ij + v_ij, numbers repeated."""
    return b.add(*(broadcast(a, _axes(node)) for a in args))


def _product(node: Expr, args: Args) -> Tensor:
    r"""(A B)_ik = sum_j A_ij B_jk, from left to right."""
    result, kind = args[0], node.args[0].shape.kind
    for factor, arg in zip(node.args[1:], args[1:], strict=True):
        right = factor.shape.kind
        if "scalar" in (kind, right):
            result, kind = b.multiply(result, arg), right if kind == "scalar" else kind
            continue
        left_names = {"vector": ("i",), "row": ("j",), "matrix": ("i", "j")}[kind]
        right_names = {"vector": ("j",), "row": ("k",), "matrix": ("j", "k")}[right]
        out = tuple(n for n in (*left_names, *right_names) if n != "j")
        result = b.contract([(result, left_names), (arg, right_names)], out)
        kind = {0: "scalar", 2: "matrix"}.get(len(out), "vector" if out == ("i",) else "row")  # type: ignore[assignment]
    return result


def _power(node: Expr, args: Args) -> Tensor:
    return b.power(args[0], args[1])


def _map(node: Expr, args: Args) -> Tensor:
    r"""f(u)_i = f(u_i); comparisons by step: 1[u > v] = step(u - v), 1[u >= v] = 1 - step(v - u)."""
    axes = _axes(node)
    u, *rest = (broadcast(a, axes) for a in args)
    if node.name == "sqrt":
        return b.power(u, b.const(Fraction(1, 2)))
    if node.name not in ("gt", "ge", "lt", "le"):
        return b.apply(node.name, u, *rest)
    difference = b.lin([(Fraction(1), u), (MINUS, rest[0])], axes)
    if node.name in ("lt", "ge"):
        difference = b.scale(MINUS, difference)
    above = b.apply("step", difference)
    return above if node.name in ("gt", "lt") else b.lin([(Fraction(1), b.ones(axes)), (MINUS, above)], axes)


def _tr(node: Expr, args: Args) -> Tensor:
    return b.contract([(args[0], ("i", "i"))], ())


def _diag(node: Expr, args: Args) -> Tensor:
    r"""diag(v)_ij = v_i delta_ij."""
    return b.contract([(args[0], ("i",)), (b.delta(args[0].axes[0]), ("i", "j"))], ("i", "j"))


def _diagonal(node: Expr, args: Args) -> Tensor:
    r"""diag(A)_i = A_ii."""
    return b.contract([(args[0], ("i", "i"))], ("i",))


def total(node: Tensor) -> Tensor:
    """The sum of all entries."""
    return b.contract([(node, tuple(range(node.rank)))], ())


def _mean(node: Expr, args: Args) -> Tensor:
    counts = [b.power(b.size(d), b.const(-1)) for d in args[0].axes]
    return b.multiply(total(args[0]), *counts)


def _norm(node: Expr, args: Args) -> Tensor:
    r"""||v|| = (sum_i v_i^2)^(1/2)."""
    return b.power(total(b.power(args[0], b.const(2))), b.const(Fraction(1, 2)))


def _det(node: Expr, args: Args) -> Tensor:
    return b.of_matrix(node.head, args[0])


LOWERINGS: dict[str, Rule] = {
    "num": lambda node, _: b.const(Fraction(str(node.data[0]))),
    "pi": lambda *_: Tensor.make("pi", (), (), ()),
    "dim": lambda node, _: b.size(node.data[0]),  # type: ignore[arg-type]
    "var": _var,
    "identity": lambda node, _: b.delta(node.shape.rows),
    "ones": lambda node, _: b.ones(_axes(node)),
    "zeros": lambda node, _: b.zero(_axes(node)),
    "add": _add,
    "product": _product,
    "hadamard": lambda _, args: b.multiply(*args),
    "power": _power,
    "matpow": lambda node, args: b.matpow(args[0], int(str(node.data[0]))),
    "transpose": lambda _, args: b.transpose(args[0]) if args[0].rank == 2 else args[0],
    "map": _map,
    "tr": _tr,
    "det": _det,
    "logdet": _det,
    "expm": _det,
    "diag": _diag,
    "diagonal": _diagonal,
    "sum": lambda _, args: total(args[0]),
    "mean": _mean,
    "softmax": _det,
    "logsumexp": _det,
    "norm": _norm,
    "norm1": lambda _, args: total(b.apply("abs", args[0])),
}
