"""The registries of the engine, and what can be wrong in each: the code of its functions, and its entries.

Tables of functions are broken in the code of the functions. Tables of records and words are broken entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.mutation.plant import Fault, Module

CODE: dict[str, tuple[str, ...]] = {
    "derivatives of functions": ("diff.scalar_rules",),
    "derivative rules": ("diff.differentiate", "diff.forward"),
    "differentials": ("derivation.rewriting",),
    "normal form": ("ir.build", "ir.products", "ir.selection", "ir.substitute"),
    "identities": ("simplify.matrix_functions", "simplify.recognise", "simplify.matching", "simplify.constants", "simplify.complete",
                   "simplify.cancel", "simplify.expand", "simplify.deltas"),
    "lowering": ("lowering.lower", "lowering.indexed", "lowering.components"),
    "shape rules": ("expr.build", "expr.rebuild", "core.dims"),
    "contraction": ("plan.contraction", "plan.products", "plan.program", "plan.place", "plan.signs", "plan.kernels"),
    "text": ("expr.text", "ir.text"),
    "LaTeX": ("emit.latex", "emit.latex_pieces", "emit.latex_names", "emit.latex_index"),
    "NumPy": ("emit.numpy_ops", "emit.numpy_places"),
}
"""The modules whose functions are the entries of a registry, or are called by them."""

ROOT_PACKAGE = Path(__file__).parent.parent.parent / "matcalc"
PRINT = frozenset(("text", "LaTeX", "NumPy"))


def modules(chosen: Collection[str] = ()) -> list[Module]:
    """The modules of some registries, or of all."""
    return [Module(f"matcalc.{name}", table, table in PRINT)
            for table, names in CODE.items() if not chosen or table in chosen for name in names]


# ---------------------------------------------------------------- entries that are data
def entries(chosen: Collection[str] = ()) -> list[Fault]:
    """Every fault in an entry that is data, of some registries or of all."""
    return [fault for table, made in DATA.items() if not chosen or table in chosen for fault in made()]


def _get(name: str) -> Any:
    module, attribute = name.rsplit(".", 1)
    return getattr(import_module(f"matcalc.{module}"), attribute)


def _set(record: object, attribute: str, value: object) -> Callable[[], None]:
    return lambda: object.__setattr__(record, attribute, value)


def _functions() -> Iterator[Fault]:
    """Functions with another arity, the LaTeX of the one before, or said to be defined and smooth where they are not."""
    functions = _get("core.functions.FUNCTIONS")
    names = list(functions)
    for n, (name, record) in enumerate(functions.items()):
        wrong = {"latex": functions[names[n - 1]].latex, "arity": 3 - record.arity}
        wrong |= {"domain": "real"} if record.domain != "real" else {}
        wrong |= {"smooth": True} if not record.smooth else {}
        for attribute, value in wrong.items():
            yield Fault("functions", "entry", f"FUNCTIONS[{name!r}].{attribute} = {value!r}", _set(record, attribute, value))


WORDS = ("core.functions.COMPARISONS", "emit.numpy_ops._SPELLING", "emit.latex_pieces.RELATIONS", "plan.ranges._MAPS",
         "syntax.names.ALIASES", "syntax.actions._COMPARE", "raising.writing._MIRRORED", "lowering.lower._OWN",
         "emit.numpy_workspace.UFUNCS", "plan.signs.ORDER", "syntax.forward._PRODUCT", "check.evaluate.MAPS", "check.evaluate.EVALUATORS",
         "check.tensors.TENSOR_EVALUATORS", "expr.build.APPLY", "simplify.constants.EXACT", "lowering.components.REDUCTIONS",
         "syntax.actions.CONSTANTS", "derivation.rules.COMPONENTS")
"""Tables in which an entry may have the value of another one."""


def _words() -> Iterator[Fault]:
    for path in WORDS:
        table = _get(path)
        keys = list(table)
        for key, other in zip(keys, [*keys[1:], keys[0]], strict=True):
            if table[key] != table[other]:
                yield Fault("tables of words", "entry", f"{path}[{key!r}] as for {other!r}", _entry(table, key, table[other]))


def _entry(table: MutableMapping[Any, Any], key: object, value: object) -> Callable[[], None]:
    return lambda: table.__setitem__(key, value)


def _identities() -> Iterator[Fault]:
    """Identities with a sign, a factor, or what makes them known wrong."""
    ways = list(_get("simplify.identities.KNOWN_BY"))
    for group in _get("simplify.identities.IDENTITIES").values():
        for record in group:
            by = ways[ways.index(record.by) - 1]
            wrong = f"-({record.rhs})" if record.rhs not in ("0", "0 A", "zeros(m, n)") else record.lhs.replace("0 A", "A")
            if record.rhs == "0":
                wrong = "1"
            for attribute, value, kind in (("rhs", wrong, "sign"), ("rhs", f"2 ({record.rhs})", "factor"), ("by", by, "entry")):
                if attribute == "rhs" and kind == "factor" and record.rhs.startswith("0") or value == record.rhs:
                    continue
                yield Fault("identities, records", kind, f"{record.name}.{attribute} = {value!r}", _set(record, attribute, value))


def _elementwise_rules() -> Iterator[Fault]:
    """Rules with the wrong sign or one too many on the right, rules out of order, and rules that are gone."""
    b = import_module("matcalc.ir.build")
    rules = _get("simplify.recognise.RULES")
    for group in rules.values():
        for rule in group:
            one_more = b.add(rule.rhs, b.const(1))
            yield Fault("identities of functions", "term", f"{rule.name}: a term too many", _set(rule, "rhs", one_more))
            if not b.is_zero(rule.rhs):
                yield Fault("identities of functions", "sign", f"{rule.name}: the sign flipped", _set(rule, "rhs", b.scale(-1, rule.rhs)))
            yield Fault("identities of functions", "entry", f"{rule.name}: dropped", _removal(group, rule))
    for group in _get("simplify.recognise.REDUCTIONS").values():
        for entry in group:
            yield Fault("identities of functions", "entry", f"{entry[0]}: dropped", _removal(group, entry))


def _removal(group: list[Any], entry: object) -> Callable[[], None]:
    return lambda: group.remove(entry)


def _kinds() -> Iterator[Fault]:
    """Shapes of results as the inference of undeclared names has them, one pair of operands wrong."""
    kinds = import_module("matcalc.syntax.kinds")
    for name in ("PRODUCT", "ELEMENTWISE", "KRON", "POWER", "SCALAR_POWER", "POWER_DOT"):
        table = getattr(kinds, name)
        for left in kinds.KINDS:
            for right in kinds.KINDS:
                was = table.out[left][right]
                yield Fault("shape rules, kinds", "entry", f"kinds.{name}[{kinds.NAMES[left]}, {kinds.NAMES[right]}]",
                            _kind(kinds, table, left, right, 0 if was else kinds.M))
    for rule, results in kinds.UNARY.items():
        for kind in kinds.KINDS:
            wrong = kinds.S if results.get(kind) != kinds.S else kinds.M
            yield Fault("shape rules, kinds", "entry", f"kinds.UNARY[{rule!r}][{kinds.NAMES[kind]}]", _entry(results, kind, wrong))


def _kind(kinds: Any, table: Any, left: int, right: int, wrong: int) -> Callable[[], None]:
    def plant() -> None:
        out = {(a, c): table.out[a][c] for a in kinds.KINDS for c in kinds.KINDS} | {(left, right): wrong}
        broken = kinds._table(lambda a, c: out[a, c])
        for attribute in ("out", "left", "right"):
            object.__setattr__(table, attribute, getattr(broken, attribute))

    return plant


DATA: dict[str, Callable[[], Iterator[Fault]]] = {
    "functions": _functions,
    "tables of words": _words,
    "identities, records": _identities,
    "identities of functions": _elementwise_rules,
    "shape rules, kinds": _kinds,
}
"""The registries of data, each with what makes its faults."""
