"""Bars told apart: which `|` opens or closes an absolute value, which `||` a norm.

`|a||b|` is a product of two absolute values and `||x| - |y||` the absolute value of a difference, so no rule that
looks at one bar alone is right: a search with backtracking tries norms before absolute values and closing before
opening. Each bracket is a room of its own, whose bars must balance before it closes.
"""

from __future__ import annotations

from typing import NamedTuple

from lark import Token

from matcalc.core.errors import LimitError, ParseError
from matcalc.syntax.spans import span_of

ENDS_OPERAND = frozenset((
    "NUMBER", "NAME", "RPAR", "RSQB", "RBRACE", "SUBSCRIPT", "TRANSPOSE", "INVERSE", "INVERSE_TRANSPOSE",
    "SUPERSCRIPT", "SHORT_FRAC", "CONSTANT", "END_MATRIX", "ISLAND",
))
"""Tokens after which an operand is complete."""

OPENING = {
    "LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "INDICATOR": "RSQB", "INDICATOR_BELOW": "RBRACE", "POWER_ODOT": "RBRACE",
    "BEGIN_MATRIX": "END_MATRIX",
}
"""Brackets that open, and what closes them."""

BARS = frozenset(("BAR", "DOUBLE_BAR"))

_CLOSING = frozenset(OPENING.values())
_BREAKS = frozenset(("COMMA", "SEMICOLON", "AMPERSAND", "ROW_END", "EQUALS", "WHERE", "SPACE"))
_STARTS_NOTHING = _CLOSING | frozenset((
    "SUBSCRIPT", "TRANSPOSE", "INVERSE", "INVERSE_TRANSPOSE", "SUPERSCRIPT", "POWER", "POWER_DOT", "POWER_ODOT", "TIMES",
    "DIVIDE", "TIMES_DOT", "DIVIDE_DOT", "KRON", "COMPARE",
))
_STEPS = 20_000
_STEPS_PER_BAR = 50

NORM, ABS = "N", "A"


class Bar(NamedTuple):
    """One character `|`, or one sign that is a norm by itself.

    Attributes:
        token: the position of the token that it belongs to.
        start: its offset in the text.
        double: whether it can be the first half of `||`.
        fixed: the kind and direction that its spelling alone decides, or empty.
        after_operand: whether the token before it completes an operand; None for a bar right after another.
        opens: whether what follows can begin an operand.
    """

    token: int
    start: int
    double: bool
    fixed: str
    after_operand: bool | None
    opens: bool


class Step(NamedTuple):
    """What a bar is taken for."""

    kind: str
    opening: bool
    width: int


def resolve_bars(tokens: list[Token]) -> list[Token]:
    """The tokens with every bar as OPEN_ABS, CLOSE_ABS, OPEN_NORM or CLOSE_NORM; brackets must match already.

    Raises:
        ParseError: the bars of a bracket do not balance.
        LimitError: there are too many ways to read them.
    """
    chosen: dict[int, list[Token]] = {}
    for room in _rooms(tokens):
        bars = _bars(tokens, room)
        position = 0
        for step in _solve(tokens, bars) if bars else []:
            bar = bars[position]
            chosen.setdefault(bar.token, []).append(_token(tokens[bar.token], bar, step))
            position += step.width
    kept = (chosen.get(i, [] if token.type in BARS else [token]) for i, token in enumerate(tokens))
    return [token for group in kept for token in group]


def _rooms(tokens: list[Token]) -> list[list[int]]:
    """Positions grouped by the bracket they stand in, cut at commas and the like."""
    done: list[list[int]] = []
    stack: list[list[int]] = [[]]
    for i, token in enumerate(tokens):
        if token.type in OPENING:
            stack[-1].append(i)
            stack.append([])
        elif token.type in _CLOSING:
            done.append(stack.pop())
            stack[-1].append(i)
        elif token.type in _BREAKS:
            done.append(stack.pop())
            stack.append([])
        else:
            stack[-1].append(i)
    return done + stack


