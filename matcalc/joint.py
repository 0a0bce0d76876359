"""A function with its gradients by several variables: one sweep, one set of formulas, one piece of code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Never

from matcalc.core.arguments import check_named
from matcalc.core.display import Displayed
from matcalc.core.limits import timed_methods
from matcalc.core.style import style_of
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative, derive_expr, evaluation
from matcalc.expr.equations import Equation, with_shared_names
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.pipeline import names_of_tensors
from matcalc.raising.graph import NoMatrixForm
from matcalc.sweep import Sweep, sweep

if TYPE_CHECKING:
    from matcalc.adapters.packed import Packed
    from matcalc.check.report import Report
    from matcalc.chunked import Chunked
    from matcalc.custom_rule import CustomVjp


@timed_methods("numpy", "check", "equations", "latex", "lines")
@dataclass(frozen=True, repr=False)
class Gradients(Mapping[str, Derivative], Displayed):
    """The derivatives of one function by several variables, by name; formulas and code share what they have in common.

    Attributes:
        expr: the function, elaborated.
        wrt: the variables, in the order that was asked for.
        swept: the function and its derivatives in index form, over named cotangents.
        variables: every variable by name, with its shape as declared or inferred.
        definitions: the user's names for parts of the function.
    """

    expr: Expr
    wrt: tuple[str, ...]
    swept: Sweep
    variables: Mapping[str, Expr]
    definitions: Mapping[str, Expr] = field(default_factory=dict, repr=False)
    cache: dict[str, Callable[..., tuple[object, ...]]] = field(default_factory=dict, repr=False, compare=False)
    found: dict[str, Derivative] = field(default_factory=dict, repr=False, compare=False)

    @property
    def tensor(self) -> Tensor:
        """The function in index form."""
        return self.swept.value

    def __getitem__(self, name: str) -> Derivative:
        if name not in self.wrt:
            raise KeyError(name)
        if name not in self.found:
            self.found[name] = derive_expr(self.expr, self.variables, [name], self.definitions)
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.wrt)

    def __len__(self) -> int:
        return len(self.wrt)

    @property
    def shapes(self) -> dict[str, str]:
        """The space of every variable, as declared or inferred."""
        return {name: str(variable.shape) for name, variable in self.variables.items()}

    @property
    def array_names(self) -> tuple[str, ...]:
        """The parameters of the emitted function: the variables in the order of first appearance."""
        return tuple(self.variables)

    def numpy(self, name: str = "value_and_gradients", checks: bool = True, chunked: bool | str = False,
              workspace: bool = False, linalg: str = "numpy", target: str = "numpy") -> str:
        """Source of one function of the variables: it returns the value, then the derivatives in order.

        Args:
            name: of the function.
            checks: whether it converts its arguments to arrays of floats and compares their shapes.
            chunked: True for two functions, `partial` of a block of data and `combine` of what the blocks gave; the name
                of a dimension to cut the arrays that have it.
            workspace: True for a class with buffers for repeated calls, whose sizes are fixed at construction.
            linalg: "scipy" for products, solves and factorisations by the BLAS and LAPACK routines that SciPy gives,
                and none by NumPy.
            target: the library of its arrays: "numpy", "jax", "torch", or "array-api" for any that follows the standard.

        Raises:
            DeclarationError: where `name` is not an identifier, there is no such library, or two choices exclude each
                other.
        """
        style = style_of(name, checks, linalg, target, workspace)
        if chunked is not False and chunked is not None:
            return self.chunked(None if chunked is True else chunked).numpy(linalg, target)
        source: str = import_module("matcalc.source").gradients_source(self, style)
        return source

    def __call__(self, /, *unnamed: Never, **values: object) -> tuple[object, dict[str, object]]:
        """The value and the derivatives by name, at given arrays; compiled once."""
        check_named(unnamed, self.array_names)
        value, *found = evaluation().call_by_name(self._function(), self.array_names, values)
        return value, dict(zip(self.wrt, found, strict=True))

    def _function(self) -> Callable[..., tuple[object, ...]]:
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "value_and_gradients")
        return self.cache["function"]

    def chunked(self, over: str | None = None) -> Chunked:
        """The value and derivatives from blocks of data: `partial`, `combine`, and a call that goes over all of them.

        Args:
            over: the dimension that counts data; None for that of the families.
        """
        found: Chunked = import_module("matcalc.chunked").chunked_of(self, over)
        return found

    def packed(self, over: str | None = None, /, **values: object) -> Packed:
        """The function and its derivatives as optimisers call them: of one flat vector for all variables of `wrt`.

        Args:
            over: the dimension that counts data, to go over them block by block; needed for Dask arrays where no family
                tells it.
            values: arrays by the names of the variables: those of `wrt` are the start, the others are held fixed.

        Raises:
            DeclarationError: for a missing or a surplus name, for what holds no real numbers, and where there is no such
                dimension.
            ShapeError: for arrays whose sizes do not agree.
            NotDifferentiableError: where one pass over blocks of data is not enough.

        Example:
            >>> import numpy as np
            >>> from matcalc.api import gradients
            >>> f = gradients("||A X - B||^2", wrt=["X"]).packed(A=np.eye(2), B=np.ones((2, 3)), X=np.zeros((2, 3)))
            >>> f.value_and_jac(f.x0)
            (6.0, array([-2., -2., -2., -2., -2., -2.]))
        """
        found: Packed = import_module("matcalc.adapters.packed").packed_of(self, over, values)
        return found

    def custom_vjp(self, target: str) -> CustomVjp:
        """The function for JAX or PyTorch with a derivative of its own: `jax.custom_vjp`, `torch.autograd.Function`.

        Value and u^T J are emitted code; `source()` of what comes back is a module of it. Variables that are not in `wrt` are
        constants: a derivative by them is refused, where it is asked for.

        Args:
            target: "jax" or "torch".

        Raises:
            DeclarationError: for another target.

        Example:
            >>> from matcalc.api import gradients
            >>> layer = gradients("tanh(A x + b)", wrt=["A", "x", "b"]).custom_vjp("torch")
            >>> print(layer.source("layer").splitlines()[-1].strip())
            return _Rule.apply(*_held(A, x, b))
        """
        found: CustomVjp = import_module("matcalc.custom_rule").custom_vjp_of(self, target)
        return found

    def check(self, seed: int = 0) -> Report:
        """Compares the value and every derivative of the code with the interpreter and its finite differences."""
        function = self._function()
        report: Report = evaluation().check_gradients(
            self.expr, self.variables, self.wrt, lambda point: function(*(point[n] for n in self.array_names)), seed)
        return report

    def equations(self) -> tuple[dict[str, Expr], list[Equation]] | None:
        """The derivatives over names for what they share, and what the names stand for, in the order of computation.

        The value stands under the name "". None where a part has no matrix form.
        """
        raiser = self.swept.raiser
        forms: dict[str, Expr] = {"": self.expr}
        given: dict[Expr, str] = {}
        for leaf in self.swept.cotangents:
            form = self.swept.form(leaf)
            if form is None:
                return None
            given[form] = "_".join((str(leaf.data[0]), *self.swept.index(leaf)))
        try:
            names = {raiser.to_matrix(t): name for t, name in names_of_tensors(self.definitions).items()}
            for name, node in zip(self.wrt, self.swept.results, strict=True):
                as_row = node.rank == 1 and self.expr.shape.is_scalar and self.variables[name].shape.kind == "vector"
                forms[name] = raiser.to_matrix(node, as_row)
        except NoMatrixForm:
            return None
        shown, equations = with_shared_names([self.expr, *given, *list(forms.values())[1:]], given, names, taken_names(self))
        return dict(zip(forms, [shown[0], *shown[1 + len(given) :]], strict=True)), equations

    def latex(self) -> str:
        r"""LaTeX of the value and all derivatives over names for what they share, for math mode.

        Example:
            >>> from matcalc.api import gradients
            >>> print(gradients("a^T X b", wrt=["a", "X"]).latex())
            \begin{aligned}
            f &= a^{\top} X b \\
            \frac{\partial f}{\partial a} &= (X b)^{\top} \\
            \frac{\partial f}{\partial X} &= a b^{\top}
            \end{aligned}
        """
        text: str = import_module("matcalc.typeset").gradients_latex(self)
        return text

    def lines(self) -> list[str]:
        """The formulas, one a line, and what the names in them stand for."""
        found = self.equations()
        if found is None:
            return [f"value: {to_text(self.expr)}", *(f"by {name}: {d}" for name, d in self.items())]
        forms, equations = found
        lines = [f"by {name}: {to_text(form)}" if name else f"value: {to_text(form)}" for name, form in forms.items()]
        return [*lines, *["where"] * bool(equations), *(f"  {name} = {to_text(form)}" for name, form in equations)]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def taken_names(g: Gradients) -> set[str]:
    """The names that occur: of variables, definitions, sizes, data indices and cotangents."""
    return occurring(g.expr, g.variables, g.definitions) | {str(leaf.data[0]) for leaf in g.swept.cotangents}


def occurring(expr: Expr, variables: Mapping[str, Expr], definitions: Mapping[str, Expr]) -> set[str]:
    """The names of variables, definitions, sizes and data indices."""
    taken = {*variables, *definitions}
    for node in postorder(expr):
        taken.update(name for dim in node.shape.dims for name in dim.names)
        taken.update(str(d) for d in node.data if node.head == "datasum")
    return taken


def gradients_expr(
    expr: Expr, variables: Mapping[str, Expr], wrt: tuple[str, ...], definitions: Mapping[str, Expr]
) -> Gradients:
    """The gradients of an elaborated expression.

    Raises:
        DeclarationError: for a name that is no variable.
        NotDifferentiableError: where a part of the expression has no derivative rule.
    """
    found = sweep(expr, variables, wrt, occurring(expr, variables, definitions))
    return Gradients(expr, wrt, found, dict(variables), dict(definitions))
