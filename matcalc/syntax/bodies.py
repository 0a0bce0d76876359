"""The functions that a program defines: their names, and what may stand in their bodies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from matcalc.core.errors import DeclarationError, LimitError, ParseError
from matcalc.core.functions import FUNCTIONS
from matcalc.core.limits import limits
from matcalc.core.traversal import postorder
from matcalc.syntax.names import function_name
from matcalc.syntax.tree import Definition, Source, Syntax


class Parameter(NamedTuple):
    """A name in the body of a function that stands for an entry of an argument."""

    function: str
    name: str


_ENTRY_BY_ENTRY = frozenset(("num", "name", "add", "product", "neg", "pow", "dotpow", "abs", "compare", "apply"))
_NAMES = {"transpose": "a transpose", "block": "an explicit matrix", "datasum": "a sum over data", "list": "a list"}


def functions_of(source: Source) -> dict[str, Definition]:
    """The functions of the `where` clause by name.

    Raises:
        DeclarationError: for a name that is taken, or parameters that are no names of their own.
    """
    found: dict[str, Definition] = {}
    for definition in source.functions:
        name = definition.name
        problem = None
        if function_name(name) is not None:
            problem = f"`{name}` is a function of the language already"
        elif name in ("pi", "I"):
            problem = f"`{name}` is a constant"
        elif "'" in name:
            problem = f"`{name}` is a derivative, and a definition states the function itself"
        elif name in found or any(name == other.name for other in source.definitions):
            problem = f"`{name}` is defined twice"
        if problem is not None:
            raise DeclarationError(problem, span=definition.span, text=source.text, hint="choose another name for one of them")
        _check_parameters(definition, source.text)
        found[name] = definition
    return found


def check_names(functions: Mapping[str, Definition], spaces: Collection[str], brought: Collection[str], text: str) -> None:
    """A function is no variable, and is defined in one place.

    Raises:
        DeclarationError: for one that is.
    """
    for name, definition in functions.items():
        if name in spaces or name in brought:
            other = "declared as a variable" if name in spaces else "among the functions that were passed"
            raise DeclarationError(f"`{name}` is defined as a function here and {other}", span=definition.span, text=text,
                                   hint="a name of its own for each")
    for name in brought:
        if name in spaces:
            raise DeclarationError(f"`{name}` is declared as a variable and passed as a function", text=text,
                                   hint="leave one of them out")


def _check_parameters(definition: Definition, text: str) -> None:
    for position, name in enumerate(definition.parameters):
        if name in definition.parameters[:position]:
            raise DeclarationError(f"`{definition.name}` has two parameters `{name}`", span=definition.span, text=text,
                                   hint="a letter of its own for each parameter")
        if function_name(name) is not None or name in ("pi", "I", definition.name):
            raise DeclarationError(f"a parameter of `{definition.name}` cannot be called `{name}`", span=definition.span,
                                   text=text, hint=f"{definition.name}(z) = ...")


def check_body(definition: Definition, text: str) -> None:
    """What depends on a parameter is made of operations on entries.

    Raises:
        ParseError: for an operation on arrays, of which an entry has no part.
    """
    depends: set[Syntax] = set()
    for tree in postorder(definition.body):
        if tree.op == "name" and tree.word in definition.parameters:
            depends.add(tree)
        if not any(arg in depends for arg in tree.args):
            continue
        depends.add(tree)
        what = _array_operation(tree)
        if what is not None:
            raise ParseError(f"{what} has no meaning in `{definition.name}`, which acts on each entry by itself",
                             span=tree.span, text=text,
                             hint=f"the argument of `{definition.name}` is a scalar in its definition")


def _array_operation(tree: Syntax) -> str | None:
    """The operation in words, where it is one on arrays."""
    if tree.op == "call" and tree.word not in FUNCTIONS:
        return f"`{tree.word}`"
    if tree.op == "hadamard":
        return "a Kronecker product" if "kron" in tree.data else None
    if tree.op == "call" or tree.op in _ENTRY_BY_ENTRY:
        return None
    return _NAMES[tree.op]


def check_expansion(order: Collection[Syntax], values: Mapping[Syntax, Definition], functions: Mapping[str, Definition]) -> None:
    """Refuse definitions that stand for more than a million parts once they are written out.

    Args:
        order: all nodes, operands and definitions before their uses.
        values: the definition that a name stands for.
        functions: the functions by name.

    Raises:
        LimitError: for what is larger.
    """
    most = limits().expanded
    total: dict[Syntax, int] = {}
    places: dict[Syntax, int] = {}
    for tree in order:
        parts, held = 1 + sum(total[a] for a in tree.args), sum(places[a] for a in tree.args)
        body = functions[tree.word].body if tree.op == "apply" and tree.word in functions else None
        if tree in values:
            parts, held = total[values[tree].body], 0
        elif tree.op == "name":
            held = 1
        elif body is not None:
            parts, held = total[body] + places[body] * parts, places[body] * held
        total[tree], places[tree] = parts, held
        if parts > most:
            raise LimitError(f"written out, the definitions have more than {most} parts", span=tree.span,
                             hint="definitions that use each other less often")
