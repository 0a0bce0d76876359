"""Files: whole or not at all, in the folder that was asked for, with nothing in them but what a catalogue may say."""

from __future__ import annotations

import ast
import os
from functools import lru_cache
from pathlib import Path

import pytest

from matcalc.core.errors import MatcalcError
from matcalc.generate import HEADER, modules, write
from matcalc.syntax import grammar
from matcalc.syntax.actions import Actions
from matcalc.syntax.cache import cache_folder, read_cached, write_cached
from matcalc.syntax.grammar import cache_name, load_parser, make_parser

CATALOGUE = """
[[module]]
name = {name}
doc = {doc}
[[module.function]]
name = "f"
expr = {expr}
wrt = "x"
"""

IMPORTS = {"from __future__ import annotations", "import numpy as np", "from numpy.typing import ArrayLike, NDArray", "from .m import f"}


def catalogue(name: str = '"m"', doc: str = '"d"', expr: str = '"x^T x"') -> str:
    return CATALOGUE.format(name=name, doc=doc, expr=expr)


@pytest.mark.parametrize("name", ["../m", "/tmp/m", "a/b", "..", "", "m.py", "a\\\\b", "class", "\\u0000", "m\\n", "con:"])
def test_modules_stay_in_their_folder(name: str, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(catalogue(name=f'"{name}"'), encoding="utf-8")
    with pytest.raises(MatcalcError):
        write(spec, tmp_path / "out" / "inner")
    assert [p.name for p in tmp_path.rglob("*.py")] == []


@pytest.mark.parametrize("doc", ['x\\"\\"\\"\\nimport os\\n\\"\\"\\"', 'ends with a backslash \\\\', '\\"\\"\\"', 'a quote\\"', 'N{DIGIT ONE} \\\\N', '\\u2028x'])
def test_texts_stay_texts(doc: str) -> None:
    written = modules(catalogue(doc=f'"{doc}"'))
    assert set(written) == {"__init__.py", "m.py"}
    for source in written.values():
        for statement in ast.parse(source).body:
            assert isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom | ast.Assign) or isinstance(
                getattr(statement, "value", None), ast.Constant)
        imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert {ast.unparse(node) for node in imported} <= IMPORTS


def test_a_module_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(catalogue(), encoding="utf-8")
    out = tmp_path / "out"
    write(spec, out)
    first = (out / "m.py").read_bytes()

    def fails(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises((OSError, MatcalcError)):
        write(spec, out)
    assert (out / "m.py").read_bytes() == first
    assert sorted(p.name for p in out.iterdir()) == ["__init__.py", "m.py"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    spec, outside, out = tmp_path / "spec.toml", tmp_path / "outside.py", tmp_path / "out"
    spec.write_text(catalogue(), encoding="utf-8")
    outside.write_text(HEADER + "kept")
    out.mkdir()
    (out / "m.py").symlink_to(outside)
    write(spec, out)
    assert outside.read_text() == HEADER + "kept" and not (out / "m.py").is_symlink()
    outside.write_text("of another hand")
    (out / "m.py").unlink()
    (out / "m.py").symlink_to(outside)
    with pytest.raises(MatcalcError):
        write(spec, out)
    assert outside.read_text() == "of another hand"


@pytest.mark.parametrize("text", ["", "[", "module = 3", "[[module]]", "[[module]]\nname = 3", "[module]\nname = 'm'",
                                  "[[module]]\nname = 'm'\nfunction = 3", "[[module]]\nname = 'm'\n[[module.function]]\nname = 'f'",
                                  "[[module]]\nname = 'm'\n[[module.function]]\nname = 'f'\nexpr = 'x'\nwrt = 3"])
def test_other_catalogues_are_refused(text: str) -> None:
    with pytest.raises(MatcalcError):
        modules(text)


# ---------------------------------------------------------------- the cache
_built = lru_cache(make_parser)
"""Each language is built once for all tests: what they look at is whether it is asked for."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(grammar, "make_parser", _built)
    return tmp_path / "matcalc"


@pytest.mark.skipif(os.name != "posix", reason="folders have owners and modes on POSIX")
def test_a_folder_that_others_may_write_is_not_read(folder: Path) -> None:
    write_cached("name", "text")
    assert read_cached("name") == "text"
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o777)
    assert read_cached("name") is None


@pytest.mark.slow
def test_the_cache_holds_no_code(folder: Path) -> None:
    load_parser(Actions())
    text = (folder / cache_name()).read_bytes()
    assert text.split(b"\n", 1)[1].startswith(b"{") and b"\x80\x04" not in text
    assert cache_folder() == folder


@pytest.mark.slow
@pytest.mark.parametrize("text", ["null", "[]", "{}", '{"data": 3, "memo": []}', '{"data": {"options": 3}, "memo": {}}', "3", '"x"',
                                  '{"data": {"options": {"lexer": "os.system"}}, "memo": {}}', "[" * 5000])
def test_hostile_tables_are_built_anew(folder: Path, text: str) -> None:
    write_cached(cache_name(), text)
    assert load_parser(Actions()).parse("A x") is not None
