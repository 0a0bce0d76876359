"""The page of the rules on curvature, from their records."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.convexity.rules import COMPOSITION, DEFINITENESS, Rule

HEAD = """\
# Rules on curvature

What `curvature` concludes from, printed from the records in `matcalc/convexity/rules.py`; psd is short for positive
semidefinite. Each example is a test. Rewrite this page with `python -m tests.docs`.
"""


def page() -> str:
    """The text of `docs/curvature-rules.md`."""
    return f"{HEAD}\n## On Hessians\n\n{_table(DEFINITENESS)}\n## On functions\n\n{_table(COMPOSITION)}"


def _table(rules: Sequence[Rule]) -> str:
    lines = [("rule", "what it says", "example", "verdict", "source"), ("---",) * 5]
    for rule in rules:
        spaces = f", {', '.join(f'{name} in {space}' for name, space in rule.declare.items())}" if rule.declare else ""
        lines.append((rule.name, rule.math, f"`{rule.example}` by {rule.wrt}{spaces}", rule.verdict, rule.source))
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
