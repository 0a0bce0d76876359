"""Formulas joined, wrapped and mistyped: `python -m tests.fuzz.texts --count 10000 --seed S`.

Where the random cases of this folder are made from types, these are made from text: known formulas with others in them, words
exchanged, left out, doubled. Each gives within the time that matcalc allows itself a derivative that passes its check, or
one of its errors with a hint.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import numpy as np

import matcalc
from matcalc.core.errors import MatcalcError
from tests.printed import Formula, read

WORD = re.compile(r"[A-Za-z]+_?\w*|\d+|\s+|.")
FRAMES = (
    "sum({})", "tr({})", "({})^T", "||{}||^2", "exp({})", "tanh({})", "({})^2", "-({})", "2 ({})", "({}) + ({})", "({}) - ({})", "det({})",
    "({})^-1", "log(1 + ({})^2)", "diag({})", "vec({})", "sum(({}) .* ({}))", "abs({})", "softmax({})", "({}) ({})", "({})/({})", "mean({})",
    "logsumexp({})", "sum(sigmoid({}))", "x^T ({})", "({}) x", "A ({})", "norm({})", "max({}, 0)", "({})^T ({})", "({})/(1 + ({})^2)", "1/2 ({})^2 - ({})",
    "-({})^-1", "sqrt(1 + ({})^2)", "({})^3", "({}) ({})^T",
)
FUNCTIONS = ("derive", "derive", "derive", "gradients", "hvp", "jvp", "vjp")
SECONDS = 5.5
"""Processor time for a derivative: what matcalc allows itself, and a little for the moment when it looks at the clock."""

LONGEST_CHECKED = 2000
NOTHING = "nothing was compared"
SEEDS = 3
"""What is wrong is so at the points of every seed; differences may fail at some, where a function is steep and flat side by side."""


@dataclass(frozen=True)
class Asked:
    """What is asked: a function of the interface, its formula, and a declaration or none."""

    function: str
    formula: Formula

    def answer(self) -> Any:
        """The derivative."""
        text, wrt, order, declare = self.formula
        names = [wrt] if isinstance(wrt, str) else wrt
        if self.function == "derive":
            return matcalc.derive(text, wrt, order, declare)
        return getattr(matcalc, self.function)(text, names if self.function == "gradients" else names[0], declare=declare)


@dataclass(frozen=True)
class Found:
    """What became of it: the kind of answer, and what is wrong with it, if anything is."""

    kind: str
    problem: str = ""


def asked(rng: random.Random, known: list[Formula]) -> Asked:
    """A formula that no one wrote."""
    start = rng.choice(known)
    text = start.text
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        text = framed(text, rng, known) if rng.random() < 0.7 else mistyped(text, rng, known)
    declare = start.declare if rng.random() < 0.6 else None
    return Asked(rng.choice(FUNCTIONS), Formula(text, start.wrt, rng.choice((1, 1, 2)), declare))


def framed(text: str, rng: random.Random, known: list[Formula]) -> str:
    """A formula inside another one, or beside it."""
    frame = rng.choice(FRAMES)
    others = [rng.choice(known).text if rng.random() < 0.5 else text for _ in range(frame.count("{}") - 1)]
    return frame.format(text, *others)


def mistyped(text: str, rng: random.Random, known: list[Formula]) -> str:
    """A formula with words left out, exchanged, or from another one."""
    words = WORD.findall(text)
    for _ in range(rng.choice((1, 1, 2))):
        n, m, other = rng.randrange(len(words)), rng.randrange(len(words)), rng.choice(WORD.findall(rng.choice(known).text))
        how = rng.random()
        if how < 0.25 and len(words) > 1:
            del words[n]
        elif how < 0.6:
            words[n] = other
        elif how < 0.8:
            words.insert(n, other)
        else:
            words[n], words[m] = words[m], words[n]
    return "".join(words)


def found(case: Asked) -> Found:
    """The answer, looked at from all sides."""
    start = process_time()
    try:
        result = case.answer()
    except MatcalcError as error:
        late = process_time() - start > SECONDS
        return Found(type(error).__name__, "late" if late else "" if error.hint else f"no hint: {error}")
    if process_time() - start > SECONDS:
        return Found("answer", f"late: {process_time() - start:.1f} s")
    try:
        compile(result.numpy(), "<code>", "exec")
        result.latex()
        if len(str(result)) > LONGEST_CHECKED:
            return Found("long answer")
        reports = [result.check()]
        while not reports[-1].passed and len(reports) < SEEDS:
            reports.append(result.check(len(reports)))
    except MatcalcError as error:
        return Found(f"answer without check: {type(error).__name__}")
    if reports[-1].passed:
        return Found("answer")
    return Found("answer at no point") if NOTHING in reports[0].failures[0] else Found("answer", f"{result}\n    {reports[0]}")


def safely(case: Asked, seconds: float = 60.0) -> Found:
    """The same, with any other exception as a problem, and an end."""

    def interrupt(*_: object) -> None:
        raise TimeoutError(f"no end after {seconds} s of processor time")

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return found(case)
    except Exception as error:
        return Found("exception", f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def main() -> int:
    """Asks, and prints what is wrong and how many answers of each kind there were."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.texts", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many formulas")
    parser.add_argument("--seed", type=int, default=0, help="of the run")
    options = parser.parse_args()
    rng, known, kinds, wrong, start = random.Random(options.seed), [formula for formula, _ in read()], Counter[str](), 0, perf_counter()
    for _ in range(options.count):
        case = asked(rng, known)
        outcome = safely(case)
        kinds[outcome.kind] += 1
        if outcome.problem:
            wrong += 1
            print(f"{case}\n    {outcome.problem}", flush=True)
    for kind, count in kinds.most_common():
        print(f"{count:7d}  {kind}")
    print(f"{options.count} texts, {wrong} with wrong answers or errors, {perf_counter() - start:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
