"""What the first cases of a run hold: every head, function and spelling of the language, every kind of derivative."""

from __future__ import annotations

from functools import cache

import pytest

from matcalc.check.evaluate import EVALUATORS
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.core.traversal import fold, postorder
from matcalc.expr.nodes import HEADS, PROPERTIES, Expr
from tests.fuzz.case import Case, make
from tests.fuzz.spell import SIGNS

pytestmark = pytest.mark.slow


@cache
def cases() -> list[Case]:
    return [make(seed) for seed in range(9_200_000, 9_201_200)]


@cache
def nodes() -> list[Expr]:
    return [node for case in cases() for node in postorder(case.expr)]


@cache
def texts() -> str:
    return "\n".join(case.text for case in cases())


FORMS = (
    "norm(", "norm1(", "inv(", "kron(", "tr(", "trace", "logdet(", "expm(", "vec(", "unvec(", "mean(", "sum(", "ones(", "commutation(",
    "||_1", "||_F", "_2", "1[", "1_{", "I_{", "+ I", "where", "[x", "; ", "e^{", "^2", "²", "^{2}", ".^", "^-T", "⁻ᵀ", "½", "θ",
    r"\frac", r"\dfrac", r"\tfrac", r"\left(", r"\bigl(", r"\sum_", r"\sum\limits_", r"\mathbf{", r"\operatorname{", r"\begin{bmatrix}",
    r"\begin{pmatrix}", r"\mathbf{1}_", r"\mathbf{0}_", r"\mathbb{1}[", r"\mathbb{R}", r"\sqrt{", r"\tanh", r"\log\det", r"\max\{",
    r"^{\odot", r"^{\circ", r"\lvert", r"\alpha", "∑", "ℝ", " in R",
)


def test_every_head_and_every_function() -> None:
    assert set(HEADS) <= {node.head for node in nodes()}
    assert {*FUNCTIONS, *COMPARISONS} <= {node.name for node in nodes() if node.head == "map"}
    assert set(HEADS) <= set(EVALUATORS)


def test_every_property() -> None:
    held = {p for node in nodes() if node.head == "var" for p in node.data[1]}  # type: ignore[attr-defined]
    assert set(PROPERTIES) <= held


@pytest.mark.parametrize("sign", sorted({sign.strip() for table in SIGNS.values() for signs in table.values() for sign in signs} - {""}))
def test_every_sign(sign: str) -> None:
    assert sign in texts()


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: str) -> None:
    assert form in texts()


def test_juxtaposition() -> None:
    assert any(f"{a} {b}" in texts() for a in "ABC" for b in "xyz")


def test_orders_shapes_and_what_one_differentiates_by() -> None:
    kinds = {(case.order, case.expr.shape.kind) for case in cases()}
    assert {(order, kind) for order in (1, 2) for kind in ("scalar", "vector", "row", "matrix")} <= kinds
    by = {"scalars" if isinstance(c.wrt, tuple) else f"{c.variables[c.wrt].head} {c.variables[c.wrt].shape.kind}" for c in cases()}
    assert by == {"scalars", *(f"{head} {kind}" for head in ("var", "item") for kind in ("scalar", "vector", "matrix"))}
    ranks = {len(c.expr.shape.dims) + c.order * (1 if isinstance(c.wrt, tuple) else len(c.variables[c.wrt].shape.dims)) for c in cases()}
    assert ranks >= {0, 1, 2, 3, 4, 5, 6}


def test_sizes_and_depths() -> None:
    assert all(len(set(case.sizes.values())) == len(case.sizes) and 1 in case.sizes.values() for case in cases())
    dims = {str(dim) for node in nodes() for dim in node.shape.dims}
    assert {"1", "2", "3", "4", "n", "m n", "m + n"} <= dims
    depths = {fold(case.expr, lambda node, args: 1 + max(args, default=0)) for case in cases()}
    assert set(range(2, 9)) <= depths
