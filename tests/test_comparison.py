"""The comparison with other systems: every answer of matcalc passes its check, and the table adds up."""

from __future__ import annotations

import pytest

from tests.comparison import answers, cases

pytestmark = pytest.mark.slow

OTHERS = ("SymPy 1.14.0", "SymPy dev", "tensorgrad", "PyTensor", "CasADi")
RIGHT = {"SymPy 1.14.0": 25 + 16, "SymPy dev": 34 + 18, "tensorgrad": 61, "PyTensor": 62, "CasADi": 62}


def test_every_answer_passes() -> None:
    assert len(answers()) == len(cases()) == 62 and all(answer.passed for answer in answers())


@pytest.mark.parametrize(("place", "system"), list(enumerate(OTHERS)))
def test_counts_are_those_of_the_cases(place: int, system: str) -> None:
    forms = [case["others"][place].rstrip("*†") for case in cases()]
    assert sum(form in ("closed", "array", "network", "graph", "scan") for form in forms) == RIGHT[system]
