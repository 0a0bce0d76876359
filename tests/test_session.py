"""The picture in the README is what the commands print now."""

import pytest

from tests.session import PICTURE, picture

pytestmark = pytest.mark.slow


def test_picture_is_up_to_date() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "python -m tests.session draws it anew"
