"""Lowering: one index formula per head of the matrix language.

A row and a column lower to the same tensor of one axis. Every formula is tested against the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from weakref import WeakKeyDictionary

from matcalc.core.dims import Dim
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import fold, postorder
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.lowering.indexed import Indexed, combine, contract, elementwise, multiply, place, power

Args = tuple[Indexed, ...]
Rule = Callable[[Expr, Args], Indexed]

ONE, MINUS = Fraction(1), Fraction(-1)


_KNOWN: WeakKeyDictionary[Expr, Indexed] = WeakKeyDictionary()
"""What has been lowered, for as long as the expression lives."""


def _lowered(node: Expr, args: Args) -> Indexed:
    return LOWERINGS[node.head](node, args)


def lower(node: Expr) -> Tensor:
    """The tensor with the same value: no axis for a scalar, one for a vector or row, two for a matrix.

    A member of a family outside a sum stands for the whole array, the data axis first.

    Raises:
        NotDifferentiableError: for a matrix function of data that has no index form.
    """
    return fold(node, _lowered, _KNOWN).tensor


def lower_parts(*nodes: Expr) -> dict[Expr, Tensor]:
    """The tensor of every part of some expressions that is not under a sum over data.

    Raises:
        NotDifferentiableError: for a matrix function of data that has no index form.
    """
    for node in nodes:
        fold(node, _lowered, _KNOWN)
    values = [(expr, _KNOWN[expr]) for expr in postorder(*nodes)]
    return {expr: value.tensor for expr, value in values if not value.data}


def lower_every(node: Expr) -> dict[Expr, Tensor]:
    """The tensor of every part of an expression; under a sum over data its axes come first.

    Raises:
        NotDifferentiableError: for a matrix function of data that has no index form.
    """
    fold(node, _lowered, _KNOWN)
    return {expr: _KNOWN[expr].tensor for expr in postorder(node)}


def _axes(node: Expr) -> tuple[Dim, ...]:
    return node.shape.dims


def _var(node: Expr, args: Args) -> Indexed:
    properties = node.data[1]
    assert isinstance(properties, tuple)
    return Indexed(b.var(node.name, _axes(node), properties))


def _item(node: Expr, args: Args) -> Indexed:
    r"""x_n under a sum over n is the array x, n its first axis."""
    _, properties, index, length = node.data
    assert isinstance(properties, tuple) and isinstance(length, Dim)
    return Indexed(b.var(node.name, (length, *_axes(node)), properties, family=True), (str(index),))


def _add(node: Expr, args: Args) -> Indexed:
    r"""(u + v)_ij = u_ij + v_ij, numbers repeated."""
    return combine([(ONE, a) for a in args], _axes(node))


_OWN = {"scalar": (), "vector": ("row",), "row": ("col",), "matrix": ("row", "col")}


def _number(node: Expr) -> Fraction:
    (value,) = node.data
    assert isinstance(value, Fraction)
    return value


def _product(node: Expr, args: Args) -> Indexed:
    r"""(c A B)_ik = c sum_j A_ij B_jk, from left to right, scalars last."""
    number, scalars, chain = ONE, [], []
    for factor, arg in zip(node.args, args, strict=True):
        if factor.head == "num":
            number *= _number(factor)
        elif factor.shape.is_scalar:
            scalars.append(arg)
        else:
            chain.append((factor, arg))
    parts = [*([_chained(chain)] if chain else []), *scalars]
    if not parts:
        return Indexed(b.const(number))
    product = multiply(*parts) if len(parts) > 1 else parts[0]
    return product if number == 1 else Indexed(b.scale(number, product.tensor), product.data)


def _chained(factors: Sequence[tuple[Expr, Indexed]]) -> Indexed:
    """The product of what is no scalar."""
    (first, result), *others = factors
    kind = first.shape.kind
    for factor, arg in others:
        right = factor.shape.kind
        if kind == "scalar":
            result, kind = multiply(result, arg), right
            continue
        left_names = {"vector": ("i",), "row": ("j",), "matrix": ("i", "j")}[kind]
        right_names = {"vector": ("j",), "row": ("k",), "matrix": ("j", "k")}[right]
        out = tuple(n for n in (*left_names, *right_names) if n != "j")
        result = contract([(result, left_names), (arg, right_names)], out)
        kind = {0: "scalar", 2: "matrix"}.get(len(out), "vector" if out == ("i",) else "row")  # type: ignore[assignment]
    return result


def _map(node: Expr, args: Args) -> Indexed:
    r"""f(u)_i = f(u_i); comparisons by step: 1[u > v] = step(u - v), 1[u >= v] = 1 - step(v - u)."""
    axes = _axes(node)
    if node.name == "sqrt":
        return power(args[0], Indexed(b.const(Fraction(1, 2))))
    if node.name not in ("gt", "ge", "lt", "le"):
        return elementwise(partial(b.apply, node.name), args, axes)
    sign = MINUS if node.name in ("lt", "ge") else ONE
    above = elementwise(partial(b.apply, "step"), [combine([(sign, args[0]), (-sign, args[1])], axes)], axes)
    if node.name in ("gt", "lt"):
        return above
    return combine([(ONE, Indexed(b.ones(axes))), (MINUS, above)], axes)


def _transpose(node: Expr, args: Args) -> Indexed:
    r"""(A^T)_ji = A_ij."""
    return contract([(args[0], ("i", "j"))], ("j", "i")) if args[0].rank == 2 else args[0]


def _diag(node: Expr, args: Args) -> Indexed:
    r"""diag(v)_ij = v_i delta_ij."""
    return contract([(args[0], ("i",)), (Indexed(b.delta(args[0].axes[0])), ("i", "j"))], ("i", "j"))


def total(value: Indexed) -> Indexed:
    """The sum of all entries."""
    return contract([(value, range(value.rank))], ())


def _mean(node: Expr, args: Args) -> Indexed:
    counts = [Indexed(b.power(b.size(d), b.const(-1))) for d in args[0].axes]
    return multiply(total(args[0]), *counts)


def _norm(node: Expr, args: Args) -> Indexed:
    r"""||v|| = (sum_i v_i^2)^(1/2)."""
    return power(total(power(args[0], Indexed(b.const(2)))), Indexed(b.const(Fraction(1, 2))))


def _of_matrix(node: Expr, args: Args) -> Indexed:
    if args[0].data:
        raise NotDifferentiableError(f"`{to_text(node)}` varies with the index of a sum over data: `{node.head}` has "
                                     "no index form there",
                                     hint="the function of a matrix that is the same for all data can be taken")
    return Indexed(b.of_matrix(node.head, args[0].tensor))


def _matpow(node: Expr, args: Args) -> Indexed:
    k = int(str(node.data[0]))
    if not args[0].data:
        return Indexed(b.matpow(args[0].tensor, k))
    if k < 0:
        raise NotDifferentiableError(f"`{to_text(node)}` varies with the index of a sum over data: an inverse has "
                                     "no index form there",
                                     hint="an inverse that is the same for all data can be taken")
    result = args[0]
    for _ in range(k - 1):
        result = contract([(result, ("i", "j")), (args[0], ("j", "k"))], ("i", "k"))
    return result


def _normalised(node: Expr, args: Args) -> Indexed:
    """softmax and logsumexp take all axes of the value together, data axes one by one."""
    lead = len(args[0].data)
    return Indexed(b.normalised(node.head, args[0].tensor, lead), args[0].data)


def _vec(node: Expr, args: Args) -> Indexed:
    r"""vec(A)_k = A_ij for k = i + rows j."""
    if args[0].rank == 1:
        return args[0]
    rows, cols = args[0].axes
    return contract([(Indexed(b.fuse(rows, cols)), ("k", "j", "i")), (args[0], ("i", "j"))], ("k",))


def _unvec(node: Expr, args: Args) -> Indexed:
    r"""unvec(v)_ij = v_k for k = i + rows j."""
    return contract([(Indexed(b.fuse(*_axes(node))), ("k", "j", "i")), (args[0], ("k",))], ("i", "j"))


def _commutation(node: Expr, args: Args) -> Indexed:
    r"""K_kl = 1 for k = j + n i and l = i + m j: the entry (i, j) of an m x n matrix in vec(A^T) and in vec(A)."""
    rows, cols = node.data
    assert isinstance(rows, Dim) and isinstance(cols, Dim)
    if 1 in (rows.value, cols.value):
        return Indexed(b.delta(rows * cols))
    return Indexed(b.contract([(b.fuse(cols, rows), ("k", "i", "j")), (b.fuse(rows, cols), ("l", "j", "i"))], ("k", "l")))


def _kron(node: Expr, args: Args) -> Indexed:
    r"""(A kron B)_rc = A_ij B_kl for r = k + rows(B) i and c = l + cols(B) j."""
    parts: list[tuple[Indexed, tuple[str, ...]]] = []
    kinds = [a.shape.kind for a in node.args]
    inner = [tuple(f"{n}{side}" for n in _OWN[kind]) for side, kind in enumerate(kinds)]
    parts = list(zip(args, inner, strict=True))
    out: list[str] = []
    for axis in ("row", "col"):
        held = [side for side in (0, 1) if f"{axis}{side}" in inner[side]]
        if len(held) == 1:
            out.append(f"{axis}{held[0]}")
        elif held:
            sizes = [args[side].axes[inner[side].index(f"{axis}{side}")] for side in (0, 1)]
            parts.append((Indexed(b.fuse(sizes[1], sizes[0])), (axis, f"{axis}0", f"{axis}1")))
            out.append(axis)
    return contract(parts, out)


def _block(node: Expr, args: Args) -> Indexed:
    """Each entry placed at the offset of its row and column."""
    height, width = (int(str(n)) for n in node.data)
    rows = _offsets([node.args[k * width].shape.rows for k in range(height)])
    cols = _offsets([node.args[k].shape.cols for k in range(width)])
    has_rows, has_cols = node.shape.kind != "row", node.shape.kind != "vector"
    placed = []
    for position, (entry, arg) in enumerate(zip(node.args, args, strict=True)):
        own = _OWN[entry.shape.kind]
        parts: list[tuple[Indexed, tuple[str, ...]]] = [(arg, own)]
        if has_rows:
            parts.append(_place("row", own, entry.shape.rows, rows[position // width], node.shape.rows))
        if has_cols:
            parts.append(_place("col", own, entry.shape.cols, cols[position % width], node.shape.cols))
        placed.append((ONE, place(parts, ["to row"] * has_rows + ["to col"] * has_cols)))
    return combine(placed, _axes(node))


def _offsets(sizes: list[Dim]) -> list[Dim]:
    offsets = [Dim.of(0)]
    for size in sizes:
        offsets.append(offsets[-1] + size)
    return offsets


def _place(axis: str, own: tuple[str, ...], part: Dim, offset: Dim, whole: Dim) -> tuple[Indexed, tuple[str, ...]]:
    """The constant that puts one axis of an entry, or its only row or column, at an offset."""
    if axis in own:
        return Indexed(b.embed(offset, part, whole)), (axis, f"to {axis}")
    return Indexed(b.basis(offset, whole)), (f"to {axis}",)


def _datasum(node: Expr, args: Args) -> Indexed:
    r"""sum_n u_n; a body that does not vary is taken as often as there are members."""
    index, length = node.data
    assert isinstance(index, str) and isinstance(length, Dim)
    (body,) = args
    if index not in body.data:
        return multiply(Indexed(b.size(length)), body)
    left = tuple(n for n in body.data if n != index)
    own = tuple(range(body.rank))
    names = (*body.data, *own)
    return Indexed(b.contract([(body.tensor, names)], (*left, *own)), left)


LOWERINGS: dict[str, Rule] = {
    "num": lambda node, _: Indexed(b.const(_number(node))),
    "pi": lambda *_: Indexed(Tensor.make("pi", (), (), ())),
    "dim": lambda node, _: Indexed(b.size(node.data[0])),  # type: ignore[arg-type]
    "var": _var,
    "item": _item,
    "identity": lambda node, _: Indexed(b.delta(node.shape.rows)),
    "ones": lambda node, _: Indexed(b.ones(_axes(node))),
    "zeros": lambda node, _: Indexed(b.zero(_axes(node))),
    "commutation": _commutation,
    "add": _add,
    "product": _product,
    "hadamard": lambda _, args: multiply(*args),
    "power": lambda _, args: power(*args),
    "matpow": _matpow,
    "transpose": _transpose,
    "map": _map,
    "tr": lambda _, args: contract([(args[0], ("i", "i"))], ()),
    "det": _of_matrix,
    "logdet": _of_matrix,
    "expm": _of_matrix,
    "diag": _diag,
    "diagonal": lambda _, args: contract([(args[0], ("i", "i"))], ("i",)),
    "vec": _vec,
    "unvec": _unvec,
    "kron": _kron,
    "sum": lambda _, args: total(args[0]),
    "mean": _mean,
    "softmax": _normalised,
    "logsumexp": _normalised,
    "norm": _norm,
    "norm1": lambda _, args: total(elementwise(partial(b.apply, "abs"), [args[0]], args[0].axes)),
    "block": _block,
    "datasum": _datasum,
}
