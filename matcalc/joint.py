"""A function with its gradients by several variables, as one piece of code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from matcalc.derivative import Derivative, check_function_name, evaluation
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor


@dataclass(frozen=True)
class Gradients(Mapping[str, Derivative]):
    """The derivatives of one function by several variables, by name; the code shares what they have in common.

    Attributes:
        expr: the function, elaborated.
        tensor: the function in index form.
        variables: every variable by name, with its shape as declared or inferred.
        derivatives: one for each variable of `wrt`, in that order.
    """

    expr: Expr
    tensor: Tensor
    variables: Mapping[str, Expr]
    derivatives: Mapping[str, Derivative]
    cache: dict[str, Callable[..., tuple[object, ...]]] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> Derivative:
        return self.derivatives[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.derivatives)

    def __len__(self) -> int:
        return len(self.derivatives)

    def numpy(self, name: str = "value_and_gradients") -> str:
        """NumPy source of one function of the variables: it returns the value, then the derivatives in order.

        Raises:
            DeclarationError: where `name` is not an identifier.
        """
        source: str = import_module("matcalc.source").gradients_source(self, check_function_name(name))
        return source

    def __call__(self, **values: object) -> tuple[object, dict[str, object]]:
        """The value and the derivatives by name, at given arrays; compiled once."""
        if "function" not in self.cache:
            self.cache["function"] = evaluation().compiled(self.numpy(), "value_and_gradients")
        value, *found = evaluation().call_by_name(self.cache["function"], tuple(self.variables), values)
        return value, dict(zip(self.derivatives, found, strict=True))

    def __str__(self) -> str:
        lines = [f"value: {to_text(self.expr)}", *(f"by {name}: {d}" for name, d in self.derivatives.items())]
        return "\n".join(lines)
