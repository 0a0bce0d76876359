"""How an entry of docs/lectures.toml is run: the command, what it prints, and what was found to agree."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import numpy as np

from matcalc.api import curvature, derive, gradients, solve_stationary
from matcalc.autodiff.graph import graph
from matcalc.check.components import evaluate_along
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.cli.main import main
from matcalc.derivative import Derivative
from matcalc.expr.components import Components
from matcalc.formula import IndexFormula
from matcalc.ir import build as b
from matcalc.notation import simplify_index, simplify_matrix
from matcalc.series.taylor import taylor
from matcalc.simplify.expand import expand
from matcalc.stationary.point import StationaryPoint
from matcalc.syntax.elaborate import elaborate
from matcalc.syntax.index_elaborate import elaborate_index
from tests.kinds import index as components
from tests.kinds.derivative import same

Entry = Mapping[str, Any]

AXES = "ijklmnpqrst"
"""The names of free indices in the order of the axes."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of an entry, and what was wrong; no problems when all agreed.

    Attributes:
        session: the command or the lines of Python, with what they print.
        language: of the session.
        formula: LaTeX of the result, empty where there is none.
        findings: what agreed, in words.
        problems: what did not.
    """

    session: str
    language: str
    formula: str
    findings: tuple[str, ...]
    problems: tuple[str, ...]


def show(entry: Entry) -> Shown:
    """Runs an entry of any kind."""
    return KINDS[entry.get("kind", "derive")](entry)


def stated(entry: Entry) -> str:
    """The result that the lecture has, or that was worked out by hand where it has none; empty where there is neither."""
    return str(entry.get("states") or entry.get("by_hand") or "")


def show_derivative(entry: Entry) -> Shown:
    """Runs `matcalc derive` and holds the result against the lecture and against finite differences."""
    d = _derivative(entry)
    return _console(["derive", entry["expr"], *options(entry)], "" if "stack" in entry else d.latex(equation=True),
                    entry, {"Differences": [d.check()]}, list(_judged(d, entry)))


def _derivative(entry: Entry) -> Derivative:
    return derive(entry["expr"], entry["wrt"], entry.get("order", 1), entry.get("declare"), entry.get("layout", "numerator"))


def _judged(d: Derivative, entry: Entry) -> Iterator[str]:
    """What of the lecture does not hold."""
    if stated(entry) and not _is_stated(d, entry):
        yield f"another expression than {stated(entry)}: {d}"
    if "size" in entry and _size(d) != entry["size"]:
        yield f"the size is {_size(d)}, not {entry['size']}"


def _is_stated(d: Derivative, entry: Entry) -> bool:
    """Whether the result is the expression that the lecture has, up to expansion; of a tensor, entry by entry."""
    declare = {_member(d, name): d.space(name) for name in d.variables}
    if "stack" in entry:
        return same(elaborate(str(d.vec(entry["stack"])), declare).expr, elaborate(stated(entry), declare).expr)
    if d.matrix is not None:
        return same(d.matrix, elaborate(stated(entry), declare).expr)
    return _is_tensor(d, elaborate_index(stated(entry), declare))


def _is_tensor(d: Derivative, book: Components) -> bool:
    """Whether the entries have the value of a formula in index notation, at random points of distinct sizes."""
    for rng in map(np.random.default_rng, range(3)):
        sizes = draw_sizes((d.expr, *d.variables.values()), rng)
        point = draw_point(d.variables, sizes, rng)
        wanted = np.asarray(d(**point))
        if not np.allclose(evaluate_along(book, point, sizes, AXES[: wanted.ndim], wanted.shape), wanted):
            return False
    return True


def _member(d: Derivative | StationaryPoint, name: str) -> str:
    """The name of a variable as a formula has it: x_n for a family x."""
    variable = d.variables[name]
    return f"{name}_{variable.data[2]}" if variable.head == "item" else name


def _size(d: Derivative) -> list[str]:
    """The size of a result as it prints, a column of n entries as n x 1."""
    if d.matrix is None:
        return list(d.shape)
    dims = [str(dim) for dim in d.matrix.shape.dims]
    return {"row": ["1", *dims], "vector": [*dims, "1"]}.get(d.matrix.shape.kind, dims)


def show_steps(entry: Entry) -> Shown:
    """Runs `matcalc derive --to steps`; each line has the value of the one before."""
    d = _derivative(entry)
    return _console(["derive", entry["expr"], *options(entry), "--to", "steps"], "", entry,
                    {"Steps": [d.steps().check()], "Differences": [d.check()]}, list(_judged(d, entry)))


def show_components(entry: Entry) -> Shown:
    """Runs `derive` or `simplify` in index notation; the value is that of loops over the indices."""
    found = components.result_of(entry)
    case = {**entry, "id": "", **({"expect": stated(entry)} if stated(entry) else {})}
    command = ["simplify", entry["expr"], *options(entry)] if "wrt" not in entry else ["derive", entry["expr"], *options(entry)]
    check = {"Differences" if "wrt" in entry else "Values": [found.check()]}
    return _console([*command, "--notation", "index"], found.latex(), entry, check, list(components.wrong_value(found, case)))


def show_simplified(entry: Entry) -> Shown:
    """Runs `matcalc simplify` in the matrix language; the lecture's form is the same expression."""
    found = simplify_matrix(entry["expr"], entry.get("declare"))
    declare = {name: found.space(name) for name in found.arrays}
    latex, form = found.latex(), stated(entry)
    if entry.get("to") == "index":
        index = found.to_index()
        latex, problems = index.latex(), list(_other_components(index, form, declare)) if form else []
    else:
        own = elaborate(str(found), declare).expr
        problems = [f"another expression than {form}"] if form and not same(own, elaborate(form, declare).expr) else []
    to = ["--to", entry["to"]] if "to" in entry else []
    return _console(["simplify", entry["expr"], *options(entry), *to], latex, entry, {"Values": [found.check()]}, problems)


