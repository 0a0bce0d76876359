"""Symbolic matrix calculus: formula in, derivative out, as a formula and as checked NumPy code."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from matcalc.version import __version__

if TYPE_CHECKING:
    from matcalc.api import curvature, derive, gradients, hessian, parse, solve_stationary, to_sympy
    from matcalc.autodiff.graph import Graph, graph
    from matcalc.core.errors import (
        DeclarationError,
        LimitError,
        MatcalcError,
        NotDifferentiableError,
        ParseError,
        ShapeError,
        UnknownFunctionError,
    )
    from matcalc.derivative import Derivative
    from matcalc.formula import IndexFormula, MatrixFormula
    from matcalc.joint import Gradients
    from matcalc.notation import simplify, to_index, to_matrix
    from matcalc.notebook import Interactive
    from matcalc.products import hvp, jvp, value_and_gradient, vjp
    from matcalc.series.taylor import Taylor, taylor

__all__ = [
    "DeclarationError",
    "Derivative",
    "Gradients",
    "Graph",
    "IndexFormula",
    "LimitError",
    "MatcalcError",
    "MatrixFormula",
    "NotDifferentiableError",
    "ParseError",
    "ShapeError",
    "Taylor",
    "UnknownFunctionError",
    "__version__",
    "curvature",
    "derive",
    "gradients",
    "graph",
    "hessian",
    "hvp",
    "jvp",
    "parse",
    "simplify",
    "solve_stationary",
    "taylor",
    "to_index",
    "to_matrix",
    "to_sympy",
    "value_and_gradient",
    "vjp",
]

_HOMES = {**dict.fromkeys(("hvp", "jvp", "vjp", "value_and_gradient"), "matcalc.products"),
          "derive": "matcalc.api", "gradients": "matcalc.api", "hessian": "matcalc.api", "parse": "matcalc.api",
          "curvature": "matcalc.api", "solve_stationary": "matcalc.api", "to_sympy": "matcalc.api",
          "Derivative": "matcalc.derivative",
          "Gradients": "matcalc.joint",
          "Taylor": "matcalc.series.taylor", "taylor": "matcalc.series.taylor",
          "Graph": "matcalc.autodiff.graph", "graph": "matcalc.autodiff.graph",
          **dict.fromkeys(("IndexFormula", "MatrixFormula"), "matcalc.formula"),
          **dict.fromkeys(("simplify", "to_index", "to_matrix"), "matcalc.notation")}
"""Where a name is defined, if not among the errors."""


def load_ipython_extension(shell: Interactive) -> None:
    """Adds `%%matcalc` to IPython: `%load_ext matcalc`."""
    import_module("matcalc.notebook").load(shell)


if not TYPE_CHECKING:  # so that type checkers know which names there are

    class _Package(ModuleType):
        """A package in which `simplify` is the function, though a package inside has the same name."""

        def __setattr__(self, name: str, value: object) -> None:
            if not (name == "simplify" and isinstance(value, ModuleType)):
                super().__setattr__(name, value)

    sys.modules[__name__].__class__ = _Package

    def __getattr__(name: str) -> object:
        """Brings in what is asked for, so that importing the package is quick."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_HOMES.get(name, "matcalc.core.errors")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
