"""Checked constructors of the matrix language: the only home of shape rules.

A constructor checks shapes and flattens; it does not simplify. Every error names both operands and both shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.core.dims import SCALAR, Dim, Shape, matrix, row, vector
from matcalc.core.errors import LimitError, ShapeError
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.core.limits import check_number, limits
from matcalc.core.names import check_name
from matcalc.expr.declared import check_properties
from matcalc.expr.hints import hint_for_product, hint_for_square, hint_for_sum
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text


def _show(*operands: Expr) -> str:
    return " and ".join(f"{clip(to_text(o))} is {o.shape.describe()}" for o in operands)


def clip(text: str, width: int = 40) -> str:
    """The text in backquotes, shortened to fit an error message."""
    return f"`{text}`" if len(text) <= width else f"`{text[: width - 3]}...`"


# ---------------------------------------------------------------- leaves
def number(value: int | Fraction) -> Expr:
    """An exact number."""
    return Expr.make("num", (), (check_number(Fraction(value)),), SCALAR)


def pi() -> Expr:
    """The number pi."""
    return Expr.make("pi", (), (), SCALAR)


def dim_number(size: Dim) -> Expr:
    """A dimension used as a number."""
    return number(size.value) if size.value is not None else Expr.make("dim", (), (size,), SCALAR)


def variable(name: str, shape: Shape, properties: Sequence[str] = ()) -> Expr:
    """A variable with its declared properties."""
    check_name(name)
    return Expr.make("var", (), (name, check_properties(name, shape, properties)), shape)


def item(name: str, shape: Shape, index: str, size: Dim, properties: Sequence[str] = ()) -> Expr:
    """The member of a family for the current value of a data index."""
    check_name(name)
    check_name(index)
    return Expr.make("item", (), (name, check_properties(name, shape, properties), index, size), shape)


def identity(size: Dim) -> Expr:
    """The identity matrix."""
    return Expr.make("identity", (), (), matrix(size, size))


def ones(shape: Shape) -> Expr:
    """All entries 1."""
    return Expr.make("ones", (), (), shape)


def zeros(shape: Shape) -> Expr:
    """All entries 0."""
    return number(0) if shape.is_scalar else Expr.make("zeros", (), (), shape)


def commutation(rows: Dim, cols: Dim) -> Expr:
    """The matrix K with K vec(A) = vec(A^T) for A of the given size."""
    return Expr.make("commutation", (), (rows, cols), matrix(rows * cols, rows * cols))


# ---------------------------------------------------------------- sums and products
def is_number(node: Expr) -> bool:
    """Whether the node is made of numbers alone, so that it broadcasts in a sum."""
    if node.head in ("num", "pi", "dim"):
        return True
    return node.shape.is_scalar and node.head in ("product", "power", "add", "map") and all(map(is_number, node.args))


def add(terms: Sequence[Expr]) -> Expr:
    """A sum. Numbers broadcast to the shape of the others; a symbolic scalar does not."""
    flat = _flatten("add", terms)
    if len(flat) == 1:
        return flat[0]
    shaped = [t for t in flat if not is_number(t)]
    shape = shaped[0].shape if shaped else SCALAR
    for term in shaped[1:]:
        if term.shape != shape:
            _refuse_sum(shaped[0], term)
    return Expr.make("add", tuple(flat), (), shape)


def _refuse_sum(first: Expr, other: Expr) -> None:
    raise ShapeError(f"cannot add: {_show(first, other)}", hint=hint_for_sum(first, other))


def product(factors: Sequence[Expr]) -> Expr:
    """Scalars and matrices multiplied from left to right."""
    flat = _flatten("product", factors)
    if len(flat) == 1:
        return flat[0]
    done: list[Expr] = [flat[0]]
    shape = flat[0].shape
    for factor in flat[1:]:
        shape = _product_shape(done, shape, factor)
        done.append(factor)
    return Expr.make("product", tuple(flat), (), shape)


def _product_shape(left: list[Expr], a: Shape, factor: Expr) -> Shape:
    b = factor.shape
    if a.is_scalar or b.is_scalar:
        return b if a.is_scalar else a
    if a.cols != b.rows or (a.kind, b.kind) in _UNFIT:
        shown = Expr.make("product", tuple(left), (), a) if len(left) > 1 else left[0]
        raise ShapeError(f"cannot multiply: {_show(shown, factor)}", hint=hint_for_product(shown, factor))
    kinds = (a.kind, b.kind)
    if kinds == ("row", "vector"):
        return SCALAR
    if kinds == ("matrix", "vector"):
        return vector(a.rows)
    if kinds == ("row", "matrix"):
        return row(b.cols)
    return matrix(a.rows, b.cols)


_UNFIT = {("vector", "vector"), ("row", "row"), ("vector", "matrix"), ("matrix", "row")}


def _flatten(head: str, operands: Sequence[Expr]) -> list[Expr]:
    """The operands, those of the same head replaced by theirs; a scalar made of vectors keeps its brackets in a
    product that goes on with vectors or matrices, and wherever its shape needs them."""
    flat: list[Expr] = []
    numbers = next((n for n, o in enumerate(operands) if o.head != "num"), len(operands))
    shaped = next((n for n in range(len(operands) - 1, -1, -1) if not operands[n].shape.is_scalar), -1)
    for position, operand in enumerate(operands):
        opens = head != "product" or shaped <= position <= numbers or not _binds(operand)
        if operand.head == head and opens:
            flat.extend(operand.args)
        else:
            flat.append(operand)
    return flat


def _binds(operand: Expr) -> bool:
    """Whether a product that is not leftmost must stay in brackets: its scalar value comes from vectors."""
    return operand.shape.is_scalar and any(not a.shape.is_scalar for a in operand.args)


def negate(node: Expr) -> Expr:
    """The product with -1."""
    if node.head == "num":
        return number(-_fraction(node))
    return product([number(-1), node])


def divide(numerator: Expr, denominator: Expr) -> Expr:
    """Division by a scalar."""
    if not denominator.shape.is_scalar:
        hint = "./ divides elementwise, A^-1 b solves a system"
        raise ShapeError(f"cannot divide by {clip(to_text(denominator))}: it is {denominator.shape.describe()}",
                         hint=hint)
    if numerator.head == "num" and denominator.head == "num" and _fraction(denominator):
        return number(_fraction(numerator) / _fraction(denominator))
    inverse = power(denominator, number(-1))
    return inverse if numerator.head == "num" and numerator.data == (1,) else product([numerator, inverse])


def _fraction(node: Expr) -> Fraction:
    value = node.data[0]
    assert isinstance(value, Fraction)
    return value


def hadamard(factors: Sequence[Expr]) -> Expr:
    """An elementwise product."""
    flat = _flatten("hadamard", factors)
    if len(flat) == 1:
        return flat[0]
    return Expr.make("hadamard", tuple(flat), (), common_shape(flat, "multiply elementwise"))


def common_shape(operands: Sequence[Expr], verb: str) -> Shape:
    """The one shape of the operands, scalars left aside."""
    shaped = [o for o in operands if not o.shape.is_scalar]
    for other in shaped[1:]:
        if other.shape != shaped[0].shape:
            raise ShapeError(f"cannot {verb}: {_show(shaped[0], other)}",
                             hint="an entry meets the entry at its own place: both need one shape")
    return shaped[0].shape if shaped else SCALAR


def power(base: Expr, exponent: Expr) -> Expr:
    """A scalar power, or an elementwise one."""
    if not exponent.shape.is_scalar and exponent.shape != base.shape:
        raise ShapeError(f"cannot raise to a power elementwise: {_show(base, exponent)}",
                         hint="an entry meets the entry at its own place: both need one shape, or the exponent is a scalar")
    return Expr.make("power", (base, exponent), (), base.shape)


def matpow(base: Expr, k: int) -> Expr:
    """An integer power of a square matrix; -1 is the inverse."""
    _square(base, "the inverse" if k == -1 else f"the power {k}")
    whole = k * int(str(base.data[0])) if base.head == "matpow" else k
    if abs(whole) > limits().matrix_power:
        raise LimitError(f"the matrix power {whole} is beyond the limit of {limits().matrix_power}",
                         hint=f"a power from -{limits().matrix_power} to {limits().matrix_power}")
    if k == 0:
        return identity(base.shape.rows)
    return base if k == 1 else Expr.make("matpow", (base,), (k,), base.shape)


def _square(node: Expr, what: str) -> None:
    if not node.shape.is_square:
        raise ShapeError(f"{what} needs a square matrix: {_show(node)}", hint=hint_for_square(node, what))


def transpose(node: Expr) -> Expr:
    """The transpose; of a scalar, the scalar."""
    if node.shape.is_scalar:
        return node
    if node.head == "transpose":
        return node.args[0]
    return Expr.make("transpose", (node,), (), node.shape.transposed())


def elementwise(name: str, args: Sequence[Expr]) -> Expr:
    """An elementwise function or comparison; scalars broadcast against the other argument."""
    arity = FUNCTIONS[name].arity if name in FUNCTIONS else 2
    if len(args) != arity:
        wanted = "one argument" if arity == 1 else f"{arity} arguments"
        raise ShapeError(f"`{name}` takes {wanted}, not {len(args)}", hint=f"{name}({', '.join('abc'[: arity])})")
    verb = "compare" if name in COMPARISONS else f"take {name} of"
    return Expr.make("map", tuple(args), (name,), common_shape(args, verb))


# ---------------------------------------------------------------- functions of matrices
def _trace_like(head: str) -> Callable[[Expr], Expr]:
    def build(node: Expr) -> Expr:
        _square(node, f"`{head}`")
        return Expr.make(head, (node,), (), node.shape if head == "expm" else SCALAR)

    return build


def _reduction(head: str) -> Callable[[Expr], Expr]:
    def build(node: Expr) -> Expr:
        return Expr.make(head, (node,), (), SCALAR)

    return build


def diag(node: Expr) -> Expr:
    """The diagonal matrix of a vector, or the diagonal of a square matrix."""
    if node.shape.kind in ("vector", "row"):
        size = node.shape.dims[0]
        return Expr.make("diag", (node,), (), matrix(size, size))
    _square(node, "`diag`")
    return Expr.make("diagonal", (node,), (), vector(node.shape.rows))


def vec(node: Expr) -> Expr:
    """The columns stacked into one vector; a vector is its own."""
    if node.shape.kind == "vector":
        return node
    if node.shape.is_scalar:
        raise ShapeError(f"`vec` needs a matrix: {_show(node)}", hint="vec stacks the columns of a matrix")
    return Expr.make("vec", (node,), (), vector(node.shape.rows * node.shape.cols))


def unvec(node: Expr, rows: Dim, cols: Dim) -> Expr:
    """The matrix of the given size whose columns the vector holds, one after the other."""
    shape = matrix(rows, cols)
    if node.shape.kind not in ("vector", "row"):
        raise ShapeError(f"`unvec` needs a vector: {_show(node)}", hint="vec(A) is the vector of a matrix")
    if node.shape.dims[0] != rows * cols:
        raise ShapeError(f"{clip(to_text(node))} is {node.shape.describe()}: {shape.describe()} has {rows * cols} entries",
                         hint="unvec(v, m, n) needs v in R^{m n}")
    return Expr.make("unvec", (node,), (rows, cols), shape)


def kron(left: Expr, right: Expr) -> Expr:
    """The Kronecker product; of two columns a column, of two rows a row, else a matrix."""
    a, b = left.shape, right.shape
    if a.is_scalar or b.is_scalar:
        return product([left, right])
    if a.kind == b.kind and a.kind != "matrix":
        shape = Shape(a.kind, (a.dims[0] * b.dims[0],))
    else:
        shape = matrix(a.rows * b.rows, a.cols * b.cols)
    return Expr.make("kron", (left, right), (), shape)


def softmax(node: Expr) -> Expr:
    """exp(v) / sum(exp(v))."""
    if node.shape.is_scalar:
        raise ShapeError(f"`softmax` needs a vector: {_show(node)}", hint="softmax(A x)")
    return Expr.make("softmax", (node,), (), node.shape)


APPLY: dict[str, Callable[[Expr], Expr]] = {
    **{head: _trace_like(head) for head in ("tr", "det", "logdet", "expm")},
    **{head: _reduction(head) for head in ("sum", "mean", "logsumexp", "norm", "norm1")},
    "diag": diag,
    "diagonal": diag,
    "vec": vec,
    "softmax": softmax,
    "inv": lambda node: matpow(node, -1),
}
"""Functions of one matrix argument, by the name that the language gives them."""


def unevaluated(head: str, u: Expr, v: Expr) -> Expr:
    """A differential, or a derivative by a scalar, that is not worked out."""
    return Expr.make(head, (u, v), (), u.shape)


# ---------------------------------------------------------------- explicit entries and data
def block(rows: Sequence[Sequence[Expr]]) -> Expr:
    """Explicit entries or blocks: `[a; b]` a column, `[a, b]` a row, several rows and columns a matrix."""
    widths = {len(r) for r in rows}
    if len(widths) != 1:
        raise ShapeError("the rows of an explicit matrix have different numbers of entries",
                         hint="each row as many entries as the first: [a, b; c, d]")
    entries = tuple(entry for line in rows for entry in line)
    height, width = len(rows), len(rows[0])
    heights = [_aligned([e.shape.rows for e in line], line, "rows") for line in rows]
    columns = [list(column) for column in zip(*rows, strict=True)]
    lengths = [_aligned([e.shape.cols for e in column], column, "columns") for column in columns]
    total_rows, total_cols = _total(heights), _total(lengths)
    if len(entries) == 1 and not entries[0].shape.is_scalar:
        return entries[0]
    if any(e.shape.kind == "matrix" for e in entries) or (height > 1 and width > 1) or (
        any(e.shape.kind == "row" for e in entries) and height > 1
    ) or (any(e.shape.kind == "vector" for e in entries) and width > 1):
        shape = matrix(total_rows, total_cols)
    else:
        shape = row(total_cols) if height == 1 and width > 1 else vector(total_rows)
    return Expr.make("block", entries, (height, width), shape)


_PLACED = {"rows": "side by side", "columns": "on top of each other"}


def _aligned(sizes: list[Dim], entries: Sequence[Expr], what: str) -> Dim:
    for size, entry in zip(sizes, entries, strict=True):
        if size != sizes[0]:
            raise ShapeError(f"blocks {_PLACED[what]} differ in {what}: {_show(entries[0], entry)}",
                             hint="transpose one of them, or set them the other way: [a, b] is a row, [a; b] a column")
    return sizes[0]


def _total(sizes: Sequence[Dim]) -> Dim:
    total = Dim.of(0)
    for size in sizes:
        total = total + size
    return total


def datasum(index: str, size: Dim, body: Expr) -> Expr:
    """The sum of `body` over a data index from 1 to `size`."""
    check_name(index)
    return Expr.make("datasum", (body,), (index, size), body.shape)
