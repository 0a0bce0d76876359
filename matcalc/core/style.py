"""How a function is written: its name, the library of its arrays, what it checks."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.core.arguments import check_choice, check_flag
from matcalc.core.errors import DeclarationError
from matcalc.core.names import check_function_name

FORMS = ("dense", "factored")
"""The forms in which a value is given."""

LINALG = ("numpy", "scipy")
"""The libraries that linear algebra is by in code for NumPy."""

TARGETS = ("numpy", "array-api", "jax", "torch")
"""The libraries whose arrays emitted code takes and returns."""


@dataclass(frozen=True)
class Style:
    """How a function is written.

    Attributes:
        name: of the function.
        checks: whether it converts its arguments and compares their shapes.
        linalg: the library that linear algebra is by, one of LINALG.
        target: the library of its arrays, one of TARGETS.
        workspace: whether it is a class with buffers.
    """

    name: str
    checks: bool = True
    linalg: str = "numpy"
    target: str = "numpy"
    workspace: bool = False


def style_of(name: str, checks: bool = True, linalg: str = "numpy", target: str = "numpy", workspace: bool = False) -> Style:
    """The style that a caller asks for.

    Raises:
        DeclarationError: where `name` is not an identifier, there is no such library, or two choices exclude each other.
    """
    check_choice(linalg, "linalg", LINALG)
    check_choice(target, "target", TARGETS)
    if check_flag(workspace, "workspace") and target != "numpy":
        raise DeclarationError(f'buffers that are written to are for NumPy alone, and the target is "{target}"',
                               hint=f'workspace=False, target="{target}"; or target="numpy"')
    if linalg != "numpy" and target != "numpy":
        raise DeclarationError(f'`linalg` chooses the routines of code for NumPy, and the target is "{target}"',
                               hint=f'target="{target}" without linalg; or target="numpy"')
    return Style(check_function_name(name), check_flag(checks, "checks"), linalg, target, workspace)
