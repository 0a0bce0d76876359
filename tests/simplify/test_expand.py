"""How many terms a sum has when it is written out is known before it is."""

from __future__ import annotations

import pytest

from matcalc.api import parse
from matcalc.ir.nodes import terms_of
from matcalc.lowering.lower import lower
from matcalc.simplify.expand import MANY, distributed, terms_written_out

A, B = "(a + b)", "(c + d + f)"


@pytest.mark.parametrize(("text", "count"), [
    (f"{A} {B}", 6), (f"a {A}^3", 8), (f"{A} (c + d {B})", 8), (f"{A} (c + d (f + g {B})^2)", 34), (f"{A}^-1 c", 1),
])
def test_terms_are_counted_through_all_levels(text: str, count: int) -> None:
    node = lower(parse(f"{text} where a, b, c, d, f, g in R").expr)
    assert terms_written_out(node) == count
    assert len(terms_of(distributed(node))) <= count


def test_counts_stay_small() -> None:
    assert terms_written_out(lower(parse(" ".join([A] * 40) + " where a, b in R").expr)) <= MANY


@pytest.mark.parametrize(("exponent", "count"), [(7, 8), (8, 9), (9, 1), (40, 1)])
def test_large_powers_stay(exponent: int, count: int) -> None:
    node = lower(parse(f"{A}^{exponent} where a, b in R").expr)
    assert len(terms_of(distributed(node))) == count
