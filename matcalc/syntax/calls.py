"""The functions that a program calls, each built once, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matcalc.core.errors import LimitError, ParseError, ShapeError
from matcalc.core.limits import limits
from matcalc.expr import build as b
from matcalc.expr.functions import Elementwise, parameter
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.syntax.scope import Scope, Symbol
from matcalc.syntax.tree import Definition, Syntax

Slope = Callable[[Elementwise], Elementwise]
"""The derivative of a function of one argument."""



class Functions:
    """The functions of a program by name and number of primes.

    Args:
        scope: the program.
        values: the expressions of nodes, those of a body before the first call.
        symbol: the variable of a symbol.
        slope: what f' is for a function f; None where it may not occur.
    """

    def __init__(self, scope: Scope, values: Mapping[Syntax, Expr], symbol: Callable[[Symbol], Expr], slope: Slope | None) -> None:
        self.scope, self.values, self.symbol, self.slope = scope, values, symbol, slope
        self.known: dict[tuple[str, int], Elementwise] = {}

    def called(self, tree: Syntax) -> Elementwise:
        """The function that a node calls.

        Raises:
            ShapeError: where its definition is not a scalar.
            LimitError: for more primes than a derivative has orders.
        """
        name, primes = tree.word, int(str(tree.data[1]))
        if primes and self.slope is None:
            raise ParseError(f"`{name}'` has no meaning here", hint="the transpose of a value f(x) is f(x)^T")
        if primes > limits().primes:
            raise LimitError(f"a derivative has at most {limits().primes} primes, not {primes}",
                             hint="a lower derivative, or its formula")
        for order in range(primes + 1):
            if (name, order) not in self.known:
                self.known[name, order] = self._derived(self.known[name, order - 1]) if order else self._plain(name)
        return self.known[name, primes]

    def _derived(self, function: Elementwise) -> Elementwise:
        assert self.slope is not None
        return self.slope(function)

    def _plain(self, name: str) -> Elementwise:
        definition = self.scope.functions.get(name)
        if definition is not None:
            return self._defined(definition)
        brought = self.scope.brought[name]
        return brought.with_outer({outer: self.symbol(self.scope.symbols[outer, None, None]) for outer in brought.outer})

    def _defined(self, definition: Definition) -> Elementwise:
        name, body = definition.name, self.values[definition.body]
        if not body.shape.is_scalar:
            raise ShapeError(f"`{name}` acts on each entry, so its definition is a scalar: {b.clip(to_text(body))} is "
                             f"{body.shape.describe()}", span=definition.span,
                             hint=f"other names in it are scalars; give an array as a second argument: {name}(z, w)")
        return Elementwise(name, tuple(parameter(name, p) for p in definition.parameters), body)
