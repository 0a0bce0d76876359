"""The table of cases: `python -m tests.conformance [FILTER]` prints case, verdict, printed form, textbook form, time."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.kinds import derivative, index, stationary, taylor
from tests.kinds.outcome import Outcome

CASES = Path(__file__).parent / "cases"

KINDS: dict[str, Callable[[Mapping[str, Any]], Outcome]] = {
    "case": derivative.run,
    "structured_case": derivative.run,
    "stationary_case": stationary.run,
    "taylor_case": taylor.run,
    "index_case": index.run,
}
"""How a case of each kind of entry is run."""


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case of the files, with its kind of entry."""
    for name in ("seeds.toml", "identities.toml"):
        tables = tomllib.loads((CASES / name).read_text(encoding="utf-8"))
        for kind in KINDS:
            yield from ((kind, case) for case in tables.get(kind, []))


def main(argv: list[str] | None = None) -> int:
    """Prints the table. Returns 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("filter", nargs="?", default="", help="part of the name of the cases to run")
    parser.add_argument("--failed", action="store_true", help="print failed cases alone")
    arguments = parser.parse_args(argv)
    outcomes = [KINDS[kind](case) for kind, case in cases() if arguments.filter in case["id"]]
    for outcome in outcomes:
        if arguments.failed and not outcome.problems:
            continue
        verdict = f"FAILED ({'; '.join(outcome.problems)})" if outcome.problems else "passed"
        print(f"{outcome.name:38} {verdict}  {outcome.milliseconds:6.1f} ms")
        print(f"    printed   {outcome.printed}\n    textbook  {outcome.expected or '-'}")
    passed = sum(not outcome.problems for outcome in outcomes)
    print(f"{passed} of {len(outcomes)} cases passed")
    return 0 if passed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
