"""Writes the pages of the documentation printed from tables, from runs or by their own code.

`python -m tests.docs` writes all of them, `python -m tests.docs rules.md` those that are named.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests import comparison, curvature_rules, json_page, language_reference, lectures, rule_book
from tests.pages import executed

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES: dict[str, Callable[[], str]] = {
    "rules.md": rule_book.page,
    "curvature-rules.md": curvature_rules.page,
    "reference.md": language_reference.page,
    "json.md": json_page.page,
    "comparison.md": comparison.page,
    "lectures.md": lectures.page,
}
EXECUTED = ("training.md", "derivations.md", "gradients.md")
"""Pages whose code is run: it prints into the page and draws into `docs/images/`."""


def main(names: Sequence[str]) -> int:
    """Writes each page, or those with the names."""
    with contextlib.chdir(DOCS.parent):
        for name in names or (*PAGES, *EXECUTED):
            path = DOCS / name
            path.write_text(PAGES[name]() if name in PAGES else executed(path.read_text(encoding="utf-8")), encoding="utf-8")
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
