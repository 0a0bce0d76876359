"""Cells of formulas in a notebook: `%load_ext matcalc`, then `%%matcalc` above lines such as `g = derive x^T A x by x`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from matcalc.api import curvature, derive, gradients, hessian, parse, solve_stationary
from matcalc.core.errors import DeclarationError, MatcalcError, ParseError
from matcalc.declarations import declarations
from matcalc.statements import parted
from matcalc.syntax.names import ascii_name

if TYPE_CHECKING:
    from matcalc.autodiff.graph import Graph
    from matcalc.derivative import Derivative
    from matcalc.formula import MatrixFormula
    from matcalc.series.taylor import Taylor

USAGE = """\
lines of a %%matcalc cell:
  A in R^{n x n} symmetric        where a variable lies; several with commas
  e = y - A x                     a formula with a name, which later lines may use
  g = derive e^T e by x           a result with a name; without a name it is shown
  derive, steps, check, hessian, gradients, curvature, stationary, graph, taylor FORMULA by x;  simplify FORMULA
  FORMULA by x                    the same as derive FORMULA by x
  # a remark
%matcalc LINE does one of them and gives its result; %matcalc reset forgets formulas and declarations."""


class Interactive(Protocol):
    """What is asked of IPython's shell."""

    user_ns: dict[str, object]

    def register_magic_function(self, func: Callable[..., object], magic_kind: str, magic_name: str) -> None:
        """Adds a magic."""


class Cells:
    """The formulas and declarations that cells have made, and what their lines mean.

    Example:
        >>> cells = Cells()
        >>> [(name, str(value)) for name, value in cells.run("e = y - A x\\ng = derive 1/2 e^T e by x")][-1]
        ('g', '(A x - y)^T A')
    """

    def __init__(self) -> None:
        self.formulas: dict[str, str] = {}
        self.declared: dict[str, str] = {}

    def run(self, cell: str) -> list[tuple[str | None, object]]:
        """The results of a cell, each with its name if it has one.

        Raises:
            MatcalcError: for a line that is not understood, with its number.
        """
        found: list[tuple[str | None, object]] = []
        for number, line in enumerate(cell.split("\n"), 1):
            try:
                found += self.line(line)
            except MatcalcError as error:
                where = f"line {number}: {error.message}"
                raise type(error)(where, span=error.span, text=error.text, hint=error.hint) from None
        return found

    def line(self, line: str) -> list[tuple[str | None, object]]:
        """The result of a line with its name, or none for a remark or a declaration."""
        line = line.strip()
        if not line or line.startswith("#"):
            return []
        given = _GIVEN.fullmatch(line)
        name, body = (given[1], given[2].strip()) if given else (None, line)
        if name is None and _DECLARES.match(body):
            self.declared.update(declarations(body.removeprefix("declare ")))
            return []
        if name is not None:
            _check_free(name)
        word, _, rest = body.partition(" ")
        if word in ACTIONS and rest.strip():
            return [(name, ACTIONS[word](self, rest.strip()))]
        if parted(body)[1] is not None:
            if word in ELSEWHERE and word not in self.formulas:
                raise ParseError(f"`{word}` is not what a line begins with", hint=ELSEWHERE[word].format(rest.strip()))
            return [(name, _derive(self, body))]
        if name is None and len(body.split()) == 1 and body in self.formulas:
            return [(None, parse(self.whole(body), self.relevant(self.whole(body))))]
        whole = self.whole(body)
        program = parse(whole, self.relevant(whole))
        if name is not None:
            self.formulas[ascii_name(name)] = body
        return [(name, program)]

    def whole(self, formula: str) -> str:
        """The formula with the definitions that it uses, and those that they use, in its `where` clause."""
        body, own = _where(formula)
        defined = {ascii_name(item.partition("=")[0].strip()) for item in own if "=" in item}
        clause, used, waiting = list(own), set(defined), [formula]
        while waiting:
            for word in _WORD.findall(waiting.pop()):
                name = ascii_name(word)
                if name in self.formulas and name not in used:
                    used.add(name)
                    inner, items = _where(self.formulas[name])
                    clause += [f"{name} = {inner}", *items]
                    waiting.append(self.formulas[name])
        return f"{body} where {', '.join(clause)}" if clause else formula

    def relevant(self, formula: str) -> dict[str, str]:
        """The declarations of names that occur in a formula; those of its own clause go before them."""
        words = {ascii_name(word) for word in _WORD.findall(formula)}
        own = {ascii_name(m) for item in _where(formula)[1] for m in _OWN.findall(item)}
        return {n: space for n, space in self.declared.items()
                if {ascii_name(n), ascii_name(n).rpartition("_")[0]} & words and ascii_name(n) not in own}

    def asked(self, text: str) -> tuple[str, str | list[str], dict[str, str]]:
        """The formula of an action with its definitions, what stands after `by`, and the declarations."""
        formula, wrt = parted(text)
        if wrt is None:
            raise DeclarationError("there is no variable: `by` and its name stand at the end", hint=f"{text} by x")
        whole = self.whole(formula)
        return whole, wrt, self.relevant(whole)