def _other_components(found: IndexFormula, form: str, declare: Mapping[str, str]) -> Iterator[str]:
    book = simplify_index(form, declare)
    order = tuple(book.indices.index(letter) for letter in found.indices)
    if expand(b.permute(book.tensor, order)) is not expand(found.tensor):
        yield f"another expression than {form}"


def show_taylor(entry: Entry) -> Shown:
    """Runs `matcalc taylor`; the remainder is of the order that it must have."""
    found = taylor(entry["expr"], entry["wrt"], entry["at"], entry["degree"], entry.get("declare"))
    at = entry["at"] if isinstance(entry["at"], str) else ", ".join(entry["at"])
    spaces = {name: found.space(name) for name in found.variables}
    problems = []
    if stated(entry) and not same(elaborate(str(found), spaces).expr, elaborate(stated(entry), spaces).expr):
        problems.append(f"another polynomial than {stated(entry)}: {found}")
    return _console(["taylor", entry["expr"], *options(entry), "--at", at, "--degree", str(entry["degree"])],
                    found.latex(), entry, {"Remainder": [found.check()]}, problems)


def show_graph(entry: Entry) -> Shown:
    """Runs `matcalc graph`, the table of nodes, local derivatives and their accumulation."""
    found = graph(entry["expr"], entry["wrt"], entry.get("declare"))
    mode = ["--mode", entry["mode"]] if "mode" in entry else []
    return _console(["graph", entry["expr"], *options(entry), *mode], "", entry, {"Differences": [found.check()]}, [])


def show_curvature(entry: Entry) -> Shown:
    """Runs `matcalc curvature`; a verdict is tried at random points before it is told."""
    found = curvature(entry["expr"], entry["wrt"], entry.get("declare"))
    problems = [] if stated(entry) in ("", found.verdict) else [f"the verdict is {found.verdict}"]
    return _console(["curvature", entry["expr"], *options(entry)], "", entry, {}, problems)


def show_stationary(entry: Entry) -> Shown:
    """Runs `matcalc stationary`; the gradient is zero at the solution."""
    found = solve_stationary(entry["expr"], entry["wrt"], entry.get("declare"))
    spaces = {_member(found, name): " ".join((str(v.shape), *v.data[1])) for name, v in found.variables.items()}
    problems = []
    if stated(entry) and not same(found.values[0], elaborate(stated(entry), spaces).expr):
        problems.append(f"another solution than {stated(entry)}: {found}")
    if entry.get("equation", found.equation) != found.equation:
        problems.append(f"another equation than {entry['equation']}: {found.equation}")
    return _console(["stationary", entry["expr"], *options(entry)], found.latex(), entry, {"Zero": [found.check()]}, problems)


def show_mixed(entry: Entry) -> Shown:
    """Differentiates by one variable after the other."""
    first, *others = entry["wrt"]
    d = derive(entry["expr"], first, declare=entry.get("declare"))
    for name in others:
        d = d.derive(name)
    declare = f", declare={_python(entry['declare'])}" if "declare" in entry else ""
    then = "".join(f'.derive("{name}")' for name in others)
    code = f'>>> from matcalc import derive\n>>> print(derive("{entry["expr"]}", wrt="{first}"{declare}){then})\n{d}\n\n'
    return _shown(code, "python", d.latex(equation=True), entry, {"Differences": [d.check()]}, list(_judged(d, entry)))


