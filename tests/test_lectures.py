"""The page of the lectures: every entry has what the lecture has and passes its check, and the Python lines run."""

from __future__ import annotations

import doctest

import pytest

from tests.docs import DOCS
from tests.lectures import documents, shown

pytestmark = pytest.mark.slow

ENTRIES = [
    pytest.param(chapter, number, id=f"{chapter + 1}.{number + 1}-{entry['title'].replace(' ', '-')}")
    for chapter, document in enumerate(documents())
    for number, entry in enumerate(document["entry"])
]


@pytest.mark.parametrize(("chapter", "number"), ENTRIES)
def test_entry(chapter: int, number: int) -> None:
    assert shown(chapter, number).problems == ()


def test_python_lines() -> None:
    failed, tried = doctest.testfile(str(DOCS / "lectures.md"), module_relative=False)
    assert tried > 4 and not failed
