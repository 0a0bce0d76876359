"""The run as a whole: one process, one core, rows printed as they are measured, then the page."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.emitted import emitted
from benchmarks.page import header, line, page, summary
from benchmarks.peers import installed
from benchmarks.problems import PROBLEMS, SIZES
from benchmarks.table import Row, row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Emitted code against hand-written NumPy.")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--size", action="append", choices=SIZES, help="one size alone; may be repeated")
    parser.add_argument("--only", action="append", default=[], help="problems whose names begin so; may be repeated")
    parser.add_argument("--without", action="append", default=[], help="a library to leave out; may be repeated")
    parser.add_argument("--linalg", choices=("numpy", "scipy"), default="numpy", help="the library that emitted code does linear algebra by")
    parser.add_argument("--show", action="store_true", help="print the emitted code too")
    return parser.parse_args()


def main() -> int:
    """Runs what is asked for and prints the table."""
    chosen = options()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peers = [p for p in installed() if p not in chosen.without]
    problems = [p for p in PROBLEMS if not chosen.only or any(p.key.startswith(o) for o in chosen.only)]
    codes = {p.key: emitted(p, chosen.linalg) for p in problems}
    rows: list[Row] = []
    print(header(peers), flush=True)
    for size in chosen.size or SIZES:
        for problem in problems:
            rows.append(row(problem, size, codes[problem.key], peers))
            print(line(rows[-1], peers), flush=True)
    print("\n" + "\n".join(summary(rows, peers)))
    if chosen.show:
        print("\n\n".join(f"# {key}\n{code.source}" for key, code in codes.items()))
    if chosen.write:
        PAGE.write_text(page(rows, peers), encoding="utf-8")
        print(PAGE, file=sys.stderr)
    return 0
