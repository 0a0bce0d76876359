import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from matcalc.syntax import grammar
from matcalc.syntax.actions import Actions
from matcalc.syntax.cache import cache_folder, read_cached, write_cached
from matcalc.syntax.grammar import cache_name, load_parser, make_parser

pytestmark = pytest.mark.slow

_built = lru_cache(make_parser)
"""Each language is built once for all tests: what they look at is whether it is asked for."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(grammar, "make_parser", _built)
    return tmp_path / "matcalc"


def test_tables_are_written_once_and_read_again(folder: Path) -> None:
    first = load_parser(Actions()).parse("x^T A x")
    file = folder / cache_name()
    stamp = file.stat().st_mtime_ns
    second = load_parser(Actions()).parse("x^T A x")
    assert repr(first) == repr(second)
    assert file.stat().st_mtime_ns == stamp
    assert [f.name for f in folder.iterdir()] == [cache_name()]


@pytest.mark.parametrize("damage", ["", "{", "cut", "foreign"])
def test_damaged_tables_are_built_anew(folder: Path, damage: str) -> None:
    load_parser(Actions())
    file = folder / cache_name()
    if damage == "foreign":
        write_cached(cache_name(), '{"data": {"options": {}}, "memo": {}}')
    else:
        file.write_bytes(file.read_bytes()[:5000] if damage == "cut" else damage.encode())
    assert load_parser(Actions()).parse("A x") is not None
    kept = read_cached(cache_name())
    assert kept is not None and len(kept) > 50_000


def test_bytes_that_are_no_text_are_ignored(folder: Path) -> None:
    folder.mkdir()
    (folder / "name").write_bytes(b"\xff\xfe")
    assert read_cached("name") is None


def test_a_folder_that_cannot_be_written_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_parser(Actions()).parse("A x") is not None
    assert not cache_folder().exists()


def test_relative_cache_homes_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_folder() == Path(os.path.expanduser("~/.cache/matcalc"))


def test_parsing_imports_neither_numpy_nor_sympy() -> None:
    code = (
        "import sys; from matcalc.syntax.elaborate import elaborate; elaborate('x^T A x');"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'numpy', 'sympy', 'regex'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_parsing_needs_no_optional_library() -> None:
    code = (
        "import sys; sys.modules['interegular'] = sys.modules['regex'] = None\n"
        "from matcalc.syntax.elaborate import elaborate; print(elaborate('x^T A x').expr.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "R"
