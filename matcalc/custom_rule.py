"""A function for JAX or PyTorch with a derivative of its own: value and u^T J are emitted code."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from matcalc import pairing
from matcalc.core.arguments import check_choice
from matcalc.core.errors import DeclarationError, ShapeError
from matcalc.core.names import check_function_name
from matcalc.core.python import read_module
from matcalc.derivative import evaluation
from matcalc.emit.modules import merged
from matcalc.emit.numpy_checks import stated_shapes
from matcalc.emit.rules import PULLBACK, PUSHFORWARD, VALUE, rule
from matcalc.expr.text import to_text
from matcalc.joint import Gradients

TARGETS = ("jax", "torch")


@dataclass(frozen=True, eq=False)
class CustomVjp:
    """A function that JAX or PyTorch differentiates by the emitted product of its derivatives with what arrives.

    Attributes:
        gradients: the function and what it is differentiated by; other variables count as constants.
        target: "jax" or "torch".
    """

    gradients: Gradients
    target: str
    cache: dict[str, Callable[..., object]] = field(default_factory=dict, repr=False, compare=False)

    def source(self, name: str = "function") -> str:
        """Source of a module of the function; it needs the library of the target alone.

        Raises:
            DeclarationError: where `name` is not an identifier, or one that the module uses itself.
        """
        check_function_name(name)
        if name in _used("\n".join(self._texts("_")), self.target):
            raise DeclarationError(f"`{name}` is a name that the module uses itself", hint="choose another one")
        emitted, wrapper = self._texts(name)
        own = "import jax\n" if self.target == "jax" else ""
        return f"{own}{emitted}\n{wrapper}"

    def _texts(self, name: str) -> tuple[str, str]:
        """What is emitted, and what stands around it."""
        g = self.gradients
        routines = {VALUE: pairing.value(g), PULLBACK: pairing.pullback(g)}
        if self.target == "torch":
            routines[PUSHFORWARD] = pairing.along(g)
        sources = [routine.source(function, self.target) for function, routine in routines.items()]
        *args, along = _parameters(sources[1])
        spelled = dict(zip(g.array_names, args, strict=True))
        moves = _parameters(sources[2])[len(args):] if self.target == "torch" else [""] * len(g.wrt)
        directions = {spelled[n]: move for n, move in zip(g.wrt, moves, strict=True)}
        doc = f"{to_text(g.expr)}, differentiable by {', '.join(g.wrt)}.\n\n{stated_shapes(g.variables)}"
        constants = [n for n in g.array_names if n not in g.wrt]
        refusal = f"there is no rule for a derivative by {' or '.join(constants)}: name it in `wrt`"
        return merged(sources), rule(self.target, name, args, along, directions, doc, refusal)

    def __call__(self, *arrays: object, **named: object) -> object:
        """The value at arrays in the order of `array_names`, or by name; compiled once.

        Raises:
            DeclarationError: for a missing or a surplus name.
            ShapeError: for arrays whose sizes do not agree.
        """
        names = self.gradients.array_names
        if len(arrays) > len(names):
            raise DeclarationError(f"{len(arrays)} arrays, and the function takes {', '.join(names)}", hint="one for each variable")
        given = dict(zip(names, arrays, strict=False))
        if given.keys() & named.keys():
            raise DeclarationError(f"`{min(given.keys() & named.keys())}` is passed twice", hint="by its place or by its name")
        evaluation().check_names(names, {**given, **named})
        try:
            return self._function()(*({**given, **named}[name] for name in names))
        except ValueError as error:
            if " must be in " not in str(error):
                raise
            raise ShapeError(str(error), hint="the sizes that one letter stands for are equal in all arrays") from None

    def _function(self) -> Callable[..., object]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().wrapped(*self._texts("function"), "function", self.target)
        return self.cache["function"]

    def __str__(self) -> str:
        return self.source()


def _parameters(source: str) -> list[str]:
    """Those of the last function of a module."""
    function = read_module(source).body[-1]
    assert isinstance(function, ast.FunctionDef)
    return [arg.arg for arg in function.args.args]


def _used(source: str, target: str) -> set[str]:
    """The names that a module uses: of functions, classes, parameters, variables and modules."""
    tree = read_module(source)
    return {target, *(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)), *(n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)),
            *(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef))}


def custom_vjp_of(g: Gradients, target: str) -> CustomVjp:
    """The function with its own derivative.

    Raises:
        DeclarationError: for another target.
    """
    return CustomVjp(g, check_choice(target, "target", TARGETS))
