r"""LaTeX of the matrix language, as a good textbook prints it, with a precedence table.

Scalar powers with negative exponents go below a fraction bar. What has one spelling in the language and in print
parses back to the same expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import groupby

from matcalc.core.dims import ONE, Dim, Shape
from matcalc.core.traversal import fold
from matcalc.emit.latex_names import dimension, entry, sizes, space, symbol
from matcalc.emit.latex_pieces import (
    ATOM,
    FRACTION,
    HADAMARD,
    MINUS,
    POSTFIX,
    PRODUCT,
    SUM,
    Piece,
    added,
    bracketed,
    call,
    differential,
    fenced,
    function,
    juxtaposed,
    number,
    partial_derivative,
    power,
    product,
    root,
    summed,
    wrap,
)
from matcalc.expr.nodes import Expr

Args = tuple[Piece, ...]


def to_latex(expr: Expr, bold: bool = False) -> str:
    r"""LaTeX of an expression, for math mode.

    Args:
        expr: any expression.
        bold: whether vectors and matrices are set in bold.

    Example:
        >>> from matcalc.syntax.elaborate import elaborate
        >>> to_latex(elaborate("1/2 ||y - A x||^2").expr)
        '\\frac{1}{2} \\lVert y - A x \\rVert^{2}'
    """
    return _sized(fold(expr, _visitor(bold))).text


def _visitor(bold: bool) -> Callable[[Expr, Args], Piece]:
    def piece(node: Expr, args: Args) -> Piece:
        return _named(node, args, bold) if node.head in NAMED else LATEX[node.head](node, _settled(node, args))

    return piece


# ---------------------------------------------------------------- identities with and without their size
_OPEN_IDENTITY = re.compile("I\0([^\0]*)\0")
"""An identity whose size nothing beside it tells yet: `I`, then the subscript that it gets if that stays so."""

_TIES = frozenset(("add", "product", "hadamard", "power", "map", "matpow", "transpose", "expm", "datasum"))
"""Heads whose operands share dimensions with the result, so that an identity inside may be sized from outside."""


def _settled(node: Expr, args: Args) -> Args:
    """Identities beside an operand of known size are plain `I`; where the result hides their size, they show it."""
    if not any("\0" in a.text for a in args):
        return args
    if node.head not in _TIES:
        return tuple(map(_sized, args))
    if all(a.shape.is_scalar or "\0" in piece.text for a, piece in zip(node.args, args, strict=True)):
        return args
    return tuple(_replaced(a, "I") for a in args)


def _sized(piece: Piece) -> Piece:
    return _replaced(piece, r"I\1")


def _replaced(piece: Piece, identity: str) -> Piece:
    if "\0" not in piece.text:
        return piece
    text = _OPEN_IDENTITY.sub(identity, piece.text)
    below, divisor, negated = (p and _replaced(p, identity) for p in (piece.below, piece.divisor, piece.negated))
    return piece._replace(text=text, below=below, divisor=divisor, negated=negated)


# ---------------------------------------------------------------- one entry a head
def _value(node: Expr) -> Fraction | None:
    value = node.data[0] if node.head == "num" else None
    return value if isinstance(value, Fraction) else None


def _number(node: Expr, args: Args) -> Piece:
    return number(Fraction(str(node.data[0])))


def _dim(node: Expr, args: Args) -> Piece:
    dim = node.data[0]
    assert isinstance(dim, Dim)
    text = dimension(dim)
    return Piece(text, SUM if "+" in text else PRODUCT if " " in text else POSTFIX if "^" in text else ATOM)


def _named(node: Expr, args: Args, bold: bool = False) -> Piece:
    name = node.name if node.head == "var" else f"{node.name}_{node.data[2]}"
    return Piece(symbol(name, bold and not node.shape.is_scalar))


def _constant(node: Expr, args: Args) -> Piece:
    shape, digit = node.shape, r"\mathbf{1}" if node.head == "ones" else r"\mathbf{0}"
    if shape.kind == "row":
        return Piece(rf"{digit}_{{{dimension(shape.cols)}}}^{{\top}}", POSTFIX)
    if shape.kind == "matrix" and shape.rows == ONE:  # \mathbf{1}_{1 \times n} reads as a row
        return Piece(rf"{digit}_{{1}} \mathbf{{1}}_{{{dimension(shape.cols)}}}^{{\top}}", PRODUCT)
    size = sizes(shape.dims)
    return Piece(f"{digit}_{{{size}}}")


def _commutation(node: Expr, args: Args) -> Piece:
    return Piece(rf"\mathbf{{K}}_{{{', '.join(map(_size, node.data))}}}")


def _unvec(node: Expr, args: Args) -> Piece:
    return call(r"\operatorname{unvec}", (*args, *(Piece(_size(dim)) for dim in node.data)))


def _size(dim: object) -> str:
    assert isinstance(dim, Dim)
    return dimension(dim)


def _add(node: Expr, args: Args) -> Piece:
    return added(args)


def _product(node: Expr, args: Args) -> Piece:
    coefficient = _value(node.args[0])
    first = 0 if coefficient is None else 1
    factors, pieces = node.args[first:], list(args[first:])
    start, stop = _inner_product(factors)
    if 0 < stop - start < len(factors) - start and pieces[stop].below is None:
        pieces[start:stop] = [bracketed(juxtaposed(pieces[start:stop]))]
    return product(Fraction(1) if coefficient is None else coefficient, pieces)


def _inner_product(factors: Sequence[Expr]) -> tuple[int, int]:
    """Where a row, matrices and a vector make a scalar that stands in front of the rest; an empty range for none."""
    start = next((n for n, f in enumerate(factors) if not f.shape.is_scalar), len(factors))
    if start == len(factors) or factors[start].shape.kind != "row":
        return 0, 0
    stop = next((n for n in range(start, len(factors)) if factors[n].shape.kind == "vector"), None)
    return (0, 0) if stop is None else (start, stop + 1)


def _hadamard(node: Expr, args: Args) -> Piece:
    negated = node.args[0].head == "product" and len(node.args[0].args) == 2
    text = args[0].text if negated and args[0].level == MINUS else wrap(args[0], FRACTION)
    if args[0].divisor is not None:
        text = args[0].text
    for piece in args[1:]:
        divisor = piece.divisor
        text += rf" \odot {wrap(piece, FRACTION)}" if divisor is None else rf" \oslash {wrap(divisor, FRACTION)}"
    return Piece(text, HADAMARD, any(a.tall for a in args))


def _power(node: Expr, args: Args) -> Piece:
    base, exponent = args
    value = _value(node.args[1])
    if node.shape.is_scalar:
        return power(base, exponent, value)
    if value is not None and value < 0:
        below = _elementwise_power(base, str(-value))
        return Piece(rf"1 \oslash {wrap(below, FRACTION)}", HADAMARD, base.tall, divisor=below)
    return _elementwise_power(base, exponent.text if value is None else str(value))


def _elementwise_power(base: Piece, exponent: str) -> Piece:
    if exponent in ("1", "1/2"):
        return base if exponent == "1" else root(base)
    return Piece(rf"{wrap(base, ATOM)}^{{\odot {exponent}}}", POSTFIX, base.tall)


def _matpow(node: Expr, args: Args) -> Piece:
    return Piece(f"{wrap(args[0], ATOM)}^{{{node.data[0]}}}", POSTFIX, args[0].tall)


def _transpose(node: Expr, args: Args) -> Piece:
    inner = node.args[0]
    if inner.head == "matpow" and inner.data == (-1,):
        return Piece(args[0].text.removesuffix("{-1}") + r"{-\top}", POSTFIX, args[0].tall)
    return Piece(rf"{wrap(args[0], ATOM)}^{{\top}}", POSTFIX, args[0].tall)


def _map(node: Expr, args: Args) -> Piece:
    return function(node.name, args, scalar=node.shape.is_scalar)


def _norm(node: Expr, args: Args) -> Piece:
    below = "_{1}" if node.head == "norm1" else "_{F}" if node.args[0].shape.kind == "matrix" else ""
    return Piece(fenced(r"\lVert", args[0], r"\rVert") + below, ATOM, args[0].tall)


def _kron(node: Expr, args: Args) -> Piece:
    sides = [wrap(piece, FRACTION) for piece in args]
    return Piece(rf"{sides[0]} \otimes {sides[1]}", HADAMARD, any(a.tall for a in args))


def _block(node: Expr, args: Args) -> Piece:
    width = int(str(node.data[1]))
    rows = [" & ".join(a.text for a in args[i : i + width]) for i in range(0, len(args), width)]
    return Piece(r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}", ATOM, True)


def _datasum(node: Expr, args: Args) -> Piece:
    index, size = node.data
    assert isinstance(size, Dim)
    return summed(f"{symbol(str(index))}=1", dimension(size), args[0])


def _named_call(name: str) -> Callable[[Expr, Args], Piece]:
    return lambda _, args: call(name, args)


NAMED = ("var", "item")
LATEX: dict[str, Callable[[Expr, Args], Piece]] = {
    "num": _number,
    "pi": lambda *_: Piece(r"\pi"),
    "dim": _dim,
    "var": _named,
    "item": _named,
    "identity": lambda node, _: Piece(f"I\0_{{{dimension(node.shape.rows)}}}\0"),
    "ones": _constant,
    "zeros": _constant,
    "commutation": _commutation,
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "power": _power,
    "matpow": _matpow,
    "transpose": _transpose,
    "map": _map,
    "det": _named_call(r"\det"),
    "diagonal": _named_call(r"\operatorname{diag}"),
    "unvec": _unvec,
    "kron": _kron,
    "norm": _norm,
    "norm1": _norm,
    "block": _block,
    "datasum": _datasum,
    **{name: _named_call(rf"\operatorname{{{name}}}")
       for name in ("tr", "logdet", "diag", "vec", "expm", "sum", "mean", "softmax", "logsumexp")},
    "differential": lambda node, args: differential(args[0], node.args[0].head in NAMED),
    "partial": lambda node, args: partial_derivative(args[0], node.args[0].head in NAMED, args[1]),
}
"""One entry for each of `HEADS` and of `UNEVALUATED`."""


# ---------------------------------------------------------------- equations
Block = str | Expr | tuple[str | Expr, ...]
"""What one differentiates by: LaTeX of a vector, an expression, or several scalars that form one vector."""


def equation(
    function: str | Expr,
    wrt: Block | list[Block],
    result: str | Expr,
    *,
    dims: Shape | Sequence[str | Dim] | None = None,
    indices: Sequence[Sequence[str]] | None = None,
    bold: bool = False,
) -> str:
    r"""A derivative as an equation, with the space of the result.

    Args:
        function: the LaTeX or the expression that is differentiated.
        wrt: the variable; a list of variables, one for each differentiation, where the order is above 1.
        result: the LaTeX or the expression on the right.
        dims: dimensions of the result; by default those of `result` where it is an expression.
        indices: for an entry in index notation, the names of the indices: those of the function, then those of each
            variable. The dimensions then speak of the whole derivative.
        bold: whether vectors and matrices of expressions are set in bold.

    Example:
        >>> print(equation("f", "x", r"x^{\top} (A + A^{\top})", dims=["1", "n"]))
        \frac{\partial f}{\partial x} = x^{\top} (A + A^{\top}) \in \mathbb{R}^{1 \times n}
        >>> print(equation("f", "A", r"\delta_{ik} x_{l}", indices=["i", "kl"]))
        \frac{\partial f_{i}}{\partial A_{kl}} = \delta_{ik} x_{l}
    """
    right = result if isinstance(result, str) else to_latex(result, bold)
    if dims is None and isinstance(result, Expr) and indices is None:
        dims = result.shape
    equal = f"{derivative(function, wrt, indices, bold)} = {right}"
    if dims is None:
        return equal
    if indices is not None:
        tensor = len(dims.dims if isinstance(dims, Shape) else dims) > 2
        groups = [()] * len(indices) if tensor else None
        equal += rf", \qquad {derivative(function, wrt, groups, bold)}"
    return rf"{equal} \in {space(dims)}"


def derivative(
    function: str | Expr,
    wrt: Block | list[Block],
    indices: Sequence[Sequence[str]] | None = None,
    bold: bool = False,
) -> str:
    r"""The left side of `equation`: the derivative as a quotient of differentials.

    Without `indices` the second of two differentials of vectors is transposed, as in a Hessian.

    Example:
        >>> print(derivative("f", ["x", "x"]))
        \frac{\partial^{2} f}{\partial x\,\partial x^{\top}}
    """
    blocks = wrt if isinstance(wrt, list) else [wrt]
    above, *groups = indices if indices is not None else [()] * (len(blocks) + 1)
    turned = indices is None and len(blocks) == 2 and all(map(_is_vector, blocks))
    sign = rf"\partial^{{{len(blocks)}}}" if len(blocks) > 1 else r"\partial"
    below = _differentials([_block_name(block, bold) for block in blocks], groups, turned)
    if isinstance(function, Expr) and function.head not in NAMED:
        inner = bracketed(_sized(fold(function, _visitor(bold)))).text
        return rf"\frac{{{sign}}}{{{below}}} {entry(inner, above)}"
    name = function if isinstance(function, str) else to_latex(function, bold)
    return rf"\frac{{{sign} {entry(name, above)}}}{{{below}}}"


def _is_vector(block: Block) -> bool:
    return not isinstance(block, Expr) or block.shape.kind == "vector"


def _block_name(block: Block, bold: bool) -> str:
    if isinstance(block, tuple):
        return f"({', '.join(_block_name(part, bold) for part in block)})"
    return block if isinstance(block, str) else to_latex(block, bold)


def _differentials(names: Sequence[str], groups: Sequence[Sequence[str]], turned: bool) -> str:
    """What stands below the bar; a variable that returns without indices gets an exponent."""
    shown = [entry(name, group) for name, group in zip(names, groups, strict=True)]
    if turned:
        return rf"\partial {shown[0]}\,\partial {shown[1]}^{{\top}}"
    parts = []
    for text, run in groupby(shown):
        count = len(list(run))
        parts.append(rf"\partial {text}" + (f"^{{{count}}}" if count > 1 else ""))
    return r"\,".join(parts)