_GIVEN = re.compile(r"([^\W\d]\w*)\s*=(?!=)(.+)", re.DOTALL)
_DECLARES = re.compile(r"declare\s|(?:[^\W\d]\w*\s*,\s*)*[^\W\d]\w*\s*(?::|∈|\sin\s)\s*(?:R\b|ℝ)")
_WORD = re.compile(r"[^\W\d_]\w*")
_OWN = re.compile(r"([^\W\d]\w*)\s*(?::|∈|\sin\s)")


def _where(formula: str) -> tuple[str, list[str]]:
    """The formula before its `where` clause, and the items of the clause as one."""
    body, word, clause = formula.partition(" where ")
    return body, [clause.strip()] if word else []


def _check_free(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ParseError(f"`{name}` is no name that Python can have", hint="choose another one")


def _listed(wrt: str | list[str]) -> list[str]:
    return [wrt] if isinstance(wrt, str) else wrt


def _gradients(cells: Cells, text: str) -> object:
    formula, wrt, declared = cells.asked(text)
    return gradients(formula, _listed(wrt), declared)


def _graph(cells: Cells, text: str) -> Graph:
    found: Graph = import_module("matcalc.autodiff.graph").graph(*cells.asked(text))
    return found


def _taylor(cells: Cells, text: str) -> Taylor:
    """`taylor FORMULA by x`: of the second degree about x0."""
    formula, wrt, declared = cells.asked(text)
    at = [f"{name}0" for name in wrt] if isinstance(wrt, list) else f"{wrt}0"
    found: Taylor = import_module("matcalc.series.taylor").taylor(formula, wrt, at, 2, declared)
    return found


def _simplify(cells: Cells, text: str) -> MatrixFormula:
    whole = cells.whole(text)
    found: MatrixFormula = import_module("matcalc.notation").simplify(whole, cells.relevant(whole))
    return found


def _derive(cells: Cells, text: str) -> Derivative:
    formula, wrt, declared = cells.asked(text)
    return derive(formula, wrt, declare=declared)


ACTIONS: Mapping[str, Callable[[Cells, str], object]] = {
    "derive": _derive,
    "steps": lambda cells, text: _derive(cells, text).steps(),
    "check": lambda cells, text: _derive(cells, text).check(),
    "hessian": lambda cells, text: hessian(*cells.asked(text)),
    "gradients": _gradients,
    "curvature": lambda cells, text: curvature(*cells.asked(text)),
    "stationary": lambda cells, text: solve_stationary(*cells.asked(text)),
    "graph": _graph,
    "taylor": _taylor,
    "simplify": _simplify,
}
"""What the first word of a line does."""

_METHOD = "`d = derive {{}}` here, and in a cell of Python print(d.{}())"
ELSEWHERE = {
    **{name: _METHOD.format(name) for name in ("latex", "numpy", "index", "vec")},
    **dict.fromkeys(("diff", "differentiate", "gradient", "grad", "jacobian"), "derive {}"),
    **dict.fromkeys(("solve", "minimize", "minimise"), "stationary {}"), "explain": "steps {}", "plot": "graph {}",
}
"""First words that are found elsewhere, and what to write."""


def load(shell: Interactive) -> None:
    """Adds the magic to a shell of IPython."""
    cells = Cells()

    def matcalc(line: str, cell: str | None = None) -> object:
        """Formulas and their derivatives: `%%matcalc` above lines, or `%matcalc LINE`."""
        if cell is None and line.strip() in ("", "help"):
            print(USAGE)
            return None
        if cell is None and line.strip() == "reset":
            cells.formulas.clear()
            cells.declared.clear()
            return None
        try:
            found = cells.run(line if cell is None else cell)
        except MatcalcError as error:
            shown = [f"{type(error).__name__}: {error}"]
            vars(error)["_render_traceback_"] = lambda: shown  # IPython shows this in the place of a traceback
            raise
        for name, value in found:
            if name is not None:
                shell.user_ns[name] = value
        if cell is None:
            return found[-1][1] if found else None
        display = import_module("IPython.display").display
        for name, value in found:
            if name is None:
                display(value)
        return None

    shell.register_magic_function(matcalc, "line_cell", "matcalc")
