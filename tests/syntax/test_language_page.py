"""Every line of the blocks in docs/language.md does what the page says."""

import re
from pathlib import Path

import pytest

from matcalc.core import errors
from matcalc.notation import simplify_index
from matcalc.syntax.elaborate import elaborate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
INDEX = [line for block in re.findall(r"```index\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
         for line in block.splitlines() if line]
BLOCKS = re.findall(r"```matcalc\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines() if line]


@pytest.mark.parametrize("line", LINES)
def test_line(line: str) -> None:
    text, arrow, error = line.partition("  ->  ")
    if arrow:
        with pytest.raises(errors.MatcalcError) as caught:
            elaborate(text)
        assert type(caught.value) is getattr(errors, error)
        return
    first, *others = (elaborate(part).expr for part in text.split("  ==  "))
    assert all(other is first for other in others)


def test_the_page_has_examples() -> None:
    assert len(LINES) > 60


@pytest.mark.parametrize("line", INDEX)
def test_line_of_index_notation(line: str) -> None:
    text, arrow, error = line.partition("  ->  ")
    if arrow:
        with pytest.raises(errors.MatcalcError) as caught:
            simplify_index(text)
        assert type(caught.value) is getattr(errors, error)
        return
    text, arrow, printed = line.partition("  =>  ")
    first, *others = map(simplify_index, text.split("  ==  "))
    assert not arrow or str(first) == printed
    assert all(other.indices == first.indices for other in others)
    assert all(other.written_out() is first.written_out() for other in others)


def test_the_page_has_examples_of_index_notation() -> None:
    assert len(INDEX) > 40
