"""NumPy source of a program, built as a Python `ast` and unparsed: one straight-line function.

Names are injective and safe: a parameter that is a Python keyword, a builtin, `np`, `math` or like a temporary gets a
trailing underscore for each time that it would clash.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from matcalc.core.dims import Dim, Shape
from matcalc.plan.program import Program, Step

_RESERVED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "math"}


def safe_names(names: Sequence[str]) -> dict[str, str]:
    """A distinct Python identifier for each name, the name itself where it is free."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in sorted(names, key=lambda n: (n in _RESERVED, n)):
        safe = name
        while safe in _RESERVED or safe in taken or re.fullmatch(r"t\d+|size_\w*", safe):
            safe += "_"
        taken.add(safe)
        result[name] = safe
    return result


def name(text: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(text, ast.Load())


def number(value: float | Fraction) -> ast.expr:
    """A number; a negative one as a minus in front."""
    plain = float(value)
    return ast.UnaryOp(ast.USub(), ast.Constant(-plain)) if plain < 0 else ast.Constant(plain)


def attribute(value: ast.expr, *path: str) -> ast.expr:
    """value.a.b"""
    for part in path:
        value = ast.Attribute(value, part, ast.Load())
    return value


def call(function: str | ast.expr, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
    """A call; a dotted string is a function of NumPy."""
    if isinstance(function, str):
        function = attribute(name("np"), *function.split("."))
    return ast.Call(function, list(args), [ast.keyword(k, v) for k, v in keywords.items()])


def method(value: ast.expr, which: str, *args: ast.expr) -> ast.expr:
    """value.which(...)"""
    return ast.Call(attribute(value, which), list(args), [])


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    """left op right"""
    return ast.BinOp(left, op, right)


class Emitter:
    """Prints the steps of one program."""

    def __init__(self, parameters: Mapping[str, Shape]) -> None:
        self.parameters = parameters
        self.names = safe_names(list(parameters))
        self.sizes: dict[str, ast.expr] = {}
        self.used: set[str] = set()

    def size(self, dim: Dim) -> ast.expr:
        """A dimension as an integer expression."""
        total: ast.expr | None = None
        for names, coefficient in dim.terms:
            parts = [ast.Constant(coefficient)] if coefficient != 1 or not names else []
            term: ast.expr | None = None
            for part in [*parts, *(name(f"size_{n}") for n in names)]:
                term = part if term is None else binary(term, ast.Mult(), part)
            assert term is not None
            self.used.update(names)
            total = term if total is None else binary(total, ast.Add(), term)
        return total or ast.Constant(0)

    def shape(self, dims: Sequence[Dim]) -> ast.expr:
        """A shape as a tuple."""
        return ast.Tuple([self.size(d) for d in dims], ast.Load())

    def prologue(self) -> list[ast.stmt]:
        """Conversion to float arrays, sizes, and a shape check of each parameter."""
        lines: list[ast.stmt] = []
        checks: list[ast.stmt] = []
        known: set[str] = set()
        for original, shape in self.parameters.items():
            safe = self.names[original]
            value = call("asarray", name(safe), dtype=name("float"))
            lines.append(_assign(safe, value))
            checks.append(_rank_check(safe, original, shape))
            for axis, dim in enumerate(shape.dims):
                if dim.name is not None and dim.name not in known:
                    known.add(dim.name)
                    size = ast.Subscript(attribute(name(safe), "shape"), ast.Constant(axis), ast.Load())
                    checks.append(_assign(f"size_{dim.name}", size))
        for original, shape in self.parameters.items():
            if shape.dims and all(set(d.names) <= known for d in shape.dims):
                checks.append(_shape_check(self.names[original], original, shape, self.shape(shape.dims)))
        return [*lines, *checks]

    def statement(self, step: Step) -> list[ast.stmt]:
        """The assignment of one step."""
        target = f"t{step.target}"
        args = [name(f"t{o}") for o in step.operands]
        if step.op == "var":
            return [_assign(target, name(self.names[str(step.data[0])]))]
        if step.op in ("add_diagonal", "scatter"):
            return _IN_PLACE[step.op](self, target, args, step)
        return [_assign(target, OPERATIONS[step.op](self, args, step.data))]


def _assign(target: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def _raise(test: ast.expr, message: ast.expr) -> ast.stmt:
    return ast.If(test, [ast.Raise(ast.Call(name("ValueError"), [message], []))], [])


def _message(text: str, safe: str) -> ast.expr:
    return binary(ast.Constant(text), ast.Add(), ast.Call(name("str"), [attribute(name(safe), "shape")], []))


def _rank_check(safe: str, original: str, shape: Shape) -> ast.stmt:
    wanted = {0: "a scalar", 1: "a 1-D array"}.get(len(shape.dims), "a 2-D array")
    test = ast.Compare(attribute(name(safe), "ndim"), [ast.NotEq()], [ast.Constant(len(shape.dims))])
    return _raise(test, _message(f"{original} must be {wanted}, in {shape}, not an array of shape ", safe))


def _shape_check(safe: str, original: str, shape: Shape, wanted: ast.expr) -> ast.stmt:
    test = ast.Compare(attribute(name(safe), "shape"), [ast.NotEq()], [wanted])
    return _raise(test, _message(f"{original} must be in {shape}, with the sizes of the other arguments, not of shape ", safe))


# ---------------------------------------------------------------- operations
Args = list[ast.expr]
Data = tuple[object, ...]


def _turned(value: ast.expr, turned: object) -> ast.expr:
    return attribute(value, "T") if turned else value


def _combine(_: Emitter, args: Args, data: Data) -> ast.expr:
    coefficients, shift = data
    assert isinstance(coefficients, tuple) and isinstance(shift, Fraction)
    total: ast.expr | None = number(shift) if shift else None
    pairs = sorted(zip(coefficients, args, strict=True), key=lambda p: p[0] < 0) if total is None else zip(
        coefficients, args, strict=True
    )
    for coefficient, arg in pairs:
        size = abs(coefficient)
        term = arg if size == 1 else binary(number(size), ast.Mult(), arg)
        if total is None:
            total = term if coefficient > 0 else ast.UnaryOp(ast.USub(), term)
        else:
            total = binary(total, ast.Add() if coefficient > 0 else ast.Sub(), term)
    assert total is not None
    return total


def _multiply(_: Emitter, args: Args, data: Data) -> ast.expr:
    """An elementwise product on the union of the indices, by broadcasting."""
    first, second, union = data
    assert isinstance(first, tuple) and isinstance(second, tuple) and isinstance(union, tuple)
    a, b = (_spread(arg, idx, union) for arg, idx in zip(args, (first, second), strict=True))
    return binary(a, ast.Mult(), b)


def _spread(arg: ast.expr, idx: tuple[int, ...], union: tuple[int, ...]) -> ast.expr:
    order = sorted(idx, key=union.index)
    if list(idx) != order:
        arg = method(arg, "transpose", *(ast.Constant(idx.index(i)) for i in order))
    lead = next((n for n, i in enumerate(union) if i in idx), len(union))
    if not idx or all(i in idx for i in union[lead:]):
        return arg
    entries: list[ast.expr] = [ast.Slice() if i in idx else ast.Constant(None) for i in union[lead:]]
    return ast.Subscript(arg, ast.Tuple(entries, ast.Load()), ast.Load())


def _einsum(_: Emitter, args: Args, data: Data) -> ast.expr:
    used = sorted({i for idx in data for i in idx})  # type: ignore[attr-defined]
    letter = {i: "abcdefghijklmnopqrstuvwxyz"[n] for n, i in enumerate(used)}
    a, b, out = ("".join(letter[i] for i in idx) for idx in data)  # type: ignore[attr-defined]
    return call("einsum", ast.Constant(f"{a},{b}->{out}"), *args)


def _power(_: Emitter, args: Args, data: Data) -> ast.expr:
    return binary(args[0], ast.Pow(), args[1])


def _matpow(_: Emitter, args: Args, data: Data) -> ast.expr:
    if data == (-1,):
        return call("linalg.inv", args[0])
    return call("linalg.matrix_power", args[0], ast.Constant(data[0]))  # type: ignore[arg-type]


def _logsumexp(_: Emitter, args: Args, data: Data) -> ast.expr:
    top = method(args[0], "max")
    inner = call("exp", binary(args[0], ast.Sub(), top))
    return binary(top, ast.Add(), call("log", method(inner, "sum")))


def _softmax(emitter: Emitter, args: Args, data: Data) -> ast.expr:
    return call("exp", binary(args[0], ast.Sub(), _logsumexp(emitter, args, data)))


def _map(_: Emitter, args: Args, data: Data) -> ast.expr:
    which = str(data[0])
    if which in MAPS:
        return MAPS[which](*args)
    return call(_SPELLING.get(which, which), *args)


def _logistic(z: ast.expr) -> ast.expr:
    minus = ast.UnaryOp(ast.USub(), z)
    return call("exp", ast.UnaryOp(ast.USub(), call("logaddexp", ast.Constant(0.0), minus)))


MAPS: dict[str, Callable[..., ast.expr]] = {
    "sigmoid": _logistic,
    "softplus": lambda z: call("logaddexp", ast.Constant(0.0), z),
    "relu": lambda z: call("maximum", z, ast.Constant(0.0)),
    "step": lambda z: call("heaviside", z, ast.Constant(0.0)),
    "erf": lambda z: method(
        call("asarray", ast.Call(call("frompyfunc", attribute(name("math"), "erf"), ast.Constant(1), ast.Constant(1)),
                                 [z], [])), "astype", name("float")),
}
_SPELLING = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "max": "maximum", "min": "minimum"}

OPERATIONS: dict[str, Callable[[Emitter, Args, Data], ast.expr]] = {
    "pi": lambda *_: attribute(name("np"), "pi"),
    "size": lambda em, _, data: ast.Call(name("float"), [em.size(data[0])], []),  # type: ignore[arg-type]
    "number": lambda _, __, data: number(data[0]),  # type: ignore[arg-type]
    "eye": lambda em, _, data: binary(number(data[0]), ast.Mult(), call("eye", em.size(data[1][0]))),  # type: ignore
    "full": lambda em, _, data: call("full", em.shape(data[1]), number(data[0])),  # type: ignore[arg-type]
    "add_number": lambda _, args, data: binary(args[0], ast.Add(), number(data[0])),  # type: ignore[arg-type]
    "combine": _combine,
    "multiply": _multiply,
    "dot": lambda _, args, data: method(_turned(args[0], data[0]), "dot", _turned(args[1], data[1])),
    "solve": lambda _, args, data: call("linalg.solve", _turned(args[0], data[0]), _turned(args[1], data[1])),
    "einsum": _einsum,
    "sum": lambda _, args, data: method(args[0], "sum", ast.Constant(data[0])),  # type: ignore[arg-type]
    "diagonal": lambda _, args, __: method(args[0], "diagonal"),
    "permute": lambda _, args, data: method(args[0], "transpose", *(ast.Constant(i) for i in data)),  # type: ignore
    "pow": _power,
    "matpow": _matpow,
    "map": _map,
    "det": lambda _, args, __: call("linalg.det", args[0]),
    "logdet": lambda _, args, __: ast.Subscript(call("linalg.slogdet", args[0]), ast.Constant(1), ast.Load()),
    "softmax": _softmax,
    "logsumexp": _logsumexp,
}


def _add_diagonal(_: Emitter, target: str, args: Args, step: Step) -> list[ast.stmt]:
    view = call("einsum", ast.Constant("ii->i"), name(target))
    entry = ast.Subscript(view, ast.Constant(...), ast.Store())
    copied = binary(args[0], ast.Add(), ast.Constant(0.0))
    return [_assign(target, copied), ast.AugAssign(entry, ast.Add(), number(step.data[0]))]  # type: ignore[arg-type]


def _scatter(emitter: Emitter, target: str, args: Args, step: Step) -> list[ast.stmt]:
    """Writes the nonzero entries of a tensor with deltas through a view of its diagonals."""
    idx, deltas, dims = step.data
    assert isinstance(idx, tuple) and isinstance(deltas, tuple) and isinstance(dims, tuple)
    merged = {max(pair): min(pair) for pair in deltas}
    letters = "".join(chr(ord("a") + merged.get(i, i)) for i in range(len(dims)))
    kept = "".join(dict.fromkeys(letters))
    where = [i for i in range(len(dims)) if i not in merged]
    value = _spread(args[0], idx, tuple(where))
    entry = ast.Subscript(call("einsum", ast.Constant(f"{letters}->{kept}"), name(target)), ast.Constant(...), ast.Store())
    return [_assign(target, call("zeros", emitter.shape(dims))), ast.Assign([entry], value)]


_IN_PLACE = {"add_diagonal": _add_diagonal, "scatter": _scatter}


def to_numpy(program: Program, parameters: Mapping[str, Shape], function: str, doc: str) -> str:
    """The source of a module with one function.

    Args:
        program: what to compute.
        parameters: names and shapes, in the order of the parameters.
        function: the name of the function.
        doc: its docstring.
    """
    emitter = Emitter(parameters)
    body = [line for step in program.steps for line in emitter.statement(step)]
    result = name(f"t{program.result}")
    if program.steps[program.result].op == "var":
        result = method(result, "copy")
    arguments = ast.arguments([], [ast.arg(emitter.names[p]) for p in parameters], None, [], [], None, [])
    lines = [ast.Expr(ast.Constant(doc)), *emitter.prologue(), *body, ast.Return(result)]
    definition = ast.FunctionDef(function, arguments, lines, [], None)
    setattr(definition, "type_params", [])  # noqa: B010 (a field that Python has from 3.12 on)
    module = ast.Module([ast.Import([ast.alias("numpy", "np")]), definition], [])
    if any(step.op == "map" and step.data == ("erf",) for step in program.steps):
        module.body.insert(0, ast.Import([ast.alias("math", None)]))
    return ast.unparse(ast.fix_missing_locations(module)) + "\n"
