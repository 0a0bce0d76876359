"""Values of callers in a few words, whatever they are."""

from __future__ import annotations

import pytest

from matcalc.core.arguments import check_choice, check_flag, check_mapping, check_whole, described
from matcalc.core.errors import DeclarationError, LimitError, MatcalcError, Span, printable


class Hostile:
    """A value whose every special method fails."""

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    def __bool__(self) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(("value", "words"), [
    (None, "None"), (3, "3"), (10**5000, "bits"), (1.5, "1.5"), ("x" * 500, "..."), (b"x", "bytes"), ([1] * 999, "a list"),
    ({}, "a dictionary"), (len, "a function"), (int, "a class"), (Hostile(), "Hostile"), (float("nan"), "nan"), (1j, "1j"),
], ids=lambda value: type(value).__name__)
def test_descriptions_are_short(value: object, words: str) -> None:
    assert words in described(value)
    assert len(described(value)) < 80


@pytest.mark.parametrize("value", [None, 0, 1.0, True, "2", 10**400, [], Hostile()], ids=lambda value: type(value).__name__)
def test_whole_numbers(value: object) -> None:
    with pytest.raises((DeclarationError, LimitError)):
        check_whole(value, "order", "the order", 1, 6)


def test_other_values_are_refused_whatever_they_are() -> None:
    for check in (lambda v: check_choice(v, "layout", ("a", "b")), lambda v: check_flag(v, "checks"),
                  lambda v: check_mapping(v, "declare", "names to spaces", "{}")):
        with pytest.raises(DeclarationError, match="Hostile"):
            check(Hostile())


def test_messages_are_printable() -> None:
    error = MatcalcError("a\x1b[2J\ud800\nb", hint="\x07", span=Span(0, 1), text="\x1b\ud800")
    assert str(error).replace("\n", "").isprintable()
    assert error.message == r"a\x1b[2J\ud800\nb"
    assert printable("θ ⊙ x") == "θ ⊙ x"
