"""Cases that state a derivative: the value against the oracle, finite differences, and the textbook form."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from matcalc.api import derive
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.core.errors import MatcalcError
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative
from matcalc.expr.nodes import Expr
from matcalc.ir.build import is_zero
from matcalc.lowering.lower import lower
from matcalc.simplify.expand import expand
from matcalc.syntax.elaborate import elaborate
from matcalc.syntax.parse import parse_source
from tests.kinds.outcome import Outcome

RTOL = 1e-9


def run(case: Mapping[str, Any]) -> Outcome:
    """Derives a case and holds the result against its oracle and its textbook form."""
    start = time.perf_counter()
    expected = case.get("expect") or case.get("index") or ""
    try:
        d = derive(
            case["expr"], case["wrt"], case.get("order", 1), case.get("declare"), structured=_structured(case)
        )
        printed = str(d)
    except MatcalcError as error:
        return Outcome(case["id"], (f"{type(error).__name__}: {error.args[0]}",), "", expected, 0.0)
    milliseconds = 1e3 * (time.perf_counter() - start)
    try:
        problems = (*wrong_value(d, case), *wrong_form(d, case))
    except Exception as error:
        problems = (f"{type(error).__name__}: {error}",)
    return Outcome(case["id"], problems, printed, expected, milliseconds)


def _structured(case: Mapping[str, Any]) -> str | None:
    convention: str | None = case.get("convention")
    return "entries" if convention == "diagonal" else convention


def points(d: Derivative, case: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Random points that satisfy the condition of the case."""
    conditions = case.get("point", [])
    conditions = [conditions] if isinstance(conditions, str) else conditions
    named = {name: kind for kind, _, name in (c.partition(":") for c in conditions) if name}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        sizes = draw_sizes((d.expr, *d.variables.values()), rng)
        if "sizes" in case:
            sizes = _tall(sizes, case["sizes"])
        point = draw_point(d.variables, sizes, rng, positive="positive" in conditions)
        for name, kind in named.items():
            factor = rng.uniform(0.2, 1.5, point[name].shape)
            point[name] = factor @ factor.T + np.eye(len(factor)) if kind == "spd" else factor + factor.T
        yield point, sizes


def _tall(sizes: dict[str, int], condition: str) -> dict[str, int]:
    """Sizes that satisfy `a > b` or `a >= b`, by swapping the two."""
    large, _, small = condition.replace(">=", ">").partition(">")
    large, small = large.strip(), small.strip()
    if sizes[large] < sizes[small]:
        sizes[large], sizes[small] = sizes[small], sizes[large]
    return sizes


def wrong_value(d: Derivative, case: Mapping[str, Any]) -> Iterator[str]:
    """Differences from the oracle, and from finite differences."""
    for point, sizes in points(d, case):
        scope: dict[str, Any] = {"np": np, **sizes, **point}
        wanted = np.asarray(eval(case["df"], scope))
        found = np.asarray(d(**point))
        if found.shape != wanted.shape:
            yield f"shape {found.shape}, not {wanted.shape}"
            return
        if not np.allclose(found, wanted, rtol=RTOL, atol=RTOL * max(1.0, float(np.abs(wanted).max(initial=0.0)))):
            yield "value differs from the oracle"
            return
    if len(d.shape) != len(case["shape"]):
        yield f"shape {d.shape}, not {case['shape']}"
    report = None if "sizes" in case else d.check()
    if report is not None and not report.passed:
        yield f"check {report}"


def wrong_form(d: Derivative, case: Mapping[str, Any]) -> Iterator[str]:
    """Differences from the textbook form: another expression, or a larger one."""
    if "vec" in case and not _same_flat(d, case):
        yield f"another flattened form: {d.vec(case.get('vec_order', 'columns'))}"
    if "expect" not in case:
        return
    if d.matrix is None:
        yield "no matrix form"
        return
    declare = {name: d.space(name) for name in d.variables}
    book = elaborate(case["expect"], _used(case["expect"], declare))
    if not same(d.matrix, book.expr):
        yield "another expression"
    elif parts(str(d)) > parts(case["expect"]):
        yield f"larger: {parts(str(d))} > {parts(case['expect'])}"


def _same_flat(d: Derivative, case: Mapping[str, Any]) -> bool:
    """Whether the Kronecker form is that of the book; the sizes of its identities follow from the difference."""
    book, _, definitions = case["vec"].replace("I kron", "I ⊗").partition(" where ")
    found, _, more = d.vec(case.get("vec_order", "columns")).partition(" where ")
    clause = ", ".join(filter(None, (definitions, more)))
    text = f"({book}) - ({found})" + f" where {clause}" * bool(clause)
    difference = elaborate(text, {n: d.space(n) for n in d.variables})
    return is_zero(expand(lower(difference.expr)))


def parts(text: str) -> int:
    """The number of nodes that a text is read as, definitions counted once; a sign in front is free."""
    source = parse_source(text)
    stack = [source.body, *(definition.body for definition in source.definitions)]
    count = 0
    while stack:
        tree = stack.pop()
        count += tree.op != "neg"
        stack.extend(tree.args)
    return count


def _used(text: str, declare: Mapping[str, str]) -> dict[str, str]:
    return {name: space for name, space in declare.items() if name.removesuffix("_n") in text}


def same(one: Expr, other: Expr) -> bool:
    """Whether two expressions have one expanded normal form, or are fractions of scalars with equal values."""
    if one.shape != other.shape:
        return False
    return expand(lower(one)) is expand(lower(other)) or _equal_fractions(one, other)


def _equal_fractions(one: Expr, other: Expr) -> bool:
    """Whether two expressions of scalars alone, which have no normal form where they divide by sums, agree at points."""
    names = {n.name: n for n in postorder(one, other) if n.head == "var"}
    families = any(n.head == "item" for n in postorder(one, other))
    if families or any(v.shape.dims for v in names.values()):
        return False
    rng = np.random.default_rng(0)
    points = [{name: np.asarray(rng.uniform(low, 2.0)) for name in names} for low in (0.2, -2.0) for _ in range(6)]
    with np.errstate(all="ignore"):
        values = [(np.asarray(evaluate(one, p, {})), np.asarray(evaluate(other, p, {}))) for p in points]
    defined = [(u, v) for u, v in values if np.isfinite(u).all()]
    return len(defined) > 4 and all(np.allclose(u, v, rtol=RTOL, atol=RTOL) for u, v in defined)
