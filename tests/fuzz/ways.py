"""Ways to one number: interpreter and differences, emitted code, printed result read again, JAX. They must agree."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from matcalc.api import derive, parse
from matcalc.check.components import evaluate_along
from matcalc.check.differences import is_analytic, jacobian
from matcalc.check.evaluate import Array, evaluate
from matcalc.check.report import Form
from matcalc.check.tensors import evaluate_tensor
from matcalc.core.errors import DeclarationError, NotDifferentiableError
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative
from matcalc.formula import arrays_of
from matcalc.ir.text import index_names, names_in
from matcalc.syntax.index_elaborate import elaborate_index
from tests.fuzz.case import Case
from tests.fuzz.routes import routes

TOLERANCE = 1e-9
TOLERANCE_INVERTED = 1e-7
TOLERANCE_DIFFERENCES = 1e-5
FLOOR = 1e-2
"""The scale of errors where the derivative itself is smaller."""

SLOW = 5.0
"""Seconds of processor time after which an answer counts as a defect."""

MAX_LOOPS, MAX_BOUND = 24, 5
"""Index notation is evaluated entry by entry, in loops: only where there are few, and few sums."""

UNREADABLE = "cannot be read off the arrays"

Reference = Callable[[Case], Array]


@dataclass
class Outcome:
    """What the comparison of a case found.

    Attributes:
        seed: of the case.
        kind: what was differentiated by what, and how often.
        ways: the ways that were compared.
        problems: what disagrees or breaks, each with the way in front.
        refusal: why there is no derivative, where there is none.
        seconds: of processor time that the engine took.
    """

    seed: int
    kind: str
    ways: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    refusal: str = ""
    seconds: float = 0.0


def kind_of(case: Case) -> str:
    """Shape of the function, shape of the variable, order."""
    if isinstance(case.wrt, str):
        v = case.variables[case.wrt]
        by = f"{v.shape.kind}{' family' if v.head == 'item' else ''}"
    else:
        by = "scalars"
    return f"{case.expr.shape.kind} by {by}, order {case.order}"


def tolerance_of(case: Case) -> float:
    """The relative tolerance against JAX: looser where a matrix is inverted."""
    inverts = any(n.head in ("det", "logdet") or (n.head == "matpow" and int(str(n.data[0])) < 0) for n in postorder(case.expr))
    return TOLERANCE_INVERTED if inverts else TOLERANCE


def difference(found: Array, expected: Array, tolerance: float) -> str | None:
    """How an array differs from the one that is expected, or None."""
    found = np.asarray(found)
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    if not np.isfinite(found).all():
        return "entries that are not finite"
    error = np.abs(found - expected)
    worst = float(error.max(initial=0.0)) / max(FLOOR, float(np.abs(expected).max(initial=0.0)))
    if worst <= tolerance:
        return None
    at = np.unravel_index(int(error.argmax()), error.shape)
    return f"off by {worst:.1e}: entry {[int(k) for k in at]} is {found[at]:.10g}, not {expected[at]:.10g}"


def compare(case: Case, reference: Reference | None) -> tuple[Outcome, Derivative | None]:
    """All ways of a case; the derivative too, where there is one.

    Args:
        case: what to compare.
        reference: the derivative's array from outside of the project, such as JAX's.
    """
    outcome, start = Outcome(case.seed, kind_of(case)), process_time()
    try:
        program = parse(case.text, case.declare)
        d = derive(case.text, case.spelled_wrt, case.order, case.declare)
    except NotDifferentiableError as error:
        outcome.refusal = re.sub(r"`[^`]*`", "...", error.message)
        return outcome, None
    except TimeoutError:
        raise
    except Exception as error:
        outcome.problems.append(f"derive: {type(error).__name__}: {error}")
        return outcome, None
    outcome.seconds = process_time() - start
    value = difference(evaluate(program.expr, case.point, case.sizes), evaluate(case.expr, case.point, case.sizes), TOLERANCE)
    if value:
        outcome.problems.append(f"reading: {value}")
        return outcome, None
    expected = _expected(case, d, reference, outcome)
    for way, compute in _ways(case, d):
        outcome.seconds += _tried(case, way, compute, expected, outcome)
    if outcome.seconds > SLOW:
        outcome.problems.append(f"slow: {outcome.seconds:.1f} s")
    for way, compute in routes(case, d):
        if (seconds := _tried(case, way, compute, expected, outcome)) > SLOW:
            outcome.problems.append(f"slow: {way}: {seconds:.1f} s")
    return outcome, d


def _tried(case: Case, way: str, compute: Callable[[], Array], expected: Array, outcome: Outcome) -> float:
    """Notes what a way finds; the seconds of processor time that it took."""
    outcome.ways.add(way)
    start = process_time()
    try:
        problem = difference(compute(), expected, tolerance_of(case))
    except DeclarationError as error:
        problem = None if UNREADABLE in error.message else str(error)
        outcome.ways = outcome.ways - {way} | {"no code: a size is told by no array"}
    except TimeoutError:
        raise
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        outcome.problems.append(f"{way}: {problem}")
    return process_time() - start


def _expected(case: Case, d: Derivative, reference: Reference | None, outcome: Outcome) -> Array:
    """The array to compare with, itself held against differences."""
    tensor = evaluate_tensor(d.tensor, case.point, case.sizes)
    expected = tensor if reference is None else reference(case)
    outcome.ways |= {"differences", *(() if reference is None else ("JAX",))}
    numeric = differences(case)
    if numeric is None:
        outcome.ways.discard("differences")
    else:
        problem = difference(expected, numeric, TOLERANCE_DIFFERENCES)
        if problem:
            outcome.problems.append(f"{'index form' if reference is None else 'JAX'} against differences: {problem}")
    return expected


def differences(case: Case) -> Array | None:
    """The derivative by differences of the interpreter; None where a step meets a kink."""
    analytic = is_analytic(case.expr)

    def function(point: object) -> Array:
        return evaluate(case.expr, point, case.sizes)  # type: ignore[arg-type]

    inner = function if case.order == 1 else (lambda point: jacobian(function, point, case.wrt, analytic).value)
    try:
        found = jacobian(inner, case.point, case.wrt, analytic and case.order == 1)
    except np.linalg.LinAlgError:
        return None
    scale = max(FLOOR, float(np.abs(found.value).max(initial=0.0)))
    smooth = np.isfinite(found.value).all() and (found.disagreement <= 1e-3 * scale).all()
    return found.value if smooth else None


def in_index_notation(d: Derivative, point: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The result printed in index notation, read again and evaluated entry by entry."""
    arrays = arrays_of(d.variables)
    spaces = {name: " ".join((a.space, *(() if a.family else a.properties))) for name, a in arrays.items()}
    names = index_names(names_in(d.named_parts()[0]))
    shape = [dim.evaluate(sizes) for dim in d.tensor.axes]
    letters = [next(names) for _ in shape]
    lone = {name: np.asarray(float(sizes[name])) for name in elaborate_index(d.index(), spaces).arrays if name in sizes}
    read = elaborate_index(d.index(), {**spaces, **dict.fromkeys(lone, "R")})  # sizes in parts in the matrix language
    known = {name for array in arrays.values() for dim in array.axes for name in dim.names}
    free = {i.letter: i.extent.name for i in read.free}
    inferred = {name: length for letter, length in zip(letters, shape, strict=True) if (name := free.get(letter)) is not None and name not in known}
    return evaluate_along(read, {**point, **lone}, {**sizes, **inferred}, letters, shape)


