"""Formulas joined, wrapped and mistyped, each answered rightly or refused with a hint."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.texts import Asked, asked, safely
from tests.printed import Formula, read

KNOWN = [formula for formula, _ in read()]


def problems(seed: int, count: int) -> list[tuple[Asked, str]]:
    rng = random.Random(seed)
    cases = [asked(rng, KNOWN) for _ in range(count)]
    return [(case, found.problem) for case in cases if (found := safely(case)).problem]


@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (0, 1))])
def test_texts(seed: int) -> None:
    assert not problems(seed, 25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_more_texts(seed: int) -> None:
    assert not problems(seed, 150)


def test_a_wrong_answer_and_an_error_that_is_none_of_matcalc_are_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Asked("derive", Formula("x^T A x", "x"))
    assert safely(case).kind == "answer" and not safely(case).problem
    right = case.answer()
    monkeypatch.setattr(Asked, "answer", lambda self: right)
    report = right.check()
    monkeypatch.setattr(type(right), "check", lambda self, seed=0: type(report)(False, 1.0, report.tolerance, report.method, 0, {}, ("entry [0] is 1, not 2",)))
    assert "entry [0] is 1" in safely(case).problem

    def crash(self: Asked) -> None:
        raise KeyError("n")

    monkeypatch.setattr(Asked, "answer", crash)
    assert "KeyError" in safely(case).problem
