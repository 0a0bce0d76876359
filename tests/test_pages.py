"""The runner of pages: order, sections, outputs and what it refuses."""

from __future__ import annotations

import pytest

from tests.pages import agree, executed


def block(fence: str, text: str) -> str:
    return f"```{fence}\n{text}```\n"


def test_outputs_are_put_in_place() -> None:
    page = block("python", "a = 2\nprint(a)\n") + "then\n" + block("text", "stale\n") + block("python", "b = a\n")
    assert executed(page) == page.replace("stale", "2")


def test_a_section_starts_from_the_introduction_alone() -> None:
    page = block("python", "a = 1\n") + "## One\n" + block("python", "a = b = 2\n")
    show = block("python", "print(a, 'b' in globals())\n") + block("text", "")
    assert "1 False" in executed(page + "## Two\n" + show)
    assert "2 True" in executed(page + show)


@pytest.mark.parametrize("page", [
    block("python", "print(1)\n"),
    block("python", "print(1)\n") + block("python", "print(2)\n") + block("text", ""),
    block("python", "x = 1\n") + block("text", ""),
    block("math", "x\n"),
])
def test_output_without_its_block_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="print"):
        executed(page)


def test_errors_name_the_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        executed("\n\n" + block("python", "a = 1\n1/0\n"))
    assert caught.traceback[-1].lineno + 1 == 5


@pytest.mark.parametrize(("shown", "printed", "same"), [
    ("loss 0.25", "loss 0.26", True), ("loss 0.25", "loss 0.27", False), ("loss 0.25", "cost 0.25", False),
    ("-1.5 [ 2.0]", "-1.6 [ 2.0]", True), ("1/2 x", "3/2 x", False), ("x_1.", "x_1.", True), ("0.5", "0.5 0.5", False),
])
def test_decimals_agree_to_their_last_place(shown: str, printed: str, same: bool) -> None:
    assert agree(shown, printed) is same
