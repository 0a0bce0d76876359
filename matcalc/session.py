"""A conversation about formulas: what is set and what was asked last; one line in, what is to be shown out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from matcalc.api import derive, parse
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.declarations import declarations, names
from matcalc.derivative import LAYOUTS, Derivative
from matcalc.expr.nodes import PROPERTIES
from matcalc.statements import parted
from matcalc.syntax.names import KNOWN
from matcalc.syntax.spaces import parse_space
from matcalc.version import __version__

WORDS = ("where", "by")
"""Words of the language that completion offers."""


class Piece(NamedTuple):
    """Something to show.

    Attributes:
        text: what.
        kind: "text", "numpy" or "steps" for a result, "note" for a remark, "report" for that of a check.
    """

    text: str
    kind: str = "text"


class Command(NamedTuple):
    """A command of the conversation.

    Attributes:
        usage: how it is written.
        meaning: what it does.
        run: does it, given what stands behind its name.
    """

    usage: str
    meaning: str
    run: Callable[[Session, str], Iterator[Piece]]


class Session:
    """What is set, and the last formula with its derivative.

    Args:
        wrt: what to differentiate by, empty where the formula decides.
        declared: the spaces of variables.
        order: how often to differentiate.
        layout: of the results.

    Example:
        >>> session = Session()
        >>> [piece.text for piece in session.answer("x^T A x by x") if piece.kind == "text"]
        ['x^T (A + A^T)']
        >>> [piece.text for piece in session.answer(":latex")]
        ['x^{\\\\top} (A + A^{\\\\top})']
    """

    def __init__(self, wrt: Sequence[str] = (), declared: dict[str, str] | None = None, order: int = 1,
                 layout: str = LAYOUTS[0]) -> None:
        self.wrt, self.declared, self.order, self.layout = list(wrt), dict(declared or {}), order, layout
        self.formula: str | None = None
        self.by: str | list[str] | None = None
        self.last: Derivative | None = None
        self.names: set[str] = set()
        self.is_over = False

    def answer(self, line: str) -> Iterator[Piece]:
        """What is to be shown for a line: a command after a colon, or a formula.

        Raises:
            MatcalcError: for what is not understood.
        """
        line = line.strip()
        if line in ("quit", "exit", "help"):
            line = f":{line}"
        if not line.startswith(":"):
            if line and not line.startswith("#"):
                yield from self._take(*parted(line))
            return
        word, _, rest = line[1:].partition(" ")
        name = {"q": "quit", "exit": "quit", "h": "help", "?": "help"}.get(word, word)
        if name not in COMMANDS:
            close = get_close_matches(name, COMMANDS, 1)
            raise DeclarationError(f"there is no command `:{name}`",
                                   hint=f"did you mean `:{close[0]}`?" if close else ":help lists them")
        yield from COMMANDS[name].run(self, rest.strip())

    def candidates(self, line: str, word: str) -> list[str]:
        """What a word at the end of a line may become: commands, choices, names of functions and variables."""
        if line.startswith(":") and " " not in line:
            return [f":{name}" for name in COMMANDS if f":{name}".startswith(word)]
        command = line[1:].partition(" ")[0] if line.startswith(":") else ""
        known = {"layout": LAYOUTS, "help": tuple(COMMANDS), "wrt": tuple(self.names), "forget": tuple(self.declared),
                 "declare": (*self.names, *PROPERTIES)}
        offered = known.get(command, () if command else (*KNOWN, *self.names, *WORDS))
        return sorted({name for name in offered if name.startswith(word)})

    def _take(self, formula: str, by: str | list[str] | None) -> Iterator[Piece]:
        """Derives a formula; it is kept where it can be read, so that another setting may help."""
        try:
            yield from self._derive(formula, by)
        except MatcalcError:
            self.formula = None
            parse(formula, self.declared)
            self.formula, self.by = formula, by
            raise

    def _derive(self, formula: str, by: str | list[str] | None) -> Iterator[Piece]:
        self.formula, self.by, self.last = formula, by, None
        wrt = by if by is not None else names(", ".join(self.wrt)) if self.wrt else None
        if wrt is None:
            found = parse(formula, self.declared)
            self.names.update(found.variables)
            if len(found.variables) != 1:
                spaces = ", ".join(f"{name} in {v.shape}" for name, v in found.variables.items())
                yield Piece(spaces or "a constant", "note")
                yield Piece(f"by which? :wrt {next(iter(found.variables), 'x')}", "note")
                return
            wrt = next(iter(found.variables))
        d = derive(formula, wrt, self.order, self.declared, self.layout)
        self.last = d
        self.names.update(d.variables)
        yield Piece(str(d) if d.matrix is not None else d.index())
        spaces = ", ".join(f"{name} in {d.space(name)}" for name in d.variables)
        yield Piece(f"{spaces}; array of shape ({', '.join(d.shape)}{',' * (len(d.shape) == 1)})", "note")

    def set(self, **changes: object) -> Iterator[Piece]:
        """Changes attributes, and derives the last formula under what is set now; where that fails, nothing is changed."""
        before = {**vars(self)}
        vars(self).update(changes)
        if self.formula is not None:
            try:
                yield from self._derive(self.formula, self.by)
            except MatcalcError:
                vars(self).update(before)
                raise

    def result(self) -> Derivative:
        """The last derivative.

        Raises:
            DeclarationError: where there is none.
        """
        if self.last is None:
            raise DeclarationError("there is no derivative yet", hint="a formula first, such as: x^T A x by x")
        return self.last


def _wrt(session: Session, rest: str) -> Iterator[Piece]:
    if not rest:
        yield Piece(", ".join(session.wrt) or "whatever is the only variable", "note")
        return
    found = names(rest)
    yield from session.set(wrt=[found] if isinstance(found, str) else found, by=None)


def _declare(session: Session, rest: str) -> Iterator[Piece]:
    if not rest:
        lines = [f"{name}: {space}" for name, space in session.declared.items()]
        yield Piece("\n".join(lines) or "nothing is declared", "note")
        return
    left, sign, right = rest.partition("=")
    found = declarations(f"{left}:{right}" if sign and ":" not in left else rest)
    for name, space in found.items():
        parse_space(name, space)
    yield from session.set(declared={**session.declared, **found})


def _forget(session: Session, rest: str) -> Iterator[Piece]:
    if rest and rest not in session.declared:
        raise DeclarationError(f"`{rest}` is not declared", hint=":declare lists what is")
    yield from session.set(declared={name: space for name, space in session.declared.items() if rest and name != rest})


def _order(session: Session, rest: str) -> Iterator[Piece]:
    if not rest.isdecimal() or not int(rest):
        raise DeclarationError(f"the order is a positive number, not `{rest}`", hint=":order 2 for the Hessian")
    yield from session.set(order=int(rest))


def _layout(session: Session, rest: str) -> Iterator[Piece]:
    if rest not in LAYOUTS:
        raise DeclarationError(f"`{rest}` is no layout", hint=f":layout {LAYOUTS[0]} or :layout {LAYOUTS[1]}")
    yield from session.set(layout=rest)


def _check(session: Session, rest: str) -> Iterator[Piece]:
    if rest and not rest.isdecimal():
        raise DeclarationError(f"the seed is a number, not `{rest}`", hint=":check 7")
    yield Piece(str(session.result().check(int(rest or 0))), "report")


def _settings(session: Session, _: str) -> Iterator[Piece]:
    lines = [f"formula: {session.formula or 'none yet'}", f"by: {', '.join(session.wrt) or 'the only variable, or what stands after `by`'}",
             f"order: {session.order}", f"layout: {session.layout}", *(f"{name}: {space}" for name, space in session.declared.items())]
    yield Piece("\n".join(lines), "note")


def _help(session: Session, rest: str) -> Iterator[Piece]:
    asked = rest.removeprefix(":")
    shown = [c for name, c in COMMANDS.items() if asked in ("", name)]
    if not shown:
        raise DeclarationError(f"there is no command `:{asked}`", hint=":help lists them")
    width = max(len(c.usage) for c in shown)
    head = [] if asked else [f"matcalc {__version__}. A formula derives it: x^T A x by x", ""]
    yield Piece("\n".join([*head, *(f"{c.usage:{width}}  {c.meaning}" for c in shown)]), "note")


def _quit(session: Session, _: str) -> Iterator[Piece]:
    session.is_over = True
    yield from ()


def _shown(write: Callable[[Derivative], str], kind: str = "text") -> Callable[[Session, str], Iterator[Piece]]:
    """A command that shows the last derivative in some form."""
    return lambda session, _: iter([Piece(write(session.result()), kind)])


COMMANDS = {
    "wrt": Command(":wrt x", "derive by x; :wrt x1, x2 by scalars that form one vector", _wrt),
    "order": Command(":order 2", "differentiate that often", _order),
    "declare": Command(":declare A = R^{m x n}", "the space of a variable, with properties such as symmetric; alone: the list", _declare),
    "forget": Command(":forget A", "drop a declaration; alone: all of them", _forget),
    "layout": Command(":layout denominator", "the gradient as a column; :layout numerator as a row", _layout),
    "latex": Command(":latex", "the result in LaTeX", _shown(lambda d: d.latex())),
    "index": Command(":index", "the result in index notation", _shown(lambda d: d.index())),
    "vec": Command(":vec", "the result with its arrays stacked", _shown(lambda d: d.vec())),
    "numpy": Command(":numpy", "NumPy source of the result", _shown(lambda d: d.numpy(), "numpy")),
    "steps": Command(":steps", "the work, line by line", _shown(lambda d: str(d.steps()), "steps")),
    "check": Command(":check", "compare with finite differences; :check 7 with another seed", _check),
    "settings": Command(":settings", "what is set", _settings),
    "help": Command(":help", "this list", _help),
    "quit": Command(":quit", "leave; so does Ctrl-D", _quit),
}
"""The commands by name, in the order of the list."""
