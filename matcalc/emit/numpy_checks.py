"""The head of an emitted function: arguments as arrays of floats, sizes read off them, shapes held against each other."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from matcalc.core.dims import ONE, Dim
from matcalc.emit.numpy_ast import assign, attribute, binary, constant, invoke, item, name, sequence
from matcalc.emit.numpy_ops import Target
from matcalc.expr.nodes import Expr
from matcalc.plan.steps import Axes


@dataclass(frozen=True)
class Parameter:
    """A parameter of an emitted function.

    Attributes:
        axes: those of the array; a family has its data axis first.
        space: what messages call the set that it is in.
    """

    axes: Axes
    space: str


def parameter_of(variable: Expr) -> Parameter:
    """The parameter for a variable, or for a family."""
    if variable.head != "item":
        return Parameter(variable.shape.dims, str(variable.shape))
    length = variable.data[3]
    assert isinstance(length, Dim)
    return Parameter((length, *variable.shape.dims), f"{variable.shape} for each of {length} along axis 0")


class Sizes:
    """Which array each named dimension is read off, and how."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self.sources: dict[str, tuple[str, int, Dim]] = {}
        pending = [(p, axis, dim) for p, parameter in parameters.items() for axis, dim in enumerate(parameter.axes)]
        for p, axis, dim in pending:
            if dim.name is not None:
                self.sources.setdefault(dim.name, (p, axis, dim))
        while True:
            solved = next(((n, s) for s in pending if (n := self.unknown(s[2])) is not None), None)
            if solved is None:
                return
            self.sources[solved[0]] = solved[1]

    def whole(self, parameters: Mapping[str, Parameter]) -> dict[Dim, tuple[str, int]]:
        """The axes whose lengths hold names that cannot be told apart, such as `m n`, by dimension."""
        axes = [(dim, (p, axis)) for p, parameter in parameters.items() for axis, dim in enumerate(parameter.axes)]
        return {dim: place for dim, place in reversed(axes) if any(n not in self.sources for n in dim.names)}

    def unknown(self, dim: Dim) -> str | None:
        """The one name of a dimension that is not known yet, where the dimension is linear in it."""
        names = [n for n in dim.names if n not in self.sources]
        return names[0] if len(names) == 1 and all(m.count(names[0]) < 2 for m, _ in dim.terms) else None

    def defines(self, parameter: str, axis: int, dim: Dim) -> bool:
        """Whether the name of the dimension is read off this very axis."""
        return dim.name is not None and self.sources.get(dim.name) == (parameter, axis, dim)


def prologue(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes, checks: bool) -> list[ast.stmt]:
    """Conversions, sizes that are used, and a check of every size that an earlier argument fixes.

    Without checks only the sizes that the rest of the function uses are read.
    """
    refusals = {p: c for p, parameter in parameters.items() if checks and (c := _check(target, p, parameter, sizes))}
    for part in _needed(target.used_sizes, sizes):
        target.used_sizes.add(part)
    lines = _conversions(target, parameters, refusals) if checks else []
    for p, parameter in parameters.items():
        lines += _size_lines(target, p, parameter, sizes)
    for part in sorted(target.used_sizes, key=lambda n: list(sizes.sources).index(n)):
        lines += _solved_size(target, part, sizes)
    return lines + list(refusals.values())


def _conversions(target: Target, parameters: Mapping[str, Parameter], refusals: Collection[str]) -> list[ast.stmt]:
    """Arguments as arrays of floats; one test tells whether all are, with the axes that no later check counts."""
    def conversion(p: str) -> ast.stmt:
        own = (name(target.parameters[p]), constant(p), constant(parameters[p].space), constant(len(parameters[p].axes)))
        return assign(target.parameters[p], target.helper("_array", *own))

    arrays = [p for p, parameter in parameters.items() if parameter.axes]
    variables = [name(target.parameters[p]) for p in arrays]
    tests: list[ast.expr] = []
    if arrays:
        kinds = [invoke(name("type"), v) for v in variables]
        tests.append(_chain(ast.Is(), [*kinds, attribute(name(target.numpy), "ndarray")]))
        tests.append(_chain(ast.Eq(), [*(attribute(v, "dtype") for v in variables), name("float")]))
    for count in sorted({len(parameters[p].axes) for p in arrays if p not in refusals}):
        own = [p for p in arrays if p not in refusals and len(parameters[p].axes) == count]
        counts = [attribute(name(target.parameters[p]), "ndim") for p in own]
        tests.append(_chain(ast.Eq(), [*counts, constant(count)]))
    lines = [conversion(p) for p in parameters if p not in arrays]
    if arrays:
        fine = ast.BoolOp(ast.And(), tests)
        lines.append(ast.If(ast.UnaryOp(ast.Not(), fine), [conversion(p) for p in arrays], []))
    return lines


