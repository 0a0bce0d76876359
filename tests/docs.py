"""Writes the pages of the documentation that are printed from tables and runs: `python -m tests.docs`."""

import sys
from collections.abc import Callable
from pathlib import Path

from matcalc.catalogue import rules_page
from tests import lectures

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES: dict[str, Callable[[], str]] = {"rules.md": rules_page, "lectures.md": lectures.page}


def main() -> int:
    """Writes each page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        print(DOCS / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
