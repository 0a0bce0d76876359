"""What is printed and computed, to the letter, and its value."""

from __future__ import annotations

import pytest

from tests.printed import read, shown

PRINTED = read()
CHUNKS = 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_results_and_code_read_as_they_did(chunk: int) -> None:
    part = PRINTED[chunk::CHUNKS]
    assert [(formula, shown(formula.derived())) for formula, _ in part] == part


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_results_have_the_value_of_the_derivative(chunk: int) -> None:
    """By finite differences of the formula, and of the interpreter."""
    wrong = [formula for formula, _ in PRINTED[chunk::CHUNKS] if not formula.derived().check().passed]
    assert not wrong
