"""Text to syntax trees."""

import pytest

from matcalc.core.errors import ParseError
from matcalc.syntax.parse import parse_source


def test_a_backslash_between_spaces_is_no_space() -> None:
    with pytest.raises(ParseError, match="solves a system"):
        parse_source(r"A \ b")
    assert parse_source(r"A\ b").body.op == "product"
