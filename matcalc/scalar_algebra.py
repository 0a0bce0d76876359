"""Scalar results as SymPy simplifies them. Imported where it is asked for, as it brings in SymPy and NumPy."""

from __future__ import annotations

from dataclasses import replace

from matcalc.check.agreement import agree
from matcalc.core.errors import DeclarationError, MatcalcError
from matcalc.derivative import Derivative
from matcalc.expr.size import size
from matcalc.interop import sympy as interop
from matcalc.pipeline import tensor_of


def simplified(d: Derivative) -> Derivative:
    """The derivative in the form that `sympy.simplify` finds, where that is smaller and has the same value.

    Scalars that are made of arrays, such as tr(A) or x^T y, count as symbols. The value is compared by the interpreter at random
    points; what differs, or has no form in the language, is not used.

    Raises:
        DeclarationError: for a result that is not a scalar.

    Example:
        >>> from matcalc.api import derive
        >>> print(derive("sin(t)^2 cos(t)^2 + 1/4 cos(2 t)^2", wrt="t", declare={"t": "R"}, simplify="sympy"))
        0
    """
    old = d.matrix
    if old is None or not old.shape.is_scalar:
        shape = "a tensor" if old is None else old.shape.describe()
        raise DeclarationError(f'simplify="sympy" is for results that are scalars, and this one is {shape}',
                               hint="a result that is a scalar, or no simplify")
    try:
        new = interop.simplified(old)
    except MatcalcError:
        return d
    if size(new) >= size(old) or not new.shape.is_scalar or not agree(old, new, d.variables):
        return d
    return replace(d, matrix=new, tensor=tensor_of(new), cache={})
