"""What the parser does at each rule: syntax nodes, built while it parses."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import prod
from typing import Any

from lark import Token, Transformer

from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError, LimitError, ParseError, Span
from matcalc.core.limits import limits
from matcalc.syntax.names import GREEK, ascii_name, function_name
from matcalc.syntax.spaces import parse_dim, parse_dims
from matcalc.syntax.spans import span_of
from matcalc.syntax.tokens import split_sum
from matcalc.syntax.tree import Declaration, Definition, Syntax, node

MAX_SIZE_POWER = 64
_COMPARE = {">": "gt", ">=": "ge", "≥": "ge", "<": "lt", "<=": "le", "≤": "le",
            r"\gt": "gt", r"\geq": "ge", r"\ge": "ge", r"\lt": "lt", r"\leq": "le", r"\le": "le"}

CONSTANTS = {"0": "zeros", "1": "ones", "K": "commutation", "I": "identity"}
"""Constants with sizes, by the symbol that LaTeX sets in bold."""

Chain = list[Any]
"""A growing operand list: operand, operator, operand, ..."""


def _span(first: Any, last: Any) -> Span:
    start = span_of(first) if isinstance(first, Token) else first.span
    end = span_of(last) if isinstance(last, Token) else last.span
    return Span(start.start, end.end)


def to_fraction(token: Token) -> Fraction:
    """The exact value of a number as written."""
    exponent = re.search(r"[eE]([+-]?\d+)\Z", token)
    check_digits(token, token, exponent[1] if exponent else "0")
    return Fraction(unicodedata.normalize("NFKC", token).replace("\N{FRACTION SLASH}", "/"))


def check_digits(token: Token, digits: str, exponent: str = "0") -> None:
    """Refuses a number that is too long, also where its exponent of ten makes it so."""
    most = limits().digits
    if len(digits) > most or len(exponent) > len(str(most)) + 1 or abs(int(exponent)) > most:
        raise LimitError(f"a number of more than {most} digits", span=span_of(token),
                         hint="a name in its place: c x where c in R")


def to_dim(tree: Syntax) -> Dim:
    """The dimension that an argument of `ones(...)` or the end of a sum states."""
    if tree.op == "num" and tree.number is not None and tree.number.denominator == 1 and tree.number > 0:
        return Dim.of(int(tree.number))
    if tree.op == "name":
        return Dim.of(tree.word)
    if tree.number is not None and tree.number <= 0:
        raise ParseError("a size is at least 1", span=tree.span, hint="ones(3), ones(n) or ones(m, n)")
    total = Dim.of(0 if tree.op == "add" else 1)
    if tree.op == "pow" and (k := tree.args[1].number) is not None and k.denominator == 1 and 0 < k <= MAX_SIZE_POWER:
        return prod([to_dim(tree.args[0])] * int(k), start=total)
    if (tree.op, set(tree.data)) not in (("add", {1}), ("product", {"*"})):
        raise ParseError("a dimension is made of names, numbers, sums and products", span=tree.span,
                         hint="ones(n), ones(2 n + 1), ones(m n)")
    for arg in tree.args:
        total = total + to_dim(arg) if tree.op == "add" else total * to_dim(arg)
    return total


class Actions(Transformer[Any, Any]):
    """One method per rule of the grammar, called by the parser with the parts of the rule."""

    # ------------------------------------------------------------ where clause
    def names(self, parts: list[Any]) -> list[Token]:
        if isinstance(parts[0], list):
            parts[0].append(parts[2])
            return parts[0]
        return [parts[0]]

    def declaration(self, parts: list[Any]) -> Declaration:
        names, space = parts
        return Declaration(tuple(str(n) for n in names), str(space), _span(names[0], space))

    def definition(self, parts: list[Any]) -> Definition:
        return Definition(str(parts[0]), parts[2], span_of(parts[0]))

    def function(self, parts: list[Any]) -> Definition:
        name, parameters = parts[0], tuple(str(n) for n in parts[2])
        return Definition(str(name), parts[5], span_of(name), parameters)

    def items(self, parts: list[Any]) -> list[Any]:
        if isinstance(parts[0], list):
            parts[0].append(parts[-1])
            return parts[0]
        return [parts[0]]

    def start(self, parts: list[Any]) -> tuple[Syntax, list[Any]]:
        return parts[0], parts[2] if len(parts) > 1 else []

    # ------------------------------------------------------------ operators
    def compare(self, parts: list[Any]) -> Syntax:
        return node("compare", (parts[0], parts[2]), (_COMPARE[str(parts[1])],), _span(parts[0], parts[2]))

    def terms(self, parts: list[Any]) -> Chain:
        return _extend(parts)

    elements = factors = terms

    def sum(self, parts: list[Any]) -> Syntax:
        chain = parts[0]
        if len(chain) == 1:
            return _operand(chain)
        signs = tuple(-1 if op.type == "MINUS" else 1 for op in chain[1::2])
        return node("add", tuple(chain[::2]), (1, *signs), _span(chain[0], chain[-1]))

    def hadamard(self, parts: list[Any]) -> Syntax:
        chain = parts[0]
        if len(chain) == 1:
            return _operand(chain)
        kinds = {"TIMES_DOT": "*", "DIVIDE_DOT": "/", "KRON": "kron"}
        ops = tuple(kinds[op.type] for op in chain[1::2])
        return node("hadamard", tuple(chain[::2]), ("*", *ops), _span(chain[0], chain[-1]))

    def product(self, parts: list[Any]) -> Syntax:
        chain = parts[0] if isinstance(parts[0], list) else [parts[0]]
        if len(parts) > 1:
            _extend(parts)
        if len(chain) == 1:
            return _operand(chain)
        ops = tuple("/" if op is not None and op.type == "DIVIDE" else "*" for op in chain[1::2])
        return node("product", tuple(chain[::2]), ("*", *ops), _span(chain[0], chain[-1]))

    def minus(self, parts: list[Any]) -> Syntax:
        inner: Syntax = parts[1]
        span = _span(parts[0], inner)
        if inner.op == "neg" and not inner.closed:
            return inner.args[0].enclosed(span) if inner.args[0].closed else inner.args[0]
        return node("neg", (inner,), (), span)

    def plus(self, parts: list[Any]) -> Syntax:
        return _operand(parts[1:])

    def datasum(self, parts: list[Any]) -> Syntax:
        head, body = parts
        index, start, end = split_sum(str(head))
        if start != "1":
            hint = "shift the index: sum_{n=1}^N"
            raise ParseError(f"a sum over data starts at 1, not at `{start}`", span=span_of(head), hint=hint)
        if len(ascii_name(index)) > 1 and ascii_name(index) not in GREEK:
            raise ParseError(f"`{index}` is not an index: one letter is", span=span_of(head), hint="sum_{n=1}^N x_n")
        if not re.fullmatch(r"\\?[A-Za-z][A-Za-z0-9_]*|[1-9][0-9]{0,8}", end):
            raise ParseError(f"`{end}` is not the end of a sum: a name or a number is", span=span_of(head),
                             hint="sum_{n=1}^N x_n")
        if end == index:
            raise ParseError(f"`{index}` is both the index and the end of the sum", span=span_of(head),
                             hint="two letters: sum_{n=1}^N x_n")
        size = Dim.of(int(end)) if end.isdecimal() else Dim.of(ascii_name(end))
        return node("datasum", (body,), (ascii_name(index), size), _span(head, body))

    # ------------------------------------------------------------ functions
    def apply(self, parts: list[Any]) -> Syntax:
        return self._bare(parts[0], parts[1], _span(parts[0], parts[1]))

    def _bare(self, head: Token, operand: Syntax, span: Span) -> Syntax:
        """A function applied without brackets of its own."""
        call = _call(head, (operand,), span)
        ends = operand.closed or (operand.op in ("call", "abs") and not _is_bare(operand))
        return call if ends or call.op != "call" else node("call", call.args, (call.word, "bare"), span)

    def apply_power(self, parts: list[Any]) -> Syntax:
        head, _, exponent, operand = parts
        span = _span(head, operand)
        return node("pow", (self._bare(head, operand, span), exponent), (), span)

    def call(self, parts: list[Any]) -> Syntax:
        head, (_, arguments, closing) = parts
        return _call(head, tuple(arguments[::2]), _span(head, closing))

    def call_block(self, parts: list[Any]) -> Syntax:
        return _call(parts[0], (parts[1],), _span(parts[0], parts[1]))

    def arguments(self, parts: list[Any]) -> list[Any]:
        return parts

    # ------------------------------------------------------------ postfix
    def transpose(self, parts: list[Any]) -> Syntax:
        return node("transpose", (parts[0],), (), _span(parts[0], parts[1]))

    def inverse(self, parts: list[Any]) -> Syntax:
        minus_one = node("num", (), (Fraction(-1),), span_of(parts[1]))
        return node("pow", (parts[0], minus_one), (), _span(parts[0], parts[1]))

    def inverse_transpose(self, parts: list[Any]) -> Syntax:
        return node("transpose", (self.inverse(parts),), (), _span(parts[0], parts[1]))

    def superscript(self, parts: list[Any]) -> Syntax:
        text = unicodedata.normalize("NFKC", str(parts[1])).replace("−", "-")
        check_digits(parts[1], text)
        exponent = node("num", (), (Fraction(text),), span_of(parts[1]))
        return node("pow", (parts[0], exponent), (), _span(parts[0], parts[1]))

    def power(self, parts: list[Any]) -> Syntax:
        base, _, exponent = parts
        if base.op == "pow" and not base.closed:
            hint = "write (x^a)^b or x^(a b)"
            raise ParseError("a power of a power needs brackets", span=_span(base, exponent), hint=hint)
        return node("pow", (base, exponent), (), _span(base, exponent))

    def power_dot(self, parts: list[Any]) -> Syntax:
        return node("dotpow", (parts[0], parts[2]), (), _span(parts[0], parts[2]))

    def power_odot(self, parts: list[Any]) -> Syntax:
        return node("dotpow", (parts[0], parts[2]), (), _span(parts[0], parts[3]))

    # ------------------------------------------------------------ atoms
    def number(self, parts: list[Any]) -> Syntax:
        return node("num", (), (to_fraction(parts[0]),), span_of(parts[0]))

    def name(self, parts: list[Any]) -> Syntax:
        return node("name", (), (str(parts[0]),), span_of(parts[0]))

    def minus_number(self, parts: list[Any]) -> Syntax:
        return node("num", (), (-to_fraction(parts[1]),), _span(parts[0], parts[1]))

    def minus_name(self, parts: list[Any]) -> Syntax:
        return node("neg", (self.name(parts[1:]),), (), _span(parts[0], parts[1]))

    def round(self, parts: list[Any]) -> Syntax:
        span, entries = _span(parts[0], parts[2]), parts[1][::2]
        if len(entries) > 1:
            return node("list", tuple(entries), (), span)
        return _operand(entries).enclosed(span)

    def braces(self, parts: list[Any]) -> Syntax:
        return _operand([parts[1]]).enclosed(_span(parts[0], parts[2]))

    def fraction(self, parts: list[Any]) -> Syntax:
        return node("product", (parts[1], parts[2]), ("*", "/"), _span(parts[0], parts[2])).enclosed(
            _span(parts[0], parts[2]))

    def short_fraction(self, parts: list[Any]) -> Syntax:
        above, below = re.findall(r"[0-9]", str(parts[0]))
        if below == "0":
            raise ParseError("division by zero", span=span_of(parts[0]), hint="a denominator other than 0")
        return node("num", (), (Fraction(int(above), int(below)),), span_of(parts[0])).enclosed(span_of(parts[0]))

    def entries(self, parts: list[Any]) -> Chain:
        return _extend(parts)

    def rows(self, parts: list[Any]) -> list[list[Any]]:
        if len(parts) == 1:
            return [parts[0][::2]]
        parts[0].append(parts[2][::2])
        grown: list[list[Any]] = parts[0]
        return grown

    def block(self, parts: list[Any]) -> Syntax:
        rows, span = parts[1], _span(parts[0], parts[2])
        widths = {len(row) for row in rows}
        if len(widths) != 1:
            raise ParseError("the rows of an explicit matrix have different numbers of entries", span=span,
                             hint="each row as many entries as the first: [a, b; c, d]")
        if len(rows) == 1 and all(e.op == "block" and e.data[0] == 1 and not e.closed for e in rows[0]):
            raise ParseError("a list of lists is no matrix here", span=span,
                             hint="[a, b; c, d] is a matrix, [([a, b]), ([c, d])] a row of blocks")
        return node("block", tuple(e for row in rows for e in row), (len(rows), len(rows[0])), span)

    cells, lines = entries, rows

    def matrix(self, parts: list[Any]) -> Syntax:
        return self.block([parts[0], parts[1], parts[-1]])

    def constant(self, parts: list[Any]) -> Syntax:
        symbol, sizes = re.findall(r"([01KI])\s*\}?\s*_\s*(.*)", str(parts[0]), re.DOTALL)[0]
        try:
            sizes = sizes.removeprefix("{").removesuffix("}")
            identity = parse_dim(re.sub(r"(?<=[0-9])(?=[A-Za-z])", " ", sizes), "I") if symbol == "I" else None
            dims = (identity, identity) if identity is not None else parse_dims(sizes, pair=symbol == "K")
        except DeclarationError as error:
            raise error.located(span_of(parts[0]), None) from None
        return node("ones", (), (CONSTANTS[symbol], *dims), span_of(parts[0]))

    def norm(self, parts: list[Any]) -> Syntax:
        subscript = re.search(r"[12F]", str(parts[3])) if len(parts) > 3 else None
        op = "norm1" if subscript and subscript[0] == "1" else "norm"
        return node("call", (parts[1],), (op, "2" if subscript and subscript[0] == "2" else ""),
                    _span(parts[0], parts[-1]))

    def absolute(self, parts: list[Any]) -> Syntax:
        return node("abs", (parts[1],), (), _span(parts[0], parts[2]))

    def indicator(self, parts: list[Any]) -> Syntax:
        if parts[1].op != "compare":
            raise ParseError("an indicator needs a comparison", span=parts[1].span, hint="1[a > b]")
        inner: Syntax = parts[1]
        return inner.enclosed(_span(parts[0], parts[2]))


def _extend(parts: list[Any]) -> Chain:
    """The chain with one more operator (None for juxtaposition) and operand."""
    if len(parts) == 1:
        return [parts[0]]
    chain: Chain = parts[0]
    if len(parts) == 2:
        _check_juxtaposed(chain[-1], parts[1])
        chain += [None, parts[1]]
    elif len(parts) == 3:
        chain += parts[1:]
    else:
        _, op, minus, operand = parts
        chain += [op, node("neg", (operand,), (), _span(minus, operand)).enclosed(_span(minus, operand))]
    return chain


def _check_juxtaposed(left: Syntax, right: Syntax) -> None:
    """Refuse `2 3` and `\\sin x y`, which people read in two ways."""
    if right.op == "num" and left.op == "num" and not right.closed and not left.closed:
        raise ParseError("two numbers stand side by side", span=Span(left.span.start, right.span.end),
                         hint="write 2*3 for a product, [2, 3] for entries")
    if _is_bare(left) and right.op not in ("call", "datasum") and not _is_bare(right):
        name = (left.args[0] if left.op == "pow" else left).word
        raise ParseError(f"does `{name}` apply to one factor or to the whole product?",
                         span=Span(left.span.start, right.span.end), hint=f"write brackets: {name}(...)")


def _is_bare(tree: Syntax) -> bool:
    """Whether it ends in the operand of a function without brackets."""
    if tree.op == "pow" and not tree.closed:
        tree = tree.args[0]
    return tree.op == "call" and not tree.closed and tree.data[1] == "bare"


def _operand(chain: Chain) -> Syntax:
    operand: Syntax = chain[0]
    return operand


def _call(head: Token, args: tuple[Syntax, ...], span: Span) -> Syntax:
    name = str(head)
    if name in ("ones", "zeros"):
        if len(args) > 2:
            raise ParseError(f"`{name}` takes one or two sizes", span=span, hint=f"{name}(n) or {name}(m, n)")
        return node("ones", (), (name, *(to_dim(a) for a in args)), span)
    if function_name(name) is None:
        plain = name.rstrip("'")
        return node("apply", args, (plain, len(name) - len(plain)), span)
    if name == "commutation":
        if len(args) != 2:
            raise ParseError("`commutation` takes two sizes", span=span,
                             hint="commutation(m, n) takes vec(A) to vec(A^T) for A in R^{m x n}")
        return node("ones", (), (name, *map(to_dim, args)), span)
    if name == "unvec":
        if len(args) != 3:
            raise ParseError("`unvec` takes a vector and two sizes", span=span, hint="unvec(v, m, n) is in R^{m x n}")
        return node("call", args[:1], (name, "", *map(to_dim, args[1:])), span)
    if len(args) != 1 and name not in ("max", "min", "kron"):
        hint = "the norms are ||v||, ||v||_1, ||v||_2 and ||A||_F, and ||x - y|| is a distance" if name.startswith("norm") else f"{name}(x)"
        raise ParseError(f"`{name}` takes one argument, not {len(args)}", span=span, hint=hint)
    if len(args) != 2 and name in ("max", "min", "kron"):
        hint = f"{name}(a, {name}(b, c))" if len(args) > 2 else f"{name}(a, b)"
        raise ParseError(f"`{name}` takes two arguments, not {len(args)}", span=span, hint=hint)
    return node("call", args, (name, ""), span)