def _chain(op: ast.cmpop, values: Sequence[ast.expr]) -> ast.expr:
    """a == b == c"""
    return ast.Compare(values[0], [op] * (len(values) - 1), list(values[1:]))


def _needed(used: set[str], sizes: Sizes) -> list[str]:
    """The names that sizes are worked out from."""
    found: list[str] = []
    stack = list(used)
    while stack:
        part = stack.pop()
        if part in sizes.sources and part not in found:
            found.append(part)
            stack += sizes.sources[part][2].names
    return found


def _size_lines(target: Target, p: str, parameter: Parameter, sizes: Sizes) -> list[ast.stmt]:
    """`m, n = A.shape`, or the one size that is used."""
    own = [
        dim.name if sizes.defines(p, axis, dim) and dim.name in target.used_sizes else None
        for axis, dim in enumerate(parameter.axes)
    ]
    shape = attribute(name(target.parameters[p]), "shape")
    if len(own) > 1 and all(own):
        names: list[ast.expr] = [ast.Name(target.sizes[n], ast.Store()) for n in own if n is not None]
        return [ast.Assign([ast.Tuple(names, ast.Store())], shape)]
    return [assign(target.sizes[n], item(shape, [constant(axis)])) for axis, n in enumerate(own) if n is not None]


def _solved_size(target: Target, part: str, sizes: Sizes) -> list[ast.stmt]:
    """A size n that is read off an axis of length `c n + rest`, where c may hold sizes that are known."""
    p, axis, dim = sizes.sources[part]
    if dim.name is not None:
        return []
    coefficient = Dim(tuple((tuple(n for n in monomial if n != part), c) for monomial, c in dim.terms if part in monomial))
    rest = Dim(tuple(term for term in dim.terms if part not in term[0]))
    value = item(attribute(name(target.parameters[p]), "shape"), [constant(axis)])
    if rest.terms:
        value = binary(value, ast.Sub(), target.size(rest))
    if coefficient != ONE:
        value = binary(value, ast.FloorDiv(), target.size(coefficient))
    return [assign(target.sizes[part], value)]


def _check(target: Target, p: str, parameter: Parameter, sizes: Sizes) -> ast.stmt | None:
    """Refuses an array whose sizes are not those of its space."""
    known = all(dim in target.whole or all(n in sizes.sources for n in dim.names) for dim in parameter.axes)
    own = (sizes.defines(p, axis, dim) or target.whole.get(dim) == (p, axis) for axis, dim in enumerate(parameter.axes))
    if not known or all(own):
        return None
    shape = attribute(name(target.parameters[p]), "shape")
    wanted = sequence([target.size(d) for d in parameter.axes])
    names = dict.fromkeys(n for dim in parameter.axes for n in dim.names if n in sizes.sources and sizes.sources[n][0] != p)
    message: list[ast.expr] = [constant(f"{p} must be in {parameter.space}")]
    for n in names:
        message += [constant(f", {n} = "), _formatted(name(target.sizes[n])), constant(f" as in {sizes.sources[n][0]}")]
    message += [constant(", but its shape is "), _formatted(shape)]
    raised = ast.Raise(invoke(name("ValueError"), ast.JoinedStr(message)), None)
    return ast.If(ast.Compare(shape, [ast.NotEq()], [wanted]), [raised], [])


def _formatted(value: ast.expr) -> ast.expr:
    return ast.FormattedValue(value, -1, None)
