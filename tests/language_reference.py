"""The page of reference: grammar, spellings, functions, properties, bounds, errors and commands, from files and tables."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from lark import Lark

from matcalc.catalogue import MATRIX_FUNCTIONS
from matcalc.cli.main import whole_parser
from matcalc.core import errors
from matcalc.core.functions import FUNCTIONS
from matcalc.core.limits import Limits
from matcalc.expr.nodes import PROPERTIES
from matcalc.syntax.grammar import MATRIX, Language, grammar_text, make_parser
from matcalc.syntax.index_parse import INDEX
from matcalc.syntax.names import ALIASES

HEAD = """\
# Reference

The language in full, printed from `grammar/` and from the tables of the engine, and the commands with their options; how
to write formulas, with examples, is told in [the language](language.md). Rewrite this page with
`python -m tests.docs reference.md`.
"""

RULES_NOTE = """\
`|` stands between alternatives. A name in small letters is a rule, one in capitals a terminal, whose spellings follow. What
stands after `->` is the name of the node, a `?` before a rule leaves out nodes with one child, `_` before it all of its own.
"""

CANDIDATES = [text for text in re.split(r"\n|  +", r"""
^T  '  ᵀ  ^{T}  ^\top  ^{\top}  ^\intercal  ^{\mathsf T}  ^\prime  ^-1  ^{-1}  ⁻¹  ^-T  ^{-T}  ^{-\top}  ⁻ᵀ  ²  ³  ⁻²
*  @  ·  ⋅  ×  \cdot  \times  /  ÷  .*  ∘  ⊙  \odot  \circ  ./  ⊘  \oslash  .^  ^{\odot  ^{\circ  ⊗  \otimes  ^  +  -  −
>  >=  ≥  \gt  \ge  \geq  <  <=  ≤  \lt  \le  \leq  =  (  )  \{  \}  [  ]  {  }  ,  ;  &  \\  _1  _2  _F  _{F}  _i  _{ij}  ᵢⱼ
|  ||  ‖  \|  \Vert  \vert  \lVert  \rVert  \lvert  \rvert  where  \text{where}  \frac  \dfrac  \tfrac  \frac12
1[  𝟙[  \mathbb{1}[  \mathbb{I}[  2  0.5  .5  1e-3  ½  \mathbf{1}_n  \mathbf{0}_{n}  \mathbf{1}_{m \times n}  \mathbf{K}_{m, n}
I_{m + n}  I_{2 n}  \begin{bmatrix}  \begin{pmatrix}  \end{bmatrix}  \end{pmatrix}  sum_{n=1}^N  \sum_{n=1}^{N}  ∑_{n=1}^N
sum_j  sum_{j,k}  \sum_{j,k}  ∑_j  : R^n  ∈ R^n  in R^{m x n}  \in \mathbb{R}^n
""") if text]
"""Spellings to sort by the terminals that take them; the grammar decides which do."""

NAMES = ("x", "x1", "x_1", "x_{1}", "x₁", "W^{(1)}", "beta", "β", r"\beta", r"\mathbf{x}", "𝐱", r"\hat{y}", "y_hat", "x_ij", "A_{i,j}")

MARKS = {"FUNC": "a name or command of a function before a bracket", "PREFIX": "a LaTeX function without brackets",
         "OPEN_NORM": "`||` and its like where a norm opens", "CLOSE_NORM": "`||` and its like where a norm closes",
         "OPEN_ABS": "`|` where an absolute value opens", "CLOSE_ABS": "`|` where an absolute value closes",
         "INDICATOR_BELOW": r"`1_{` `𝟙_{` `\mathbb{1}_{` `\mathbb{I}_{` before a comparison",
         "SIZING": "spaces, and commands for sizes and spaces: left out", "ISLAND": "a part in the matrix language",
         "COMMAND": "any other backslash command: a function, or an error"}
"""Terminals that are not told by their spelling alone."""


def page() -> str:
    """The text of `docs/reference.md`."""
    parts = [HEAD, "## Grammar of formulas\n", RULES_NOTE, *_grammar(MATRIX)]
    parts += ["## Grammar of index notation\n", *_grammar(INDEX)]
    parts += ["## Elementwise functions\n", _table(("name", "also", "arguments", "what it is", "domain", "source"), _elementwise())]
    parts += ["## Functions of vectors and matrices\n", _table(("name", "also", "what it is", "source"), _of_matrices())]
    listed = ", ".join(f"`{p}`" for p in PROPERTIES)
    parts += ["## Properties\n", f"{listed}; `positive` and `nonnegative` of any variable, the others of square matrices.\n"]
    parts += ["## Bounds\n", _table(("field of `Limits`", "default", "of what"), _bounds())]
    parts += ["## Errors\n", _table(("class", "when"), _errors())]
    parts += ["## Commands\n", "All take `--help`, with examples, and `--color {auto,always,never}`.\n", *_commands()]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _grammar(language: Language) -> Iterator[str]:
    """The rules under their comments, then the terminals with spellings that they take."""
    text = re.sub(r"^// -+ (.*)$", r"// \1", grammar_text(language), flags=re.MULTILINE)
    rules = text.partition("// terminals")[0]
    body = rules[rules.index("\nstart") + 1 :]
    yield f"```text\n{body.rstrip()}\n```\n"
    yield _table(("terminal", "spellings"), _terminals(make_parser(None, language)))


def _terminals(parser: Lark) -> Iterator[tuple[str, str]]:
    """The terminals, those that are tried first above, each with the candidates that it takes before the others."""
    order = sorted(parser.terminals, key=lambda t: (-t.priority, t.name))
    found: dict[str, list[str]] = {t.name: [] for t in order}
    for text in CANDIDATES:
        taken = next((t.name for t in order if t.name not in MARKS and re.fullmatch(t.pattern.to_regexp(), text)), "NAME")
        if taken != "NAME":
            found[taken].append(text)
    name = next(t for t in order if t.name == "NAME")
    found["NAME"] = [text for text in NAMES if re.fullmatch(name.pattern.to_regexp(), text)]
    declared = {rule_part.name for rule in parser.rules for rule_part in rule.expansion if rule_part.is_term} - set(found)
    for terminal in [*found, *sorted(declared)]:
        yield f"`{terminal}`", MARKS.get(terminal) or " ".join(f"`{text}`" for text in found[terminal])


def _also(name: str) -> str:
    return " ".join(f"`{alias}`" for alias, known in ALIASES.items() if known == name)


def _elementwise() -> Iterator[tuple[str, ...]]:
    for f in FUNCTIONS.values():
        domain = {"real": "", "unit": "between -1 and 1"}.get(f.domain, f.domain)
        kink = "" if f.smooth else "; has a [kink](conventions.md)"
        yield f"`{f.name}`", _also(f.name), str(f.arity), f"{f.formula}{kink}", domain, f.source


def _of_matrices() -> Iterator[tuple[str, ...]]:
    for entry in MATRIX_FUNCTIONS:
        yield f"`{entry.name}`", _also(entry.name), entry.formula, entry.source


def _bounds() -> Iterator[tuple[str, str, str]]:
    meanings = dict(re.findall(r"^ *(\w+): (.*)\.$", inspect.getdoc(Limits) or "", re.MULTILINE))
    for field in fields(Limits):
        yield f"`{field.name}`", f"{field.default:,}", meanings[field.name]


def _errors() -> Iterator[tuple[str, str]]:
    for kind in errors.MatcalcError.__subclasses__():
        yield f"`{kind.__name__}`", (inspect.getdoc(kind) or "").rstrip(".")


def _commands() -> Iterator[str]:
    parser = whole_parser()
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for choice in commands._choices_actions:
        yield f"### matcalc {choice.dest}\n\n{(choice.help or '')[:1].upper()}{(choice.help or '')[1:]}.\n"
        rows = [(_option(action), (action.help or "").replace("%%", "%")) for action in commands.choices[choice.dest]._actions
                if not isinstance(action, argparse._HelpAction) and "--color" not in action.option_strings]
        if rows:
            yield _table(("argument", "meaning"), rows)


def _option(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or action.metavar or action.dest
    if not action.option_strings or action.nargs == 0:
        return f"`{name}`"
    value = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.metavar or action.dest.upper()
    return f"`{name} {value}`" + (" ..." if action.nargs == "+" else "")
