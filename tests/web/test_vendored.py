"""What others wrote is what they published, and the page asks for nothing that is not in the package."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import matcalc

STATIC = Path(matcalc.__file__).parent / "web" / "static"
KATEX = STATIC / "katex"
OWN = [path for path in STATIC.rglob("*") if path.suffix in (".html", ".css", ".js", ".svg") and KATEX not in path.parents]
ELSEWHERE = re.compile(r"""https?://(?!www\.w3\.org/)|["'(]//""")


def test_katex_is_as_published() -> None:
    sums = dict(reversed(line.split()) for line in (KATEX / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    files = {path.relative_to(KATEX).as_posix(): path for path in KATEX.rglob("*") if path.is_file()}
    assert set(files) - {"README.md", "SHA256SUMS"} == set(sums)
    assert {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in sums} == sums
    assert "MIT" in (KATEX / "LICENSE").read_text(encoding="utf-8")


def test_every_font_that_the_style_names_first_is_there() -> None:
    named = re.findall(r"src:url\((fonts/[^)]+\.woff2)\)", (KATEX / "katex.min.css").read_text(encoding="utf-8"))
    assert len(named) == 20 and all((KATEX / name).is_file() for name in named)


def test_own_files_name_no_other_server_and_run_nothing_inline() -> None:
    assert len(OWN) > 10
    for path in OWN:
        text = path.read_text(encoding="utf-8")
        assert not ELSEWHERE.search(text), path
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|document\.write", text), path
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page)


def test_files_are_short() -> None:
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 400 for path in OWN)
