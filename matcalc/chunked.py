"""Code that goes over data in blocks, so that memory is bounded by the block: `partial` and `combine`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from matcalc.chunking import Stages, inlined, stages_of
from matcalc.core.arguments import clipped, described
from matcalc.core.dims import Dim
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.style import style_of
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative, evaluation
from matcalc.emit.modules import merged
from matcalc.emit.numpy_ast import definition, invoke, name, text
from matcalc.emit.numpy_checks import Parameter, parameter_of
from matcalc.emit.numpy_names import Names, safe_names
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.joint import Gradients, occurring
from matcalc.plan.program import plan
from matcalc.source import code

BLOCK = 4096
"""The number of data in a block, unless something else is said."""


@dataclass(frozen=True, repr=False)
class Chunked(Displayed):
    """A derivative, or a value with gradients, from blocks of data.

    Attributes:
        variables: every variable by name.
        stages: what a block gives, and what is made of the totals.
        names: for gradients the variables that one differentiates by, else None.
        title: what it is, in words.
    """

    variables: Mapping[str, Expr]
    stages: Stages
    names: tuple[str, ...] | None
    title: str
    cache: dict[str, dict[str, Callable[..., object]]] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.title}, from blocks of {', '.join(self.data)} along {self.stages.length}"

    @property
    def data(self) -> tuple[str, ...]:
        """The variables that are cut into blocks, along their first axis that counts data."""
        return tuple(n for n, v in self.variables.items() if self.stages.length in parameter_of(v).axes)

    def _used(self, nodes: Iterable[Tensor], known: Iterable[Tensor] = ()) -> list[str]:
        """The variables in some tensors, and those that tell sizes which neither these tell nor what is known."""
        parts = list(postorder(*nodes))
        found = {str(t.data[0]) for t in parts if t.head == "var"}
        told = {size for n in found & set(self.variables) for size in self._sizes(n)} | {s for t in known for s in _names(t.axes)}
        for size in dict.fromkeys(s for t in parts for s in _names(t.axes)):
            if size not in told and size not in self.stages.length.names:
                source = next(n for n in self.variables if size in self._sizes(n))
                found.add(source)
                told.update(self._sizes(source))
        return [n for n in self.variables if n in found]

    def _sizes(self, variable: str) -> list[str]:
        return _names(parameter_of(self.variables[variable]).axes)

    @property
    def of_block(self) -> tuple[str, ...]:
        """The parameters of `partial`."""
        used = self._used(self.stages.parts.values())
        return tuple(used if set(used) & set(self.data) else [*self.data[:1], *used])

    @property
    def of_totals(self) -> tuple[str, ...]:
        """The parameters of `combine` after the list of what `partial` returned."""
        return tuple(self._used(self.stages.results, self.stages.parts))

    def numpy(self, linalg: str = "numpy", target: str = "numpy") -> str:
        """Source of a module: `partial(...)` of a block of data, and `combine(parts, ...)` of what the blocks gave."""
        length, parts = self.stages.length, self.stages.parts
        parameters = {n: parameter_of(v) for n, v in self.variables.items()}
        own = {n: parameters[n] for n in self.of_block}
        doc = f"What a block of data adds to: {self.title}.\n\nReturns the number of data, then what is added up over them."
        first = code(plan(b.size(length), *parts.values()), own, style_of("partial", True, linalg, target), [doc])
        totals = {str(leaf.data[0]): Parameter(leaf.axes, "a total") for leaf in parts}
        count = self.stages.count or b.var(self._count_name(), ())
        totals = {str(count.data[0]): Parameter((), "R"), **totals}
        rest = {n: parameters[n] for n in self.of_totals}
        doc = f"{self.title}, from totals over all data."
        finish = code(plan(*self.stages.results), {**totals, **rest}, style_of("_finish", True, linalg, target), [doc])
        return merged([first, finish, self._combine(list(rest))], public=("partial", "combine"))

    def _count_name(self) -> str:
        taken = {*self.variables, *(str(leaf.data[0]) for leaf in self.stages.parts)}
        return next(n for n in ("count", *(f"count{k}" for k in range(len(taken) + 1))) if n not in taken)

    def _combine(self, rest: list[str]) -> str:
        """The function that adds up what blocks gave."""
        pool = Names(("parts", "_finish"))
        spelled = safe_names(rest, pool)
        totals: ast.expr = invoke(name("sum"), name("parts"))  # the number of data alone
        if self.stages.parts:
            added = invoke(name("map"), name("sum"), invoke(name("zip"), ast.Starred(name("parts"), ast.Load())))
            totals = ast.Starred(added, ast.Load())
        result = invoke(name("_finish"), totals, *(name(spelled[n]) for n in rest))
        doc = ast.Expr(ast.Constant(f"{self.title}, from the list of what `partial` returned for each block."))
        return text(definition("combine", ["parts", *(spelled[n] for n in rest)], [doc, ast.Return(result)]))

    def _functions(self) -> dict[str, Callable[..., object]]:
        if "functions" not in self.cache:
            source = self.numpy()
            self.cache["functions"] = {which: evaluation().compiled(source, which) for which in ("partial", "combine")}
        return self.cache["functions"]

    def partial(self, /, **block: object) -> object:
        """What a block of the data adds, at given arrays."""
        return evaluation().call_by_name(self._functions()["partial"], self.of_block, block)

    def combine(self, parts: Sequence[object], /, **values: object) -> object:
        """The result from what the blocks gave; for gradients the value and the derivatives by name."""
        if not parts:
            raise ShapeError("there is no block of data", hint="at least one block, though it may be empty")
        found = evaluation().call_by_name(lambda *rest: self._functions()["combine"](parts, *rest), self.of_totals, values)
        if self.names is None:
            return found
        value, *derivatives = found
        return value, dict(zip(self.names, derivatives, strict=True))

    def __call__(self, block: int | None = None, /, **values: object) -> object:
        """The result at given arrays, of so many data at a time.

        Dask arrays give Dask arrays, not computed yet, from the blocks that the data have: one pass over them, in which
        each block is dropped once it has given what it adds.

        Args:
            block: the number of data in a block; None for 4096, or for the blocks of Dask arrays.
            values: arrays by the names of the variables.

        Raises:
            MatcalcError: for names and arrays that do not fit.
        """
        if block is not None and (not isinstance(block, int) or isinstance(block, bool) or block < 1):
            raise DeclarationError(f"a block is a positive number of data, not {described(block)}", hint="block=1000")
        if any(hasattr(value, "__dask_graph__") for value in values.values()):
            found: object = import_module("matcalc.adapters.dask").over_blocks(self, block, values)
            return found
        axes = {n: parameter_of(self.variables[n]).axes.index(self.stages.length) for n in self.data}
        pieces = evaluation().blocks({n: values[n] for n in self.of_block if n in values}, axes, block or BLOCK)
        parts = [self.partial(**piece) for piece in pieces]
        return self.combine(parts, **{n: values[n] for n in self.of_totals if n in values})


def _names(axes: Iterable[Dim]) -> list[str]:
    return [name for dim in axes for name in dim.names]


def chunked_of(d: Derivative | Gradients, over: str | None = None) -> Chunked:
    """A derivative, or a value with gradients, in two stages.

    Args:
        d: what is worked out.
        over: the dimension that counts data; None for that of the families.

    Raises:
        DeclarationError: where there is no such dimension, or several that count data.
        NotDifferentiableError: where one pass over the data is not enough.
    """
    length = length_of(d.variables, over)
    taken = occurring(d.expr, d.variables, d.definitions)
    if isinstance(d, Gradients):
        results = inlined([d.swept.value, *d.swept.results], d.swept.cotangents)
        return Chunked(d.variables, stages_of(results, length, taken), d.wrt, f"value and derivatives of {to_text(d.expr)}")
    results = [*d.extra, d.tensor]
    return Chunked(d.variables, stages_of(results, length, taken), None, d.title[0].lower() + d.title[1:])


def length_of(variables: Mapping[str, Expr], over: str | None) -> Dim:
    """The dimension that counts data: the one of that name, or that of the families.

    Raises:
        DeclarationError: where there is no such dimension, or several that count data.
    """
    if over is not None:
        if not isinstance(over, str):
            raise DeclarationError(f"the dimension that counts data is a name, not {described(over)}", hint='chunked="m"')
        dims = {dim for v in variables.values() for dim in parameter_of(v).axes}
        found = [dim for dim in dims if str(dim) == over]
        if not found:
            known = ", ".join(sorted(str(dim) for dim in dims))
            raise DeclarationError(f"no variable has the dimension `{clipped(over)}`", hint=f"one of {known}")
        return found[0]
    lengths = list(dict.fromkeys(v.data[3] for v in variables.values() if v.head == "item"))
    if len(lengths) != 1 or not isinstance(lengths[0], Dim):
        what = "no sum over data" if not lengths else "several dimensions that count data"
        raise DeclarationError(f"the formula has {what}", hint='chunked="m" cuts the arrays with the dimension m')
    return lengths[0]


def source_of(d: Derivative | Gradients, over: str | None) -> str:
    """The module of `partial` and `combine`."""
    return chunked_of(d, over).numpy()


