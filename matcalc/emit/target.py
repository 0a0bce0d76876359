"""What emitted expressions refer to: names of parameters and sizes, calls of a library, axes in another order."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matcalc.core.dims import Dim
from matcalc.core.errors import DeclarationError
from matcalc.emit.numpy_ast import attribute, binary, constant, invoke, item, method, minus, name, sequence
from matcalc.plan.steps import Indices, Program


@dataclass
class Target:
    """What expressions refer to, where arrays are those of NumPy.

    Attributes:
        function: the name of the function or the class.
        alias: the name that the library is imported under.
        parameters: the Python name of each variable.
        sizes: the Python name of each dimension.
        whole: the parameter and its axis for dimensions whose names cannot be told apart.
        used_sizes: the dimensions that were referred to.
        used_helpers: the helpers that were called.
        linalg: the library that linear algebra is by, "numpy" or "scipy".
        program: what is written.
    """

    function: str
    alias: str
    parameters: dict[str, str]
    sizes: dict[str, str]
    whole: Mapping[Dim, tuple[str, int]] = field(default_factory=dict)
    used_sizes: set[str] = field(default_factory=set)
    used_helpers: set[str] = field(default_factory=set)
    linalg: str = "numpy"
    program: Program | None = None

    def call(self, function: str, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
        """A call of a function of the library."""
        return invoke(attribute(name(self.alias), *function.split(".")), *args, **keywords)

    def helper(self, which: str, *args: ast.expr, **keywords: ast.expr) -> ast.expr:
        """A call of a function that the module defines."""
        self.used_helpers.add(which)
        return invoke(name(which), *args, **keywords)

    # ------------------------------------------------------------ sizes
    def size(self, dim: Dim) -> ast.expr:
        """A dimension as an integer expression.

        Raises:
            DeclarationError: for a size that no array has.
        """
        if dim in self.whole:
            parameter, axis = self.whole[dim]
            return item(attribute(name(self.parameters[parameter]), "shape"), [constant(axis)])
        total: ast.expr | None = None
        for names, coefficient in dim.terms:
            factors = [constant(abs(coefficient))] if abs(coefficient) != 1 or not names else []
            for part in names:
                if part not in self.sizes:
                    raise DeclarationError(f"the size `{part}` cannot be read off the arrays", hint="give it as a number")
                self.used_sizes.add(part)
                factors.append(name(self.sizes[part]))
            term = factors[0]
            for factor in factors[1:]:
                term = binary(term, ast.Mult(), factor)
            if total is None:
                total = term if coefficient > 0 else minus(term)
            else:
                total = binary(total, ast.Add() if coefficient > 0 else ast.Sub(), term)
        return total or ast.Constant(0)

    def shape(self, dims: Sequence[Dim]) -> ast.expr:
        """A shape: a tuple, or the one size."""
        return self.size(dims[0]) if len(dims) == 1 else sequence([self.size(d) for d in dims])

    def shape_of(self, array: ast.expr) -> ast.expr:
        """The shape of an array as a tuple."""
        return attribute(array, "shape")

    def length(self, array: ast.expr, axis: int) -> ast.expr:
        """len(x), or A.shape[1]: the first axis is read faster so."""
        return item(attribute(array, "shape"), [constant(axis)]) if axis else invoke(name("len"), array)

    # ------------------------------------------------------------ axes
    def spread(self, arg: ast.expr, idx: Indices, union: Indices) -> ast.expr:
        """An array with its axes in the order of `union`, and new axes where broadcasting needs them."""
        order = sorted(idx, key=union.index)
        if list(idx) != order:
            arg = self.permuted(arg, [idx.index(i) for i in order])
        lead = next((n for n, i in enumerate(union) if i in idx), len(union))
        if not idx or all(i in idx for i in union[lead:]):
            return arg
        entries: list[ast.expr] = [ast.Slice() if i in idx else ast.Constant(None) for i in union[lead:]]
        if isinstance(arg, ast.Subscript) and isinstance(arg.slice, ast.Tuple) and len(idx) == 1:
            *before, last = arg.slice.elts
            if len(before) == 1 and not isinstance(last, ast.Slice):
                return item(arg.value, [*arg.slice.elts, *entries[1:]])
        return item(arg, entries)

    def permuted(self, arg: ast.expr, order: Sequence[int]) -> ast.expr:
        """An array with its axes in another order."""
        if list(order) == [1, 0]:
            return self.turned(arg, True)
        return method(arg, "transpose", *(ast.Constant(i) for i in order))

    def turned(self, arg: ast.expr, turn: object) -> ast.expr:
        """The transpose; a second one undoes the first, and that of a product with one is a product of transposes."""
        if not turn:
            return arg
        if isinstance(arg, ast.Attribute) and is_turned(arg):
            return arg.value
        factors = self.factors(arg)
        if factors is not None and any(map(is_turned, factors)):
            return self.product(self.turned(factors[1], True), self.turned(factors[0], True))
        return attribute(arg, "T")

    def product(self, first: ast.expr, second: ast.expr) -> ast.expr:
        """The product of two matrices, of a matrix and a vector, or of two vectors."""
        return method(first, "dot", second)

    def factors(self, arg: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """The two factors of such a product, None for anything else."""
        if isinstance(arg, ast.Call) and isinstance(arg.func, ast.Attribute) and arg.func.attr == "dot":
            return arg.func.value, arg.args[0]
        return None


def is_turned(arg: ast.expr) -> bool:
    """Whether the expression is a transpose."""
    return isinstance(arg, ast.Attribute) and arg.attr == "T"
