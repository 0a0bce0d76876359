"""Plain text of the matrix language; it parses back to the same expression.

Precedence follows `grammar/matcalc.lark`, loosest first: sum, elementwise product, unary minus, product, postfix.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from matcalc.core.dims import ONE, Dim
from matcalc.core.functions import COMPARISONS
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr

SUM, HADAMARD, MINUS, PRODUCT, POSTFIX, ATOM = range(6)

Piece = tuple[str, int]

_OPEN_IDENTITY = re.compile("I\0([^\0]*)\0")
"""An identity whose size nothing beside it tells yet: `I`, then the name that it gets if that stays so."""

_TIES = frozenset(("add", "product", "hadamard", "power", "map", "matpow", "transpose", "expm", "datasum"))
"""Heads whose operands share dimensions with the result, so that an identity inside may be sized from outside."""

CALLS = ("tr", "det", "logdet", "diag", "vec", "expm", "sum", "mean", "softmax", "logsumexp", "norm1")


def to_text(node: Expr) -> str:
    """The expression in the input language."""
    return _sized(fold(node, _piece)[0])


def _sized(text: str) -> str:
    """The text with every open identity as `I_n`."""
    return _OPEN_IDENTITY.sub(r"I\1", text) if "\0" in text else text


def _identity(size: Dim) -> Piece:
    text = str(size)
    if text.replace("_", "").isalnum():
        suffix = f"_{text}"
    else:
        suffix = f"_{{{text}}}"
    return f"I\0{suffix}\0", ATOM


def _settle(node: Expr, args: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Identities beside an operand of known size lose their mark; where the result hides them, they get a name."""
    if not any("\0" in text for text, _ in args):
        return args
    if node.head not in _TIES:
        return tuple((_sized(text), level) for text, level in args)
    if all(a.shape.is_scalar or "\0" in text for a, (text, _) in zip(node.args, args, strict=True)):
        return args
    return tuple((_OPEN_IDENTITY.sub("I", text), level) for text, level in args)


def wrap(piece: Piece, level: int) -> str:
    """The text, in brackets where it binds more loosely than `level`."""
    text, own = piece
    return text if own >= level else f"({text})"


def _piece(node: Expr, args: tuple[Piece, ...]) -> Piece:
    head = node.head
    if head in _LEAVES:
        return _leaf(node)
    args = _settle(node, args)
    if head in CALLS:
        return f"{head}({args[0][0]})", ATOM
    if head == "diagonal":
        return f"diag({args[0][0]})", ATOM
    if head == "map":
        return _map(node, args)
    return _OPERATORS[head](node, args)


@lru_cache(maxsize=256)
def _part(node: Expr) -> Piece:
    """The piece of an operand of an operand; kept, for fractions in fractions would be written twice as often at each level."""
    return fold(node, _piece)


def _leaf(node: Expr) -> Piece:
    if node.head == "num":
        return _number(node)
    if node.head == "dim":
        text = str(node.data[0])
        return (text, ATOM) if text.isalnum() else (f"({text})", ATOM)
    if node.head == "item":
        return f"{node.name}_{node.data[2]}", ATOM
    if node.head in ("ones", "zeros"):
        if node.shape.kind == "matrix" and node.shape.rows == ONE:  # ones(1, n) is a row
            return f"{node.head}(1) ones({node.shape.cols})^T", PRODUCT
        sizes = {"vector": f"{node.shape.rows}", "row": f"1, {node.shape.cols}"}
        inner = sizes.get(node.shape.kind, f"{node.shape.rows}, {node.shape.cols}")
        return f"{node.head}({inner})", ATOM
    if node.head == "commutation":
        return f"commutation({node.data[0]}, {node.data[1]})", ATOM
    if node.head == "identity":
        return _identity(node.shape.rows)
    return ("pi" if node.head == "pi" else node.name), ATOM


_NAMES = ("var", "item", "dim", "pi")
"""Heads that are written as a name."""

_LEAVES = ("num", "pi", "dim", "var", "item", "identity", "ones", "zeros", "commutation")


