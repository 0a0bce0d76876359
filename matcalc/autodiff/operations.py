"""Formulas taken down to elementary operations, one intermediate variable for each.

A sign in front of a term, a transpose and a reciprocal beside another factor belong to the operation that uses them; so
does the square of a norm, and whatever does not depend on what one differentiates by. A sum over data is one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.core.errors import LimitError
from matcalc.core.traversal import fold, postorder
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.rebuild import rebuild

MAX_STEPS = 500
"""Intermediate variables of one graph."""

_LEAVES = ("var", "item")


class Operations:
    """The intermediate variables of a graph, in the order in which they are evaluated.

    Attributes:
        steps: the formula of each, by name; operands are variables and earlier steps.
        active: names of variables that one differentiates by, and of steps that depend on them.
    """

    def __init__(self, active: set[str], fresh: Callable[[Expr], str]) -> None:
        """Starts without steps.

        Args:
            active: names of variables that one differentiates by.
            fresh: a name for a formula.
        """
        self.steps: dict[str, Expr] = {}
        self.active = active
        self._fresh = fresh
        self._known: dict[Expr, Expr] = {}
        self._formulas: dict[Expr, Expr] = {}
        self._sums: dict[Expr, Expr] = {}
        self._depends: dict[Expr, bool] = {}

    def define(self, name: str, formula: Expr, elementary: bool) -> None:
        """Adds a step under a name of its own, after the steps that its elementary operations need."""
        body = self._formula(formula) if elementary else formula
        if self.depends(body):
            self.active.add(name)
        self._add(name, body)

    def depends(self, formula: Expr) -> bool:
        """Whether it depends on what one differentiates by."""
        return fold(formula, lambda node, args: any(args) or (node.head in _LEAVES and node.name in self.active), self._depends)

    def _add(self, name: str, formula: Expr) -> Expr:
        if len(self.steps) == MAX_STEPS:
            raise LimitError(f"the graph has more than {MAX_STEPS} intermediate variables",
                             hint="a shorter formula, or elementary=False for one node for each definition")
        leaf = b.variable(name, formula.shape)
        self.steps[name] = formula
        self._known.setdefault(formula, leaf)
        return leaf

    def _formula(self, root: Expr) -> Expr:
        """The root as one operation on variables and steps; steps are made from left to right."""
        settled: set[Expr] = set()
        root = fold(root, lambda node, args: self._sealed(node) if node.head == "datasum" else rebuild(node, args))
        for node in postorder(root):
            if not self.depends(node):
                self._formulas.setdefault(node, self._sums.get(node, node))
            settled.update(arg for arg in node.args if not _holds(node, arg))

        def visit(node: Expr, args: tuple[Expr, ...]) -> Expr:
            formula = self._operation(node, args)
            return self._settled(formula) if node in settled else formula

        return fold(root, visit, self._formulas)

    def _sealed(self, node: Expr) -> Expr:
        """A leaf for a sum over data, so that nothing in it becomes a step."""
        leaf = Expr.make("datasum", (), (*node.data, node), node.shape)
        self._sums[leaf] = node
        self._depends[leaf] = self.depends(node)
        return leaf

    def _settled(self, formula: Expr) -> Expr:
        """What stands for a formula in the operation that uses it: itself if it is none, else its step."""
        if formula.head in _LEAVES or not self.depends(formula):
            return formula
        if formula.head == "transpose":
            return b.transpose(self._settled(formula.args[0]))
        if formula not in self._known:
            name = self._fresh(formula)
            self.active.add(name)
            self._add(name, formula)
        return self._known[formula]

    def _operation(self, node: Expr, args: tuple[Expr, ...]) -> Expr:
        """One operation; the arguments are operations that have no step yet."""
        if node in self._sums:
            return self._sums[node]
        if node.head == "add":
            return rebuild(node, tuple(self._term(a) for a in args))
        if node.head == "product":
            return self._product(args)
        if node.head == "hadamard":
            return self._hadamard(args)
        if node.head == "power" and args[0].head == "norm" and _number(args[1]) is not None:
            return b.power(*args)
        return rebuild(node, tuple(map(self._settled, args)))

    def _term(self, formula: Expr) -> Expr:
        """A term of a sum: the sign of a product with -1 stays in the sum."""
        if formula.head == "product" and _number(formula.args[0]) == -1:
            return b.negate(self._settled(b.product(formula.args[1:])))
        return self._settled(formula)

    def _factor(self, formula: Expr) -> Expr:
        """A factor: a reciprocal stays in the product, as a division."""
        return formula if is_reciprocal(formula) else self._settled(formula)

    def _product(self, args: Sequence[Expr]) -> Expr:
        """The product by its last operation: matrices first, then scalars that vary, then those that do not."""
        factors = [self._factor(a) for a in args]
        scalars = [f for f in factors if f.shape.is_scalar]
        fixed = [f for f in scalars if not self.depends(f)]
        varying = sorted((f for f in scalars if self.depends(f)), key=is_reciprocal)
        result = self._chain([f for f in factors if not f.shape.is_scalar])
        for factor in varying:
            result = factor if result is None else self._times(result, factor)
        if result is None or not fixed:
            return b.product(fixed) if result is None else result
        return b.product([*fixed, result if is_reciprocal(result) else self._settled(result)])

    def _times(self, result: Expr, factor: Expr) -> Expr:
        """A product so far times a scalar: a division after it, any other scalar in front of matrices."""
        left = self._settled(result)
        return b.product([left, factor] if left.shape.is_scalar or is_reciprocal(factor) else [factor, left])

    def _chain(self, factors: list[Expr]) -> Expr | None:
        """A chain of matrices and vectors, two at a time, so that vectors meet matrices first."""
        backwards = bool(factors) and "vector" in (factors[-1].shape.kind, factors[0].shape.kind)
        while len(factors) > 1:
            at = len(factors) - 2 if backwards else 0
            pair = b.product([self._settled(f) for f in factors[at : at + 2]])
            factors = [*factors[:at], pair, *factors[at + 2 :]]
        return factors[0] if factors else None

    def _hadamard(self, args: Sequence[Expr]) -> Expr:
        result = self._factor(args[0])
        for factor in args[1:]:
            result = b.hadamard([self._settled(result), self._factor(factor)])
        return result


def _holds(node: Expr, arg: Expr) -> bool:
    """Whether an operand is part of the operation that uses it, with no step of its own."""
    if node.head == "add":
        return arg.head == "product" and _number(arg.args[0]) == -1
    if node.head in ("product", "hadamard"):
        return is_reciprocal(arg)
    return node.head == "power" and arg.head == "norm" and _number(node.args[1]) is not None


def _number(node: Expr) -> Fraction | None:
    value = node.data[0] if node.head == "num" else None
    return value if isinstance(value, Fraction) else None


def is_reciprocal(node: Expr) -> bool:
    """Whether it is 1/u."""
    return node.head == "power" and _number(node.args[1]) == -1
