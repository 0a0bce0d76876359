"""Matrix language to SymPy: scalars as SymPy expressions, arrays as matrix expressions.

SymPy tells a 1 x 1 matrix from a scalar, so a product of a row and a column becomes the trace of that matrix; sums of
entries are products with matrices of ones. What SymPy has no matrix expression for is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalOf

from matcalc.core.dims import Dim
from matcalc.core.errors import UnknownFunctionError
from matcalc.core.traversal import fold
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text

Args = tuple[sympy.Basic, ...]


def to_sympy(node: Expr, known: Mapping[Expr, sympy.Basic] | None = None) -> sympy.Basic:
    """The expression in SymPy: real symbols, `MatrixSymbol`s, and what is made of them.

    Args:
        node: the expression.
        known: what certain parts are in SymPy.

    Raises:
        UnknownFunctionError: for a part that SymPy cannot hold.
    """
    return fold(node, _visit, dict(known or {}))


def _visit(node: Expr, args: Args) -> sympy.Basic:
    if node.head in WRITERS:
        return WRITERS[node.head](node, args)
    raise _unheld(node)


def _unheld(node: Expr, why: str = "") -> UnknownFunctionError:
    return UnknownFunctionError(f"SymPy cannot hold {b.clip(to_text(node))}{why}",
                                hint="its value and its code are those of the Derivative")


# ---------------------------------------------------------------- leaves
def size_of(dim: Dim) -> sympy.Expr:
    """A dimension: a number, a positive integer symbol, or a polynomial in such."""
    terms = [sympy.Mul(c, *(sympy.Symbol(n, integer=True, positive=True) for n in names)) for names, c in dim.terms]
    return sympy.Add(*terms)


def symbol_of(node: Expr) -> sympy.Basic:
    """The real symbol or the matrix symbol of a variable."""
    properties = node.data[1]
    assert isinstance(properties, tuple)
    if not node.shape.is_scalar:
        return sympy.MatrixSymbol(node.name, size_of(node.shape.rows), size_of(node.shape.cols))
    return sympy.Symbol(node.name, real=True, **{p: True for p in properties if p in ("positive", "nonnegative")})


def _number(node: Expr, args: Args) -> sympy.Basic:
    value = node.data[0]
    assert isinstance(value, Fraction)
    return sympy.Rational(value.numerator, value.denominator)


def _dim(node: Expr, args: Args) -> sympy.Basic:
    dim = node.data[0]
    assert isinstance(dim, Dim)
    return size_of(dim)


def _item(node: Expr, args: Args) -> sympy.Basic:
    """The member of a family of scalars, as an entry of an indexed base."""
    if not node.shape.is_scalar:
        raise _unheld(node, ": it has no families of arrays")
    return sympy.IndexedBase(node.name, real=True)[sympy.Symbol(str(node.data[2]), integer=True)]


def _ones(node: Expr, args: Args) -> sympy.Basic:
    return sympy.OneMatrix(size_of(node.shape.rows), size_of(node.shape.cols))


def _zeros(node: Expr, args: Args) -> sympy.Basic:
    return sympy.ZeroMatrix(size_of(node.shape.rows), size_of(node.shape.cols))


# ---------------------------------------------------------------- operators
def repeated(node: Expr, part: Expr, value: sympy.Basic) -> sympy.Basic:
    """A number as a matrix of the shape of the node; a matrix as it is."""
    return value if node.shape.is_scalar or not part.shape.is_scalar else value * _ones(node, ())


def _add(node: Expr, args: Args) -> sympy.Basic:
    if node.shape.is_scalar:
        return sympy.Add(*args)
    return sympy.MatAdd(*(repeated(node, part, a) for part, a in zip(node.args, args, strict=True)))


def _product(node: Expr, args: Args) -> sympy.Basic:
    """From left to right; a row times a column is a scalar, held as the trace of a 1 x 1 matrix."""
    value, kind = args[0], node.args[0].shape.kind
    for factor, arg in zip(node.args[1:], args[1:], strict=True):
        right = factor.shape.kind
        if (kind, right) == ("row", "vector"):
            value, kind = sympy.Trace(value * arg), "scalar"
        elif "scalar" in (kind, right):
            value, kind = value * arg, right if kind == "scalar" else kind
        else:
            value, kind = value * arg, _PRODUCTS.get((kind, right), "matrix")  # type: ignore[assignment]
    return value


_PRODUCTS = {("matrix", "vector"): "vector", ("row", "matrix"): "row"}


def _hadamard(node: Expr, args: Args) -> sympy.Basic:
    scalars = [a for part, a in zip(node.args, args, strict=True) if part.shape.is_scalar]
    arrays = [a for part, a in zip(node.args, args, strict=True) if not part.shape.is_scalar]
    if not arrays:
        return sympy.Mul(*scalars)
    value = sympy.HadamardProduct(*arrays) if len(arrays) > 1 else arrays[0]
    return sympy.MatMul(sympy.Mul(*scalars), value) if scalars else value


def _power(node: Expr, args: Args) -> sympy.Basic:
    return sympy.Pow(*args) if node.shape.is_scalar else sympy.HadamardPower(*args)


def _matpow(node: Expr, args: Args) -> sympy.Basic:
    k = int(str(node.data[0]))
    return sympy.Inverse(args[0]) if k == -1 else sympy.MatPow(args[0], k)


def _kron(node: Expr, args: Args) -> sympy.Basic:
    return sympy.KroneckerProduct(*args)


def _block(node: Expr, args: Args) -> sympy.Basic:
    width = int(str(node.data[1]))
    if all(part.shape.is_scalar for part in node.args):
        return sympy.ImmutableMatrix([args[i : i + width] for i in range(0, len(args), width)])
    cells = [sympy.ImmutableMatrix([[a]]) if p.shape.is_scalar else a for p, a in zip(node.args, args, strict=True)]
    return sympy.BlockMatrix([cells[i : i + width] for i in range(0, len(cells), width)])


def _datasum(node: Expr, args: Args) -> sympy.Basic:
    index, size = node.data
    assert isinstance(size, Dim)
    if not node.shape.is_scalar:
        raise _unheld(node, ": its sums over data are scalars")
    return sympy.Sum(args[0], (sympy.Symbol(str(index), integer=True), 1, size_of(size)))


# ---------------------------------------------------------------- functions
_t = sympy.Dummy("t", real=True)

ELEMENTWISE: dict[str, Callable[[sympy.Expr], sympy.Expr]] = {
    **{name: getattr(sympy, name) for name in (
        "exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "sign")},
    "abs": sympy.Abs,
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
    "softplus": lambda u: sympy.log(1 + sympy.exp(u)),
    "relu": lambda u: sympy.Max(u, 0),
    "step": lambda u: sympy.Heaviside(u, 0),
}
"""Functions of one argument; `tests/registries/test_functions.py` holds the table against the catalogue."""

BINARY: dict[str, Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {
    "max": sympy.Max,
    "min": sympy.Min,
    "gt": lambda u, v: sympy.Heaviside(u - v, 0),
    "ge": lambda u, v: sympy.Heaviside(u - v, 1),
    "lt": lambda u, v: sympy.Heaviside(v - u, 0),
    "le": lambda u, v: sympy.Heaviside(v - u, 1),
}
"""Functions of two arguments, and the indicators of comparisons."""


def _map(node: Expr, args: Args) -> sympy.Basic:
    if len(args) == 1:
        function = ELEMENTWISE[node.name]
        return function(args[0]) if node.shape.is_scalar else entrywise(function, args[0])
    binary = BINARY[node.name]
    scalar = [part.shape.is_scalar for part in node.args]
    if all(scalar):
        return binary(*args)
    if scalar[1]:
        return entrywise(lambda u: binary(u, args[1]), args[0])
    if scalar[0]:
        return entrywise(lambda v: binary(args[0], v), args[1])
    difference = sympy.MatAdd(args[0], sympy.MatMul(-1, args[1]))
    if node.name in ("max", "min"):  # max(u, v) = v + relu(u - v), min(u, v) = u - relu(u - v)
        above = entrywise(ELEMENTWISE["relu"], difference)
        return sympy.MatAdd(args[1], above) if node.name == "max" else sympy.MatAdd(args[0], sympy.MatMul(-1, above))
    return entrywise(lambda u: binary(u, sympy.Integer(0)), difference)


def entrywise(function: Callable[[sympy.Expr], sympy.Expr], value: sympy.Basic) -> sympy.Basic:
    """A function of each entry."""
    return ElementwiseApplyFunction(sympy.Lambda(_t, function(_t)), value)


def _total(part: Expr, value: sympy.Basic) -> sympy.Basic:
    """The sum of all entries: ones on both sides."""
    if part.shape.is_scalar:
        return value
    factors = [value]
    if part.shape.kind in ("vector", "matrix"):
        factors.insert(0, sympy.OneMatrix(1, size_of(part.shape.rows)))
    if part.shape.kind in ("row", "matrix"):
        factors.append(sympy.OneMatrix(size_of(part.shape.cols), 1))
    return sympy.Trace(sympy.MatMul(*factors))


def _count(part: Expr) -> sympy.Expr:
    return size_of(part.shape.rows * part.shape.cols)


def _squares(part: Expr, value: sympy.Basic) -> sympy.Basic:
    if part.shape.is_scalar:
        return value**2
    turned = sympy.Transpose(value)
    return sympy.Trace(sympy.MatMul(value, turned) if part.shape.kind == "row" else sympy.MatMul(turned, value))


def _exponentials(part: Expr, value: sympy.Basic) -> sympy.Basic:
    return sympy.exp(value) if part.shape.is_scalar else entrywise(sympy.exp, value)


def _softmax(node: Expr, args: Args) -> sympy.Basic:
    above = _exponentials(node, args[0])
    return sympy.MatMul(1 / _total(node, above), above)


def _norm1(node: Expr, args: Args) -> sympy.Basic:
    (part,) = node.args
    return _total(part, sympy.Abs(args[0]) if part.shape.is_scalar else entrywise(sympy.Abs, args[0]))


WRITERS: dict[str, Callable[[Expr, Args], sympy.Basic]] = {
    "num": _number,
    "pi": lambda *_: sympy.pi,
    "dim": _dim,
    "var": lambda node, _: symbol_of(node),
    "item": _item,
    "identity": lambda node, _: sympy.Identity(size_of(node.shape.rows)),
    "ones": _ones,
    "zeros": _zeros,
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "power": _power,
    "matpow": _matpow,
    "transpose": lambda _, args: args[0].T if isinstance(args[0], sympy.MatrixBase) else sympy.Transpose(args[0]),
    "map": _map,
    "tr": lambda _, args: sympy.Trace(args[0]),
    "det": lambda _, args: sympy.Determinant(args[0]),
    "logdet": lambda _, args: sympy.log(sympy.Abs(sympy.Determinant(args[0]))),
    "diag": lambda node, args: sympy.DiagMatrix(args[0] if node.args[0].shape.kind == "vector" else sympy.Transpose(args[0])),
    "diagonal": lambda _, args: DiagonalOf(args[0]),
    "kron": _kron,
    "sum": lambda node, args: _total(node.args[0], args[0]),
    "mean": lambda node, args: _total(node.args[0], args[0]) / _count(node.args[0]),
    "logsumexp": lambda node, args: sympy.log(_total(node.args[0], _exponentials(node.args[0], args[0]))),
    "softmax": _softmax,
    "norm": lambda node, args: sympy.sqrt(_squares(node.args[0], args[0])),
    "norm1": _norm1,
    "block": _block,
    "datasum": _datasum,
}
"""Heads that SymPy can hold; those it cannot are vec, expm and derivatives that are not worked out."""
