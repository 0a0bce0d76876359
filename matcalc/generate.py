"""Modules of gradient functions from a catalogue: importable, needing NumPy alone, the same bytes every time.

A catalogue is TOML: `[[module]]` with `name` and `doc`, and below it `[[module.function]]` with `name`, `expr`, `wrt`
(a name, or a list of scalars) and optionally `order`, `declare`, `layout`, `structured`; or, in the place of `wrt`,
`gradients`, a list of variables of any shape, for a function that returns the value and all derivatives.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from matcalc.api import derive, gradients
from matcalc.core.errors import DeclarationError
from matcalc.derivative import check_function_name
from matcalc.emit.modules import merged

HEADER = "# Written by `matcalc generate`; never edit it by hand, edit the catalogue.\n"
_FIELDS = {"name", "expr", "wrt", "gradients", "order", "declare", "layout", "structured"}


def modules(catalogue: str) -> dict[str, str]:
    """The source of every module of a catalogue, by file name.

    Args:
        catalogue: the text of the TOML file.

    Raises:
        MatcalcError: for a catalogue or a formula that is not understood.
    """
    try:
        entries = tomllib.loads(catalogue)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"the catalogue is no TOML: {error}") from None
    found: dict[str, str] = {}
    for entry in _tables(entries, "module"):
        name = check_function_name(str(entry.get("name", "")))
        if f"{name}.py" in found:
            raise DeclarationError(f"the module `{name}` stands twice in the catalogue")
        found[f"{name}.py"] = _module(str(entry.get("doc", "")), [_source(f) for f in _tables(entry, "function")])
    if not found:
        raise DeclarationError("the catalogue has no [[module]]")
    return found


def _tables(entry: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    tables = entry.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise DeclarationError(f"`{key}` is a list of tables: [[{key}]]")
    return tables


def _source(entry: Mapping[str, object]) -> str:
    """The source of one function."""
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise DeclarationError(f"`{unknown[0]}` is no field of a function", hint=f"one of {', '.join(sorted(_FIELDS))}")
    name = check_function_name(str(entry.get("name", "")))
    for field in ("expr", "gradients" if "gradients" in entry else "wrt"):
        if field not in entry:
            raise DeclarationError(f"the function `{name}` has no `{field}`")
    expr, declare = str(entry["expr"]), entry.get("declare")
    if "gradients" in entry:
        return gradients(expr, entry["gradients"], declare).numpy(name)  # type: ignore[arg-type]
    options = {key: entry[key] for key in ("order", "layout", "structured") if key in entry}
    return str(derive(expr, entry["wrt"], declare=declare, **options).numpy(name))  # type: ignore[call-overload]


def _module(doc: str, sources: list[str]) -> str:
    return merged(sources, f'{HEADER}"""{doc.strip() or "Derivatives as functions of arrays."}"""')


def write(catalogue: Path, folder: Path) -> list[Path]:
    """Writes every module of a catalogue into a folder, each file whole or not at all.

    Raises:
        MatcalcError: for a catalogue or a formula that is not understood; then nothing is written.
    """
    written = []
    sources = modules(catalogue.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        os.chmod(temporary, 0o644)
        os.replace(temporary, folder / name)
        written.append(folder / name)
    return written
