"""What a stationary point is, where the curvature of the function as a whole does not say it."""

from __future__ import annotations

from matcalc.convexity.rules import INDEFINITE
from matcalc.convexity.verdict import Curvature
from matcalc.core.errors import MatcalcError
from matcalc.core.traversal import contains
from matcalc.expr.text import to_text
from matcalc.ir.nodes import Tensor
from matcalc.ir.substitute import substitute
from matcalc.pipeline import tensor_of
from matcalc.simplify.expand import expand
from matcalc.simplify.recognise import recognise
from matcalc.stationary.linear import depends
from matcalc.stationary.setting import Found, Setting


def meaning(setting: Setting, certificate: Curvature, found: Found) -> str:
    """A saddle, where the Hessian is indefinite and constant; else what the Hessian is at each solution.

    Empty where one of them has no sign that the rules see.
    """
    hessian = certificate.hessian
    if hessian is None:
        return ""
    if not depends(hessian.tensor, setting.names):
        return "the stationary point is a saddle" if certificate.verdict == INDEFINITE else ""
    if not isinstance(setting.block, str):
        return ""
    levels = [_level(setting, hessian.tensor, tensor_of(value)) for value in found.values]
    if any(level is None or abs(level) != 2 for level in levels):
        return ""
    words = ["a minimum" if level == 2 else "a maximum" for level in levels]
    if len(words) == 1:
        return f"the stationary point is {words[0]}"
    return ", ".join(f"{to_text(value)} is {word}" for value, word in zip(found.values, words, strict=True))


def _level(setting: Setting, hessian: Tensor, value: Tensor) -> int | None:
    """Of the Hessian at a solution: 2 for positive definite, -2 for negative definite."""
    try:
        placed = recognise(substitute(hessian, setting.unknown, value))
        flat = recognise(expand(placed))
    except (MatcalcError, AssertionError):
        return None
    for tensor in (placed, flat):
        if contains(tensor, [setting.unknown]):
            return None
        fact = setting.judge.scalar(tensor) if not tensor.rank else setting.analysis.form_of(tensor)
        if fact is not None:
            return fact.level
    return None
