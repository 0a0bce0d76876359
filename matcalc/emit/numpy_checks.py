"""The head of an emitted function: arguments as arrays of floats, sizes read off them, shapes held against each other."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.core.dims import Dim
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

    def unknown(self, dim: Dim) -> str | None:
        """The one name of a dimension that is not known yet, where it occurs once and alone."""
        names = [n for n in dim.names if n not in self.sources]
        terms = [monomial for monomial, _ in dim.terms if names and names[0] in monomial]
        return names[0] if len(names) == 1 and terms == [(names[0],)] else None

    def defines(self, parameter: str, axis: int, dim: Dim) -> bool:
        """Whether the name of the dimension is read off this very axis."""
        return dim.name is not None and self.sources.get(dim.name) == (parameter, axis, dim)


def prologue(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes) -> list[ast.stmt]:
    """Conversions, sizes that are used, and a check of every size that an earlier argument fixes."""
    checks = [(p, c) for p, parameter in parameters.items() if (c := _check(target, p, parameter, sizes)) is not None]
    for part in _needed(target.used_sizes, sizes):
        target.used_sizes.add(part)
    lines: list[ast.stmt] = []
    for p, parameter in parameters.items():
        arguments = (name(target.parameters[p]), constant(p), constant(parameter.space), constant(len(parameter.axes)))
        lines.append(assign(target.parameters[p], target.helper("_array", *arguments)))
    for p, parameter in parameters.items():
        lines += _size_lines(target, p, parameter, sizes)
    for part in sorted(target.used_sizes, key=lambda n: list(sizes.sources).index(n)):
        lines += _solved_size(target, part, sizes)
    return lines + [check for _, check in checks]


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
    """A size that is read off an axis of length `c n + rest`."""
    p, axis, dim = sizes.sources[part]
    if dim.name is not None:
        return []
    coefficient = next(c for monomial, c in dim.terms if monomial == (part,))
    rest = Dim(tuple(term for term in dim.terms if term[0] != (part,)))
    value = item(attribute(name(target.parameters[p]), "shape"), [constant(axis)])
    if rest.terms:
        value = binary(value, ast.Sub(), target.size(rest))
    if coefficient != 1:
        value = binary(value, ast.FloorDiv(), constant(coefficient))
    return [assign(target.sizes[part], value)]


def _check(target: Target, p: str, parameter: Parameter, sizes: Sizes) -> ast.stmt | None:
    """Refuses an array whose sizes are not those of its space."""
    known = all(n in sizes.sources for dim in parameter.axes for n in dim.names)
    if not known or all(sizes.defines(p, axis, dim) for axis, dim in enumerate(parameter.axes)):
        return None
    shape = attribute(name(target.parameters[p]), "shape")
    wanted = sequence([target.size(d) for d in parameter.axes])
    names = dict.fromkeys(n for dim in parameter.axes for n in dim.names if sizes.sources[n][0] != p)
    message: list[ast.expr] = [constant(f"{p} must be in {parameter.space}")]
    for n in names:
        message += [constant(f", {n} = "), _formatted(name(target.sizes[n])), constant(f" as in {sizes.sources[n][0]}")]
    message += [constant(", but its shape is "), _formatted(shape)]
    raised = ast.Raise(invoke(name("ValueError"), ast.JoinedStr(message)), None)
    return ast.If(ast.Compare(shape, [ast.NotEq()], [wanted]), [raised], [])


def _formatted(value: ast.expr) -> ast.expr:
    return ast.FormattedValue(value, -1, None)