def _bars(tokens: list[Token], room: list[int]) -> list[Bar]:
    bars: list[Bar] = []
    for place, i in enumerate(room):
        token = tokens[i]
        if token.type not in BARS:
            continue
        before = tokens[room[place - 1]] if place else None
        after = tokens[room[place + 1]] if place + 1 < len(room) else None
        ended: bool | None = before is not None and before.type in ENDS_OPERAND
        if before is not None and before.type in BARS:
            ended = None
        opens = after is not None and after.type not in _STARTS_NOTHING
        start, plain = span_of(token).start, set(token) == {"|"}
        follows = plain and after is not None and set(after) == {"|"} and after.start_pos == token.end_pos
        for offset in range(len(token) if plain else 1):
            last = not plain or offset == len(token) - 1
            bars.append(Bar(i, start + offset, not last or follows, "" if plain else _fixed(token),
                            None if offset else ended, opens or not last))
    return bars


def _fixed(token: Token) -> str:
    """`N` or `A`, with `(` or `)` where the command has a side."""
    kind = NORM if token.type == "DOUBLE_BAR" else ABS
    return kind + {"\\l": "(", "\\r": ")"}.get(token[:2], "")


def _solve(tokens: list[Token], bars: list[Bar]) -> list[Step]:
    """The first consistent reading, depth first; a state that failed once is not tried again."""
    path: list[tuple[Step, list[Step], str]] = []
    dead: set[tuple[int, str, bool]] = set()
    stack, position, ended = "", 0, False
    options = _options(bars, 0, stack, ended)
    blame: ParseError | None = None
    for _ in range(_STEPS + _STEPS_PER_BAR * len(bars)):
        if position == len(bars) and not stack:
            return [step for step, _, _ in path]
        if options and (position, stack, ended) not in dead:
            step, rest = options[0], options[1:]
            path.append((step, rest, stack))
            stack = stack + step.kind if step.opening else stack[:-1]
            position, ended = position + step.width, not step.opening
        else:
            blame = blame or _unbalanced(tokens, bars, [step for step, _, _ in path])
            dead.add((position, stack, ended))
            if not path:
                raise blame
            step, rest, stack = path.pop()
            position -= step.width
            ended = bool(path) and not path[-1][0].opening
            options = rest
            continue
        options = _options(bars, position, stack, ended)
    raise LimitError("the bars can be read in too many ways", span=span_of(tokens[bars[0].token]),
                     hint="write norm(v) and abs(s)")


def _options(bars: list[Bar], position: int, stack: str, ended: bool) -> list[Step]:
    """What the bar at `position` can be, best first."""
    if position >= len(bars):
        return []
    bar = bars[position]
    after_operand = ended if bar.after_operand is None else bar.after_operand
    steps: list[Step] = []
    for kind in (NORM, ABS):
        if bar.fixed[:1] not in ("", kind) or (kind == NORM and not bar.fixed and not bar.double):
            continue
        width = 2 if kind == NORM and not bar.fixed else 1
        if after_operand and stack[-1:] == kind and bar.fixed[1:] != "(":
            steps.insert(0, Step(kind, False, width))
        if bars[position + width - 1].opens and bar.fixed[1:] != ")":
            steps.append(Step(kind, True, width))
    if len(steps) > 1 and not after_operand and _run(bars, position) % 2:
        steps.reverse()
    return steps


def _run(bars: list[Bar], position: int) -> int:
    """The number of bars in a row from here."""
    count = 1
    while bars[position + count - 1].double:
        count += 1
    return count


def _token(token: Token, bar: Bar, step: Step) -> Token:
    kind = f"{'OPEN' if step.opening else 'CLOSE'}_{'NORM' if step.kind == NORM else 'ABS'}"
    if bar.fixed:
        return Token.new_borrow_pos(kind, str(token), token)
    end = bar.start + step.width
    return Token(kind, "|" * step.width, start_pos=bar.start, line=token.line, column=token.column, end_pos=end)


def _unbalanced(tokens: list[Token], bars: list[Bar], steps: list[Step]) -> ParseError:
    """What is wrong where the preferred reading breaks."""
    opened: list[Token] = []
    position = 0
    for step in steps:
        bar = bars[position]
        if step.opening:
            opened.append(_token(tokens[bar.token], bar, step))
        else:
            opened.pop()
        position += step.width
    if position < len(bars):
        token = tokens[bars[position].token]
        if not bars[position].opens and not bars[position].after_operand:
            return ParseError(f"an operand is missing beside `{token}`", span=span_of(token),
                              hint="||x|| is a norm, |s| an absolute value")
        return ParseError(f"`{token}` closes nothing", span=span_of(token), hint="remove it or open a bar before")
    return ParseError(f"`{opened[-1]}` is never closed", span=span_of(opened[-1]), hint="||x|| is a norm, |s| an absolute value")
