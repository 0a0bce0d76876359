"""A program as a class with buffers of its own, for functions that are called again and again with arrays of one size.

Every array on the way has a buffer that is allocated once. Results are fresh arrays unless the caller asks for the
buffers themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from matcalc.emit.numpy import VIEWS, Body, module, target_of
from matcalc.emit.numpy_ast import assign, attribute, constant, definition, invoke, method, name, sequence
from matcalc.emit.numpy_checks import Parameter, Sizes, conversion, prologue
from matcalc.emit.numpy_names import Names, mnemonic
from matcalc.emit.numpy_places import statements
from matcalc.emit.statements import FREE, indented
from matcalc.emit.target import Target
from matcalc.plan.factors import with_factors
from matcalc.plan.steps import Axes, Program, Step

UFUNCS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power", ast.MatMult: "matmul"}
WITH_OUT = frozenset((
    "tanh", "exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "abs", "sign", "maximum",
    "minimum", "heaviside", "einsum", "dot", "matmul"))
METHODS_WITH_OUT = frozenset(("sum", "dot"))
UNNAMED = FREE | VIEWS | {"repeat", "diagonal"}


class BufferedBody(Body):
    """The statements of one program, each array in a buffer."""

    def __init__(self, program: Program, target: Target, names: Names) -> None:
        self.buffers: list[tuple[str, Axes]] = []
        self.returned = frozenset(program.results)
        super().__init__(program, target, names)

    def add(self, step: Step) -> None:
        """Works out a step into its buffer; numbers and views have none."""
        args = [self.values[o] for o in step.operands]
        if step.op == "assemble":
            variable = self.buffer(step, args, ast.Constant(0))
            start = method(name(variable), "fill", constant(0)) if not step.data[0] else self.target.call(
                "copyto", name(variable), args[0])
            self.lines += [ast.Expr(start), *statements(self.target, step, args, variable, False)[1:]]
            self.values[step.target] = name(variable)
            return
        value = self.operations[step.op](self.target, step, args)
        self.values[step.target] = value
        if step.op in UNNAMED:
            return
        if not step.axes:
            if not isinstance(value, ast.Name | ast.Constant):
                self.assign(step)
            return
        variable = self.names.numbered(mnemonic(step, args, value))
        lines = self.into(value, variable, is_uniform(step))
        if lines is None:
            lines = [assign(variable, value)]
        else:
            self.bind(step, variable)
        self.lines += lines
        self.values[step.target] = name(variable)

    def buffer(self, step: Step, args: Sequence[ast.expr], value: ast.expr) -> str:
        """A name bound to a new buffer."""
        variable = self.names.numbered(mnemonic(step, args, value))
        self.bind(step, variable)
        return variable

    def bind(self, step: Step, variable: str) -> None:
        """Binds a name to a new buffer; what is returned is a fresh array unless the buffers are asked for."""
        own = f"_{variable}"
        self.buffers.append((own, step.axes))
        kept = attribute(name("self"), own)
        if step.target in self.returned:
            fresh = self.target.call("empty", self.target.shape(step.axes))
            kept = ast.IfExp(attribute(name("self"), "reuse"), kept, fresh)
        self.lines.append(assign(variable, kept))

    def is_view(self, value: int) -> bool:
        """Whether the array may share its memory with a parameter or a buffer."""
        return self.program.steps[value].op in UNNAMED

    def into(self, value: ast.expr, variable: str, uniform: bool) -> list[ast.stmt] | None:
        """Statements that write an expression into a buffer; None where its operation cannot."""
        lines: list[ast.stmt] = []
        out = name(variable)

        def simple(part: ast.expr) -> ast.expr:
            inner = self.into(part, variable, uniform) if uniform and not lines and isinstance(part, ast.BinOp | ast.UnaryOp) else None
            lines.extend(inner or [])
            return part if inner is None else out

        if isinstance(value, ast.BinOp):
            left = simple(value.left)
            right = value.right if left is out else simple(value.right)
            if isinstance(value.op, ast.Pow) and isinstance(right, ast.Constant) and right.value == 2:
                call = self.target.call("square", left, out=out)
            else:
                call = self.target.call(UFUNCS[type(value.op)], left, right, out=out)
            return [*lines, ast.Expr(call)]
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) and not isinstance(value.operand, ast.Constant):
            operand = simple(value.operand)
            return [*lines, ast.Expr(self.target.call("negative", operand, out=out))]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "_outer":
            return [ast.Expr(self.target.call("outer", *value.args, out=out))]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            owner, which = value.func.value, value.func.attr
            is_numpy = isinstance(owner, ast.Name) and owner.id == self.target.alias
            if which in (WITH_OUT if is_numpy else METHODS_WITH_OUT):
                keywords = {k.arg: k.value for k in value.keywords if k.arg is not None}
                return [ast.Expr(invoke(value.func, *value.args, **keywords, out=out))]
        return None


def is_uniform(step: Step) -> bool:
    """Whether all array operands of an elementwise step have the axes of its result, so that none is broadcast."""
    if step.op == "combine":
        return all(idx == step.data[3] for idx in step.data[2])  # type: ignore[attr-defined]
    if step.op in ("multiply", "divide"):
        return step.data[0] == step.data[1] == step.data[2]
    return step.op in ("power", "pow", "map")


def to_workspace(program: Program, parameters: Mapping[str, Parameter], function: str, doc: str,
                 linalg: str = "numpy") -> str:
    """The source of a module with one class: sizes at construction, arrays at the call.

    Args:
        program: what to compute; several results are returned as a tuple.
        parameters: names with axes and spaces, in the order of the parameters of the call.
        function: the name of the class.
        doc: its docstring.
        linalg: the library that linear algebra is by.

    Raises:
        DeclarationError: where the class cannot have that name, or needs a size that no array has.
    """
    pool = Names(("self", "reuse"))
    sizes = Sizes(parameters)
    target = target_of(function, parameters, sizes, pool, linalg)
    body = BufferedBody(with_factors(program) if linalg == "scipy" else program, target, pool)
    returned = ast.Return(body.result())
    target.used_sizes |= set(sizes.sources)
    lines = [*prologue(target, parameters, sizes, name("self")), *_same_sizes(target, sizes), *body.lines, returned]
    call = definition("__call__", ["self", *(target.parameters[p] for p in parameters)], [
        ast.Expr(constant("The value at given arrays.")), *lines])
    own = ast.ClassDef(function, [], [], [ast.Expr(ast.Constant(indented(doc))), _constructor(target, sizes, body), call], [])
    setattr(own, "type_params", [])  # noqa: B010 (a field that Python has from 3.12 on)
    return module(target, [conversion(target, parameters, sizes), own] if parameters else [own])


def _constructor(target: Target, sizes: Sizes, body: BufferedBody) -> ast.stmt:
    own = [target.sizes[size] for size in sizes.sources]
    lines: list[ast.stmt] = [ast.Expr(constant("Allocates the buffers; with `reuse` the results are buffers too, good until the next call."))]
    lines.append(_set("sizes", sequence([name(size) for size in own])))
    lines.append(_set("reuse", name("reuse")))
    lines += [_set(variable, target.call("empty", target.shape(axes))) for variable, axes in body.buffers]
    return definition("__init__", ["self", *own, "reuse"], lines, [ast.Constant(False)])


def _set(which: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Attribute(name("self"), which, ast.Store())], value)


def _same_sizes(target: Target, sizes: Sizes) -> list[ast.stmt]:
    """Refuses arrays of other sizes than those of the buffers."""
    own = [target.sizes[size] for size in sizes.sources]
    if not own:
        return []
    found, wanted = sequence([name(size) for size in own]), attribute(name("self"), "sizes")
    message = ast.JoinedStr([constant(f"the buffers are for {', '.join(own)} = "), ast.FormattedValue(wanted, -1, None),
                             constant(", but the arrays have "), ast.FormattedValue(found, -1, None)])
    return [ast.If(ast.Compare(found, [ast.NotEq()], [wanted]), [ast.Raise(invoke(name("ValueError"), message), None)], [])]
