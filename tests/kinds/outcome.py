"""What became of a case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `problems` is empty when it passed."""

    name: str
    problems: tuple[str, ...]
    printed: str
    expected: str
    milliseconds: float
