"""The steps of a derivation, and how they are written: plain text, Markdown, LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from matcalc.core.display import Displayed
from matcalc.derivation.board import Line
from matcalc.derivation.rules import Rule
from matcalc.derivative import Derivative
from matcalc.pipeline import check_wrt

if TYPE_CHECKING:
    from matcalc.check.report import Report


@dataclass(frozen=True, repr=False)
class Step(Displayed):
    """One line of work: a rule turns `before` into `after`, which have equal values.

    Attributes:
        rule: the name of the rule, as the catalogue has it; several names joined by " + ".
        title: what is done, in words.
        formula: of the rule.
        source: of the formula.
        before: the right-hand side that the rule is applied to.
        after: what it becomes.
        left: the left-hand side that both equal.
        space: where the result lies and what its axes are; None but where the shape is read off.
        lines: the same in LaTeX and as values: left, before, after.
    """

    rule: str
    title: str
    formula: str
    source: str
    before: str
    after: str
    left: str
    space: Line | None
    lines: tuple[Line, Line, Line]

    def __str__(self) -> str:
        line = f"{self.left} = {self.after}" if self.space is None else f"{self.left} in {self.space.text}"
        return f"{self.title}\n     {line}\n     by {self.formula}  [{self.source}]"

    def equation(self, align: str = "", left: bool = True) -> str:
        """The line in LaTeX.

        Args:
            align: what stands before the relation.
            left: whether the left-hand side is written.
        """
        lead, _, after = self.lines
        relation, right = ("=", after.latex) if self.space is None else (r"\in", self.space.latex)
        return f"{lead.latex if left else ''} {align}{relation} {right}".strip()


def step(rule: Rule, left: Line, before: Line, after: Line, space: Line | None = None) -> Step:
    """A step from its lines."""
    return Step(rule.name, rule.title, rule.formula, rule.source, before.text, after.text, left.text, space,
                (left, before, after))


class Derivation(list[Step], Displayed):
    """The steps that lead to a derivative, in order.

    Args:
        d: the derivative.
        head: what is derived, in plain text and in LaTeX.
        steps: the steps.
    """

    def __init__(self, d: Derivative, head: Line, steps: Iterable[Step]) -> None:
        super().__init__(steps)
        self.d, self.head = d, head

    def check(self, seed: int = 0) -> Report:
        """Compares both sides of every step at a random point, what is not worked out yet by differences."""
        d = self.d
        sides = [tuple((line.value, line.matrix, line.turned) for line in s.lines[1:]) for s in self]
        report: Report = import_module("matcalc.evaluation").check_steps(
            d.expr, sides, d.variables, check_wrt(d.variables, d.wrt), seed
        )
        return report

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return "\n\n".join([self.head.text, *(f"{n}. {s}" for n, s in enumerate(self, 1))])

    def markdown(self) -> str:
        """A numbered list; formulas of the work in LaTeX between dollar signs."""
        parts = [f"${self.head.latex}$", ""]
        for number, s in enumerate(self, 1):
            parts.append(f"{number}. **{s.title}.** `{s.formula}` ({s.source})\n\n   $${s.equation()}$$\n")
        return "\n".join(parts)

    def latex(self) -> str:
        r"""An `align*` environment: one line a step, its rule at the right."""
        rows: list[str] = []
        shown: str | None = None
        for s in self:
            own = s.lines[0].latex
            rows.append(rf"  {s.equation('&', own != shown or s.space is not None)} && \text{{{_escaped(s.title)}}}")
            shown = own
        body = " \\\\\n".join(rows)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _escaped(text: str) -> str:
    """Words as LaTeX has them outside of formulas."""
    return "".join({"_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%", "#": r"\#"}.get(c, c) for c in text)


def continued(first: Line, rest: Sequence[Line], separator: tuple[str, str]) -> Line:
    """A line with others after it."""
    return Line(separator[0].join(line.text for line in (first, *rest)),
                separator[1].join(line.latex for line in (first, *rest)), first.value, first.matrix, first.turned)
