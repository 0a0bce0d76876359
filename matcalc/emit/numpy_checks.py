"""The head of an emitted function: one test whether all arguments are arrays of floats whose shapes agree, and the sizes.

What fails the test goes through a function of its own, which converts what can be converted and says what is wrong; the
emitted function is then called anew. So a call with fit arrays pays for the test alone.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matcalc.core.dims import ONE, Dim
from matcalc.emit.numpy_ast import assign, attribute, binary, constant, definition, invoke, name, sequence
from matcalc.emit.target import Target
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


def stated_shapes(variables: Mapping[str, Expr]) -> str:
    """The line of a docstring that says what every argument is; a family is an array of its members."""
    return f"Shapes: {', '.join(f'{n} in {parameter_of(v).space}' for n, v in variables.items())}"


class Sizes:
    """Which array each named dimension is read off, and how: the first axis of a vector is the cheapest to read."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self.sources: dict[str, tuple[str, int, Dim]] = {}
        pending = [(p, axis, dim) for p, parameter in parameters.items() for axis, dim in enumerate(parameter.axes)]
        first = {parameter.axes[0] for parameter in parameters.values() if parameter.axes}
        needed = {p for p, _, dim in pending if dim not in first}  # a matrix that some size is read off can tell others too
        for p, axis, dim in sorted(pending, key=lambda s: (s[1] > 0, len(parameters[s[0]].axes), s[0] not in needed)):
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


def prologue(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes, itself: ast.expr | None) -> list[ast.stmt]:
    """The test of the arguments, and the sizes that the rest of the function uses.

    Args:
        target: what expressions refer to.
        parameters: those of the function.
        sizes: where sizes are read.
        itself: the function, called anew with arguments that had to be converted; None where nothing is tested.
    """
    lines: list[ast.stmt] = []
    if itself is not None and parameters:
        given = [name(target.parameters[p]) for p in parameters]
        converted = ast.Starred(invoke(name(_conversion(target.function)), *given), ast.Load())
        kind = target.call("result_type", *(target.helper("_like", value) for value in given))
        again = target.helper("_cast", invoke(itself, converted), kind)
        lines.append(ast.If(ast.UnaryOp(ast.Not(), _is_fit(target, parameters, sizes)), [ast.Return(again)], []))
        scalars = [target.parameters[p] for p, parameter in parameters.items() if not parameter.axes]
        lines += [assign(p, target.call("float64", name(p))) for p in scalars]
    return lines + size_lines(target, sizes)


def conversion(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes) -> ast.FunctionDef:
    """The function that converts arguments, or says which one is wrong and why."""
    own = replace(target, used_sizes=set(), used_helpers=set())
    lines: list[ast.stmt] = [ast.Expr(ast.Constant("The arguments as arrays of floats, their shapes held against each other."))]
    for p, parameter in parameters.items():
        array = own.helper("_array", name(target.parameters[p]), constant(p), constant(parameter.space), constant(len(parameter.axes)))
        lines.append(assign(target.parameters[p], array if parameter.axes else invoke(name("float"), array)))
    lines += comparisons(own, parameters, sizes)
    target.used_helpers |= own.used_helpers
    lines.append(ast.Return(sequence([name(target.parameters[p]) for p in parameters])))
    return definition(_conversion(target.function), [target.parameters[p] for p in parameters], lines)


def comparisons(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes) -> list[ast.stmt]:
    """The sizes that tests of shapes use, then the tests."""
    own = replace(target, used_sizes=set())
    refusals = [_check(own, p, parameter, sizes) for p, parameter in parameters.items()]
    return [*size_lines(own, sizes), *(refusal for refusal in refusals if refusal is not None)]


def _conversion(function: str) -> str:
    return f"_arguments_of_{function}"


