"""What is known of a matrix, a quadratic form or a function, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matcalc.convexity.rules import ND, NSD, PD, PSD, RULES, ZERO

LEVELS = {2: PD, 1: PSD, 0: ZERO, -1: NSD, -2: ND}
"""The verdict on a matrix by its level; the level of its negative is the negative."""


@dataclass(frozen=True)
class Fact:
    """A conclusion with its premises.

    Attributes:
        claim: what holds, in words.
        rule: the name of the rule that gives it.
        detail: what the letters of the rule stand for.
        parts: the premises.
        level: of a matrix or a form, one of LEVELS.
        condition: what would make a semidefinite matrix definite.
    """

    claim: str
    rule: str
    detail: str = ""
    parts: tuple[Fact, ...] = ()
    level: int = 0
    condition: str = ""

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, depth: int = 0) -> list[str]:
        """The tree of rules as text, each premise two spaces further in."""
        rule = RULES[self.rule]
        detail = f", {self.detail}" if self.detail else ""
        source = "" if rule.source == "definition" else f" [{rule.source}]"
        own = f"{'  ' * depth}{self.claim}: {rule.math}{detail} ({rule.name}){source}"
        return [own, *(line for part in self.parts for line in part.lines(depth + 1))]

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules in the tree, in the order of reading."""
        return tuple(dict.fromkeys((self.rule, *(name for part in self.parts for name in part.rules))))


def about(subject: str, level: int, rule: str, detail: str = "", parts: tuple[Fact, ...] = (), condition: str = "") -> Fact:
    """A fact on the definiteness of a matrix."""
    return Fact(f"{subject} is {LEVELS[level]}", rule, detail, parts, level, condition)


def renamed(fact: Fact, subject: str, level: int) -> Fact:
    """The same reason for a multiple of what it speaks of."""
    return replace(fact, claim=f"{subject} is {LEVELS[level]}", level=level)
