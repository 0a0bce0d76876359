"""The work of derivations, to the letter."""

from __future__ import annotations

import pytest

from tests.derivation.written import read, work
from tests.printed import Formula

WRITTEN = read()


@pytest.mark.parametrize(("formula", "lines"), WRITTEN)
def test_steps_read_as_they_did(formula: Formula, lines: list[str]) -> None:
    assert work(formula) == lines
