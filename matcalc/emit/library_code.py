"""Source for libraries whose arrays are never written to: the array API standard, JAX and PyTorch.

One function of a program, built as a Python `ast` and unparsed. It tests and converts its arguments in a function of its
own, so that the rest reads as a formula does; with JAX that is done while the function is traced.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from matcalc.core.errors import DeclarationError
from matcalc.core.python import read_module
from matcalc.emit.dialects import DIALECTS, Dialect
from matcalc.emit.library import Library
from matcalc.emit.library_helpers import LIBRARY_HELPERS
from matcalc.emit.library_ops import LIBRARY_OPERATIONS
from matcalc.emit.numpy_ast import (
    assign,
    attribute,
    constant,
    definition,
    invoke,
    method,
    name,
    names_in,
    sequence,
    text,
)
from matcalc.emit.numpy_checks import Parameter, Sizes, comparisons, size_lines
from matcalc.emit.numpy_names import RESERVED, Names, safe_names
from matcalc.emit.statements import Statements, indented, statements_of
from matcalc.emit.target import Target
from matcalc.plan.logistics import with_logistics
from matcalc.plan.steps import Program, Step

VIEWS = frozenset(("var", "permute", "reshape", "take", "slice", "repeat", "diagonal"))
"""Operations whose result may share the memory of their operand."""

MAX_LINE = 100
"""Longer expressions with identity matrices have names for them."""

TAKEN = frozenset(("TypeError", "ValueError", "float", "int", "isinstance", "max", "range", "tuple", "zip"))
"""Names that emitted code reads, so that no function has one of them."""


class LibraryStatements(Statements):
    """The statements of one program; nothing is written to."""

    def __init__(self, program: Program, target: Target, names: Names, results: Mapping[int, str] | None = None) -> None:
        assert isinstance(target, Library)
        self.library = target
        self.parts: dict[str, str] = {}
        target.plain = set()
        super().__init__(program, target, names, LIBRARY_OPERATIONS, results)

    def add(self, step: Step) -> None:
        """Works out the expression of a step, and whether it is a plain number."""
        if not step.axes and step.op != "var" and self.library.plain.issuperset(step.operands):
            self.library.plain.add(step.target)
        super().add(step)
        if step.op == "assemble" and len(text(self.values[step.target])) > MAX_LINE:
            self.values[step.target] = _Named(self).visit(self.values[step.target])

    def named(self, value: ast.expr, wanted: str) -> ast.expr:
        """The name of a part of an expression, which is assigned once."""
        found = self.parts.get(text(value))
        if found is None:
            found = self.parts[text(value)] = self.names.numbered(wanted)
            self.lines.append(assign(found, value))
        return name(found)

    def result(self) -> ast.expr:
        """What is returned: one value or a tuple, none of them sharing memory."""
        seen: set[int] = set()
        values = []
        for number in self.program.results:
            value = self.library.array(number, self.values[number])
            if number in seen or self.is_view(number):
                value = self.library.form("copy", z=value)
            seen.add(number)
            values.append(value)
        return values[0] if len(values) == 1 else sequence(values)

    def is_view(self, value: int) -> bool:
        """Whether the array may share its memory with a parameter, or its entries with each other."""
        step = self.program.steps[value]
        if step.op not in VIEWS or value in self.library.plain:
            return False
        if step.op in ("var", "repeat", "diagonal"):
            return True
        below = step.operands[0]
        return self.uses[below] > 1 or self.is_view(below)


class _Named(ast.NodeTransformer):
    """A long expression, with names for the identity matrices in it and for all but the last choice by one."""

    def __init__(self, statements: LibraryStatements) -> None:
        self.statements = statements

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if function == "eye":
            size = node.args[0]
            return self.statements.named(node, f"eye_{size.id}" if isinstance(size, ast.Name) else "eye")
        if function == "where" and isinstance(node.args[1], ast.Call):
            node.args[1] = self.statements.named(node.args[1], "t")
        return node


def to_library(program: Program, parameters: Mapping[str, Parameter], function: str, doc: str, target: str,
               checks: bool = True, results: Sequence[str] = ()) -> str:
    """The source of a module with one function.

    Args:
        program: what to compute; several results are returned as a tuple.
        parameters: names with axes and spaces, in the order of the parameters.
        function: the name of the function.
        doc: its docstring.
        target: a key of DIALECTS.
        checks: whether the arguments are converted and their shapes compared.
        results: the variables that the results after the first, a value, are gradients by.

    Raises:
        DeclarationError: where the function cannot have that name, needs a size that no array has, or has no argument
            that tells the library.
    """
    dialect, helpers = DIALECTS[target], LIBRARY_HELPERS[target]
    if function in TAKEN or function in helpers or function in (dialect.alias, *dialect.imports):
        raise DeclarationError(f"`{function}` is a name that emitted code uses itself", hint="choose another one")
    if not parameters and target != "jax":
        raise DeclarationError(f"the function has no argument, which for {dialect.title} says where its result is",
                               hint='target="jax", or target="numpy"')
    pool = Names((dialect.alias, *dialect.imports))
    sizes = Sizes(parameters)
    spelled = safe_names(list(parameters), pool)
    like = next((spelled[p] for p, parameter in parameters.items() if parameter.axes), next(iter(spelled.values()), None))
    spelled = {p: spelled[p] for p in parameters}
    library = Library(function, dialect.alias, spelled, {}, sizes.whole(parameters), dialect=dialect, like=like)
    for size in sizes.sources:
        library.sizes[size] = pool.numbered(size if size not in pool.taken and size not in RESERVED else f"size_{size}")
    body = statements_of(with_logistics(program), library, pool, results, LibraryStatements)
    rest = [*size_lines(library, sizes), *body]
    lines = [ast.Expr(ast.Constant(indented(doc))), *_head(library, checks and bool(parameters), rest), *rest]
    definitions = [definition(function, list(spelled.values()), lines)]
    if checks and parameters:
        definitions.insert(0, _conversion(library, parameters, sizes))
    return _module(dialect, [helpers[which].strip() for which in helpers if which in library.used_helpers], definitions)


def _head(library: Library, checks: bool, rest: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The library of the arguments, where it is needed, and the arguments as arrays of one type."""
    given = [name(p) for p in library.parameters.values()]
    lines: list[ast.stmt] = []
    passed = list(given)
    if "array_namespace" in library.dialect.imports:
        if checks or any(library.alias in names_in(line) for line in rest):
            lines.append(assign(library.alias, invoke(name("array_namespace"), *given)))
        passed.insert(0, name(library.alias))
    if checks:
        targets: list[ast.expr] = [ast.Name(p, ast.Store()) for p in library.parameters.values()]
        place = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        lines.append(ast.Assign([place], invoke(name(_conversion_name(library)), *passed)))
    return lines


