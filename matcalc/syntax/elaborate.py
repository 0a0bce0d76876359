"""Syntax tree and declarations to a typed expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import takewhile
from math import prod
from types import MappingProxyType

from matcalc.core.dims import Dim, Shape
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError, MatcalcError, ParseError, ShapeError, Span
from matcalc.core.functions import FUNCTIONS
from matcalc.core.traversal import postorder
from matcalc.expr import build as b
from matcalc.expr.functions import Elementwise, parameter
from matcalc.expr.hints import hint_for_power, hint_for_square
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.syntax.bodies import Parameter, check_expansion
from matcalc.syntax.calls import Functions, Slope
from matcalc.syntax.infer import Inferred, infer
from matcalc.syntax.mistaken import check_bars
from matcalc.syntax.parse import parse_source
from matcalc.syntax.scope import Scope, Symbol, resolve
from matcalc.syntax.tree import Definition, Syntax


@dataclass(frozen=True, slots=True, repr=False)
class Program(Displayed):
    """A typed program.

    Attributes:
        expr: the expression, definitions substituted.
        variables: its variables and families in order of first appearance, by name of the array.
        definitions: the names of the `where` clause.
        source: the text.
        absent: what is declared and does not occur, by name.
    """

    expr: Expr
    variables: dict[str, Expr]
    definitions: dict[str, Expr]
    source: str
    absent: dict[str, Expr] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join([self.source, *(f"  {name} in {v.shape}" for name, v in self.variables.items())])


def elaborate(text: str, declare: Mapping[str, str] | None = None, scalars: Sequence[str] = (),
              functions: Mapping[str, Elementwise] = MappingProxyType({}), slope: Slope | None = None) -> Program:
    """Parse a program and infer its shapes.

    Args:
        text: an expression, optionally with a `where` clause.
        declare: the space of names, such as `{"A": "R^{m x n} symmetric", "x_n": "R^d"}`.
        scalars: names that are scalars where nothing declares or defines them.
        functions: elementwise functions beside those of the `where` clause, by name.
        slope: what f' is for a function f of the `where` clause; None where it may not occur.

    Raises:
        MatcalcError: with the place in the text, the cause and a hint.

    Example:
        >>> {name: str(v.shape) for name, v in elaborate("x^T B x").variables.items()}
        {'x': 'R^n', 'B': 'R^{n x n}'}
    """
    return elaborated(text, declare, scalars, functions, slope)[0]


def elaborated(text: str, declare: Mapping[str, str] | None = None, scalars: Sequence[str] = (),
               functions: Mapping[str, Elementwise] = MappingProxyType({}),
               slope: Slope | None = None) -> tuple[Program, Builder]:
    """The program, as `elaborate` gives it, and what built it."""
    source = parse_source(text, functions)
    try:
        scope = resolve(source, declare, scalars, functions)
        named = {t: m for t, m in scope.meanings.items() if isinstance(m, Definition)}
        check_expansion(scope.order, named, scope.functions)
        builder = Builder(scope, infer(scope), slope)
        values = builder.run()
    except MatcalcError as error:
        raise error.located(None, text) from None
    expr = values[scope.source.body]
    definitions = {d.name: values[d.body] for d in scope.source.definitions}
    check_bound(expr, text)
    variables = variables_of(expr)
    present = {*variables, *definitions}
    absent = {name: b.variable(name, space.shape, space.properties) for name, space in scope.spaces.items()
              if name not in scope.gathered and name not in present and name.rpartition("_")[0] not in present}
    return Program(expr, variables, definitions, text, absent), builder


def variables_of(expr: Expr) -> dict[str, Expr]:
    """The variables and families of an expression by the name of the array, in order of first appearance."""
    found: dict[str, Expr] = {}
    for node in postorder(expr):
        if node.head in ("var", "item"):
            found.setdefault(node.name, node)
    return found


def check_bound(expr: Expr, text: str | None) -> None:
    """Every member of a family stands under its sum."""
    free = free_indices(expr)[expr]
    if free:
        index = min(map(str, free))
        raise DeclarationError(f"a definition with the index `{index}` is used outside the sum over `{index}`",
                               text=text, hint=f"use it in the sum, or leave out the index `{index}`")


def free_indices(*exprs: Expr) -> dict[Expr, frozenset[object]]:
    """The data indices of each part that no sum inside of it binds."""
    free: dict[Expr, frozenset[object]] = {}
    empty: frozenset[object] = frozenset()
    for node in postorder(*exprs):
        inner = empty
        for arg in node.args:
            inner = inner | free[arg] if free[arg] else inner
        if node.head == "item":
            inner = frozenset((node.data[2],))
        free[node] = inner - {node.data[0]} if node.head == "datasum" else inner
    return free


class Builder:
    """Builds the typed expression of every node, operands first; `leaves` stand for definitions of their names."""

    def __init__(self, scope: Scope, inferred: Inferred, slope: Slope | None,
                 leaves: Mapping[str, Expr] = MappingProxyType({})) -> None:
        self.scope = scope
        self.inferred = inferred
        self.leaves = leaves
        self.values: dict[Syntax, Expr] = {}
        self.functions = Functions(scope, self.values, self._symbol, slope)

    def run(self) -> dict[Syntax, Expr]:
        """The expression of each node."""
        for tree in self.scope.order:
            try:
                self.values[tree] = self._visit(tree)
                if tree.op == "abs":
                    check_bars(tree, self.values, self.scope.spaces, self.scope.source.text)
            except MatcalcError as error:
                raise error.located(tree.span, self.scope.source.text) from None
        self._check_definitions()
        return self.values

    def _check_definitions(self) -> None:
        for definition in self.scope.source.definitions:
            space, shape = self.scope.spaces.get(definition.name), self.values[definition.body].shape
            if space is not None and space.shape != shape:
                raise DeclarationError(
                    f"`{definition.name}` is declared as {space.shape.describe()}, but its definition is "
                    f"{shape.describe()}", span=definition.span,
                                       hint="leave the declaration out: the definition has a shape")

    def _visit(self, tree: Syntax) -> Expr:
        args = [self.values[a] for a in tree.args]
        if tree.op == "name":
            return self._name(tree)
        if tree.op == "ones":
            return _ones(tree)
        if tree.op == "num":
            value = tree.data[0]
            assert isinstance(value, Fraction)
            return b.number(value)
        if tree.op == "list":
            raise ParseError("a comma stands between arguments of a function or entries in square brackets",
                             hint="[a, b] is a row, [a; b] a column")
        if tree.op == "apply":
            return self.functions.called(tree)(args)
        return _BUILD[tree.op](tree, args)

    def _name(self, tree: Syntax) -> Expr:
        meaning = self.scope.meanings[tree]
        if isinstance(meaning, Definition):
            return self.leaves.get(meaning.name) or self.values[meaning.body]
        if isinstance(meaning, Symbol):
            return self._symbol(meaning)
        if isinstance(meaning, Parameter):
            return parameter(*meaning)
        if isinstance(meaning, Dim):
            return b.identity(meaning) if tree.word.startswith("I") else b.dim_number(meaning)
        return b.pi() if meaning == "pi" else b.identity(self.inferred.identities[tree])

    def _symbol(self, symbol: Symbol) -> Expr:
        shape = self.inferred.shapes[symbol]
        properties = symbol.space.properties if symbol.space else ()
        if symbol.index is None or symbol.size is None:
            return b.variable(symbol.name, shape, properties)
        return b.item(symbol.name, shape, symbol.index, symbol.size, properties)


def _ones(tree: Syntax) -> Expr:
    dims = tuple(d for d in tree.data[1:] if isinstance(d, Dim))
    if tree.word == "commutation":
        return b.commutation(*dims)
    if tree.word == "identity":
        return b.identity(dims[0])
    if len(dims) == 1:
        shape = Shape("vector", dims)
    else:
        shape = Shape("row", dims[1:]) if dims[0] == Dim.of(1) else Shape("matrix", dims)
    return b.ones(shape) if tree.word == "ones" else b.zeros(shape)


def _value(node: Expr) -> Fraction | None:
    value = node.data[0] if node.head == "num" else None
    return value if isinstance(value, Fraction) else None


def negate(node: Expr) -> Expr:
    """The negative, with the sign in the leading number of a product."""
    value = _value(node)
    if value is not None:
        return b.number(-value)
    if node.head != "product":
        return b.product([b.number(-1), node])
    first = _value(node.args[0])
    if first is None:
        return b.product([b.number(-1), *node.args])
    return b.product(node.args[1:] if first == -1 else [b.number(-first), *node.args[1:]])


def _add(tree: Syntax, args: list[Expr]) -> Expr:
    return b.add([a if sign == 1 else negate(a) for sign, a in zip(tree.data, args, strict=True)])


def _product(tree: Syntax, args: list[Expr]) -> Expr:
    done: list[Expr] = []
    sign = 1
    for op, arg, part in zip(tree.data, args, tree.args, strict=True):
        if op == "*":
            if done and _is_negative(arg):
                arg, sign = negate(arg), -sign
                if _value(arg) == 1:
                    continue
            done.append(arg)
            continue
        try:
            b.divide(b.number(1), arg)
        except ShapeError as error:
            raise error.located(part.span, None) from None
        if (_value(arg) or 0) < 0:
            arg, sign = negate(arg), -sign
        _divide(done, arg, part.span)
    result = _fold_numbers(b.product(done))
    return result if sign == 1 else negate(result)


def _fold_numbers(node: Expr) -> Expr:
    """A product with its leading numbers multiplied into one."""
    if node.head != "product" or any(_value(a) is None for a in node.args[:2]):
        return node
    numbers = [v for v in map(_value, takewhile(lambda a: a.head == "num", node.args)) if v is not None]
    return b.product([b.number(prod(numbers)), *node.args[len(numbers) :]])


def _is_negative(node: Expr) -> bool:
    """Whether a minus sign leads; that of a later factor moves to the front of the product."""
    value = _value(node.args[0] if node.head == "product" else node)
    return value is not None and value < 0


def _kron(left: Expr, right: Expr) -> Expr:
    """The Kronecker product; with a scalar, the product."""
    if not (left.shape.is_scalar or right.shape.is_scalar):
        return b.kron(left, right)
    turned = _is_negative(right)
    result = _fold_numbers(b.product([left, negate(right) if turned else right]))
    return negate(result) if turned else result


def _divide(done: list[Expr], divisor: Expr, span: Span) -> None:
    """Append the reciprocal of the divisor, or fold it into a leading number."""
    below = _value(divisor)
    if below == 0:
        raise ParseError("division by zero", span=span, hint="a denominator other than 0")
    above = _value(done[0]) if len(done) == 1 else None
    if above is not None and below is not None:
        done[0] = b.number(above / below)
    elif above == 1:
        done[0] = reciprocal(divisor)
    else:
        done.append(reciprocal(divisor) if below is None else b.number(1 / below))


def reciprocal(node: Expr) -> Expr:
    """The elementwise reciprocal: of a scalar power with a positive integer exponent, the negative power."""
    if node.head == "power" and node.shape.is_scalar:
        exponent = _value(node.args[1])
        if exponent is not None and exponent > 0 and exponent.denominator == 1:
            return b.power(node.args[0], b.number(-exponent))
    return b.power(node, b.number(-1))


def _hadamard(tree: Syntax, args: list[Expr]) -> Expr:
    done = [args[0]]
    for op, arg, part in zip(tree.data[1:], args[1:], tree.args[1:], strict=True):
        if op == "*":
            done.append(arg)
        elif op == "/":
            _divide(done, arg, part.span)
        else:
            done = [_kron(b.hadamard(done), arg)]
    return b.hadamard(done)


def _power(tree: Syntax, args: list[Expr]) -> Expr:
    base, exponent = args
    value = _value(exponent)
    if base.shape.is_scalar:
        return _scalar_power(base, exponent, value, tree.span)
    if base.shape.kind == "matrix":
        if value is None or value.denominator != 1:
            raise ShapeError(f"the power of a matrix is a whole number, not {b.clip(to_text(exponent))}",
                             hint="X.^p is elementwise")
        return b.matpow(base, int(value))
    text = b.clip(to_text(base))
    what = "the inverse" if value == -1 else "a power"
    raise ShapeError(f"{what} needs a square matrix or a scalar: {text} is {base.shape.describe()}",
                     hint=hint_for_square(base, "the inverse") if value == -1 else hint_for_power(base, exponent))


def _dotpow(tree: Syntax, args: list[Expr]) -> Expr:
    base, exponent = args
    if base.shape.is_scalar and exponent.shape.is_scalar:
        return _scalar_power(base, exponent, _value(exponent), tree.span)
    return b.power(base, exponent)


def _scalar_power(base: Expr, exponent: Expr, value: Fraction | None, span: Span) -> Expr:
    below = _value(base)
    if below == 0 and value is not None and value < 0:
        raise ParseError("division by zero", span=span, hint="a denominator other than 0")
    if below is not None and value == -1:
        return b.number(1 / below)
    if not exponent.shape.is_scalar:
        hint = "exp(x) is elementwise, expm(A) the matrix exponential" if base is _EULER else "x.^y is elementwise"
        raise ShapeError(f"the exponent {b.clip(to_text(exponent))} is {exponent.shape.describe()}, not a scalar", hint=hint)
    return b.elementwise("exp", [exponent]) if base is _EULER else b.power(base, exponent)


_EULER = b.elementwise("exp", [b.number(1)])


def _absolute(_: Syntax, args: list[Expr]) -> Expr:
    if not args[0].shape.is_scalar:
        text = to_text(args[0])
        raise ShapeError(f"|...| is for scalars: {b.clip(text)} is {args[0].shape.describe()}",
                         hint="||v|| is the norm, abs(v) elementwise, det(A) the determinant")
    return b.elementwise("abs", args)


def _call(tree: Syntax, args: list[Expr]) -> Expr:
    name = tree.word
    if name in FUNCTIONS:
        return b.elementwise(name, args)
    if name == "kron":
        return _kron(*args)
    if name == "unvec":
        return b.unvec(args[0], *(d for d in tree.data if isinstance(d, Dim)))
    if name == "inv" and args[0].shape.is_scalar:
        return _scalar_power(args[0], b.number(-1), Fraction(-1), tree.span)
    if name == "norm" and tree.data[1] == "2" and args[0].shape.kind == "matrix":
        raise ShapeError("the spectral norm of a matrix is not in the language",
                         hint="||A||_F is the Frobenius norm")
    return b.APPLY[name](args[0])


def _block(tree: Syntax, args: list[Expr]) -> Expr:
    width = int(str(tree.data[1]))
    return b.block([args[i : i + width] for i in range(0, len(args), width)])


def _datasum(tree: Syntax, args: list[Expr]) -> Expr:
    size = tree.data[1]
    assert isinstance(size, Dim)
    return b.datasum(tree.word, size, args[0])


_BUILD: dict[str, Callable[[Syntax, list[Expr]], Expr]] = {
    "add": _add,
    "product": _product,
    "hadamard": _hadamard,
    "neg": lambda _, args: negate(args[0]),
    "pow": _power,
    "dotpow": _dotpow,
    "transpose": lambda _, args: b.transpose(args[0]),
    "abs": _absolute,
    "compare": lambda tree, args: b.elementwise(tree.word, args),
    "call": _call,
    "block": _block,
    "datasum": _datasum,
}
