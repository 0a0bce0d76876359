"""Runs fresh random cases: `python -m tests.fuzz --count 10000 --seed S`."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import signal
import sys
from collections import Counter
from importlib.util import find_spec
from time import perf_counter

from tests.fuzz.case import Case, make
from tests.fuzz.laws import broken_laws
from tests.fuzz.ways import Outcome, Reference, compare, kind_of

SPREAD = 1_000_003
"""Seeds of cases in a run are apart from those of other runs."""

PROGRESS = 500
LONGEST = 20.0
"""Seconds of processor time after which a case is stopped."""

LONGEST_LAWS = 30.0
"""The same for the laws of a case, which derive a dozen times."""


def reference() -> Reference | None:
    """Derivatives by JAX, where it is installed."""
    if find_spec("jax") is None:
        return None
    from tests.fuzz.jax_values import derivative

    return lambda case: derivative(case.expr, case.wrt, case.order, case.point, case.sizes)


def run(task: tuple[int, bool]) -> tuple[Outcome, str, float]:
    """The outcome of one case, a report of it where something is wrong, and the memory in use in MiB."""
    seed, laws = task
    case = make(seed)
    signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        outcome, d = compare(case, _REFERENCE)
        signal.setitimer(signal.ITIMER_PROF, LONGEST_LAWS)
        if laws and d is not None and not outcome.problems:
            outcome.problems += broken_laws(case, d)
    except TimeoutError as error:
        outcome = Outcome(seed, kind_of(case), problems=[f"stopped: {error}"], seconds=LONGEST)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome, describe(case, outcome) if outcome.problems else "", memory


def _interrupt(*_: object) -> None:
    raise TimeoutError(f"no end after {LONGEST} s of processor time")


def describe(case: Case, outcome: Outcome) -> str:
    """All that is needed to repeat a case."""
    lines = [f"seed {case.seed}: {case.text}", f"  by {case.wrt}, order {case.order}, declare={case.declare}, sizes={case.sizes}"]
    return "\n".join([*lines, *(f"  {problem}" for problem in outcome.problems)])


_REFERENCE: Reference | None = None


def _start() -> None:
    global _REFERENCE
    _REFERENCE = reference()


def main(argv: list[str] | None = None) -> int:
    """Runs the cases and prints what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many cases")
    parser.add_argument("--seed", type=int, default=0, help="of the run")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--no-laws", action="store_true", help="only the ways to one number, not the laws")
    parser.add_argument("--case", type=int, help="one case by its own seed")
    options = parser.parse_args(argv)
    seeds = [options.case] if options.case is not None else [options.seed * SPREAD + k for k in range(options.count)]
    print(f"JAX: {'compared' if find_spec('jax') else 'not installed, so the index form stands in for it'}", flush=True)
    start, outcomes, memory = perf_counter(), list[Outcome](), 0.0
    with multiprocessing.get_context("fork").Pool(options.jobs, _start, maxtasksperchild=20) as pool:
        for outcome, report, used in pool.imap(run, [(seed, not options.no_laws) for seed in seeds], chunksize=10):
            outcomes.append(outcome)
            memory = max(memory, used)
            if report:
                print(report, flush=True)
            if not len(outcomes) % PROGRESS:
                print(f"... {len(outcomes)} cases after {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    summarise(outcomes, perf_counter() - start, memory)
    return 1 if any(o.problems for o in outcomes) else 0


def summarise(outcomes: list[Outcome], seconds: float, memory: float) -> None:
    """Prints cases by kind, ways, refusals by reason, times, and the summary line."""
    for title, counts in (
        ("kinds", Counter(o.kind for o in outcomes)),
        ("ways", Counter(way for o in outcomes for way in o.ways)),
        ("refused", Counter(o.refusal for o in outcomes if o.refusal)),
    ):
        print(f"{title}:")
        for name, count in counts.most_common():
            print(f"  {count:6d}  {name}")
    times = sorted(o.seconds for o in outcomes)
    print(f"engine: median {times[len(times) // 2]:.3f} s, 99 % {times[len(times) * 99 // 100]:.3f} s, longest {times[-1]:.2f} s, "
          f"memory at most {memory:.0f} MiB")
    wrong = sum(bool(o.problems) for o in outcomes)
    refused = sum(bool(o.refusal) for o in outcomes)
    print(f"{len(outcomes)} cases, {wrong} with differences or errors, {refused} refused as not differentiable, {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
