"""The pages that are printed from tables are what the tables print."""

from collections.abc import Callable

import pytest

from tests.docs import DOCS, PAGES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_page_is_up_to_date(name: str, page: Callable[[], str]) -> None:
    assert (DOCS / name).read_bytes() == page().encode(), "python -m tests.docs writes it anew"
