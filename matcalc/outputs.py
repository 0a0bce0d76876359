"""Several outputs of one scalar function as one piece of code: value, gradient, Hessian, Hessian times a direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matcalc.api import block_of, gathered_names
from matcalc.core.errors import DeclarationError
from matcalc.core.style import style_of
from matcalc.derivative import Derivative, derive_expr
from matcalc.directional import directional, spelled
from matcalc.emit.numpy_checks import parameter_of, stated_shapes
from matcalc.expr.text import to_text
from matcalc.pipeline import tensor_of
from matcalc.plan.program import plan
from matcalc.reading import names_of, read_program
from matcalc.second_order import hessian_of
from matcalc.source import code

OUTPUTS = ("value", "gradient", "hessian", "hvp")


def joint_source(text: str, wrt: object, outputs: object, declare: Mapping[str, str], name: str,
                 linalg: str = "numpy", target: str = "numpy") -> tuple[str, list[int]]:
    """Source of one function that returns some outputs, in that order, from shared parts; and the number of axes of each.

    Args:
        text: the formula.
        wrt: the name of the variable, or a list of names of scalars that form one vector.
        outputs: some of OUTPUTS, each once; "hvp" adds the direction as the last parameter.
        declare: the space of variables.
        name: of the function.
        linalg: the library that linear algebra is by.
        target: the library of its arrays.

    Raises:
        MatcalcError: for anything that is not understood.
    """
    found = list(map(str, outputs)) if isinstance(outputs, list) else []
    if not found or len(set(found)) < len(found) or set(found) - set(OUTPUTS):
        raise DeclarationError(f"`outputs` is a list of some of {', '.join(OUTPUTS)}, each once, not {outputs!r}",
                               hint='outputs=["value", "gradient"]')
    by = names_of(wrt)  # type: ignore[arg-type]
    program = read_program(text, declare, gathered_names(by))
    block = block_of(program, by)
    if not program.expr.shape.is_scalar:
        raise DeclarationError(f"`outputs` are those of a scalar function, and `{text}` is {program.expr.shape.describe()}",
                               hint="leave `outputs` out for its Jacobian")
    makers: dict[str, Callable[[], Derivative]] = {
        "gradient": lambda: derive_expr(program.expr, program.variables, [block], program.definitions),
        "hessian": lambda: hessian_of(program.expr, program.variables, block, program.definitions),
        "hvp": lambda: directional("hvp", program.expr, program.variables, block, program.definitions)}
    made: dict[str, Derivative] = {kind: makers[kind]() for kind in found if kind in makers}
    variables = made["hvp"].variables if "hvp" in made else program.variables
    own = {"value": (tensor_of(program.expr), to_text(program.expr)), **{k: (d.tensor, str(d)) for k, d in made.items()}}
    shapes = [f"{kind} ({', '.join(str(d) for d in own[kind][0].axes)})" for kind in found]
    lines = [f"{', '.join(found).capitalize()} of {to_text(program.expr)} by {spelled(block)}.", "",
             *(f"{kind}: {own[kind][1]}" for kind in found if kind != "value"), "",
             stated_shapes(variables), f"Returns {', '.join(shapes)}."]
    tensors = [own[kind][0] for kind in found]
    source = code(plan(*tensors), {n: parameter_of(v) for n, v in variables.items()}, style_of(name, True, linalg, target), lines)
    return source, [t.rank for t in tensors]
