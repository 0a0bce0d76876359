"""What the page gets: one function for each task, from a question to what JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from matcalc.autodiff.graph import graph
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.core.limits import timed
from matcalc.derivative import Derivative
from matcalc.emit.latex import to_latex
from matcalc.expr.nodes import PROPERTIES
from matcalc.joint import Gradients
from matcalc.reading import slope
from matcalc.syntax.apart import take_apart
from matcalc.typeset import defined, latex_parts
from matcalc.web.call import as_command, as_python
from matcalc.web.question import Question, question, text
from matcalc.web.variables import KINDS, OF_ENTRIES, chosen, described, fitting, member, properties_of, suggested

Answer: TypeAlias = dict[str, object]


def answer(task: str, body: object) -> Answer:
    """The answer to a task, or the error under the key `error`.

    Args:
        task: a key of TASKS.
        body: what the page sent, parsed as JSON.
    """
    try:
        if not isinstance(body, dict):
            raise DeclarationError("the question is a JSON object", hint='{"formula": "x^T A x", "wrt": "x"}')
        return TASKS[task](body)
    except MatcalcError as error:
        return {"error": refusal(error)}


def refusal(error: MatcalcError) -> Answer:
    """An error as JSON holds it: its class, cause, hint, and the place as a range of characters of a text."""
    place = None if error.span is None or error.text is None else {
        "start": error.span.start, "end": max(error.span.end, error.span.start + 1), "text": error.text}
    return {"kind": type(error).__name__, "message": error.message, "place": place, "hint": error.hint}


def preview(body: Mapping[str, object]) -> Answer:
    """The formula as LaTeX, its variables with what was inferred, and what one would differentiate by."""
    asked = question(body)
    apart = take_apart(asked.formula, asked.declare, slope, asked.gathered)
    return {
        "latex": to_latex(apart.body), "definitions": defined([*apart.parts.items()]),
        "space": str(apart.program.expr.shape), "variables": described(apart.program, asked), "wrt": suggested(apart.program),
        "by": chosen(apart.program, asked), "properties": {"square": [p for p in PROPERTIES if p not in OF_ENTRIES], "entries": list(OF_ENTRIES)},
    }


def choose(body: Mapping[str, object]) -> Answer:
    """The space of a variable for a kind and properties that were clicked."""
    kind, properties = text(body, "kind"), body.get("properties", [])
    if kind not in KINDS or not isinstance(properties, list) or not all(p in PROPERTIES for p in properties):
        raise DeclarationError(f"a kind is one of {', '.join(KINDS)}, with properties of {', '.join(PROPERTIES)}",
                               hint="choose one of each")
    return {"space": fitting(question(body), text(body, "name"), kind, properties)}


def derive(body: Mapping[str, object]) -> Answer:
    """The derivative in every spelling, with its code and the calls that give the same."""
    asked = question(body)
    if asked.each:
        return _each(asked)
    d = asked.derivative()
    equation, definitions = latex_parts(d, with_equation=True)
    return {
        "latex": equation, "definitions": definitions,
        "form": "index" if d.matrix is None else "matrix", "shapes": {"": list(d.shape)},
        "structured": any(set(properties_of(d.variables[block])) - set(OF_ENTRIES) for block in d.wrt if isinstance(block, str)),
        "sources": {
            "text": str(d.named()) if d.matrix is not None else d.index(), "index": d.index(),
            "latex": d.latex(), "equation": d.latex(equation=True),
            "python": as_python(asked), "command": as_command(asked),
        },
        "numpy": _code(d),
    }


def _each(asked: Question) -> Answer:
    """The gradients by each variable, in the spellings that there are."""
    g = asked.gradients()
    latex = g.latex()
    return {
        "latex": latex.replace(" \\\\\n", " \\\\[0.5em]\n"), "definitions": [], "form": "matrix", "shapes": {name: list(d.shape) for name, d in g.items()}, "structured": False,
        "sources": {"text": str(g), "index": str(g), "latex": latex, "equation": latex, "python": as_python(asked), "command": None},
        "numpy": _code(g, "value_and_gradients"),
    }


def _code(d: Derivative | Gradients, name: str = "derivative") -> Answer:
    """The source of a function, with and without checks of its arguments."""
    try:
        return {"source": d.numpy(name, checks=False), "checked": d.numpy(name)}
    except MatcalcError as error:
        return {"error": refusal(error)}


def steps(body: Mapping[str, object]) -> Answer:
    """The work that leads to the derivative, line by line."""
    asked = question(body)
    found = {by: d.steps() for by, d in (asked.gradients() if asked.each else {asked.wrt: asked.derivative()}).items()}
    return {
        "parts": [{"by": by, "head": work.head.latex, "steps": [
            {"title": s.title, "formula": s.formula, "source": s.source, "latex": s.equation()} for s in work]} for by, work in found.items()],
        "markdown": "\n".join(work.markdown() for work in found.values()),
    }


def picture(body: Mapping[str, object]) -> Answer:
    """The computation graph as SVG."""
    asked = question(body)
    if asked.each:
        return {"svg": graph(asked.formula, asked.by, asked.declare).svg()}
    d = asked.derivative()
    spaces = {member(name, d.variables[name]): d.space(name) for name in d.variables if name in asked.gathered}
    return {"svg": graph(asked.formula, asked.by, {**asked.declare, **spaces}).svg()}


def check(body: Mapping[str, object]) -> Answer:
    """The report of the comparison with finite differences."""
    asked = question(body)
    found = (asked.gradients() if asked.each else asked.derivative()).check()
    return {
        "passed": found.passed, "worst_error": _finite(found.worst_error), "tolerance": found.tolerance, "method": found.method,
        "seed": found.seed, "sizes": found.sizes, "failures": list(found.failures[:5]), "text": str(found),
    }


def _finite(value: float) -> float | None:
    """The number, None where JSON has none."""
    value = float(value)
    return value if math.isfinite(value) else None


def warm(tasks: Sequence[str]) -> None:
    """Brings in what tasks need, so that no request waits for it."""
    for task in tasks:
        answer(task, {"formula": "x^T A x", "wrt": "x", "name": "A", "kind": "matrix"})


TASKS: dict[str, Callable[[Mapping[str, object]], Answer]] = {
    "preview": timed(preview), "choose": timed(choose), "derive": timed(derive), "steps": timed(steps),
    "graph": timed(picture), "check": timed(check),
}
"""What can be asked; each task has the processor time of one call."""
