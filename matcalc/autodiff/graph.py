"""The computation graph of a formula: intermediate variables, edges with local derivatives, what can be made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import chain, count
from typing import TYPE_CHECKING

from matcalc.api import block_of
from matcalc.autodiff.formula import Formula, local, with_name
from matcalc.autodiff.operations import Operations
from matcalc.core.arguments import check_choice, check_flag
from matcalc.core.display import Displayed
from matcalc.core.errors import DeclarationError
from matcalc.core.functions import FUNCTIONS
from matcalc.core.limits import timed
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative, derive_expr
from matcalc.expr import build as b
from matcalc.expr.nodes import Expr
from matcalc.expr.size import size
from matcalc.expr.text import to_text
from matcalc.pipeline import check_wrt, derivative_tensor
from matcalc.reading import names_of, slope
from matcalc.syntax.apart import Apart, take_apart
from matcalc.syntax.elaborate import Program, variables_of

if TYPE_CHECKING:
    from matcalc.autodiff.table import Table
    from matcalc.check.report import Report

MODES = ("reverse", "forward")

SHORT = 3
"""A definition of this size or less is written out in local derivatives, as in d tanh(z)/dz = 1 - tanh(z)^2."""

_OUTPUTS = {True: "FYGH", False: "fyLhgJ"}
"""Names for the output, those of a matrix first; and letters for intermediate variables."""
_STEPS = "vwuts"


@dataclass(frozen=True)
class Node:
    """A variable of the formula, or an intermediate variable.

    Attributes:
        name: its name.
        expr: its definition in names of other nodes; of a variable, itself.
        kind: "input", "step" or "output".
        active: whether it depends on what one differentiates by.
    """

    name: str
    expr: Expr
    kind: str
    active: bool

    @property
    def definition(self) -> str:
        """The definition as text."""
        return to_text(self.expr)

    @property
    def leaf(self) -> Expr:
        """The variable that stands for it in other definitions."""
        return self.expr if self.kind == "input" else b.variable(self.name, self.expr.shape)

    @cached_property
    def parents(self) -> dict[str, Expr]:
        """The variables that its definition uses, by name."""
        return {} if self.kind == "input" else variables_of(self.expr)

    def __str__(self) -> str:
        return self.name if self.kind == "input" else f"{self.name} = {self.definition}"


@dataclass(frozen=True)
class Edge:
    """The use of one node in the definition of another.

    Attributes:
        source: the node that is used.
        target: the node that uses it.
        active: whether derivatives flow along it.
        node: the target.
    """

    source: str
    target: str
    active: bool
    node: Node = field(repr=False)

    @cached_property
    def derivative(self) -> Derivative:
        """The local derivative: of the target by the source, all its operands taken as independent.

        Raises:
            NotDifferentiableError: where the operation has no derivative rule.
        """
        return derive_expr(self.node.expr, self.node.parents, [self.source], {self.target: self.node.expr})

    @cached_property
    def formula(self) -> Formula:
        """The local derivative in names of nodes, as text and LaTeX."""
        d = self.derivative
        if size(self.node.expr) > SHORT:
            d = with_name(d, self.node.expr, self.node.leaf)
        return local(d, self.target)

    def __str__(self) -> str:
        return self.formula.text


@dataclass(frozen=True, repr=False)
class Graph(Displayed):
    """A computation graph.

    Attributes:
        program: the formula, elaborated.
        wrt: the variables that one differentiates by.
        nodes: variables in order of first appearance, then intermediate variables in the order of evaluation, the
            output last.
        edges: in the order of the nodes that they end in.
    """

    program: Program = field(repr=False)
    wrt: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def output(self) -> Node:
        """The node of the formula as a whole."""
        return self.nodes[-1]

    def __getitem__(self, name: str) -> Node:
        for node in self.nodes:
            if node.name == name:
                return node
        raise DeclarationError(f"`{name}` is no node of the graph", hint=f"one of {', '.join(n.name for n in self.nodes)}")

    def incoming(self, name: str) -> list[Edge]:
        """The edges with a derivative that end in a node."""
        return [e for e in self.edges if e.active and e.target == name]

    def outgoing(self, name: str) -> list[Edge]:
        """The edges with a derivative that start from a node."""
        return [e for e in self.edges if e.active and e.source == name]

    def table(self, mode: str = "reverse") -> Table:
        """The accumulation of derivatives, one row for each node, with rule and formula.

        Args:
            mode: "reverse" for the derivatives of the output by every node, "forward" for those of every node by `wrt`.

        Raises:
            DeclarationError: for another mode.
        """
        table: Table = import_module("matcalc.autodiff.table").table(self, check_mode(mode))
        return table

    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        return str(import_module("matcalc.autodiff.text").mermaid(self))

    def dot(self) -> str:
        """The graph in the DOT language of Graphviz."""
        return str(import_module("matcalc.autodiff.text").dot(self))

    def svg(self, accumulated: str | None = None) -> str:
        """The graph as a picture; needs the extra `graph`.

        Args:
            accumulated: "reverse" or "forward" to show the accumulated derivative in each node too.

        Raises:
            DeclarationError: for another mode.
            MatcalcError: where the drawing libraries are not installed.
        """
        mode = None if accumulated is None else check_mode(accumulated)
        return str(import_module("matcalc.autodiff.draw").svg(self, mode))

    def check(self, seed: int = 0) -> Report:
        """Compares every local derivative, and their accumulation in both modes, with finite differences.

        The local derivatives are evaluated and accumulated along the edges; what the engine derives for the formula as a
        whole is compared with the same finite differences.
        """
        checks = import_module("matcalc.check.accumulation")
        local = [checks.Local(e.source, e.target, e.node.expr, e.node.parents, e.derivative.tensor)
                 for e in self.edges if e.active]
        program = self.program
        derivatives = {wrt: derivative_tensor(program.expr, program.variables, [wrt]) for wrt in self.wrt}
        steps = {node.name: node.expr for node in self.nodes if node.kind != "input"}
        report: Report = checks.check_flow(checks.Flow(program.expr, program.variables, steps, local, derivatives), seed)
        return report

    def __str__(self) -> str:
        return "\n".join(str(node) for node in self.nodes if node.kind != "input")


def check_mode(mode: str) -> str:
    """The mode, if there is such a one."""
    return check_choice(mode, "mode", MODES)


@timed
def graph(
    text: str, wrt: str | Sequence[str], declare: Mapping[str, str] | None = None, elementary: bool | None = None
) -> Graph:
    """The computation graph of a formula.

    Args:
        text: the formula; the definitions of its `where` clause are nodes under their own names.
        wrt: the name of a variable, or a list of names of variables of any shapes.
        declare: the space of variables, such as `{"A": "R^{m x n} symmetric"}`.
        elementary: whether every elementary operation is a node; by default if there are no definitions.

    Raises:
        MatcalcError: for anything in the text, the declarations or the choice of variables that is not understood.

    Example:
        >>> g = graph("sqrt(x^2 + exp(x^2))", wrt="x", declare={"x": "R"})
        >>> print(g)
        v1 = x^2
        v2 = exp(v1)
        v3 = v1 + v2
        f = sqrt(v3)
        >>> [f"d{e.target}/d{e.source} = {e}" for e in g.edges]
        ['dv1/dx = 2 x', 'dv2/dv1 = exp(v1)', 'dv3/dv1 = 1', 'dv3/dv2 = 1', 'df/dv3 = 1/(2 sqrt(v3))']
    """
    if elementary is not None:
        check_flag(elementary, "elementary")
    apart = take_apart(text, declare, slope)
    wrt_names = _wrt(apart.program, wrt)
    definitions = _ordered(apart)
    elementary = not definitions if elementary is None else elementary
    found = _Names(_taken(apart))
    output = found.output(apart)
    operations = Operations(set(wrt_names), found.step)
    for name, formula in definitions.items():
        operations.define(name, formula, elementary)
    if output not in definitions:
        operations.define(output, apart.body, elementary)
    return _assembled(apart.program, wrt_names, operations, output)


def _wrt(program: Program, wrt: str | Sequence[str]) -> tuple[str, ...]:
    found = names_of(wrt)
    wrt = [found] if isinstance(found, str) else found
    names: list[str] = []
    for name in wrt:
        block = block_of(program, name)
        assert isinstance(block, str)
        if block in names:
            raise DeclarationError(f"`{name}` stands twice in `wrt`", hint="each variable once")
        names.append(block)
    check_wrt(program.variables, names)
    return tuple(names)


def _ordered(apart: Apart) -> dict[str, Expr]:
    """The definitions that the expression uses, each after those that it uses."""
    order: dict[str, Expr] = {}
    stack = [(name, False) for name in reversed(variables_of(apart.body))]
    while stack:
        name, ready = stack.pop()
        if name not in apart.parts or name in order:
            continue
        if ready:
            order[name] = apart.parts[name]
            continue
        stack.append((name, True))
        stack.extend((part, False) for part in reversed(variables_of(apart.parts[name])))
    return order


def _taken(apart: Apart) -> set[str]:
    """The names that occur: of variables, definitions, sizes and data indices, functions and constants."""
    program = apart.program
    taken = {*program.variables, *program.definitions, *FUNCTIONS, "I", "pi"}
    for node in postorder(program.expr, *program.definitions.values()):
        taken.update(name for dim in node.shape.dims for name in dim.names)
        taken.update(str(part) for part in node.data if node.head == "datasum")
    return taken


class _Names:
    """Names for nodes that have none."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._count = 0
        free = (c for c in _STEPS if not any(_resembles(name, c) for name in taken))
        self._letter = next(free, "step")

    def output(self, apart: Apart) -> str:
        """The name of the expression as a whole: its own where it is a definition."""
        if apart.body.head == "var" and apart.body.name in apart.parts:
            return apart.body.name
        letters = _OUTPUTS[apart.body.shape.kind == "matrix"]
        name = next(n for n in chain(letters, (f"{letters[0]}{k}" for k in count())) if n not in self._taken)
        self._taken.add(name)
        return name

    def step(self, formula: Expr) -> str:
        """v1, v2, ...; a matrix in upper case."""
        letter = self._letter.upper() if formula.shape.kind == "matrix" else self._letter
        while True:
            self._count += 1
            if f"{letter}{self._count}" not in self._taken:
                return f"{letter}{self._count}"


def _resembles(name: str, letter: str) -> bool:
    """Whether a name is the letter, perhaps in upper case and with a number."""
    return name[0].lower() == letter and (name[1:] == "" or name[1:].isdecimal())


def _assembled(program: Program, wrt: tuple[str, ...], operations: Operations, output: str) -> Graph:
    """The nodes that the output needs, and their edges."""
    nodes: dict[str, Node] = {}
    for name in _needed(operations.steps, output):
        expr = operations.steps.get(name) or program.variables[name]
        kind = "output" if name == output else "step" if name in operations.steps else "input"
        nodes[name] = Node(name, expr, kind, name in operations.active)
    inputs = [nodes[name] for name in program.variables if name in nodes]
    steps = [nodes[name] for name in operations.steps if name in nodes]
    edges = [Edge(source, step.name, nodes[source].active, step) for step in steps for source in step.parents]
    return Graph(program, wrt, (*inputs, *steps), tuple(edges))


def _needed(steps: Mapping[str, Expr], output: str) -> set[str]:
    """The output and all that it is made from."""
    needed: set[str] = set()
    stack = [output]
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack.extend(variables_of(steps[name]) if name in steps else ())
    return needed
