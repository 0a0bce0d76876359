"""Runs the code blocks of a page in order: `python -m tests.pages PAGE` prints the page with what they print.

A block fenced as `python` is run; what it prints stands in the block after it, fenced as `text`, `math` or
`python output`. Each section (`## ...`) has a namespace of its own, which starts as the page's introduction left it.
The code runs in the current folder.
"""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = {"text", "math", "python output"}
DECIMAL = re.compile(r"-?\d+\.\d+(?![\d.])")


@dataclass(frozen=True)
class Block:
    """One fenced block: what its fence says, its text and where that text stands in the page."""

    fence: str
    text: str
    start: int
    end: int
    section: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order, each with the number of its section (0 is the introduction)."""
    return [
        Block(m[1], m[2], m.start(2), m.end(2), len(re.findall(r"^## ", page[: m.start()], re.MULTILINE)))
        for m in FENCE.finditer(page)
    ]


def executed(page: str) -> str:
    """The page with the output of its code in place.

    Raises:
        ValueError: where a block prints and no block for its output follows, or the other way round.
    """
    introduction: dict[str, object] = {"__name__": "__page__"}
    namespace, section, pieces, done, printed = introduction, 0, [], 0, ""
    for block in blocks(page):
        if block.section != section:
            section, namespace = block.section, dict(introduction)
        if block.fence in OUTPUT:
            if not printed:
                raise ValueError(f"nothing was printed for this block:\n{block.text}")
            pieces += [page[done : block.start], printed]
            done, printed = block.end, ""
        elif printed:
            raise ValueError(f"the page does not show what its code prints:\n{printed}")
        elif block.fence == "python":
            line = page.count("\n", 0, block.start)
            with redirect_stdout(io.StringIO()) as out:
                exec(compile("\n" * line + block.text, "page", "exec"), namespace)
            printed = out.getvalue()
    if printed:
        raise ValueError(f"the page does not show what its code prints:\n{printed}")
    return "".join([*pieces, page[done:]])


def agree(shown: str, printed: str) -> bool:
    """Whether two texts are the same, numbers with a decimal point to within one unit of their last place."""
    if DECIMAL.sub("#", shown) != DECIMAL.sub("#", printed):
        return False
    pairs = zip(DECIMAL.findall(shown), DECIMAL.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) < 1.5 * 10.0 ** -len(a.partition(".")[2]) for a, b in pairs)


if __name__ == "__main__":
    sys.stdout.write(executed(Path(sys.argv[1]).read_text(encoding="utf-8")))
