"""What index notation prints reads as index notation; random formulas keep their value on the way to matrices and back."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc import derive
from matcalc.check.component_report import draw_arrays, draw_sizes
from matcalc.check.components import evaluate_along, evaluate_components
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point
from matcalc.check.sample import draw_sizes as draw_expr_sizes
from matcalc.core.errors import MatcalcError, ShapeError
from matcalc.formula import arrays_of
from matcalc.ir.text import index_names, names_in
from matcalc.notation import simplify_index
from matcalc.syntax.index_elaborate import elaborate_index

CASES = Path(__file__).parent / "cases"
ILL = ("trace-of-inverse-gram", "determinant-of-weighted-gram", "log-determinant-of-gram")
"""Cases whose matrices are singular at random sizes."""


def cases() -> Iterator[Any]:
    for name in ("seeds.toml", "identities.toml"):
        for n, case in enumerate(tomllib.loads((CASES / name).read_text(encoding="utf-8")).get("case", [])):
            if case["id"] not in ILL:
                yield pytest.param(case, id=case["id"], marks=pytest.mark.slow if n % 2 else ())


@pytest.mark.parametrize("case", list(cases()))
def test_index_form_of_matrix_results_reads_again(case: Mapping[str, Any]) -> None:
    """`Derivative.index()` as text, read by loops over its indices, has the value of the code."""
    try:
        d = derive(case["expr"], case["wrt"], case.get("order", 1), case.get("declare"))
    except MatcalcError:
        pytest.skip("the case states a limit")
    arrays = arrays_of({name: d.variables[name] for name in d.array_names if name in d.variables})
    spaces = {name: " ".join((a.space, *a.properties)) if not a.family else a.space for name, a in arrays.items()}
    again = elaborate_index(d.index(), spaces)
    names = index_names(names_in(d.named_parts()[0]))
    letters = [next(names) for _ in d.shape]
    rng = np.random.default_rng(1)
    sizes = {n: min(size, 5) for n, size in draw_expr_sizes((d.expr, *d.variables.values()), rng).items()}
    point = draw_point(d.variables, sizes, rng, positive=True)
    value = np.asarray(d(**point))
    np.testing.assert_allclose(evaluate_along(again, point, sizes, letters, value.shape), value, rtol=1e-8, atol=1e-10)


ARRAYS = {"A": 2, "B": 2, "x": 1, "y": 1, "s": 0, "T": 3}
LETTERS = "ijk"


@st.composite
def factors(draw: st.DrawFn, letters: tuple[str, ...]) -> str:
    """A component with some of the letters, or a function of one."""
    name = draw(st.sampled_from(sorted(ARRAYS)))
    below = "".join(draw(st.sampled_from(letters)) for _ in range(ARRAYS[name]))
    component = f"{name}_{below}" if below else name
    return draw(st.sampled_from([component, component, f"tanh({component})", f"{component}^2"]))


@st.composite
def formulas(draw: st.DrawFn) -> str:
    """A sum of products, each summed over all letters but those that stay free."""
    free = draw(st.sampled_from([(), ("i",), ("i", "j")]))
    bound = tuple(letter for letter in LETTERS if letter not in free)
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        parts = [draw(factors((*free, *bound))) for _ in range(draw(st.integers(1, 3)))]
        missing = [letter for letter in (*free, *bound) if not any(letter in p.partition("_")[2] for p in parts)]
        parts += [f"z_{letter}" for letter in missing]
        terms.append(f"sum_{{{','.join(bound)}}} {' '.join(parts)}" if bound else " ".join(parts))
    return draw(st.sampled_from([" + ", " - "])).join(terms)


SQUARE = {"A": "R^{n x n}", "B": "R^{n x n}", "x": "R^n", "y": "R^n", "z": "R^n", "T": "R^{n x n x n}"}


@settings(max_examples=30)
@given(formulas())
def test_simplified_and_turned_formulas_keep_their_value(text: str) -> None:
    program = elaborate_index(text, SQUARE)
    rng = np.random.default_rng(7)
    sizes = draw_sizes(program, (), rng)
    point = draw_arrays(program.arrays, sizes, rng)
    wanted = evaluate_components(program, point, sizes)
    found = simplify_index(text, SQUARE)
    declare = {n: found.space(n) for n in found.arrays}
    again = elaborate_index(str(found), declare)
    np.testing.assert_allclose(evaluate_along(again, point, sizes, found.indices, wanted.shape), wanted, rtol=1e-9, atol=1e-11)
    try:
        matrix = found.to_matrix()
    except ShapeError:
        return
    np.testing.assert_allclose(np.asarray(evaluate(matrix.expr, point, sizes)).reshape(wanted.shape), wanted, rtol=1e-9, atol=1e-11)
    back = matrix.to_index()
    clause = elaborate_index(str(back), declare)
    np.testing.assert_allclose(evaluate_along(clause, point, sizes, back.indices, wanted.shape), wanted, rtol=1e-9, atol=1e-11)


@settings(max_examples=20)
@given(formulas(), st.sampled_from(["x_p", "A_pq", "x_2", "x_i", "A_kk", "s"]))
def test_derivatives_of_random_formulas(text: str, wrt: str) -> None:
    try:
        d = derive(text, wrt, declare=SQUARE, notation="index")
    except MatcalcError as error:
        assert "does not occur" in str(error)
        return
    report = d.check()
    assert report.passed, (str(d), report)
