"""SymPy to the matrix language, through the checked constructors of `expr/build.py`; no text is parsed.

A symbol is a real scalar, an n x 1 `MatrixSymbol` a column, a 1 x n one the transpose of a column, and a matrix expression
of one entry a scalar. What has no meaning in the language is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from matcalc.core.dims import ONE, SCALAR, Dim, Shape, matrix, row, vector
from matcalc.core.errors import DeclarationError, LimitError, ShapeError
from matcalc.core.limits import limits
from matcalc.core.traversal import fold
from matcalc.expr import build as b
from matcalc.expr.functions import Elementwise, parameter
from matcalc.expr.nodes import Expr
from matcalc.interop.names import clip, plain_name
from matcalc.interop.nodes import READERS, UNEVALUATED, unknown


@dataclass(frozen=True)
class Part:
    """A node of a SymPy expression, with the operands that are expressions themselves."""

    node: sympy.Basic

    @property
    def args(self) -> tuple[Part, ...]:
        """What is read before the node."""
        return tuple(map(Part, _operands(self.node)))


def _operands(node: sympy.Basic) -> tuple[sympy.Basic, ...]:
    if isinstance(node, sympy.MatrixSymbol | sympy.Symbol | sympy.Indexed | sympy.Number | sympy.NumberSymbol | sympy.Identity):
        return ()
    if isinstance(node, (sympy.OneMatrix, sympy.ZeroMatrix, *UNEVALUATED)):
        return ()
    if isinstance(node, sympy.MatrixBase):
        return tuple(node)
    if isinstance(node, ElementwiseApplyFunction):
        return (node.expr,)
    if isinstance(node, sympy.Add):
        return tuple(node.as_ordered_terms())
    if isinstance(node, sympy.Mul):
        return tuple(node.as_ordered_factors())
    if isinstance(node, sympy.Sum):
        return (node.function,)
    if isinstance(node, sympy.Piecewise):
        return tuple(part for pair in node.args for part in pair.args)
    if isinstance(node, sympy.BlockMatrix):
        return tuple(node.blocks)
    return tuple(node.args)


@dataclass
class Reader:
    """One reading of a SymPy expression.

    Attributes:
        known: variables by name that are taken as they are.
        properties: those that were declared beside SymPy's assumptions.
        leaves: what symbols stand for, found on the way.
        names: the symbol of each name.
        sizes: the names of dimensions.
        bound: data indices with their lengths.
    """

    known: Mapping[str, Expr] = field(default_factory=dict)
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leaves: dict[sympy.Basic, Expr] = field(default_factory=dict)
    names: dict[str, sympy.Basic] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    bound: dict[sympy.Basic, Dim] = field(default_factory=dict)

    def read(self, node: sympy.Basic) -> Expr:
        """The expression.

        Raises:
            MatcalcError: for a name or a part that the language does not have.
        """
        self.prepare(node)
        return fold(Part(node), lambda part, args: self.visit(part.node, args))

    def function(self, name: str, function: sympy.Basic) -> Elementwise:
        """An elementwise function from a `Lambda`, or from a function of SymPy such as `sin`.

        Raises:
            DeclarationError: for anything else.
            ShapeError: where its body is not a scalar.
        """
        if isinstance(function, sympy.FunctionClass):
            entry = sympy.Dummy("z", real=True)
            function = sympy.Lambda(entry, function(entry))
        if not isinstance(function, sympy.Lambda) or not all(isinstance(v, sympy.Symbol) for v in function.variables):
            raise DeclarationError(f"`{clip(function)}` is no function of entries", hint="sympy.Lambda(z, z**2*sympy.sin(z))")
        entries = {v: parameter(name, f"z{n}") for n, v in enumerate(function.variables)}
        inner = replace(self, leaves={**self.leaves, **entries})
        body = inner.read(function.expr)
        self.leaves.update({s: leaf for s, leaf in inner.leaves.items() if s not in entries})
        if not body.shape.is_scalar:
            raise ShapeError(f"`{name}` acts on each entry, so its body is a scalar, not {body.shape.describe()}",
                             hint="sympy.Lambda(z, z**2)")
        return Elementwise(name, tuple(entries.values()), body)

    def prepare(self, node: sympy.Basic) -> None:
        """Notes what is a size and what is a data index."""
        for count, part in enumerate(sympy.preorder_traversal(node)):
            if count >= limits().parts:
                raise LimitError(f"the SymPy expression has more than {limits().parts} parts",
                                 hint="a smaller formula, or the text of one with a `where` clause")
            if isinstance(part, sympy.MatrixExpr):
                self.sizes |= {plain_name(s) for size in part.shape if not isinstance(size, int)
                               for s in size.free_symbols}
            if isinstance(part, sympy.Sum):
                self.bind(part)

    def bind(self, node: sympy.Sum) -> None:
        """Notes the index of a sum over data, which starts at 1."""
        for index, start, end in (tuple(limit) for limit in node.limits if len(limit) == 3):
            if start != 1:
                raise DeclarationError(f"a sum over data starts at 1, not at {start}", hint="Sum(y[n], (n, 1, N)); a 1 x 1 matrix expression counts as a scalar as it is")
            if len(str(index)) != 1:
                raise DeclarationError(f"`{index}` is not a data index: one letter is",
                                       hint="n = sympy.Symbol('n', integer=True)")
            length = self.size(end)
            if self.bound.setdefault(index, length) != length:
                raise DeclarationError(f"the index `{index}` runs to {self.bound[index]} and to {length}",
                                       hint="give one of the sums another index")
            self.sizes |= {plain_name(s) for s in end.free_symbols}

    def visit(self, node: sympy.Basic, args: tuple[Expr, ...]) -> Expr:
        """One node on its operands."""
        for kind, build in READERS:
            if isinstance(node, kind):
                return build(self, node, args)
        raise unknown(node)

    def size(self, value: sympy.Basic) -> Dim:
        """A dimension: a polynomial in names with natural coefficients."""
        total = Dim.of(0)
        for term in sympy.Add.make_args(sympy.expand(value)):
            coefficient, powers = term.as_coeff_mul()
            if not (coefficient.is_Integer and coefficient > 0 and all(_is_size(p) for p in powers)):
                raise DeclarationError(f"`{clip(value)}` is no size that the language has", hint="sizes are n, 3, m*n, n + 1")
            product = Dim.of(int(coefficient))
            for power in powers:
                base, exponent = power.as_base_exp()
                for _ in range(int(exponent)):
                    product = product * Dim.of(plain_name(base))
            total = total + product
        return total

    def shape(self, node: sympy.Basic) -> Shape:
        """The shape of a matrix expression; of one entry, a scalar."""
        rows, cols = (self.size(s) for s in node.shape)
        if rows == ONE and cols == ONE:
            return SCALAR
        return vector(rows) if cols == ONE else row(cols) if rows == ONE else matrix(rows, cols)

    def leaf(self, node: sympy.Basic) -> Expr:
        """The variable of a symbol; two symbols of one name are refused."""
        found = self.leaves.get(node)
        if found is None:
            name = plain_name(node)
            if self.names.setdefault(name, node) != node:
                raise DeclarationError(f"two SymPy symbols are called `{name}`", hint="their assumptions or shapes differ")
            found = self.leaves[node] = self.variable(node, name)
        return found

    def variable(self, node: sympy.Basic, name: str) -> Expr:
        """A variable with the properties that its symbol has."""
        if isinstance(node, sympy.Symbol):
            if name in self.sizes:
                return b.dim_number(Dim.of(name))
            if node in self.bound:
                raise DeclarationError(f"the index `{name}` cannot be used as a number",
                                       hint="an index chooses a member of a family: x[n]")
            if node.is_extended_real is False or node.is_commutative is False:
                raise DeclarationError(f"`{name}` is no real symbol", hint="sympy.Symbol('x', real=True)")
            found = ("positive",) if node.is_positive else ("nonnegative",) if node.is_nonnegative else ()
            shape = SCALAR
        else:
            found, shape = (), self.shape(node)
        turned = shape.kind == "row"
        shape = shape.transposed() if turned else shape
        leaf = self.known.get(name) or b.variable(name, shape, (*found, *self.properties.get(name, ())))
        if leaf.shape != shape:
            raise ShapeError(f"`{name}` is {shape.describe()} in SymPy, but {leaf.shape.describe()} here",
                             hint="leave the declaration out: SymPy knows the shape")
        return b.transpose(leaf) if turned else leaf


def _is_size(power: sympy.Basic) -> bool:
    base, exponent = power.as_base_exp()
    return bool(base.is_Symbol and exponent.is_Integer and 0 < exponent <= 9)
