"""The error tree: every failure that a user can cause, with its place, cause and hint."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of character offsets in the text that the user wrote."""

    start: int
    end: int


def printable(text: str) -> str:
    """The text with whatever a terminal would act upon or could not show written as an escape.

    Example:
        >>> print(printable("a\x1b[2Jb"))
        a\\x1b[2Jb
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class MatcalcError(ValueError):
    """Base of all errors that bad input can cause.

    Args:
        message: the cause, in the words and names of the user.
        span: where in `text` the cause lies, or None where there is no text.
        text: the source text that `span` refers to.
        hint: what to write instead, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        text: str | None = None,
        hint: str | None = None,
    ) -> None:
        message = printable(message)
        super().__init__(message)
        self.message = message
        self.span = span
        self.text = text
        self.hint = None if hint is None else printable(hint)

    def located(self, span: Span | None, text: str | None) -> MatcalcError:
        """The same error with a place, where it had none."""
        if self.span is None and span is not None:
            self.span = span
        if self.text is None:
            self.text = text
        return self

    def __str__(self) -> str:
        lines = [self.message]
        if self.text is not None and self.span is not None:
            lines += _excerpt(self.text, self.span)
        if self.hint is not None:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class ParseError(MatcalcError):
    """The text is not a sentence of the language."""


class ShapeError(MatcalcError):
    """Kinds or dimensions do not fit together."""


class UnknownFunctionError(MatcalcError):
    """A name is used as a function, or a backslash command is used, that the language does not have."""


class NotDifferentiableError(MatcalcError):
    """No rule says what the derivative is."""


class DeclarationError(MatcalcError):
    """A declaration, a definition or the choice of variables is contradictory or malformed."""


class LimitError(MatcalcError):
    """The input exceeds a stated limit."""


_WINDOW = 76


def _excerpt(text: str, span: Span) -> list[str]:
    """The line of `text` that holds `span`, cut to a window, and a line of carets under it."""
    start = max(0, min(span.start, len(text)))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    left = max(line_start, start - _WINDOW // 2)
    right = min(line_end, left + _WINDOW)
    width = max(1, min(span.end, right) - start)
    shown = "".join(c if c.isprintable() else " " for c in text[left:right])
    head = "..." if left > line_start else ""
    tail = "..." if right < line_end else ""
    return [f"  {head}{shown}{tail}", "  " + " " * (len(head) + start - left) + "^" * width]
