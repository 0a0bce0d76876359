"""The page of the lectures: the entries of docs/lectures.toml, run, in chapters."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.lecture_runs import Shown, show

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "lectures.toml"

INTRODUCTION = """\
# Five lectures, worked

Every example, exercise and identity of five lecture texts on vector calculus for machine learning, in their order: what
to type, what matcalc answers, and how that compares with the lecture. Read along with a lecture, or look up
the exercise you are stuck on.

- Commands are for a terminal; lines that begin with `>>>` are Python.
- The formula below a command is its result, typeset, with the space that it lies in. Rows and columns follow
  [the conventions](conventions.md): the gradient of a scalar by a column is a row, a Jacobian is output by input, three
  axes or more are in index notation.
- *Lecture* is the result that the lecture has, written [as matcalc reads it](language.md). It need not look like the
  answer: the tick says that both are the same expression. *By hand* is one that was worked out apart, where the lecture
  has none or leaves the function open. *Size* is the size that the lecture gives.
- *Differences* is ticked where the answer, as a formula and as the code of `--to numpy`, agrees with finite differences at
  random points; `--check` does that for a formula of your own. *Steps*: every line of a derivation has the value of the line
  before. *Values*: formula and result agree at random points. *Remainder*: what a Taylor polynomial leaves out is of the next order.
  *Zero*: the gradient is zero at the solution.

This page is written by `python -m tests.docs` from [lectures.toml](lectures.toml), and only when every tick is earned.
"""


@cache
def documents() -> list[dict[str, Any]]:
    """The lectures, each with its entries."""
    return list(tomllib.loads(SOURCE.read_text(encoding="utf-8"))["document"])


@cache
def shown(chapter: int, number: int) -> Shown:
    """The entry of a chapter, run; both count from 0."""
    return show(documents()[chapter]["entry"][number])


def page() -> str:
    """The page of all lectures.

    Raises:
        ValueError: where a result is not what the lecture has, or a check failed.
    """
    chapters = range(len(documents()))
    return "\n".join((INTRODUCTION, _contents(), *(part for chapter in chapters for part in _chapter(chapter))))


def _contents() -> str:
    """The chapters, each a link to its heading."""
    headings = [f"{n}. {document['title']}" for n, document in enumerate(documents(), 1)]
    links = [(heading, re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")) for heading in headings]
    return "".join(f"- [{heading}](#{link}), {document['author']}: {len(document['entry'])} entries\n"
                   for (heading, link), document in zip(links, documents(), strict=True))


def _chapter(chapter: int) -> Iterator[str]:
    """The parts of a chapter: its heading, then its entries."""
    document = documents()[chapter]
    about = f"*{document['author']}; {document['course']}.*\n\n{_filled(document['about'])}"
    yield f"## {chapter + 1}. {document['title']}\n\n{about}\n"
    for number, entry in enumerate(document["entry"]):
        found = shown(chapter, number)
        title = f"{chapter + 1}.{number + 1} {entry['title']}"
        if found.problems:
            raise ValueError(f"{title}: {'; '.join(found.problems)}")
        place = _filled(f"*{entry['place']}.* {entry.get('remark', '')}")
        formula = f"$$\n{_displayed(found.formula)}\n$$\n\n" if found.formula else ""
        ticks = f"{' · '.join(found.findings)}\n" if found.findings else ""
        yield f"### {title}\n\n{place}\n\n```{found.language}\n{found.session}```\n\n{formula}{ticks}"


def _displayed(formula: str) -> str:
    """LaTeX for a display, names on a line of their own."""
    body, clause, names = formula.partition(r" \quad \text{where } ")
    return f"\\begin{{gathered}}\n{body} \\\\\n\\text{{where }} {names}\n\\end{{gathered}}" if clause else body


def _filled(text: str) -> str:
    """A paragraph in lines of at most 120 characters."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)
