"""The examples on the pages print what the pages show."""

import doctest

import pytest

from tests.docs import DOCS


@pytest.mark.parametrize("page", ["sympy.md", "curvature.md", "stationary.md", "taylor.md"])
def test_examples(page: str) -> None:
    failed, tried = doctest.testfile(str(DOCS / page), module_relative=False)
    assert tried > 5 and not failed
