"""One function seen both ways: domain and smoothness, composition from its parts, sign of its Hessian."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from matcalc.convexity.composition import UNKNOWN, Bend, Composer
from matcalc.convexity.definiteness import Judge
from matcalc.convexity.domain import Condition, conditions, holds, is_convex_set, kinks, told
from matcalc.convexity.facts import LEVELS, Fact
from matcalc.convexity.intervals import Interval
from matcalc.convexity.minors import judged
from matcalc.core.errors import MatcalcError
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor, content_of
from matcalc.ir.text import to_index
from matcalc.lowering.lower import lower_every
from matcalc.pipeline import Block, matrix_form
from matcalc.second_order import hessian_of
from matcalc.simplify.expand import expand
from matcalc.simplify.recognise import recognise

STRUCTURES = ("diagonal", "skew", "symmetric", "posdef", "psd")
"""Properties of a matrix that tie its entries to each other."""


class Analysis:
    """What the rules say of a function.

    Args:
        expr: the function.
        variables: all variables by name.
        block: what it is a function of.
        hessian: its Hessian, None where it has none.
        is_part: whether the function is a part of another one, whose other parts are not looked into.
    """

    def __init__(self, expr: Expr, variables: Mapping[str, Expr], block: Block, hessian: Derivative | None) -> None:
        self.expr, self.variables, self.block, self.hessian = expr, variables, block, hessian
        self.names = frozenset((block,) if isinstance(block, str) else block)
        self.tensors = lower_every(expr)
        self.said: dict[Tensor, str] = {}
        self.judge = Judge({}, self.say)
        self.composer = self._composer()
        self._restrict()

    def _composer(self) -> Composer:
        return Composer(self.names, self.tensors, self.judge.signs, self._level, self._second_order)

    def _level(self, node: Tensor) -> int | None:
        fact = self.judge.matrix(node)
        return None if fact is None else fact.level

    # ------------------------------------------------------------ domain
    def _restrict(self) -> None:
        """Finds the conditions of the domain, whether they leave a convex set, and takes them as facts.

        First those that hold, or leave a convex set, by the declarations alone; then the others, in the set that is left.
        """
        found = [c for c in conditions(self.expr, self.composer) if not holds(c, self.composer)]
        settled = [c for c in found if is_convex_set(c, self.composer)]
        self._assume(settled)
        left = [c for c in found if c not in settled]
        self.is_convex_domain = all(holds(c, self.composer) or is_convex_set(c, self.composer) for c in left)
        self.domain = told(found)
        self._assume(found)

    def _assume(self, found: list[Condition]) -> None:
        facts: dict[Tensor, Interval] = {}
        for condition in found:
            known = condition.fact
            if known is None:
                continue
            for tensor in (self.tensors[condition.part], recognise(self.tensors[condition.part])):
                coefficient, core = content_of(tensor)
                facts[core] = facts.get(core, Interval()).meet(known.scaled(1 / coefficient))
        self.judge = Judge(facts, self.say)
        self.composer = self._composer()

    @cached_property
    def kinks(self) -> list[Expr]:
        """Parts at which the function may fail to be smooth."""
        return kinks(self.expr, self.composer)

    @property
    def is_smooth(self) -> bool:
        """Whether the function is smooth inside of its domain."""
        return not self.kinks

    # ------------------------------------------------------------ the two ways
    def bend(self) -> Bend:
        """What composition says."""
        return self.composer.bend(self.expr)

    def _second_order(self, node: Expr) -> Bend:
        """What the Hessian of a smooth scalar part says; the whole function is judged by `form`."""
        if node is self.expr or any(e.head in ("item", "datasum") for e in postorder(node)) or kinks(node, self.composer):
            return UNKNOWN
        names = [n for n in self.variables if n in {e.name for e in postorder(node) if e.head == "var"}]
        block = self.block if isinstance(self.block, str) else tuple(n for n in self.block if n in names)
        try:
            hessian = hessian_of(node, {n: self.variables[n] for n in names}, block)
        except MatcalcError:
            return UNKNOWN
        fact = self._form(node, hessian)
        if fact is None or fact.level == 0:
            return UNKNOWN
        way = "convex" if fact.level > 0 else "concave"
        reason = Fact(f"{to_text(node)} is {way}", "second-order-condition", "", (fact,))
        whole = len(names) >= len(self.names) and self.names <= set(names)
        strict = abs(fact.level) == 2 and whole
        return Bend(reason, is_strict=strict) if fact.level > 0 else Bend(concave=reason, is_strict=strict)

    def form(self) -> Fact | None:
        """What the Hessian is."""
        return None if self.hessian is None else self._form(self.expr, self.hessian)

    def _form(self, expr: Expr, hessian: Derivative) -> Fact | None:
        tensor = hessian.tensor
        try:
            if b.is_zero(tensor) or b.is_zero(expand(tensor)):
                return Fact(f"the second derivative is {LEVELS[0]}", "zero")
        except MatcalcError:
            pass
        block = hessian.wrt[0]
        if not isinstance(block, str):
            return judged(self._entries(expr, block), len(block), self.judge, str(hessian.named().body))
        if not tensor.rank:
            return self.judge.scalar(tensor)
        return self.judge.form(tensor, self._direction(block, tensor))

    def form_of(self, tensor: Tensor) -> Fact | None:
        """What a second derivative by the one variable is, at a certain point for example."""
        assert isinstance(self.block, str)
        return self.judge.form(tensor, self._direction(self.block, tensor))

    def _entries(self, expr: Expr, block: tuple[str, ...]) -> dict[tuple[int, int], Tensor]:
        return {
            (i, j): derive_expr(expr, self.variables, [block[i], block[j]]).tensor
            for i in range(len(block)) for j in range(i, len(block))
        }

    def _direction(self, block: str, tensor: Tensor) -> Tensor:
        """The variable V that runs through the directions in which the variable of the function can move."""
        half = tensor.rank // 2
        properties = self._structures(block)
        return b.var(self._direction_name(half), tensor.axes[:half], properties, self.variables[block].head == "item")

    def _structures(self, block: str) -> tuple[str, ...]:
        declared = self.variables[block].data[1]
        assert isinstance(declared, tuple)
        found = [p for p in STRUCTURES if p in declared]
        return () if not found else (found[0] if found[0] in ("diagonal", "skew") else "symmetric",)

    def _direction_name(self, rank: int) -> str:
        return next(n for n in (("v", "u", "v_0") if rank == 1 else ("V", "U", "V_0")) if n not in self.variables)

    @property
    def structure(self) -> str:
        """The property that ties the entries of the variable, empty where none does."""
        found = self._structures(self.block) if isinstance(self.block, str) else ()
        return found[0] if found else ""

    # ------------------------------------------------------------ words
    def say(self, tensor: Tensor) -> str:
        """A tensor as a reader writes it."""
        if tensor not in self.said:
            self.said[tensor] = self._said(tensor)
        return self.said[tensor]

    def _said(self, tensor: Tensor) -> str:
        own = self.variables.get(str(tensor.data[0])) if tensor.head == "var" else None
        if own is not None and own.head == "item":
            return to_text(own)
        form = matrix_form(tensor, self.expr, self.variables)
        return to_index(tensor) if form is None else to_text(form)
