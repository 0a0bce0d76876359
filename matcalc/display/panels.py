"""How each kind of object looks in a notebook, by the name of its class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from matcalc.core.errors import MatcalcError
from matcalc.core.limits import limited
from matcalc.display import blocks as h
from matcalc.emit.latex import to_latex
from matcalc.expr.naming import abbreviate
from matcalc.expr.nodes import Expr

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Graph
    from matcalc.autodiff.table import Table
    from matcalc.chunked import Chunked
    from matcalc.convexity.verdict import Curvature
    from matcalc.derivation.steps import Derivation, Step
    from matcalc.derivative import Derivative
    from matcalc.expr.naming import Named
    from matcalc.flattening import Flattened
    from matcalc.formula import IndexFormula, MatrixFormula
    from matcalc.joint import Gradients
    from matcalc.series.taylor import Taylor
    from matcalc.stationary.point import StationaryPoint
    from matcalc.structured import Factored
    from matcalc.syntax.elaborate import Program

SECONDS = 1.5
"""What a section that opens at a click may cost before it is left out, in seconds of processor time."""
NODES = 30
"""A graph of more nodes is no picture that one would read beside a result."""


class Report(Protocol):
    """What a check found."""

    @property
    def passed(self) -> bool:
        """Whether all agreed."""


def html_of(value: object) -> str:
    """An object as HTML."""
    for kind in type(value).__mro__:
        if kind.__name__ in PANELS:
            return PANELS[kind.__name__](value)
    return h.page(h.preformatted(str(value)))


def latex_of(value: object) -> str | None:
    r"""An object as LaTeX with its delimiters, None where it has none.

    Example:
        >>> from matcalc.api import derive
        >>> print(latex_of(derive("x^T A x", wrt="x")))
        $\displaystyle \frac{\partial}{\partial x} (x^{\top} A x) = x^{\top} (A + A^{\top}) \in \mathbb{R}^{1 \times n}$
    """
    for kind in type(value).__mro__:
        if kind.__name__ in LATEX:
            latex = LATEX[kind.__name__](value)
            return latex if latex.startswith(r"\begin{align*}") else rf"$\displaystyle {latex}$"
    return None


def _derivative(d: Derivative) -> str:
    conventions = [("layout", d.layout if d.layout != "numerator" else ""), ("structured", d.structured or "")]
    latex = d.latex(equation=True)
    return h.page(
        h.math(latex),
        h.table([*_spaces(d.variables), ("array", f"shape {_tuple(d.shape)}"), *conventions,
                 ("form", "" if d.matrix is not None else "index notation: there is no matrix form")]),
        _section("Steps", lambda: _steps_body(d.steps())),
        _section("NumPy", lambda: h.code(d.numpy())),
        h.section("LaTeX", h.code(latex)),
        _section("Graph", lambda: _graph_body(d)),
    )


def _section(title: str, body: Callable[[], str]) -> str:
    """A section that opens at a click; left out where the object has none, or where it would take too long."""
    try:
        with limited(seconds=SECONDS):
            return h.section(title, body())
    except MatcalcError:
        return ""


def _spaces(variables: Mapping[str, Expr]) -> list[tuple[str, str]]:
    """Where each variable lies; families under the name of an item."""
    return [(_member(name, v), f"in {_space(v)}") for name, v in variables.items()]


def _member(name: str, variable: Expr) -> str:
    return f"{name}_{variable.data[2]}" if variable.head == "item" else name


def _space(variable: Expr) -> str:
    properties = variable.data[1]
    assert isinstance(properties, tuple)
    return " ".join((str(variable.shape), *properties))


def _tuple(shape: Iterable[object]) -> str:
    parts = [str(part) for part in shape]
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def _graph_body(d: Derivative) -> str:
    """The computation graph of the function, by the first variable of the derivative."""
    taken = {*d.variables, *d.definitions}
    text = str(abbreviate(d.expr, {value: name for name, value in d.definitions.items()}, taken))
    block = d.wrt[0]
    by = block if isinstance(block, str) else list(block)
    spaces = {_member(name, v): _space(v) for name, v in d.variables.items()}
    found: Graph = import_module("matcalc.autodiff.graph").graph(text, by, spaces)
    return "" if len(found.nodes) > NODES else found.svg()


def _steps_body(steps: Derivation) -> str:
    return f"<ol>{''.join(f'<li>{_step_body(step)}</li>' for step in steps)}</ol>"


def _step_body(step: Step) -> str:
    return f"{h.text(step.title)}{h.math(step.equation())}<small><code>{h.text(step.formula)}</code> [{h.text(step.source)}]</small>"


def _gradients(g: Gradients) -> str:
    latex = g.latex()
    return h.page(h.math(latex), h.table(_spaces(g.variables)), _section("NumPy", lambda: h.code(g.numpy())),
                  h.section("LaTeX", h.code(latex)))


def _flattened(f: Flattened) -> str:
    latex = f.latex(equation=True)
    return h.page(h.math(latex), h.table([*_spaces(f.derivative.variables), ("array", f"shape {_tuple(f.shape)}"),
                                          ("stacked", f"by {f.order}")]),
                  _section("NumPy", lambda: h.code(f.numpy())), h.section("LaTeX", h.code(latex)))


def _curvature(c: Curvature) -> str:
    hessian = "" if c.hessian is None else h.section("Hessian", h.math(c.hessian.latex(equation=True)))
    return h.page(h.paragraph(str(c)), h.table([("where", ", ".join(c.domain)), *(("remark", r) for r in c.remarks)]), hessian,
                  h.section("Why", h.preformatted(c.reason) if c.reason else ""))


def _stationary(s: StationaryPoint) -> str:
    latex = s.latex()
    return h.page(h.math(latex), h.table([("equation", s.equation), *(("where", c) for c in s.conditions),
                                          ("curvature", s.curvature), *_spaces(s.variables)]),
                  _section("NumPy", lambda: h.code(s.numpy())), h.section("LaTeX", h.code(latex)))


def _taylor(t: Taylor) -> str:
    latex = t.latex()
    terms = [(f"degree {term.degree}", str(term)) for term in t.terms]
    return h.page(h.math(latex), h.table(_spaces(t.variables)), h.section("Terms", h.table(terms)),
                  _section("NumPy", lambda: h.code(t.numpy())), h.section("LaTeX", h.code(latex)))


def _formula(f: IndexFormula | MatrixFormula) -> str:
    latex = f.latex()
    spaces = [(name, f"in {f.space(name)}") for name in f.arrays]
    return h.page(h.math(latex), h.table([*spaces, ("array", f"shape {_tuple(f.shape)}")]),
                  _section("NumPy", lambda: h.code(f.numpy())), h.section("LaTeX", h.code(latex)))


def _graph(g: Graph) -> str:
    try:
        picture = g.svg()
    except MatcalcError:
        picture = h.preformatted(str(g))
    return h.page(picture, _section("Table", lambda: h.preformatted(str(g.table()))),
                  _section("DOT", lambda: h.code(g.dot())), _section("Mermaid", lambda: h.code(g.mermaid())))


def _table(t: Table) -> str:
    latex = t.latex()
    return h.page(h.preformatted(str(t)), h.section("Equations", h.math(latex)), h.section("LaTeX", h.code(latex)))


def _report(r: Report) -> str:
    fields = {name: value for name, value in vars(r).items() if name not in ("passed", "failures")}
    rows = [(name.replace("_", " "), _field(value)) for name, value in fields.items()]
    wrong = [("wrong", str(words)) for words in getattr(r, "failures", ())]
    return h.page(h.verdict(r.passed, str(r).partition(": ")[2]), h.section("Details", h.table([*rows, *wrong])))


def _field(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return ", ".join(f"{k} = {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


def _chunked(c: Chunked) -> str:
    return h.page(h.paragraph(c.title), h.table([*_spaces(c.variables), ("cut", ", ".join(c.data))]),
                  _section("NumPy", lambda: h.code(c.numpy())))


def _factored(f: Factored) -> str:
    terms = [(f"term {n}", ", ".join(str(array.shape) for array in term.arrays) or "deltas alone") for n, term in enumerate(f.terms, 1)]
    return h.page(h.paragraph(f"An array of shape {f.shape}, kept as factors."), h.table(terms))


def _program(p: Program) -> str:
    return h.page(h.math(to_latex(p.expr)), h.table([*_spaces(p.variables), ("formula", f"in {p.expr.shape}")]))


def _named(n: Named) -> str:
    latex = _named_latex(n)
    return h.page(h.math(latex), h.section("LaTeX", h.code(latex)))


def _named_latex(n: Named) -> str:
    clause = [rf"{name} = {to_latex(value)}" for name, value in n.definitions]
    return to_latex(n.body) + (rf" \quad \text{{where }} {', '.join(clause)}" if clause else "")


PANELS: dict[str, Callable[..., str]] = {
    "Derivative": _derivative, "Gradients": _gradients, "Flattened": _flattened, "Curvature": _curvature,
    "StationaryPoint": _stationary, "Taylor": _taylor, "IndexFormula": _formula, "MatrixFormula": _formula, "Graph": _graph,
    "Table": _table, "Report": _report, "Remainder": _report, "Chunked": _chunked, "Factored": _factored, "Program": _program,
    "Named": _named, "Derivation": lambda steps: h.page(h.math(steps.head.latex), _steps_body(steps)),
    "Step": lambda step: h.page(_step_body(step)),
}
"""HTML by the name of a class."""

LATEX: dict[str, Callable[..., str]] = {
    "Derivative": lambda d: d.latex(equation=True), "Gradients": lambda g: g.latex(), "Flattened": lambda f: f.latex(equation=True),
    "StationaryPoint": lambda s: s.latex(), "Taylor": lambda t: t.latex(), "IndexFormula": lambda f: f.latex(),
    "MatrixFormula": lambda f: f.latex(), "Table": lambda t: t.latex(), "Program": lambda p: to_latex(p.expr), "Named": _named_latex,
    "Derivation": lambda steps: steps.latex(), "Step": lambda step: step.equation(),
}
"""LaTeX by the name of a class."""
