"""The table in print, and the page `docs/benchmarks.md`."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.problems import SIZES
from benchmarks.table import Row, mean

INTRODUCTION = """# Benchmarks

Written by `python -m benchmarks --write`.

What the emitted functions cost, against the best NumPy that we can write by hand for the same task, the kernels that no code
can do without, the formula of the textbook word for word, and automatic differentiation. One process, one core, one BLAS
thread. In each round every candidate is called in shuffled order; the clock is process time, which other jobs on the machine
disturb little. Every number is the median over the rounds of the time over that of the best hand-written variant in the
same round: **below 1 is faster than by hand**. `~` marks a ratio whose quartiles lie more than 1.35 apart. All results are
compared with those of the hand-written code in the same run.

- `hand`: the fastest of the variants in `benchmarks/hand.py`, which check nothing.
- `emitted`: what `Derivative.numpy()` or `Gradients.numpy()` writes, arguments checked; `unchecked`: with `checks=False`.
- `floor`: products, factorisations and writes that are unavoidable, in NumPy, results thrown away.
- `naive`: `benchmarks/naive.py`.
- `jax`: jitted, in double precision, inputs on the device, the better of two orders of modes. `torch`: eager. Libraries
  that are not installed where the page is written have no column.
- `derive`, `write`: milliseconds for the derivation, and for planning and writing the source.
"""


def columns(peers: Sequence[str]) -> list[str]:
    """The candidates beside the hand-written code."""
    return ["emitted", "unchecked", "floor", "naive", *peers]


def header(peers: Sequence[str]) -> str:
    """The head of a table."""
    names = ["task", "sizes", "hand", "variant", *columns(peers), "derive", "write"]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def line(row: Row, peers: Sequence[str]) -> str:
    """One row of a table."""
    name, times = row.hand
    sizes = ", ".join(str(n) for n in row.problem.lengths(row.size).values())
    milliseconds = [f"{1e3 * t:.1f}" for t in (row.emitted.derivation, row.emitted.generation)]
    cells = [row.problem.key, sizes, duration(times.median), name, *(row.cell(c) for c in columns(peers)), *milliseconds]
    return f"| {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    """A time in print."""
    for unit, scale in (("us", 1e6), ("ms", 1e3)):
        if seconds * scale < 1000:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def summary(rows: Sequence[Row], peers: Sequence[str]) -> list[str]:
    """Geometric means for each size, and the worst row."""
    lines = []
    for size in SIZES:
        own = [r for r in rows if r.size == size]
        if not own:
            continue
        worst = max(own, key=lambda r: r.ratio("emitted") or 0)
        lines.append(
            f"- {size}: emitted over hand {mean(own, 'emitted'):.2f} (worst {worst.cell('emitted')}, {worst.problem.key}), "
            f"unchecked {mean(own, 'unchecked'):.2f}"
        )
        for peer in peers:
            for kind, title in (("gradient", "gradients"), ("hessian", "Hessians and Jacobians")):
                found = mean([r for r in own if r.problem.kind == kind], "emitted", over=peer)
                if found is not None:
                    by_hand = mean([r for r in own if r.problem.kind == kind], "hand", over=peer)
                    lines.append(f"    - over {peer}, {title}: {found:.2f} (hand-written: {by_hand:.2f})")
    return lines


def machine() -> str:
    """The machine and the versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [text.split(":")[1].strip() for text in info.read_text().splitlines() if text.startswith("model name")]
        cpu = f"{names[0]}, {len(names)} cores visible, one used" if names else cpu
    return f"{cpu}; {platform.system()}; Python {platform.python_version()}"


def page(rows: Sequence[Row], peers: Sequence[str]) -> str:
    """The page."""
    versions = ", ".join(f"{name} {version(name)}" for name in ["numpy", *peers])
    parts = [INTRODUCTION, f"Machine: {machine()}; {versions}.\n", "## Summary\n", "\n".join(summary(rows, peers)) + "\n"]
    for size in SIZES:
        own = [r for r in rows if r.size == size]
        if own:
            parts += [f"## {size.capitalize()}\n", header(peers) + "\n" + "\n".join(line(r, peers) for r in own) + "\n"]
    return "\n".join(parts)
