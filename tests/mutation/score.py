"""Mutation scores of packages: `python -m tests.mutation.score`, with the operators of cosmic-ray."""

from __future__ import annotations

import argparse
import ast
import sys
from math import sqrt
from time import perf_counter

from tests.mutation.__main__ import FIRST, LATER, run
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.operators import mutants
from tests.mutation.plant import Fault, Module
from tests.mutation.tables import ROOT_PACKAGE

PACKAGES = ("diff", "ir", "simplify", "raising", "plan")


def main() -> int:
    """Prints the share of mutants that the tests notice, package by package."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.score", description=__doc__)
    parser.add_argument("packages", nargs="*", default=PACKAGES, help="of matcalc; those of the index form where none is given")
    parser.add_argument("--count", type=int, default=150, help="mutants of each package")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=20.0, help="seconds of tests for one mutant")
    parser.add_argument("--tests", nargs="+", default=(*FIRST, *LATER), help="files and folders of tests/")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args()
    faults, watched, probes = drawn(options.packages, options.count, options.seed)
    start = perf_counter()
    outcomes = run([f for f in faults if f.name not in EQUIVALENT], watched, probes, options.tests, options.longest, options.jobs)
    for package in options.packages:
        own = [o for o in outcomes if o.fault.table == package]
        same = sum(f.table == package for f in faults) - len(own)
        share = sum(o.caught for o in own) / len(own)
        error = sqrt(share * (1 - share) / len(own))
        print(f"{package:10s} {sum(o.caught for o in own):4d} caught / {len(own):4d} mutants: {share:.1%} +- {error:.1%}, and {same} that change nothing")
    print(f"{perf_counter() - start:.0f} s")
    return 0


def drawn(packages: tuple[str, ...], count: int, seed: int) -> tuple[list[Fault], list[Module], list[dict[ast.AST, int]]]:
    """Mutants of some packages, their modules, and the statements that get probes."""
    faults: list[Fault] = []
    watched: list[Module] = []
    probes: list[dict[ast.AST, int]] = []
    for package in packages:
        names = sorted(p.stem for p in (ROOT_PACKAGE / package).glob("*.py") if p.stem != "__init__")
        own = [Module(f"matcalc.{package}.{name}", package) for name in names]
        found, places = mutants(package, own, count, seed, sum(map(len, probes)))
        faults += found
        watched += own
        probes += places
    return faults, watched, probes


if __name__ == "__main__":
    sys.exit(main())