def _bound(text: str) -> int:
    """How many indices are summed over in index notation."""
    return sum(max(1, letters.count(",") + 1) for letters in re.findall(r"sum_(\{[^=}]*\}|[a-z])", text))


def read_again(text: str, d: Derivative, declare: Mapping[str, str], point: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The array of a printed result, by the interpreter."""
    lone = {name for name in sizes if name in parse(text, dict(declare)).variables}  # sizes of which no array tells
    expr = parse(text, {**declare, **dict.fromkeys(lone, "R")}).expr
    values = {name: np.float64(sizes[name]) for name in lone}
    shape = tuple(dim.evaluate(sizes) for dim in d.tensor.axes)
    return Form("", expr, d.is_turned).value({**point, **values}, sizes, shape)


def _ways(case: Case, d: Derivative) -> Iterator[tuple[str, Callable[[], Array]]]:
    shape = tuple(dim.evaluate(case.sizes) for dim in d.tensor.axes)

    def as_array(text: str) -> Array:
        return read_again(text, d, case.declare, case.point, case.sizes)

    yield "index form", lambda: evaluate_tensor(d.tensor, case.point, case.sizes)
    if math.prod(shape) <= MAX_LOOPS and _bound(d.index()) <= MAX_BOUND:
        yield "index notation", lambda: in_index_notation(d, case.point, case.sizes)
    yield "code", lambda: np.asarray(d(**case.point))
    if d.matrix is not None:
        matrix = d.matrix
        yield "matrix form", lambda: Form("", matrix, d.is_turned).value(case.point, case.sizes, shape)
        yield "text", lambda: as_array(str(d))
        yield "LaTeX", lambda: as_array(d.latex())