def _number(node: Expr) -> Piece:
    value = node.data[0]
    assert isinstance(value, Fraction)
    return str(value), (MINUS if value < 0 else PRODUCT if value.denominator != 1 else ATOM)


def _map(node: Expr, args: tuple[Piece, ...]) -> Piece:
    if node.name in COMPARISONS:
        return f"1[{wrap(args[0], SUM)} {COMPARISONS[node.name]} {wrap(args[1], SUM)}]", ATOM
    return f"{node.name}({', '.join(a[0] for a in args)})", ATOM


def _add(node: Expr, args: tuple[Piece, ...]) -> Piece:
    text = wrap(args[0], HADAMARD)
    for arg, piece in zip(node.args[1:], args[1:], strict=True):
        if _is_negated_hadamard(arg):
            text += f" - {_part(arg.args[1])[0]}"
            continue
        term = wrap(piece, HADAMARD)
        text += f" - {term[1:]}" if term.startswith("-") and piece[1] >= MINUS else f" + {term}"
    return text, SUM


def _is_negated_hadamard(node: Expr) -> bool:
    if node.head != "product" or len(node.args) != 2:
        return False
    sign, factor = node.args
    return sign.head == "num" and sign.data == (-1,) and factor.head == "hadamard"


def _product(node: Expr, args: tuple[Piece, ...]) -> Piece:
    sign, parts = "", list(zip(node.args, args, strict=True))
    if node.args[0].head == "num":
        value = node.args[0].data[0]
        assert isinstance(value, Fraction)
        if value < 0:
            sign = "-"
            parts[0] = (node.args[0], (str(-value), PRODUCT))
            if value == -1:
                parts = parts[1:]
    text = ""
    for position, (factor, piece) in enumerate(parts):
        reciprocal = _denominator(factor)
        if reciprocal is not None and position and not (position == 1 and _folds(parts[0][0], factor)):
            text += f"/{reciprocal}"
        elif position:
            text += f" {_later_factor(factor, piece, text, position == len(parts) - 1)}"
        else:
            alone = factor.head == "datasum" and len(parts) == 1
            text = f"({piece[0]})" if factor.head == "product" else piece[0] if alone else wrap(piece, PRODUCT)
    return f"{sign}{text}", MINUS if sign else PRODUCT


def _folds(first: Expr, factor: Expr) -> bool:
    """Whether `first/factor` would be read as one number, or as the reciprocal alone."""
    return first.head == "num" and (factor.head == "num" or first.data == (1,))


def _later_factor(factor: Expr, piece: Piece, before: str, last: bool) -> str:
    """A factor that is not the first: a number after a number in brackets, a sum over data at the end without."""
    if factor.head == "num" and before[-1].isdigit():
        return f"({piece[0]})"
    return piece[0] if last and factor.head == "datasum" else wrap(piece, POSTFIX)


def _denominator(factor: Expr) -> str | None:
    """The text after a slash, for a scalar to a negative integer power or a number 1/k."""
    if factor.head == "num":
        value = factor.data[0]
        assert isinstance(value, Fraction)
        return str(value.denominator) if value.numerator == 1 and value.denominator > 1 else None
    if factor.head != "power" or not factor.shape.is_scalar or factor.args[1].head != "num":
        return None
    exponent = factor.args[1].data[0]
    assert isinstance(exponent, Fraction)
    if exponent >= 0 or exponent.denominator != 1:
        return None
    inner = factor.args[0]
    text, level = _part(inner)
    base = _sized(text), level
    if exponent != -1:
        return f"{wrap(base, ATOM)}^{-exponent}"
    return None if _inverts_power(inner) else wrap(base, POSTFIX)


def _inverts_power(base: Expr) -> bool:
    """Whether 1/base would read as one power with a negative exponent."""
    if base.head != "power" or base.args[1].head != "num":
        return False
    exponent = base.args[1].data[0]
    assert isinstance(exponent, Fraction)
    return exponent > 0 and exponent.denominator == 1


