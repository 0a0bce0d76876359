"""Large input is parsed quickly, larger input refused quickly."""

import time

import pytest

from matcalc.core.errors import LimitError, MatcalcError
from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import elaborate

SECONDS = 5.0
"""Of processor time: the machine may be shared."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["x"] * 10_000),
        " - ".join(f"x{i}" for i in range(9_999)),
        " ".join(f"s{i}" for i in range(9_999)),
        " + ".join(["||x||"] * 8_000),
        "(" * 200 + "x" + ")" * 200,
        "tanh(" * 199 + "x" + ")" * 199,
        "(|" * 99 + "a" + "|)" * 99,
        "-" * 5_000 + "x",
        "x" + "'" * 900,
        "y15 where y0 = x + x, " + ", ".join(f"y{i} = y{i - 1} + y{i - 1}" for i in range(1, 16)),
        "y900 where y0 = x, " + ", ".join(f"y{i} = tanh(y{i - 1})" for i in range(1, 901)),
        "[" + "; ".join(["a"] * 9_000) + "]",
        " + ".join(["sum_{n=1}^N x_n"] * 3_000),
    ],
    ids=lambda text: f"{text[:12]}...{len(text)}",
)
def test_large_input_is_parsed(text: str) -> None:
    start = time.process_time()
    to_text(elaborate(text).expr)
    assert time.process_time() - start < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "x" * 200_001,
        "(" * 201 + "x" + ")" * 201,
        "(" * 50_000,
        "x" + "'" * 5_000,
        "x" + "^2'" * 2_000,
        "x" + "+x" * 80_000,
        "y30 where y0 = x + x, " + ", ".join(f"y{i} = y{i - 1} + y{i - 1}" for i in range(1, 31)),
        "x" * 65,
        "1" * 301,
        "1e301",
        "1e-301",
        "x" + "⁹" * 301,
        "A^65",
        "|" * 49,
        "sum_{n=1}^N " * 2_000 + "x",
    ],
    ids=lambda text: f"{text[:12]}...{len(text)}",
)
def test_larger_input_is_refused(text: str) -> None:
    start = time.process_time()
    with pytest.raises(LimitError):
        elaborate(text)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("text", ["|a" * 3_000, "|" * 3_000, "||" * 500 + "x", "a|" * 999, "||a| |b" * 300])
def test_bars_never_hang(text: str) -> None:
    start = time.process_time()
    try:
        elaborate(text)
    except MatcalcError as error:
        assert error.message
    assert time.process_time() - start < SECONDS