def _conversion_name(library: Library) -> str:
    return f"_arguments_of_{library.function}"


def _conversion(library: Library, parameters: Mapping[str, Parameter], sizes: Sizes) -> ast.FunctionDef:
    """The function that converts arguments, or says which one is wrong and why."""
    spelled = library.parameters
    taken = Names((*spelled.values(), *library.sizes.values(), library.alias, *library.dialect.imports))
    lines: list[ast.stmt] = [ast.Expr(ast.Constant("The arguments as arrays of one floating type, their shapes held against each other."))]
    kind = taken.numbered("dtype" if library.alias == "jnp" else "kind")
    leading = [name(library.alias)] if "array_namespace" in library.dialect.imports else []
    if library.alias != "jnp":
        lines.append(assign(kind, library.helper("_kind", *leading, sequence([name(spelled[p]) for p in _telling(library, parameters)]))))
    helper = "_tensor" if library.alias == "torch" else "_array"
    for p, parameter in parameters.items():
        own = [*leading, name(spelled[p]), *([] if library.alias == "jnp" else [name(kind)])]
        lines.append(assign(spelled[p], library.helper(helper, *own, constant(p), constant(parameter.space), constant(len(parameter.axes)))))
    lines += comparisons(library, parameters, sizes)
    values = [name(p) for p in spelled.values()]
    if library.alias == "jnp":
        lines.append(assign(kind, invoke(attribute(name("jnp"), "result_type"), name("float"), *values)))
        values = [method(value, "astype", name(kind)) for value in values]
    lines.append(ast.Return(values[0] if len(values) == 1 else sequence(values)))
    own_parameters = [*([library.alias] if leading else []), *spelled.values()]
    return definition(_conversion_name(library), own_parameters, lines)


def _telling(library: Library, parameters: Mapping[str, Parameter]) -> list[str]:
    """The parameters whose type is that of the result: for PyTorch a tensor of no axes does not count beside others."""
    arrays = [p for p, parameter in parameters.items() if parameter.axes]
    return arrays if arrays and library.alias == "torch" else list(parameters)


def _module(dialect: Dialect, helpers: Sequence[str], definitions: Sequence[ast.stmt]) -> str:
    """Imports of what is used, the helpers, and the functions."""
    read = {n for part in (*map(read_module, helpers), *definitions) for n in names_in(part)}
    own = {which: statement for which, statement in dialect.imports.items() if which in read}
    modules = [statement for statement in own.values() if statement.startswith("import ")]
    named = [which for which, statement in own.items() if statement.startswith("from ")]
    if named:
        modules.append(f"{dialect.imports[named[0]].rsplit(' ', 1)[0]} {', '.join(sorted(named))}")
    if len(modules) > 1 and "math" in own:
        modules.insert(1, "")
    head = "\n".join(modules)
    return "\n\n\n".join(chunk for chunk in (head, *helpers, *map(text, definitions)) if chunk) + "\n"
