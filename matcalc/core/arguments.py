"""Checks of what a caller passes: each refuses in the caller's words, whatever the value is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from numbers import Integral
from typing import TypeVar, cast

from matcalc.core.errors import DeclarationError, LimitError

V = TypeVar("V")
_KINDS = {str: "the text", bytes: "bytes", bytearray: "bytes", list: "a list", tuple: "a tuple", dict: "a dictionary",
          set: "a set", frozenset: "a set", type: "a class"}
_SHOWN = 40


def described(value: object) -> str:
    """A value in a few words, at most one short line, for a message.

    Example:
        >>> described(2.5), described("ab"), described([1, 2]), described(None)
        ('2.5', "'ab'", 'a list', 'None')
    """
    if value is None or isinstance(value, (bool, int, float, complex)):
        size = value.bit_length() if isinstance(value, int) else 0
        return f"a number of {size} bits" if size > 100 else str(value)
    if isinstance(value, str):
        return repr(clipped(value))
    known = next((words for kind, words in _KINDS.items() if isinstance(value, kind)), None)
    if known is not None:
        return known
    return "a function" if callable(value) else f"a value of type {type(value).__name__[:_SHOWN]}"


def clipped(text: str) -> str:
    """A text short enough for one line of a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def check_choice(value: object, parameter: str, choices: Sequence[str]) -> str:
    """The value, if it is one of the choices.

    Raises:
        DeclarationError: for any other.
    """
    if isinstance(value, str) and value in choices:
        return value
    close = get_close_matches(value[:_SHOWN], choices, 1) if isinstance(value, str) else []
    listed = f"{', '.join(map(_quoted, choices[:-1]))} or {_quoted(choices[-1])}" if len(choices) > 1 else _quoted(choices[0])
    raise DeclarationError(f"`{parameter}` is {listed}, not {described(value)}",
                           hint=f"did you mean {parameter}={_quoted(close[0])}?" if close else f"{parameter}={_quoted(choices[0])}")


def _quoted(choice: str) -> str:
    return f'"{choice}"'


def check_text(value: object, parameter: str, what: str, example: str) -> str:
    """The value, if it is text.

    Raises:
        DeclarationError: for any other.
    """
    if not isinstance(value, str):
        raise DeclarationError(f"`{parameter}` is {what}, not {described(value)}", hint=f'{parameter}="{example}"')
    return value


def check_named(unnamed: tuple[object, ...], names: Sequence[str]) -> None:
    """Refuses arrays that come without the names of their variables.

    Raises:
        DeclarationError: where there are any.
    """
    if unnamed:
        shown = ", ".join(f"{name}={name}" for name in names)
        raise DeclarationError("arrays are passed by the names of the variables", hint=f"call it with ({shown})")


def check_known(value: object, names: Iterable[str], what: str) -> str:
    """The value, if it is one of the names.

    Args:
        value: what the caller passed.
        names: those that there are.
        what: what they name, for the message.

    Raises:
        DeclarationError: for any other.
    """
    listed = list(names)
    if isinstance(value, str) and value in listed:
        return value
    raise DeclarationError(f"{described(value)} is not {what}", hint=f"one of {', '.join(listed)}" if listed else "there is none")


def check_whole(value: object, parameter: str, what: str, least: int, most: int | None = None) -> int:
    """The value, if it is a whole number from `least` to `most`.

    Args:
        value: what the caller passed.
        parameter: its name.
        what: the thing that it counts, for the message.
        least: the smallest that has a meaning.
        most: the largest that is allowed.

    Raises:
        DeclarationError: for what is no whole number, or too small.
        LimitError: for what is larger.
    """
    bounds = f"at least {least}" if most is None else f"from {least} to {most}"
    whole = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None
    if whole is None or whole < least:
        raise DeclarationError(f"{what} is a whole number {bounds}, not {described(value)}", hint=f"{parameter}={max(least, 1)}")
    if most is not None and whole > most:
        raise LimitError(f"{what} is at most {most}, not {described(whole)}", hint=f"{parameter}={most}")
    return whole


def check_seed(value: object) -> int:
    """The seed of random points, if it is one.

    Raises:
        DeclarationError: for what is no whole number, or negative.
    """
    return check_whole(value, "seed", "the seed of the random points", 0)


def check_flag(value: object, parameter: str) -> bool:
    """The value, if it is True or False.

    Raises:
        DeclarationError: for any other.
    """
    if not isinstance(value, bool):
        raise DeclarationError(f"`{parameter}` is True or False, not {described(value)}", hint=f"{parameter}=True")
    return value


def check_mapping(value: Mapping[str, V] | None, parameter: str, what: str, example: str) -> Mapping[str, V]:
    """The mapping, empty for None.

    Args:
        value: what the caller passed.
        parameter: its name.
        what: what it maps to what.
        example: one that is right.

    Raises:
        DeclarationError: for what is no mapping of names.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DeclarationError(f"`{parameter}` maps {what}, and this is {described(value)}", hint=f"{parameter}={example}")
    for key in cast("Mapping[object, V]", value):
        if not isinstance(key, str) or not key.strip():
            raise DeclarationError(f"`{parameter}` maps {what}, and {described(key)} is not a name", hint=f"{parameter}={example}")
    return value


def check_declare(declare: Mapping[str, str] | None) -> Mapping[str, str]:
    """The declarations, empty for None.

    Raises:
        DeclarationError: for what is no mapping of names.
    """
    return check_mapping(declare, "declare", "names to spaces", '{"A": "R^{m x n}"}')
