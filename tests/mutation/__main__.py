"""Breaks the engine in one place after the other and counts what the tests catch: `python -m tests.mutation`."""

from __future__ import annotations

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pytest

from tests.mutation.faults import KINDS
from tests.mutation.plant import Fault, Module
from tests.mutation.run import Outcome, Runner
from tests.mutation.same import SAME
from tests.mutation.tables import CODE, DATA, entries, modules

ROOT = Path(__file__).parent.parent.parent
FIRST = ("registries", "diff", "ir", "lowering", "simplify", "raising", "plan", "expr", "emit", "syntax/test_infer.py",
         "syntax/test_kinds.py", "check", "derivation", "test_index_round_trip.py", "test_cases.py", "test_printed.py", "test_doc_examples.py",
         "fuzz/test_answers.py", "fuzz/test_found.py", "test_notation.py", "test_directional.py")
"""The tests that should catch a fault; those that are quick and near to the registries."""

LATER = ("properties", "interop", "series", "syntax", "stationary", "convexity", "test_second_order.py",
         "test_gradients.py", "test_bad_input.py", "test_factored.py", "test_flattening.py", "test_numbers.py",
         "test_extremes.py", "test_layout.py", "test_declarations.py", "test_pipeline.py", "fuzz/test_ways.py", "test_lectures.py",
         "test_chunked.py", "autodiff")
"""The other tests, for what survives."""


def main() -> int:
    """Plants the faults that the options choose; 1 where one survives."""
    options = _parser().parse_args()
    faults, watched, probes = planted(options.table)
    if options.match:
        faults = [f for f in faults if options.match in f.name]
    if options.sample is not None:
        faults = random.Random(options.seed).sample(faults, min(options.sample, len(faults)))
    if options.each is not None:
        faults = [f for table in dict.fromkeys(f.table for f in faults) for f in _some(faults, table, options.each, options.seed)]
    if options.list:
        print(*(f"{f.table} | {f.name}" for f in faults), sep="\n")
        return 0
    start = perf_counter()
    outcomes = run(faults, watched, probes, options.tests or FIRST, options.longest, options.jobs)
    left = [o.fault for o in outcomes if not o.caught]
    if left and not options.tests and not options.first:
        print(f"{len(left)} faults survive the tests beside them; now the others", flush=True)
        again = {o.fault: o for o in run(left, watched, probes, LATER, options.longest, options.jobs)}
        outcomes = [again.get(o.fault, o) if not o.caught else o for o in outcomes]
    summarise(outcomes, perf_counter() - start)
    return 1 if any(not o.caught for o in outcomes) else 0


def _some(faults: Sequence[Fault], table: str, count: int, seed: int) -> list[Fault]:
    own = [f for f in faults if f.table == table]
    return random.Random(f"{table} {seed}").sample(own, min(count, len(own)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--table", action="append", default=[], help="a registry; may be given several times; all where it is not")
    parser.add_argument("--match", help="faults whose name holds this")
    parser.add_argument("--sample", type=int, help="so many faults, drawn at random")
    parser.add_argument("--each", type=int, help="so many faults of each registry, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    parser.add_argument("--tests", nargs="+", help="files and folders of tests/, instead of those that are known to be near")
    parser.add_argument("--first", action="store_true", help="stop after the tests that are near")
    parser.add_argument("--longest", type=float, default=30.0, help="seconds of tests for one fault")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--list", action="store_true", help="print the faults and plant none")
    return parser


def planted(chosen: Sequence[str] = ()) -> tuple[list[Fault], list[Module], list[dict[ast.AST, int]]]:
    """The faults of some registries, or of all, with their modules and the statements of these that get probes."""
    if unknown := set(chosen) - {*CODE, *DATA}:
        sys.exit(f"no registry {sorted(unknown)}; there are: {', '.join((*CODE, *DATA))}")
    faults: list[Fault] = []
    watched, probes, count = modules(chosen), [], 0
    for module in watched:
        found, places = module.faults(count)
        faults += found
        probes.append(places)
        count += len(places)
    faults += entries(chosen)
    if not chosen and (stale := set(SAME) - {f.name for f in faults}):
        print("no longer among the changes:", *sorted(stale), sep="\n  ", file=sys.stderr)
    return [f for f in faults if f.name not in SAME], watched, probes


def run(faults: Sequence[Fault], watched: Sequence[Module], probes: Sequence[dict[ast.AST, int]], tests: Sequence[str],
        longest: float, jobs: int = 1) -> list[Outcome]:
    """What becomes of each fault under some tests."""
    done = Counter[str]()

    def report(outcome: Outcome) -> None:
        done["caught" if outcome.caught else "left"] += 1
        if not outcome.caught:
            where = f" (line {outcome.fault.line})" if outcome.fault.line else ""
            print(f"survives {outcome.tests} tests: {outcome.fault.table} | {outcome.fault.name}{where}", flush=True)
        if not sum(done.values()) % 100:
            print(f"... {sum(done.values())} of {len(faults)}, {done['left']} left", file=sys.stderr, flush=True)

    runner = Runner(watched, probes, faults, longest, report, jobs)
    paths = [str(ROOT / "tests" / name) for name in tests]
    options = ["-p", "no:cacheprovider", "-p", "no:randomly", "--tb=native", "-s", f"--rootdir={ROOT}"]
    pytest.main([*options, *paths], plugins=[runner])
    if len(runner.outcomes) < len(faults):
        sys.exit("the tests could not be collected")
    return runner.outcomes


def summarise(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Prints caught and planted by registry and by kind."""
    for title, key in (("registry", lambda o: o.fault.table), ("kind", lambda o: o.fault.kind)):
        planted, caught = Counter(map(key, outcomes)), Counter(key(o) for o in outcomes if o.caught)
        print(f"{title}:")
        for name in planted:
            print(f"  {caught[name]:5d} / {planted[name]:<5d} {name}" + (f": {KINDS[name]}" if name in KINDS else ""))
    caught_all = sum(o.caught for o in outcomes)
    print(f"{caught_all} caught / {len(outcomes)} planted, {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
