"""Many formulas in one go: read from lines or TOML, derived one after the other, errors kept with their line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from matcalc.api import derive
from matcalc.core.errors import DeclarationError, LimitError, MatcalcError
from matcalc.declarations import names
from matcalc.derivative import Derivative
from matcalc.statements import parted

if TYPE_CHECKING:
    from matcalc.check.report import Report


@dataclass(frozen=True)
class Task:
    """A derivative that is asked for.

    Attributes:
        place: where it stands: the number of its line; in TOML that of its table.
        expr: the formula.
        wrt: what to differentiate by; None where nothing says.
        order: how often.
        declare: the spaces of variables.
        layout: of the result.
        structured: how a matrix with related entries is taken.
    """

    place: int
    expr: str
    wrt: str | Sequence[str] | None = None
    order: int = 1
    declare: Mapping[str, str] = field(default_factory=dict)
    layout: str = "numerator"
    structured: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a derivative, with the report of a check where one was asked for, or an error."""

    task: Task
    derivative: Derivative | None = None
    error: MatcalcError | None = None
    report: Report | None = None


def tasks_of_lines(text: str, default: Task) -> list[Task]:
    """The tasks of a text with one formula a line; empty lines, and those that begin with `#`, are passed over.

    Args:
        text: such as "x^T A x by x"; a line without `by` is derived by the variable of the default.
        default: what holds where a line says nothing.

    Example:
        >>> [(t.place, t.expr, t.wrt) for t in tasks_of_lines("# two\\nx^T A x\\n\\nA x by A", Task(0, "", "x"))]
        [(2, 'x^T A x', 'x'), (4, 'A x', 'A')]
    """
    found = []
    for place, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            expr, wrt = parted(line)
            found.append(replace(default, place=place, expr=expr, wrt=default.wrt if wrt is None else wrt))
    return found


_KEYS = {"wrt": (str, list), "order": (int,), "declare": (dict,), "layout": (str,), "structured": (str,)}


def tasks_of_toml(text: str, default: Task) -> list[Task]:
    """The tasks of a TOML text: a `[[formula]]` with `expr` for each; what holds for all stands above them.

    Args:
        text: keys are `expr`, `wrt`, `order`, `declare`, `layout` and `structured`.
        default: what holds where the text says nothing.

    Raises:
        DeclarationError: for what is no TOML, and for keys and values that have no meaning.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"this is no TOML: {error}",
                               hint='[[formula]], and below it expr = "..." and wrt = "..."') from None
    tables = data.pop("formula", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise DeclarationError("`formula` is a list of tables", hint='[[formula]], and below it expr = "x^T A x"')
    shared = _with(default, data, "the file")
    found = []
    for place, one in enumerate(tables, 1):
        expr = one.pop("expr", None)
        if not isinstance(expr, str):
            raise DeclarationError(f"formula {place} has no `expr` that is text", hint='expr = "x^T A x"')
        found.append(_with(replace(shared, place=place, expr=expr), one, f"formula {place}"))
    return found


def _with(task: Task, data: Mapping[str, object], where: str) -> Task:
    """The task with what a table says; declarations are added to those that hold already."""
    for key, value in data.items():
        if key not in _KEYS:
            raise DeclarationError(f"`{key}` is no key of {where}", hint=f"one of expr, {', '.join(_KEYS)}")
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise DeclarationError(f"`{key}` of {where} cannot be {value!r}", hint=_HINTS[key])
        if isinstance(value, dict):
            value = {**task.declare, **value}
        elif key == "wrt" and isinstance(value, str):
            value = names(value)
        task = replace(task, **{key: value})  # type: ignore[arg-type]
    return task


_HINTS = {"wrt": 'wrt = "x", or wrt = ["x1", "x2"]', "order": "order = 2", "declare": 'declare = { A = "R^{m x n}" }',
          "layout": 'layout = "denominator"', "structured": 'structured = "projection"'}


def outcomes(tasks: Sequence[Task], check: bool = False, seed: int = 0) -> Iterator[Outcome]:
    """What becomes of each task, in their order; an error ends its own task alone.

    Args:
        tasks: what to derive.
        check: whether each derivative is compared with finite differences.
        seed: of the random points of the checks.

    Example:
        >>> for found in outcomes(tasks_of_lines("x^T A x by x\\nx +", Task(0, ""))):
        ...     print(found.derivative or found.error.message)
        x^T (A + A^T)
        there is no variable to differentiate by
    """
    for task in tasks:
        try:
            if task.wrt is None:
                raise DeclarationError("there is no variable to differentiate by", hint='"x^T A x by x", or --wrt x')
            d = derive(task.expr, task.wrt, task.order, task.declare, task.layout, task.structured)
            yield Outcome(task, d, None, d.check(seed) if check else None)
        except MatcalcError as error:
            yield Outcome(task, None, error)
        except (RecursionError, MemoryError):
            yield Outcome(task, None, LimitError("the formula is too large",
                                                 hint="names in a `where` clause keep formulas small"))
