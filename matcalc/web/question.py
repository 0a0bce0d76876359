"""What the page asks: a formula, the spaces of its variables, what to differentiate by, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matcalc.api import derive, gathered_names, gradients
from matcalc.core.arguments import described
from matcalc.core.errors import DeclarationError
from matcalc.declarations import names
from matcalc.derivative import Derivative
from matcalc.joint import Gradients


@dataclass(frozen=True)
class Question:
    """A formula and what is to be done with it.

    Attributes:
        formula: the text.
        wrt: names of variables, separated by commas.
        order: how often to differentiate.
        declare: the space of variables by name.
        layout: "numerator" or "denominator".
        structured: how entries of a structured variable are taken.
        each: whether several names are variables with a gradient each, not scalars that form one vector.
    """

    formula: str
    wrt: str = ""
    order: int = 1
    declare: dict[str, str] = field(default_factory=dict)
    layout: str = "numerator"
    structured: str | None = None
    each: bool = False

    @property
    def by(self) -> str | list[str]:
        """One name, or several that form one vector."""
        return names(self.wrt)

    @property
    def gathered(self) -> list[str]:
        """The names that are scalars where nothing declares them."""
        return gathered_names(self.by) if self.wrt.strip() and not self.each else []

    def derivative(self) -> Derivative:
        """The derivative that is asked for.

        Raises:
            MatcalcError: for anything in the question that is not understood.
        """
        if not self.wrt.strip():
            raise DeclarationError("there is no variable to differentiate by", hint="choose one of the variables of the formula")
        return derive(self.formula, self.by, self.order, self.declare, self.layout, self.structured)

    def gradients(self) -> Gradients:
        """The gradients by each of several variables.

        Raises:
            MatcalcError: for anything in the question that is not understood.
        """
        by = self.by
        return gradients(self.formula, [by] if isinstance(by, str) else by, self.declare)


def question(body: Mapping[str, object]) -> Question:
    """The question in a JSON object; keys that are missing have their usual values.

    Raises:
        DeclarationError: for a value of the wrong type.

    Example:
        >>> question({"formula": "x^T A x", "wrt": "x"}).order
        1
    """
    order = body.get("order", 1)
    if isinstance(order, bool) or not isinstance(order, int):
        raise DeclarationError(f"the order of a derivative is a whole number, not {described(order)}", hint="1 or 2")
    declare = body.get("declare", {})
    if not isinstance(declare, dict) or not all(isinstance(space, str) for space in declare.values()):
        raise DeclarationError("`declare` is an object of names and spaces", hint='{"A": "R^{m x n}"}')
    structured, each = body.get("structured"), body.get("each", False)
    if not isinstance(each, bool):
        raise DeclarationError(f"`each` is true or false, not {described(each)}", hint='"each": true')
    return Question(text(body, "formula"), text(body, "wrt", ""), order, dict(declare), text(body, "layout", "numerator"),
                    None if structured is None else text(body, "structured"), each)


def text(body: Mapping[str, object], key: str, default: str | None = None) -> str:
    """The text under a key.

    Raises:
        DeclarationError: where there is none and no default, or another type.
    """
    value = body.get(key, default)
    if not isinstance(value, str):
        raise DeclarationError(f"`{key}` is a text, not {described(value)}", hint=f'"{key}": "..."')
    return value
