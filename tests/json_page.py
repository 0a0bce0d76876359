"""The text of `docs/json.md`, printed from the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matcalc.cli.schema import schema

HEAD = """\
# What --json prints

`--json` prints one object in the place of a result: of `batch` one a line. Its keys are those below and no others; all are
there, but for those that the tables call optional. The JSON Schema (2020-12) is part of the package: `matcalc schema` prints
it, `matcalc schema COMMAND` that of one command. The tests hold the output of every command against it. An error prints
nothing here: its message goes to standard error and the exit code is 2; in a `batch` it is an object of its own.

Rewrite this page with `python -m tests.docs`.
"""


def page() -> str:
    """The page."""
    definitions = schema()["$defs"]
    parts = [HEAD]
    for name, definition in definitions.items():
        title = f"The object `{name}`" if definition.get("x-part") else f"`matcalc {name} --json`"
        what = str(definition["description"])
        parts.append(f"## {title}\n\n{what[0].upper()}{what[1:]}.\n")
        refers = list(_references(definition))
        if refers:
            parts.append(f"It is an object {' or '.join(f'[`{r}`](#the-object-{r})' for r in refers)}.\n")
        rows = list(_rows(definition))
        if rows:
            parts.append("| key | type | value |\n|---|---|---|\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows))
    return "\n".join(parts)


def _references(definition: Mapping[str, object]) -> Iterator[str]:
    for one in (definition, *_list(definition.get("anyOf"))):
        if "$ref" in one:
            yield str(one["$ref"]).rpartition("/")[2]


def _list(value: object) -> list[Mapping[str, object]]:
    return value if isinstance(value, list) else []


def _rows(definition: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    properties = definition.get("properties", {})
    required = definition.get("required", [])
    assert isinstance(properties, dict) and isinstance(required, list)
    for key, one in properties.items():
        optional = "" if key in required else "optional: "
        yield f"`{prefix}{key}`", _type(one), f"{optional}{one['description']}".replace("|", "\\|")
        items = one.get("items", {})
        yield from _rows(items, f"{prefix}{key}[].")


def _type(one: Mapping[str, object]) -> str:
    if "$ref" in one:
        return f"[`{(name := str(one['$ref']).rpartition('/')[2])}`](#the-object-{name})" if _has_own_section(one) else "object"
    if "enum" in one:
        values = one["enum"]
        assert isinstance(values, list)
        return " or ".join("null" if v is None else f'`"{v}"`' for v in values)
    kinds = one["type"]
    named = kinds if isinstance(kinds, list) else [kinds]
    items = one.get("items", {})
    assert isinstance(items, dict)
    of = f" of {items['type']}s" if items.get("type") in ("string", "object") else ""
    return " or ".join(f"{kind}{of if kind == 'array' else ''}" for kind in named)


def _has_own_section(one: Mapping[str, object]) -> bool:
    """Whether a reference is to an object that has a section of its own name."""
    return bool(schema()["$defs"][str(one["$ref"]).rpartition("/")[2]].get("x-part"))
