"""docs/playground.md says what the page and the server do."""

from __future__ import annotations

import json
import re

import pytest

from matcalc.web.answers import TASKS, answer
from tests.docs import DOCS

PAGE = (DOCS / "playground.md").read_text(encoding="utf-8")
HTML = (DOCS.parent / "matcalc" / "web" / "static" / "index.html").read_text(encoding="utf-8")


def test_the_request_is_answered_as_printed() -> None:
    task, body, printed = re.findall(r"^\$ curl \S+ \S+/api/(\w+) .*-d '(.*)'\n(.*)$", PAGE, re.MULTILINE)[0]
    assert json.dumps(answer(task, json.loads(body))) == printed


def test_every_task_and_key_is_told() -> None:
    assert set(re.findall(r"`/api/(\w+)`", PAGE)) == TASKS.keys()
    keys = set(re.findall(r"<kbd>(\w+|[/?])</kbd>", HTML)) - {"Shift"}
    assert all(re.search(rf"^\| .*(?:`{re.escape(key)}`|{re.escape(key)})", PAGE, re.MULTILINE) for key in keys)


@pytest.mark.parametrize("name", re.findall(r"!\[[^]]+\]\((\S+)\)", PAGE))
def test_pictures_are_there(name: str) -> None:
    assert (DOCS / name).read_bytes().startswith(b"\x89PNG")
