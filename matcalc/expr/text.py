"""Plain text of the matrix language; it parses back to the same expression.

Precedence follows `grammar/matcalc.lark`, loosest first: sum, elementwise product, unary minus, product, postfix.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.functions import COMPARISONS
from matcalc.core.traversal import fold
from matcalc.expr.nodes import Expr

SUM, HADAMARD, MINUS, PRODUCT, POSTFIX, ATOM = range(6)

Piece = tuple[str, int]

CALLS = ("tr", "det", "logdet", "diag", "vec", "expm", "sum", "mean", "softmax", "logsumexp", "norm1")


def to_text(node: Expr) -> str:
    """The expression in the input language."""
    return fold(node, _piece)[0]


def wrap(piece: Piece, level: int) -> str:
    """The text, in brackets where it binds more loosely than `level`."""
    text, own = piece
    return text if own >= level else f"({text})"


def _piece(node: Expr, args: tuple[Piece, ...]) -> Piece:
    head = node.head
    if head in _LEAVES:
        return _leaf(node)
    if head in CALLS:
        return f"{head}({args[0][0]})", ATOM
    if head == "diagonal":
        return f"diag({args[0][0]})", ATOM
    if head == "map":
        return _map(node, args)
    return _OPERATORS[head](node, args)


def _leaf(node: Expr) -> Piece:
    if node.head == "num":
        return _number(node)
    if node.head == "dim":
        text = str(node.data[0])
        return (text, ATOM) if text.isalnum() else (f"({text})", ATOM)
    if node.head == "item":
        return f"{node.name}_{node.data[2]}", ATOM
    if node.head in ("ones", "zeros"):
        sizes = {"vector": f"{node.shape.rows}", "row": f"1, {node.shape.cols}"}
        inner = sizes.get(node.shape.kind, f"{node.shape.rows}, {node.shape.cols}")
        return f"{node.head}({inner})", ATOM
    return {"pi": "pi", "identity": "I"}.get(node.head, str(node.data[0]) if node.data else ""), ATOM


_LEAVES = ("num", "pi", "dim", "var", "item", "identity", "ones", "zeros")


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
    for piece in args[1:]:
        term = wrap(piece, HADAMARD)
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text, SUM


def _product(node: Expr, args: tuple[Piece, ...]) -> Piece:
    sign, parts = "", list(zip(node.args, args, strict=True))
    if node.args[0].head == "num":
        value = node.args[0].data[0]
        assert isinstance(value, Fraction)
        if value < 0:
            sign = "-"
            parts[0] = (node.args[0], _number_piece(-value))
            if value == -1:
                parts = parts[1:]
    text = ""
    for position, (factor, piece) in enumerate(parts):
        reciprocal = _denominator(factor)
        if reciprocal is not None and position:
            text += f"/{reciprocal}"
            continue
        inner = wrap(piece, POSTFIX if position else PRODUCT)
        text += (" " if position else "") + inner
    return f"{sign}{text}", MINUS if sign else PRODUCT


def _number_piece(value: Fraction) -> Piece:
    return str(value), (PRODUCT if value.denominator != 1 else ATOM)


def _denominator(factor: Expr) -> str | None:
    """The text after a slash, for a scalar to a negative integer power."""
    if factor.head != "power" or not factor.shape.is_scalar or factor.args[1].head != "num":
        return None
    exponent = factor.args[1].data[0]
    assert isinstance(exponent, Fraction)
    if exponent >= 0 or exponent.denominator != 1:
        return None
    base = fold(factor.args[0], _piece)
    return wrap(base, POSTFIX) if exponent == -1 else f"{wrap(base, ATOM)}^{-exponent}"


def _hadamard(node: Expr, args: tuple[Piece, ...]) -> Piece:
    text = wrap(args[0], HADAMARD)
    for factor, piece in zip(node.args[1:], args[1:], strict=True):
        text += f" .* {wrap(piece, MINUS)}"
    return text, HADAMARD


def _power(node: Expr, args: tuple[Piece, ...]) -> Piece:
    exponent = node.args[1]
    if node.shape.is_scalar:
        if exponent.head == "num" and exponent.data[0] == -1:
            return f"1/{wrap(args[0], POSTFIX)}", PRODUCT
        return f"{wrap(args[0], ATOM)}^{wrap(args[1], ATOM)}", POSTFIX
    if exponent.head == "num" and exponent.data[0] == -1:
        return f"1 ./ {wrap(args[0], MINUS)}", HADAMARD
    return f"{wrap(args[0], ATOM)}.^{wrap(args[1], ATOM)}", POSTFIX


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


def _kron(node: Expr, args: tuple[Piece, ...]) -> Piece:
    return f"kron({args[0][0]}, {args[1][0]})", ATOM


def _norm(node: Expr, args: tuple[Piece, ...]) -> Piece:
    return f"||{args[0][0]}||", ATOM


def _datasum(node: Expr, args: tuple[Piece, ...]) -> Piece:
    index, size = node.data
    return f"sum_{{{index}=1}}^{{{size}}} {wrap(args[0], PRODUCT)}", MINUS


_OPERATORS = {
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "power": _power,
    "matpow": _matpow,
    "transpose": _transpose,
    "block": _block,
    "kron": _kron,
    "norm": _norm,
    "datasum": _datasum,
}

TEXT_HEADS = frozenset((*_LEAVES, *CALLS, "diagonal", "map", *_OPERATORS))
"""Every head that this printer knows; held against `HEADS` by a test."""
