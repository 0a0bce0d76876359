"""Cases in index notation: the value by loops over index values, and the form up to names of bound indices and order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from matcalc.check.component_report import draw_arrays, draw_sizes
from matcalc.check.components import evaluate_along
from matcalc.check.differences import jacobian
from matcalc.core.errors import MatcalcError
from matcalc.formula import IndexFormula
from matcalc.notation import derive_index, simplify_index
from matcalc.syntax.index_elaborate import elaborate_index
from tests.kinds.outcome import Outcome

RTOL = 1e-7


def run(case: Mapping[str, Any]) -> Outcome:
    """Works a case out and holds the result against the formula and against the form of the book."""
    start = time.perf_counter()
    expected = case.get("expect", "")
    try:
        d = result_of(case)
        printed = str(d)
    except MatcalcError as error:
        return Outcome(case["id"], (f"{type(error).__name__}: {error.args[0]}",), "", expected, 0.0)
    milliseconds = 1e3 * (time.perf_counter() - start)
    try:
        problems = (*wrong_value(d, case), *wrong_form(d, case))
    except Exception as error:
        problems = (f"{type(error).__name__}: {error}",)
    return Outcome(case["id"], problems, printed, expected, milliseconds)


def result_of(case: Mapping[str, Any]) -> IndexFormula:
    """The derivative, or the simplified formula where there is nothing to differentiate by."""
    declare, einstein = case.get("declare"), bool(case.get("einstein", False))
    if "wrt" not in case:
        return simplify_index(case["expr"], declare, einstein)
    return derive_index(case["expr"], case["wrt"], case.get("order", 1), declare, einstein)


def reference(d: IndexFormula, case: Mapping[str, Any], point: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The value by loops; a derivative by differences of them, component by component."""
    program = elaborate_index(case["expr"], {n: d.space(n) for n in d.arrays}, bool(case.get("einstein", False)))
    letters = [i.letter for i in program.free]
    lengths = [i.extent.evaluate(sizes) for i in program.free]
    if not d.wrt:
        return evaluate_along(program, point, sizes, letters, lengths)
    (name, slots), = d.wrt
    found = jacobian(lambda p: evaluate_along(program, p, sizes, letters, lengths), point, name, False).value
    slots_of_axes = [*letters, *(s if isinstance(s, int) else s.letter for s in slots)]
    picked = np.zeros([_length(d, k, sizes) for k in range(len(d.indices))])
    for at in np.ndindex(*picked.shape):
        env = dict(zip(d.indices, at, strict=True))
        picked[at] = found[tuple(s - 1 if isinstance(s, int) else env[s] for s in slots_of_axes)]
    return picked


def _length(d: IndexFormula, axis: int, sizes: Mapping[str, int]) -> int:
    return d.tensor.axes[axis].evaluate(sizes)


def wrong_value(d: IndexFormula, case: Mapping[str, Any]) -> Iterator[str]:
    """Differences of the code, of the printed text and of the book's form from the formula."""
    declare = {n: d.space(n) for n in d.arrays}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes(elaborate_index(case["expr"], declare, bool(case.get("einstein", False))), d.wrt, rng)
        point = draw_arrays(d.arrays, sizes, rng)
        wanted = reference(d, case, point, sizes)
        texts = {"printed text": str(d)} | ({"form of the book": case["expect"]} if "expect" in case else {})
        found = {"code": np.asarray(d(**point))} | {
            label: evaluate_along(elaborate_index(text, declare), point, sizes, d.indices, wanted.shape)
            for label, text in texts.items()
        }
        for label, value in found.items():
            if value.shape != wanted.shape or not np.allclose(value, wanted, rtol=RTOL, atol=RTOL):
                yield f"the value of the {label} differs"
                return
    report = d.check()
    if not report.passed:
        yield f"check {report}"


def wrong_form(d: IndexFormula, case: Mapping[str, Any]) -> Iterator[str]:
    """Differences from the form of the book: another expression, or a larger one."""
    if "expect" not in case:
        return
    book = simplify_index(case["expect"], {n: d.space(n) for n in d.arrays})
    if sorted(book.indices) != sorted(d.indices):
        yield f"other free indices: {', '.join(d.indices)}"
    elif len(str(d)) > len(case["expect"]):
        yield "longer than the form of the book"
