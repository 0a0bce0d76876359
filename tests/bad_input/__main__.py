"""Runs all wrong inputs: a table by class, and what is not as the files say."""

from __future__ import annotations

import resource
import sys
from collections import defaultdict

from tests.bad_input.corpus import command_complaints, complaints, inputs, run


def report() -> int:
    """Prints the table; 1 where an input is not refused as its file says."""
    rows: defaultdict[str, list[float]] = defaultdict(list)
    wrong = []
    for entry in inputs():
        outcome = run(entry)
        rows[entry.kind].append(outcome.seconds)
        found = [*complaints(entry, outcome), *command_complaints(entry, outcome)]
        wrong += [f"{entry.file}: {entry.title}: {line}" for line in found]
    print(f"{'class':26}{'inputs':>8}{'worst time':>14}")
    for kind, seconds in sorted(rows.items()):
        print(f"{kind:26}{len(seconds):8}{max(seconds):12.2f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'all':26}{sum(map(len, rows.values())):8}{max(map(max, rows.values())):12.2f} s   {memory} MiB")
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    print(f"{len(wrong)} not as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(report())
