"""Every line of the blocks in docs/language.md does what the page says."""

import re
from pathlib import Path

import pytest

from matcalc.core import errors
from matcalc.syntax.elaborate import elaborate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
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
