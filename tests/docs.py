"""Writes the pages of the documentation printed from tables, from runs or by their own code: `python -m tests.docs`."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from matcalc.catalogue import rules_page
from tests import curvature_rules, json_page, lectures
from tests.pages import executed

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES: dict[str, Callable[[], str]] = {"rules.md": rules_page, "lectures.md": lectures.page,
                                     "curvature-rules.md": curvature_rules.page, "json.md": json_page.page}
EXECUTED = ("training.md", "derivations.md", "gradients.md")
"""Pages whose code is run: it prints into the page and draws into `docs/images/`."""


def main() -> int:
    """Writes each page."""
    with contextlib.chdir(DOCS.parent):
        for name, page in PAGES.items():
            (DOCS / name).write_text(page(), encoding="utf-8")
            print(DOCS / name)
        for name in EXECUTED:
            (DOCS / name).write_text(executed((DOCS / name).read_text(encoding="utf-8")), encoding="utf-8")
            print(DOCS / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