def _hadamard(node: Expr, args: tuple[Piece, ...]) -> Piece:
    text = wrap(args[0], HADAMARD)
    for factor, piece in zip(node.args[1:], args[1:], strict=True):
        reciprocal = factor.head == "power" and factor.args[1].head == "num" and factor.args[1].data == (-1,)
        if reciprocal and text != "1" and not (factor.shape.is_scalar and _inverts_power(factor.args[0])):
            inner, level = _part(factor.args[0])
            text += f" ./ {wrap((_sized(inner), level), MINUS)}"
        else:
            text += f" .* {wrap(piece, MINUS)}"
    return text, HADAMARD


def _power(node: Expr, args: tuple[Piece, ...]) -> Piece:
    exponent = node.args[1]
    if node.shape.is_scalar:
        if exponent.head == "num" and exponent.data[0] == -1 and not _inverts_power(node.args[0]):
            return f"1/{wrap(args[0], POSTFIX)}", PRODUCT
        return f"{wrap(args[0], ATOM)}^{_exponent(exponent, args[1])}", POSTFIX
    if exponent.head == "num" and exponent.data[0] == -1:
        return f"1 ./ {wrap(args[0], MINUS)}", HADAMARD
    return f"{wrap(args[0], ATOM)}.^{_exponent(exponent, args[1])}", POSTFIX


def _exponent(node: Expr, piece: Piece) -> str:
    """A name or a whole number bare, also a negative one; `T` in brackets, as it would be the transpose."""
    bare = piece[0].removeprefix("-").isdigit() if node.head == "num" else node.head in _NAMES and piece[0] != "T"
    return piece[0] if bare or piece[0].startswith("(") and piece[1] == ATOM else f"({piece[0]})"


def _matpow(node: Expr, args: tuple[Piece, ...]) -> Piece:
    return f"{wrap(args[0], ATOM)}^{node.data[0]}", POSTFIX


def _transpose(node: Expr, args: tuple[Piece, ...]) -> Piece:
    inner = node.args[0]
    if inner.head == "matpow" and inner.data == (-1,):
        return f"{args[0][0].removesuffix('-1')}-T", POSTFIX
    return f"{wrap(args[0], ATOM)}^T", POSTFIX


def _block(node: Expr, args: tuple[Piece, ...]) -> Piece:
    width = int(str(node.data[1]))
    texts = [a[0] for a in args]
    return f"[{'; '.join(', '.join(texts[i : i + width]) for i in range(0, len(texts), width))}]", ATOM


def _unvec(node: Expr, args: tuple[Piece, ...]) -> Piece:
    return f"unvec({args[0][0]}, {node.data[0]}, {node.data[1]})", ATOM


def _kron(node: Expr, args: tuple[Piece, ...]) -> Piece:
    return f"kron({args[0][0]}, {args[1][0]})", ATOM


def _norm(node: Expr, args: tuple[Piece, ...]) -> Piece:
    inner = args[0][0]
    return (f"norm({inner})" if "||" in inner else f"||{inner}||"), ATOM


def _datasum(node: Expr, args: tuple[Piece, ...]) -> Piece:
    index, size = node.data
    return f"sum_{{{index}=1}}^{{{size}}} {wrap(args[0], MINUS)}", MINUS


def _unevaluated(node: Expr, args: tuple[Piece, ...]) -> Piece:
    """A differential or a derivative that is not worked out: dX, d(A x), dz/dt."""
    inner = args[0][0] if node.args[0].head in ("var", "item") else f"({args[0][0]})"
    return (f"d{inner}", ATOM) if node.head == "differential" else (f"d{inner}/d{args[1][0]}", PRODUCT)


_OPERATORS = {
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "power": _power,
    "matpow": _matpow,
    "transpose": _transpose,
    "block": _block,
    "unvec": _unvec,
    "kron": _kron,
    "norm": _norm,
    "datasum": _datasum,
    "differential": _unevaluated,
    "partial": _unevaluated,
}

TEXT_HEADS = frozenset((*_LEAVES, *CALLS, "diagonal", "map", *_OPERATORS))
"""Every head that this printer knows; held against `HEADS` and `UNEVALUATED` by a test."""