def _is_fit(target: Target, parameters: Mapping[str, Parameter], sizes: Sizes) -> ast.expr:
    """Whether all arguments are arrays of floats with the shapes that they should have."""
    arrays = {p: name(target.parameters[p]) for p, parameter in parameters.items() if parameter.axes}
    scalars = [name(target.parameters[p]) for p, parameter in parameters.items() if not parameter.axes]
    tests: list[ast.expr] = [invoke(name("isinstance"), value, name("float")) for value in scalars]
    if arrays:
        tests.append(_chain(ast.Is(), [*(invoke(name("type"), v) for v in arrays.values()), name("_ndarray")]))
        tests.append(_chain(ast.Is(), [*(attribute(v, "dtype") for v in arrays.values()), name("_float64")]))
        target.used_helpers.add("_float64")
    counted: dict[int, list[ast.expr]] = {}
    compared: list[ast.expr] = []
    for p, value in arrays.items():
        axes = parameters[p].axes
        fixed = {n: _read(target, sizes, dim) for n, dim in enumerate(axes) if _is_fixed(target, sizes, p, n, dim)}
        if len(fixed) == len(axes) > 1:
            compared.append(ast.Compare(target.shape_of(value), [ast.Eq()], [sequence(list(fixed.values()))]))
        else:
            counted.setdefault(len(axes), []).append(attribute(value, "ndim"))
            compared += [ast.Compare(target.length(value, n), [ast.Eq()], [length]) for n, length in fixed.items()]
    tests += [_chain(ast.Eq(), [*values, constant(count)]) for count, values in sorted(counted.items())]
    return ast.BoolOp(ast.And(), [*tests, *compared]) if len(tests) + len(compared) > 1 else tests[0]


def _is_fixed(target: Target, sizes: Sizes, p: str, axis: int, dim: Dim) -> bool:
    """Whether other axes tell how long this one is."""
    return not sizes.defines(p, axis, dim) and target.whole.get(dim) != (p, axis)


def _read(target: Target, sizes: Sizes, dim: Dim) -> ast.expr:
    """A length as an expression of the arguments alone."""
    own = replace(target, sizes={n: n for n in sizes.sources}, used_sizes=set())
    value = own.size(dim)
    places = {n: _place(target, sizes, n) for n in own.used_sizes}
    return _Replaced(places).visit(value) if places else value


class _Replaced(ast.NodeTransformer):
    """Names of sizes, replaced by where they are read."""

    def __init__(self, places: Mapping[str, ast.expr]) -> None:
        self.places = places

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.places.get(node.id, node)


def _place(target: Target, sizes: Sizes, part: str) -> ast.expr:
    """A size where it is read: `len(x)`, `A.shape[1]`, or solved from a length of the form `c n + rest`."""
    p, axis, dim = sizes.sources[part]
    value = target.length(name(target.parameters[p]), axis)
    if dim.name is not None:
        return value
    coefficient, rest = _linear(part, dim)
    value = binary(value, ast.Sub(), _read(target, sizes, rest)) if rest.terms else value
    return binary(value, ast.FloorDiv(), _read(target, sizes, coefficient)) if coefficient != ONE else value


def _linear(part: str, dim: Dim) -> tuple[Dim, Dim]:
    """c and the rest, of a length `c n + rest`."""
    coefficient = Dim(tuple((tuple(n for n in monomial if n != part), c) for monomial, c in dim.terms if part in monomial))
    return coefficient, Dim(tuple(term for term in dim.terms if part not in term[0]))


def _chain(op: ast.cmpop, values: Sequence[ast.expr]) -> ast.expr:
    """a == b == c"""
    return ast.Compare(values[0], [op] * (len(values) - 1), list(values[1:]))


def size_lines(target: Target, sizes: Sizes) -> list[ast.stmt]:
    """The sizes that are used."""
    return [assign(target.sizes[n], _place(target, sizes, n)) for n in sizes.sources if n in target.used_sizes]


def _check(target: Target, p: str, parameter: Parameter, sizes: Sizes) -> ast.stmt | None:
    """Refuses an array whose sizes are not those of its space."""
    if not any(_is_fixed(target, sizes, p, axis, dim) for axis, dim in enumerate(parameter.axes)):
        return None
    shape = target.shape_of(name(target.parameters[p]))
    wanted = sequence([target.size(d) for d in parameter.axes])
    names = dict.fromkeys(n for dim in parameter.axes for n in dim.names if n in sizes.sources and sizes.sources[n][0] != p)
    message: list[ast.expr] = [constant(f"{p} must be in {parameter.space}")]
    for n in names:
        message += [constant(f", {n} = "), _formatted(target.size(Dim.of(n))), constant(f" as in {sizes.sources[n][0]}")]
    message += [constant(", but its shape is "), _formatted(shape)]
    raised = ast.Raise(invoke(name("ValueError"), ast.JoinedStr(message)), None)
    return ast.If(ast.Compare(shape, [ast.NotEq()], [wanted]), [raised], [])


def _formatted(value: ast.expr) -> ast.expr:
    return ast.FormattedValue(value, -1, None)
