"""The examples of the lectures in docs/lectures.toml, run: each entry as a command, its result, and what was found."""

from __future__ import annotations

import shlex
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from matcalc.api import derive, gradients
from matcalc.cli.main import main
from matcalc.derivative import Derivative
from matcalc.syntax.elaborate import elaborate
from tests.kinds.derivative import same

Entry = Mapping[str, Any]

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
  answer: the tick says that both are the same expression. *Size* is the size that the lecture gives.
- *Differences* is ticked where the answer, as a formula and as the code of `--to numpy`, agrees with finite
  differences at random points; `--check` does that for a formula of your own.

This page is written by `python -m tests.docs` from [lectures.toml](lectures.toml), and only when every tick is earned.
"""

AGREED = "*Differences* ✓"


@dataclass(frozen=True)
class Shown:
    """What the page shows of an entry, and what was wrong; no problems when all agreed.

    Attributes:
        session: the command or the lines of Python, with what they print.
        language: of the session.
        formula: LaTeX of the result, empty where there is none.
        findings: what was verified, in words.
        problems: what did not hold.
    """

    session: str
    language: str
    formula: str
    findings: str
    problems: tuple[str, ...]


def show_derivative(entry: Entry) -> Shown:
    """Runs `matcalc derive` and holds the result against the lecture and against finite differences."""
    arguments = ["matcalc", "derive", entry["expr"], *options(entry)]
    printed = run(arguments)
    d = derive(entry["expr"], entry["wrt"], entry.get("order", 1), entry.get("declare"), entry.get("layout", "numerator"),
               entry.get("structured"))
    formula = "" if "stack" in entry else d.latex(equation=True)
    return Shown(f"$ {line(arguments)}\n{printed}", "console", formula, *judged(d, entry))


def show_mixed(entry: Entry) -> Shown:
    """Differentiates by one variable after the other."""
    first, *others = entry["wrt"]
    d = derive(entry["expr"], first, declare=entry.get("declare"))
    for name in others:
        d = d.derive(name)
    declare = f", declare={python(entry['declare'])}" if "declare" in entry else ""
    then = "".join(f'.derive("{name}")' for name in others)
    code = f'>>> from matcalc import derive\n>>> print(derive("{entry["expr"]}", wrt="{first}"{declare}){then})\n{d}\n\n'
    return Shown(code, "python", d.latex(equation=True), *judged(d, entry))


def show_value(entry: Entry) -> Shown:
    """Evaluates a function and its gradients at the point that the lecture gives."""
    g = gradients(entry["expr"], entry["wrt"], entry.get("declare"))
    value, by = g(**{name: np.array(number, float) for name, number in entry["at"].items()})
    largest = max(float(np.abs(gradient).max()) for gradient in by.values())
    problems = [] if float(value) == entry["value"] else [f"the value is {value}"]
    problems += [f"the check of {name} says {g[name].check()}" for name in entry["wrt"] if not g[name].check().passed]
    arguments = ", ".join(f"{name}={number}" for name, number in entry["at"].items())
    code = textwrap.dedent(f"""\
        >>> import numpy as np
        >>> from matcalc import gradients
        >>> g = gradients("{entry['expr']}",
        ...               wrt={python(entry['wrt'])}, declare={python(entry['declare'])})
        >>> point = dict({arguments})
        >>> value, by = g(**{{name: np.array(number, float) for name, number in point.items()}})
        >>> float(value), max(float(abs(gradient).max()) for gradient in by.values())
        ({float(value)!r}, {largest!r})

        """)
    return Shown(code, "python", "", AGREED, tuple(problems))


KINDS: dict[str, Callable[[Entry], Shown]] = {"derive": show_derivative, "mixed": show_mixed, "value": show_value}
"""How an entry of each kind is run."""


def judged(d: Derivative, entry: Entry) -> tuple[str, tuple[str, ...]]:
    """What was found of a derivative, in words, and what did not hold."""
    problems = []
    report = d.check()
    if not report.passed:
        problems.append(f"the check says {report}")
    found = [f"*Lecture* `{entry['states']}` ✓"] if "states" in entry else []
    if "states" in entry and not is_stated(d, entry):
        problems.append(f"another expression than {entry['states']}: {d}")
    if "size" in entry:
        found.append(f"*Size* {' × '.join(entry['size']) or 'a scalar'} ✓")
        if size(d) != entry["size"]:
            problems.append(f"the size is {size(d)}, not {entry['size']}")
    return " · ".join((*found, AGREED)), tuple(problems)


def is_stated(d: Derivative, entry: Entry) -> bool:
    """Whether the result is the expression that the lecture has, up to expansion."""
    declare = {member(d, name): d.space(name) for name in d.variables}
    if "stack" in entry:
        found = elaborate(d.vec(entry["stack"]), declare).expr
    elif d.matrix is None:
        return False
    else:
        found = d.matrix
    return same(found, elaborate(entry["states"], declare).expr)


def member(d: Derivative, name: str) -> str:
    """The name of a variable as a formula has it: x_n for a family x."""
    variable = d.variables[name]
    return f"{name}_{variable.data[2]}" if variable.head == "item" else name


def size(d: Derivative) -> list[str]:
    """The size of a result as it prints, a column of n entries as n x 1."""
    if d.matrix is None:
        return list(d.shape)
    dims = [str(dim) for dim in d.matrix.shape.dims]
    return {"row": ["1", *dims], "vector": [*dims, "1"]}.get(d.matrix.shape.kind, dims)


def options(entry: Entry) -> list[str]:
    """The options of a derivative on the command line."""
    by = entry["wrt"]
    found = ["--wrt", by if isinstance(by, str) else ", ".join(by)]
    if "declare" in entry:
        found += ["--declare", declared(entry["declare"])]
    for name in ("order", "layout", "structured"):
        if name in entry:
            found += [f"--{name}", str(entry[name])]
    return [*found, "--to", "vec", "--stack", entry["stack"]] if "stack" in entry else found


def declared(spaces: Mapping[str, str]) -> str:
    """Declarations as one text, names of one space side by side."""
    names: dict[str, list[str]] = {}
    for name, space in spaces.items():
        names.setdefault(space, []).append(name)
    return ", ".join(f"{', '.join(group)}: {space}" for space, group in names.items())


def run(arguments: list[str]) -> str:
    """What a command prints as its result."""
    out, notes = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(notes):
        code = main(arguments[1:])
    if code:
        raise ValueError(f"{line(arguments)}: exit code {code}: {notes.getvalue()}")
    return out.getvalue()


def line(arguments: list[str]) -> str:
    """A command as one types it, arguments of several words in quotes."""
    text = " ".join(f'"{word}"' if set(word) & set(" ()[]{}|^'*>;") else word for word in arguments)
    return text if shlex.split(text) == arguments else shlex.join(arguments)


def python(value: object) -> str:
    """A list or dictionary of strings, as Python with double quotes."""
    return repr(value).replace("'", '"')


@cache
def documents() -> list[dict[str, Any]]:
    """The lectures, each with its entries."""
    return list(tomllib.loads(SOURCE.read_text(encoding="utf-8"))["document"])


@cache
def shown(chapter: int, number: int) -> Shown:
    """The entry of a chapter, run; both count from 0."""
    entry = documents()[chapter]["entry"][number]
    return KINDS[entry.get("kind", "derive")](entry)


def page() -> str:
    """The page of all lectures.

    Raises:
        ValueError: where a result is not what the lecture has, or a check failed.
    """
    return "\n".join((INTRODUCTION, *(part for chapter in range(len(documents())) for part in chapter_parts(chapter))))


def chapter_parts(chapter: int) -> Iterator[str]:
    """The parts of a chapter: its heading, then its entries."""
    document = documents()[chapter]
    yield f"## {chapter + 1}. {document['title']}\n\n*{document['author']}; {document['course']}.*\n\n{filled(document['about'])}\n"
    for number, entry in enumerate(document["entry"]):
        found = shown(chapter, number)
        title = f"{chapter + 1}.{number + 1} {entry['title']}"
        if found.problems:
            raise ValueError(f"{title}: {'; '.join(found.problems)}")
        formula = f"$$\n{displayed(found.formula)}\n$$\n\n" if found.formula else ""
        place = filled(f"*{entry['place']}.* {entry.get('remark', '')}")
        yield f"### {title}\n\n{place}\n\n```{found.language}\n{found.session}```\n\n{formula}{found.findings}\n"


def displayed(formula: str) -> str:
    """LaTeX for a display, names on a line of their own."""
    body, clause, names = formula.partition(r" \quad \text{where } ")
    return f"\\begin{{gathered}}\n{body} \\\\\n\\text{{where }} {names}\n\\end{{gathered}}" if clause else body


def filled(text: str) -> str:
    """A paragraph in lines of at most 120 characters."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)
