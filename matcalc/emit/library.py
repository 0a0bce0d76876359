"""What emitted expressions refer to where arrays are those of a library that never writes to them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache

from matcalc.core.dims import Dim
from matcalc.core.python import read_expression
from matcalc.emit.dialects import STANDARD, Dialect
from matcalc.emit.numpy_ast import attribute, binary, constant, integers, invoke, item, name, sequence
from matcalc.emit.target import Target
from matcalc.plan.steps import Indices


@dataclass
class Library(Target):
    """What expressions refer to, spelled as a dialect does.

    Attributes:
        dialect: that of the library.
        like: a parameter that new arrays take their type and device from, None where there is none.
        plain: the values that depend on no array: numbers of Python.
    """

    dialect: Dialect = STANDARD
    like: str | None = None
    plain: set[int] = field(default_factory=set)

    def form(self, which: str, **parts: ast.expr) -> ast.expr:
        """The expression of an operation.

        Args:
            which: a key of the forms of the dialect, or the name of a function of one operand `z`.
            parts: what the names in the form stand for.
        """
        whole = _parsed(self.dialect.forms.get(which, f"{self.alias}.{which}(z)"))
        given = dict(parts)
        if self.like is not None:
            given["like"] = name(self.like)
        found = _Filled(given)
        value = found.visit(deepcopy(whole))
        self.used_helpers |= found.helpers
        return _without_type(value) if self.like is None else value

    def has(self, which: str) -> bool:
        """Whether the dialect has a form."""
        return which in self.dialect.forms

    def call(self, function: str, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
        """A call of a function of the library, by the form of the dialect for one operand."""
        return self.form(function, z=args[0]) if len(args) == 1 and not keywords else super().call(function, *args, **keywords)

    def array(self, value: int, arg: ast.expr) -> ast.expr:
        """An operand as an array: a plain number is made one."""
        return self.form("number", value=arg) if value in self.plain else arg

    # ------------------------------------------------------------ sizes and axes
    def shape_of(self, array: ast.expr) -> ast.expr:
        """The shape of an array as a tuple."""
        shape = attribute(array, "shape")
        return shape if self.alias == "jnp" else invoke(name("tuple"), shape)

    def length(self, array: ast.expr, axis: int) -> ast.expr:
        """A.shape[0]"""
        return item(attribute(array, "shape"), [constant(axis)])

    def shape(self, dims: Sequence[Dim]) -> ast.expr:
        """A shape: a tuple."""
        return sequence([self.size(d) for d in dims])

    def permuted(self, arg: ast.expr, order: Sequence[int]) -> ast.expr:
        """An array with its axes in another order."""
        return self.turned(arg, True) if list(order) == [1, 0] else self.form("permute", z=arg, order=integers(order))

    def expanded(self, arg: ast.expr, idx: Indices, union: Indices) -> ast.expr:
        """An array with its axes in the order of `union`, and a new axis for each index that it does not have."""
        order = sorted(idx, key=union.index)
        if list(idx) != order:
            arg = self.permuted(arg, [idx.index(i) for i in order])
        if not idx or len(idx) == len(union):
            return arg
        return item(arg, [ast.Slice() if i in idx else ast.Constant(None) for i in union])

    def part(self, arg: ast.expr, axis: int, entry: ast.expr, rank: int) -> ast.expr:
        """The array at one position, or in a range, of an axis."""
        after = [ast.Slice() for _ in range(rank - axis - 1)] if self.dialect.lists_axes else []
        return item(arg, [*(ast.Slice() for _ in range(axis)), entry, *after])

    # ------------------------------------------------------------ products
    def product(self, first: ast.expr, second: ast.expr) -> ast.expr:
        """A @ B"""
        return binary(first, ast.MatMult(), second)

    def factors(self, arg: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """The two factors of such a product, None for anything else."""
        return (arg.left, arg.right) if isinstance(arg, ast.BinOp) and isinstance(arg.op, ast.MatMult) else None


@cache
def _parsed(form: str) -> ast.expr:
    return read_expression(form)


class _Filled(ast.NodeTransformer):
    """A form with what its names stand for, and the helpers that it calls."""

    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts
        self.helpers: set[str] = set()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id.startswith("_"):
            self.helpers.add(node.id)
        return self.parts.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.args = [part for arg in node.args for part in (arg.value.elts if _is_spelled_out(arg) else [arg])]  # type: ignore[attr-defined]
        return node


def _is_spelled_out(arg: ast.expr) -> bool:
    """Whether an argument is a tuple with a star, whose parts are arguments then."""
    return isinstance(arg, ast.Starred) and isinstance(arg.value, ast.Tuple)


def _without_type(value: ast.expr) -> ast.expr:
    """A call without the keywords that refer to another array, where there is none."""
    for part in ast.walk(value):
        if isinstance(part, ast.Call):
            part.keywords = [k for k in part.keywords if k.arg not in ("dtype", "device")]
    return value
