"""The ways to a derivative: in components with Kronecker deltas, by differentials, entry by entry for scalars.

Each way works on states of the engine: index forms in which some derivatives are not worked out yet. It ends at the
index form that the sweep of `diff/differentiate.py` gives, is simplified by the same passes, and every step keeps value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matcalc.core.arguments import check_choice
from matcalc.core.errors import DeclarationError, NotDifferentiableError
from matcalc.core.tracing import Rewrite, recorded
from matcalc.core.traversal import fold, postorder
from matcalc.derivation.board import FUNCTIONS, Board, Line
from matcalc.derivation.rewriting import LEAF, pending, rule_of, unevaluated, with_deltas, worked
from matcalc.derivation.rules import COMPONENTS, Rule, combined, rule
from matcalc.derivation.steps import Derivation, Step, continued, step
from matcalc.derivative import METHODS, Derivative
from matcalc.diff.differentiate import differentiate, gather
from matcalc.emit.latex import to_latex
from matcalc.emit.latex_names import dimension, space, symbol
from matcalc.expr import build as e
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.lowering.lower import lower
from matcalc.pipeline import (
    Block,
    by_structure,
    check_wrt,
    hidden,
    is_vector,
    restored,
    tensor_of,
    without_properties,
)
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise

MAX_STEPS = 200
STRUCTURE = "structure"
"""The one step that changes the value: it says what is meant by the derivative."""


def derivation(d: Derivative, method: str | None = None) -> Derivation:
    """The work that leads to a derivative.

    Args:
        d: the derivative.
        method: "components", "differentials" (of a scalar by one matrix or vector), or None for the one that a
            lecturer would choose.

    Raises:
        DeclarationError: for a method that there is not, or that does not apply.
    """
    if method is not None:
        check_choice(method, "method", METHODS)
    by_matrix = d.order == 1 and isinstance(d.wrt[0], str) and d.expr.shape.is_scalar and bool(d.variables[d.wrt[0]].shape.dims)
    if method == "differentials" and not by_matrix:
        raise DeclarationError("differentials are for a scalar by one vector or matrix", hint='method="components"')
    usual = by_matrix and isinstance(d.wrt[0], str) and d.variables[d.wrt[0]].shape.kind == "matrix"
    if by_matrix and (method == "differentials" or (method is None and usual)):
        found = _Work(d).by_differentials()
        if found is not None:
            return found
        if method is not None:
            raise DeclarationError("a line of the work has no matrix form", hint='method="components"')
    return _Work(d).in_components()


@dataclass
class _Target:
    """What one round differentiates: the tensor, the name of it, the block, and the head of what is not worked out."""

    tensor: Tensor
    function: str
    block: Block
    head: str = "partial"


class _Work:
    """The steps of one derivative, in the making."""

    def __init__(self, d: Derivative) -> None:
        names = check_wrt(d.variables, d.wrt)
        self.d, self.names = d, names
        self.plain = {name: lower(without_properties(d.variables[name])) for name in names}
        self.tensor = tensor_of(hidden(d.expr, set(names)))
        self.board = Board(d, self.tensor, names)
        self.steps: list[Step] = []

    # ------------------------------------------------------------ the two ways
    def in_components(self) -> Derivation:
        """By the entries of the variables, once for each order."""
        self.recognised()
        if any(self.is_indexed(block) for block in self.d.wrt) or self.tensor.rank:
            self.write_components()
        tensor, function = self.tensor, self.board.function
        line: Line | None = None
        for order, block in enumerate(self.d.wrt):
            if order:
                function = self.named_again(function, order, tensor)
            tensor, line = self.round(_Target(tensor, function, block))
        return self.finished(tensor, line if line is not None and line.matrix is not None else None)

    def named_again(self, function: str, order: int, tensor: Tensor) -> str:
        """A letter for the derivative so far, which is then differentiated again."""
        letters = [f for f in FUNCTIONS if f not in self.board.taken]
        name = letters[0] if letters else f"{function}{order}"
        self.board.taken.add(name)
        line = self.board.indexed(tensor)
        self.steps.append(step(rule("derivative-again"), self.board.symbol_of(name, tensor.rank), line, line))
        return name

    def recognised(self) -> None:
        """The functions that the formula spells out, under their names."""
        plain = lower(hidden(self.d.expr, set(self.names)))
        with recorded() as log:
            recognise(plain)
        left, line = self.board.symbol_of(self.board.function, self.tensor.rank), self.board.whole(plain)
        for name, state in _followed(plain, log, self.tensor):
            after = self.board.whole(state)
            if after.text != line.text:
                self.steps.append(step(rule(name), left, line, after))
                line = after

    def by_differentials(self) -> Derivation | None:
        """By the differential of a scalar; None where a line has no matrix form."""
        (block,) = self.d.wrt
        assert isinstance(block, str)
        target = _Target(self.tensor, self.board.function, block, "differential")
        state = self.worked_out(target, unevaluated("differential", self.tensor, self.plain[block]))
        if state is None:
            return None
        v = self.plain[block]
        direction = b.var(f"d{block}", v.axes)
        leaf = unevaluated("differential", v, v)
        tensor = differentiate(substitute(state, leaf, direction), direction) if not b.is_zero(state) else b.zero(v.axes)
        own = tuple(range(v.rank))
        before, shown = self.shown(state, target), self.matrix_line(tensor)
        if before is None or shown is None or self.d.matrix is None:
            return None
        after = Line(shown.text, shown.latex, b.contract([(tensor, own), (leaf, own)], ()))
        self.steps.append(step(rule("identification"), self.whole(), before, after))
        return self.finished(tensor, shown)

    # ------------------------------------------------------------ one order
    def is_indexed(self, block: Block) -> bool:
        """Whether the derivative by a block has indices of its own."""
        return isinstance(block, str) and bool(self.plain[block].rank)

    def round(self, target: _Target) -> tuple[Tensor, Line]:
        """One differentiation, up to the contraction of the deltas."""
        block = target.block
        if isinstance(block, str):
            state = unevaluated("partial", target.tensor, self.plain[block])
        else:
            state = gather([unevaluated("partial", target.tensor, self.plain[name]) for name in block])
        done = self.worked_out(target, state)
        assert done is not None
        return self.contracted(target, done)

    def worked_out(self, target: _Target, state: Tensor) -> Tensor | None:
        """The state with every derivative worked out but those of the variable itself; None where a line has no form."""
        line = self.shown(state, target)
        for _ in range(MAX_STEPS):
            chosen = _next(state)
            if not chosen or line is None:
                break
            names = list(dict.fromkeys(rule_of(node) for node in chosen))
            try:
                after = worked(state, chosen)
                while names == ["d-lin"] and any(rule_of(n) == "d-lin" for n in pending(after)):
                    after = worked(after, [n for n in pending(after) if rule_of(n) == "d-lin"])
            except NotDifferentiableError:
                after, names = self.swept(target), ["reverse-sweep"]
            shown = self.shown(after, target)
            if shown is None:
                return None
            self.steps.append(step(combined(names), self.left(target), line, shown))
            state, line = after, shown
        return None if line is None else state

    def swept(self, target: _Target) -> Tensor:
        """The derivative by the engine's reverse sweep, for what has no rule of its own."""
        assert isinstance(target.block, str)
        v = self.plain[target.block]
        whole = differentiate(target.tensor, v)
        if target.head == "partial":
            return whole
        own = tuple(range(v.rank))
        return b.contract([(whole, own), (unevaluated("differential", v, v), own)], ())

    def contracted(self, target: _Target, state: Tensor) -> tuple[Tensor, Line]:
        """The derivative of the variable by itself put in, and the deltas contracted."""
        leaves, left, before = pending(state), self.left(target), self.shown(state, target)
        assert before is not None
        if not leaves:
            return state, before
        done = worked(state, leaves)
        middle, after = self.board.indexed(with_deltas(state)), self.board.indexed(done)
        name = "leaf-vector" if all(node.args[1].rank == 1 for node in leaves) else "leaf-matrix"
        self.steps.append(step(rule(name), left, before, middle))
        if middle.text != after.text:
            self.steps.append(step(rule("contract-deltas"), left, middle, after))
        return done, after

    # ------------------------------------------------------------ lines
    def left(self, target: _Target) -> Line:
        """The left-hand side of a round."""
        if target.head == "differential":
            return Line(f"d{target.function}", rf"\mathrm{{d}}{symbol(target.function)}")
        if not isinstance(target.block, str):
            names = ", ".join(target.block)
            latex = ", ".join(symbol(n) for n in target.block)
            return Line(f"d{target.function}/d({names})", rf"\frac{{\partial {symbol(target.function)}}}{{\partial ({latex})}}")
        return self.board.quotient(target.function, target.tensor.rank, target.block, self.plain[target.block].rank)

    def shown(self, state: Tensor, target: _Target) -> Line | None:
        """A state as the way writes it: in matrix form for differentials and scalars, else in index notation."""
        if target.head == "differential":
            return self.board.matrix(state)
        if not self.is_indexed(target.block) and not target.tensor.rank:
            found = self.matrix_line(state)
            if found is not None:
                return found
        return self.board.indexed(state)

    def matrix_line(self, tensor: Tensor) -> Line | None:
        """A form of the whole derivative in the layout of the result."""
        as_row = tensor.rank == 1 and self.d.expr.shape.is_scalar and is_vector(self.d.variables, self.d.wrt[-1])
        return self.board.matrix(tensor, as_row != self.d.is_turned, self.d.is_turned)

    def write_components(self) -> None:
        """The function entry by entry, and what the names of its parts stand for."""
        heads = dict.fromkeys(node.head for node in postorder(self.d.expr))
        formulas = "; ".join(COMPONENTS[head] for head in heads if head in COMPONENTS)
        own = rule("matrix-form")
        left = self.board.symbol_of(self.board.function, self.tensor.rank)
        before = Line(to_text(self.d.expr), to_latex(self.d.expr), self.tensor, self.d.expr)
        after = continued(self.board.indexed(self.tensor), self.board.definitions(), (",  ", r",\quad "))
        self.steps.append(step(Rule("components", "Write in components", formulas or own.formula, own.source),
                               left, before, after))

    # ------------------------------------------------------------ the end
    def finished(self, tensor: Tensor, form: Line | None = None) -> Derivation:
        """The steps from the worked-out derivative, in index notation or in a matrix form, to the result."""
        d, whole = self.d, self.whole()
        line = self.board.indexed(tensor) if form is None else form
        if tensor.rank:
            self.steps.append(self.shape_step(line, whole))
        first = self.matrix_line(tensor) if form is None and d.matrix is not None else None
        if first is not None:
            self.steps.append(step(rule("matrix-form"), whole, line, first))
            line = first
        for name, state in self.simplified(tensor):
            after = (self.matrix_line(state) if line.matrix is not None else None) or self.board.indexed(state)
            line = self.moved(name, line, after)
        if d.matrix is not None:
            line = self.moved("normal-form" if line.matrix is not None else "matrix-form", line, self.matrix_line(d.tensor))
        last = self.printed()
        if last.text.partition(" where ")[0] != line.text:
            self.moved("short-names" if " where " in last.text else "insert-names", line, last)
        return Derivation(d, self.headline(), self.steps)

    def moved(self, name: str, line: Line, after: Line | None) -> Line:
        """The next line, with a step to it where it reads otherwise."""
        if after is None or after.text == line.text:
            return line
        start = replace(line, value=None) if name == STRUCTURE else line
        self.steps.append(step(rule(name), self.whole(), start, after))
        return after

    def printed(self) -> Line:
        """The result as it is printed, with short names for what repeats."""
        d = self.d
        text = str(d.named()) if d.matrix is not None else d.index()
        return Line(text, d.latex(), d.tensor, d.matrix, d.is_turned)

    def simplified(self, tensor: Tensor) -> Iterator[tuple[str, Tensor]]:
        """The states on the way from a worked-out derivative to the result, each with the rule that leads to it."""
        d = self.d
        with recorded() as log:
            named = recognise(tensor)
        yield from _followed(tensor, log, named)
        state = restored(named, d.variables, self.names)
        self.board.names |= {restored(t, d.variables, self.names): name for t, name in self.board.names.items()}
        yield "properties", state
        if d.structured is not None:
            state = by_structure(state, d.expr, d.variables, d.wrt, d.structured)
            yield STRUCTURE, state
        with recorded() as log:
            result = factor(state)
        yield from _followed(state, log, result)
        yield "normal-form", d.tensor

    def whole(self) -> Line:
        """The derivative as a whole: df/dx, d^2f/dx^2."""
        f, d = self.board.function, self.d
        power, latex_power = (f"^{d.order}", f"^{{{d.order}}}") if d.order > 1 else ("", "")
        blocks = [block if isinstance(block, str) else f"({', '.join(block)})" for block in d.wrt]
        latex = [symbol(block) if isinstance(block, str) else f"({', '.join(map(symbol, block))})" for block in d.wrt]
        below = f"d{blocks[0]}{power}" if len(set(blocks)) == 1 else " ".join(f"d{block}" for block in blocks)
        below_latex = (rf"\partial {latex[0]}{latex_power}" if len(set(blocks)) == 1
                       else r" \, ".join(rf"\partial {block}" for block in latex))
        return Line(f"d{power}{f}/{below}", rf"\frac{{\partial{latex_power} {symbol(f)}}}{{{below_latex}}}")

    def shape_step(self, line: Line, whole: Line) -> Step:
        """What the axes of the result are."""
        d = self.d
        ranks = [len(d.expr.shape.dims), *(1 if not isinstance(k, str) else self.plain[k].rank for k in d.wrt)]
        owners = [self.board.function, *(k if isinstance(k, str) else f"({', '.join(k)})" for k in d.wrt)]
        letters, parts, at = self.board.letters, [], 0
        for owner, size in zip(owners, ranks, strict=True):
            if size:
                parts.append(f"{', '.join(letters[at : at + size])} of {owner}")
            at += size
        sizes = d.matrix.shape if d.matrix is not None else None
        text = str(sizes) if sizes is not None else f"R^{{{' x '.join(d.shape)}}}"
        times = r" \times ".join(map(dimension, d.tensor.axes))
        latex = space(sizes) if sizes is not None else rf"\mathbb{{R}}^{{{times}}}"
        return step(rule("read-off-shape"), whole, line, line, Line(f"{text}: {'; '.join(parts)}", latex))

    def headline(self) -> Line:
        """What is derived, by what, in which spaces."""
        d, f = self.d, self.board.function
        by = ", ".join(k if isinstance(k, str) else f"({', '.join(k)})" for k in d.wrt)
        spaces = ", ".join(f"{name} in {d.space(name)}" for name in d.variables)
        leaves = {value: e.variable(name, value.shape) for name, value in d.definitions.items() if value is not d.expr}
        written = fold(d.expr, lambda node, args: node.with_args(args) if args else node, leaves)
        text, latex, clause = to_text(written), to_latex(written), self.board.clause()
        if clause is not None:
            text, latex = f"{text} with {clause.text}", rf"{latex} \quad \text{{with }} {clause.latex}"
        return Line(f"{f} = {text}, by {by}" + (f"\n{spaces}" if spaces else ""), f"{symbol(f)} = {latex}")


def _next(state: Tensor) -> list[Tensor]:
    """The derivatives that one step works out: by linearity first, then products, then all functions at once."""
    waiting = [node for node in pending(state) if rule_of(node) != LEAF]
    for kind in ("d-lin", "d-contract"):
        found = [node for node in waiting if rule_of(node) == kind]
        if found:
            return found
    return waiting


def _followed(state: Tensor, log: Sequence[Rewrite], result: Tensor) -> Iterator[tuple[str, Tensor]]:
    """The whole after each recorded rewrite of a part."""
    name = "normal-form"
    for name, before, after in log:
        assert isinstance(before, Tensor) and isinstance(after, Tensor)
        state = substitute(state, before, after)
        yield name, state
    if state is not result:
        yield name, result