def show_value(entry: Entry) -> Shown:
    """Evaluates a function and its gradients at the point that the lecture gives."""
    g = gradients(entry["expr"], entry["wrt"], entry.get("declare"))
    value, by = g(**{name: np.array(number, float) for name, number in entry["at"].items()})
    largest = max(float(np.abs(gradient).max()) for gradient in by.values())
    problems = [] if float(value) == entry["value"] else [f"the value is {value}"]
    arguments = ", ".join(f"{name}={number}" for name, number in entry["at"].items())
    code = textwrap.dedent(f"""\
        >>> import numpy as np
        >>> from matcalc import gradients
        >>> g = gradients("{entry['expr']}",
        ...               wrt={_python(entry['wrt'])}, declare={_python(entry['declare'])})
        >>> point = dict({arguments})
        >>> value, by = g(**{{name: np.array(number, float) for name, number in point.items()}})
        >>> float(value), max(float(abs(gradient).max()) for gradient in by.values())
        ({float(value)!r}, {largest!r})

        """)
    return _shown(code, "python", "", entry, {"Differences": [g[name].check() for name in entry["wrt"]]}, problems)


KINDS: dict[str, Callable[[Entry], Shown]] = {
    "derive": show_derivative, "steps": show_steps, "index": show_components, "simplify": show_simplified,
    "taylor": show_taylor, "graph": show_graph, "curvature": show_curvature, "stationary": show_stationary, "mixed": show_mixed, "value": show_value,
}
"""How an entry of each kind is run."""


def _console(command: list[str], formula: str, entry: Entry, reports: Mapping[str, list[Any]], problems: list[str]) -> Shown:
    arguments = ["matcalc", *command]
    return _shown(f"$ {line(arguments)}\n{run(arguments)}", "console", formula, entry, reports, problems)


def _shown(session: str, language: str, formula: str, entry: Entry, reports: Mapping[str, list[Any]],
           problems: list[str]) -> Shown:
    """What the page shows; the findings are told only where nothing is wrong."""
    failed = [f"{name}: {report}" for name, found in reports.items() for report in found if not report.passed]
    findings = [f"*{name}* `{entry[key]}` ✓" for name, key in (("Lecture", "states"), ("By hand", "by_hand")) if key in entry]
    if entry.get("kind") == "simplify" and stated(entry) in ("0", "zeros(m)"):
        findings = ["*Both sides are equal* ✓"]
    findings += [f"*Equation* `{entry['equation']}` ✓"] if "equation" in entry else []
    findings += [f"*Size* {' × '.join(entry['size']) or 'a scalar'} ✓"] if "size" in entry else []
    findings += [f"*{name}* ✓" for name in reports]
    return Shown(session, language, formula, tuple(findings), (*problems, *failed))


def options(entry: Entry) -> list[str]:
    """The options that name variables, spaces and conventions."""
    found: list[str] = []
    if "wrt" in entry:
        by = entry["wrt"]
        found += ["--wrt", by if isinstance(by, str) else ", ".join(by)]
    if "declare" in entry:
        found += ["--declare", declared(entry["declare"])]
    for name in ("order", "layout", "method"):
        if name in entry:
            found += [f"--{name}", str(entry[name])]
    return [*found, "--to", "vec", "--stack", entry["stack"]] if "stack" in entry else found


def declared(spaces: Mapping[str, str]) -> str:
    """Declarations as one text, names of one space side by side."""
    names: dict[str, list[str]] = {}
    for name, space in spaces.items():
        names.setdefault(space, []).append(name)
    return ", ".join(f"{', '.join(group)}: {space}" for space, group in names.items())


def run(arguments: list[str]) -> str:
    """What a command prints as its result."""
    out, notes = TextIOWrapper(BytesIO(), encoding="utf-8"), StringIO()
    with redirect_stdout(out), redirect_stderr(notes):
        code = main(arguments[1:])
    if code:
        raise ValueError(f"{line(arguments)}: exit code {code}: {notes.getvalue()}")
    out.seek(0)
    return out.read()


def line(arguments: list[str]) -> str:
    """A command as one types it, arguments of several words in quotes."""
    text = " ".join(f'"{word}"' if set(word) & set(" ()[]{}|^'*>;") else word for word in arguments)
    return text if shlex.split(text) == arguments else shlex.join(arguments)


def _python(value: object) -> str:
    """A list or dictionary of strings, as Python with double quotes."""
    return repr(value).replace("'", '"')
