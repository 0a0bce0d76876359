"""What each kind of node of SymPy becomes in the matrix language."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.core.dims import SCALAR
from matcalc.core.errors import ShapeError, UnknownFunctionError
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.interop.names import clip, plain_name

if TYPE_CHECKING:
    from matcalc.interop.from_sympy import Reader


UNEVALUATED = (sympy.Derivative, sympy.Integral, sympy.Subs, sympy.Limit, sympy.Product)
"""What SymPy writes without working it out."""


def unknown(node: sympy.Basic) -> UnknownFunctionError:
    """The error for a node that the language does not have."""
    if isinstance(node, MatrixElement):
        hint = "pass the matrix expression itself; one of shape 1 x 1 counts as a scalar"
    else:
        hint = "doit() works it out" if isinstance(node, UNEVALUATED) else "rewrite() brings many functions into others"
    return UnknownFunctionError(f"the language has no {type(node).__name__} as in `{clip(node)}`", hint=hint)


# ---------------------------------------------------------------- leaves
def _number(reader: Reader, node: sympy.Number, args: tuple[Expr, ...]) -> Expr:
    if not node.is_finite:
        raise UnknownFunctionError(f"`{node}` is not a number of the language", hint="a finite real number")
    return b.number(Fraction(str(node)) if node.is_Float else Fraction(int(node.p), int(node.q)))


def _constant(reader: Reader, node: sympy.NumberSymbol, args: tuple[Expr, ...]) -> Expr:
    if node is sympy.pi:
        return b.pi()
    if node is sympy.E:
        return b.elementwise("exp", [b.number(1)])
    raise UnknownFunctionError(f"the constant `{node}` is not in the language", hint="the constants are pi and e")


def _indexed(reader: Reader, node: sympy.Indexed, args: tuple[Expr, ...]) -> Expr:
    index = node.indices[0]
    if len(node.indices) != 1 or index not in reader.bound:
        raise UnknownFunctionError(f"`{clip(node)}` is no member of a family under a sum over its index",
                                   hint="sympy.Sum(x[n], (n, 0, N - 1))")
    return b.item(plain_name(node.base), SCALAR, plain_name(index), reader.bound[index])


def _filled(reader: Reader, node: sympy.MatrixExpr, args: tuple[Expr, ...]) -> Expr:
    shape = reader.shape(node)
    if isinstance(node, sympy.ZeroMatrix):
        return b.zeros(shape)
    return b.number(1) if shape.is_scalar else b.identity(shape.rows) if isinstance(node, sympy.Identity) else b.ones(shape)


# ---------------------------------------------------------------- operators
def _product(reader: Reader, node: sympy.Basic, args: tuple[Expr, ...]) -> Expr:
    """A product, numbers in front and negative powers behind, as people write it."""
    if len(args) == 1:
        return args[0]
    value = args[0]
    for arg in args[1:]:
        value = arg if value.head == "num" and value.data == (1,) else b.product([value, arg])
    return value


def _power(reader: Reader, node: sympy.Pow, args: tuple[Expr, ...]) -> Expr:
    base, exponent = args
    if node.base is sympy.E:
        return b.elementwise("exp", [exponent])
    if node.exp == sympy.Rational(1, 2):
        return b.elementwise("sqrt", [base])
    if node.exp == sympy.Rational(-1, 2):
        return b.power(b.elementwise("sqrt", [base]), b.number(-1))
    return b.power(base, exponent)


def _matrix_power(reader: Reader, node: sympy.MatPow, args: tuple[Expr, ...]) -> Expr:
    if not node.exp.is_Integer:
        raise UnknownFunctionError(f"the power of a matrix is a whole number, not `{clip(node.exp)}`",
                                   hint="a whole number, as in A**-1")
    return b.power(args[0], args[1]) if args[0].shape.is_scalar else b.matpow(args[0], int(node.exp))


def _explicit(reader: Reader, node: sympy.MatrixBase, args: tuple[Expr, ...]) -> Expr:
    rows, cols = (int(s) for s in (node.blockshape if isinstance(node, sympy.BlockMatrix) else node.shape))
    if len(args) != rows * cols or not args:
        raise ShapeError("an explicit matrix has no entries", hint="a matrix of at least one row and one column")
    return args[0] if len(args) == 1 else b.block([args[i : i + cols] for i in range(0, len(args), cols)])


def _kron(reader: Reader, node: sympy.KroneckerProduct, args: tuple[Expr, ...]) -> Expr:
    value = args[0]
    for arg in args[1:]:
        value = b.kron(value, arg)
    return value


def _sum(reader: Reader, node: sympy.Sum, args: tuple[Expr, ...]) -> Expr:
    value = args[0]
    for limit in node.limits:
        value = b.datasum(plain_name(limit[0]), reader.bound[limit[0]], value)
    return value


def _of_matrix(name: str) -> Callable[[Reader, sympy.Basic, tuple[Expr, ...]], Expr]:
    """A function of a square matrix; of one entry, the entry."""
    return lambda _, __, args: args[0] if args[0].shape.is_scalar else b.APPLY[name](args[0])


def _inverse(reader: Reader, node: sympy.Basic, args: tuple[Expr, ...]) -> Expr:
    return b.power(args[0], b.number(-1)) if args[0].shape.is_scalar else b.matpow(args[0], -1)


# ---------------------------------------------------------------- functions
def _entrywise(reader: Reader, node: ElementwiseApplyFunction, args: tuple[Expr, ...]) -> Expr:
    return reader.function("function", node.function)([args[0]])


def _function(reader: Reader, node: sympy.Function, args: tuple[Expr, ...]) -> Expr:
    if not all(arg.shape.is_scalar for arg in args):
        raise UnknownFunctionError(f"`{clip(node)}` is a function of a matrix, and what it means is open",
                                   hint="A.applyfunc(sympy.exp) acts on each entry")
    name = FUNCTIONS.get(type(node))
    if name is not None:
        return b.elementwise(name, args)
    if type(node) in NESTED:
        value = args[0]
        for arg in args[1:]:
            value = b.elementwise(NESTED[type(node)], [value, arg])
        return value
    if isinstance(node, sympy.Heaviside):
        return _heaviside(node, args)
    rewritten = _rewritten(node)
    if rewritten is None:
        raise UnknownFunctionError(f"`{node.func}` is not a function of the language",
                                   hint="`matcalc functions` lists those of the language")
    return reader.read(rewritten)


def _heaviside(node: sympy.Heaviside, args: tuple[Expr, ...]) -> Expr:
    """The unit step by its value at 0: the language has 1[u > 0], 1[u >= 0] and (1 + sign(u))/2."""
    at_zero = node.args[1]
    if at_zero == 0:
        return b.elementwise("step", args[:1])
    if at_zero == 1:
        return b.elementwise("ge", [args[0], b.number(0)])
    if at_zero == sympy.Rational(1, 2):
        return b.product([b.number(Fraction(1, 2)), b.add([b.number(1), b.elementwise("sign", args[:1])])])
    raise UnknownFunctionError(f"the unit step with the value `{clip(at_zero)}` at 0 is not in the language",
                               hint="sympy.Heaviside(x, 0)")


def _rewritten(node: sympy.Function) -> sympy.Basic | None:
    """The function by those of the language, where SymPy knows how."""
    if isinstance(node, sympy.erfc):
        return 1 - sympy.erf(node.args[0])
    for target, kinds in _REWRITES:
        if isinstance(node, kinds):
            found = node.rewrite(target)
            return None if found.has(type(node)) else found
    return None


_REWRITES = (
    (sympy.cos, (sympy.sec,)), (sympy.sin, (sympy.csc,)), (sympy.tan, (sympy.cot,)), (sympy.cosh, (sympy.sech,)),
    (sympy.sinh, (sympy.csch,)), (sympy.tanh, (sympy.coth,)),
    (sympy.log, (sympy.asinh, sympy.acosh, sympy.atanh)),
)

FUNCTIONS: dict[type, str] = {
    **{getattr(sympy, n): n for n in ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf",
                                      "sign")},
    sympy.Abs: "abs",
}
NESTED: dict[type, str] = {sympy.Max: "max", sympy.Min: "min"}


# ---------------------------------------------------------------- conditions
_COMPARISONS = ((sympy.StrictGreaterThan, "gt"), (sympy.GreaterThan, "ge"), (sympy.StrictLessThan, "lt"), (sympy.LessThan, "le"))
_ENTIRE = (sympy.Add, sympy.Mul, sympy.Number, sympy.NumberSymbol, sympy.Symbol, sympy.exp, sympy.sin, sympy.cos, sympy.sinh,
           sympy.cosh, sympy.tanh, sympy.atan, sympy.erf, sympy.Abs, sympy.Max, sympy.Min)


def _condition(reader: Reader, node: sympy.Basic, args: tuple[Expr, ...]) -> Expr:
    """1 where the condition holds, else 0."""
    for kind, name in _COMPARISONS:
        if isinstance(node, kind):
            return b.elementwise(name, args)
    if node in (sympy.true, sympy.false):
        return b.number(int(bool(node)))
    if isinstance(node, sympy.And):
        return b.product(args)
    if isinstance(node, sympy.Not):
        return _otherwise(args[0])
    if isinstance(node, sympy.Or):
        return _otherwise(b.product([_otherwise(a) for a in args]))
    raise UnknownFunctionError(f"the condition `{clip(node)}` is not in the language", hint="comparisons are > >= < <=")


def _otherwise(condition: Expr) -> Expr:
    return b.add([b.number(1), b.negate(condition)])


def _piecewise(reader: Reader, node: sympy.Piecewise, args: tuple[Expr, ...]) -> Expr:
    """Each piece where its condition is the first to hold; pieces must be finite everywhere, as all are evaluated."""
    for piece, _ in node.args:
        for part in sympy.preorder_traversal(piece):
            if not (isinstance(part, _ENTIRE) or (part.is_Pow and (part.exp.is_Integer and part.exp > 0 or part.base is sympy.E))):
                raise UnknownFunctionError(f"`{clip(piece)}` is not finite everywhere, and a piece of a Piecewise must be",
                                           hint="a piece that is finite also where another one holds")
    terms: list[Expr] = []
    before: list[Expr] = []
    for (_, test), value, condition in zip(node.args, args[::2], args[1::2], strict=True):
        last = test == sympy.true
        terms.append(b.product([value, *before, *([] if last else [condition])]))
        before.append(_otherwise(condition))
        if last:
            return b.add(terms)
    raise UnknownFunctionError(f"`{clip(node)}` has no value where none of its conditions holds", hint="(expr, True) at the end")


READERS: tuple[tuple[type | tuple[type, ...], Callable[[Reader, sympy.Basic, tuple[Expr, ...]], Expr]], ...] = (
    ((sympy.Symbol, sympy.MatrixSymbol), lambda reader, node, _: reader.leaf(node)),
    (sympy.Number, _number),
    (sympy.NumberSymbol, _constant),
    (sympy.Indexed, _indexed),
    ((sympy.Identity, sympy.OneMatrix, sympy.ZeroMatrix), _filled),
    ((sympy.Add, sympy.MatAdd), lambda _, node, args: b.add(args)),
    ((sympy.Mul, sympy.MatMul), _product),
    (sympy.Inverse, _inverse),
    (sympy.MatPow, _matrix_power),
    (sympy.HadamardProduct, lambda _, node, args: b.hadamard(args)),
    (sympy.HadamardPower, lambda _, node, args: b.power(*args)),
    (sympy.Pow, _power),
    ((sympy.Transpose, sympy.Adjoint), lambda _, node, args: b.transpose(args[0])),
    (sympy.Trace, _of_matrix("tr")),
    (sympy.Determinant, _of_matrix("det")),
    (sympy.DiagMatrix, lambda _, node, args: args[0] if args[0].shape.is_scalar else b.diag(args[0])),
    (DiagonalOf, _of_matrix("diag")),
    (sympy.KroneckerProduct, _kron),
    (ElementwiseApplyFunction, _entrywise),
    ((sympy.MatrixBase, sympy.BlockMatrix), _explicit),
    (sympy.Sum, _sum),
    (sympy.Piecewise, _piecewise),
    (sympy.logic.boolalg.Boolean, _condition),
    ((sympy.Function, sympy.Max, sympy.Min), _function),
)
"""What each kind of node becomes; the first that fits."""
