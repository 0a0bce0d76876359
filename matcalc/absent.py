"""The error for a variable that a formula does not have: what the caller may have meant, and where it stands."""

from __future__ import annotations

import re
from difflib import get_close_matches

from matcalc.core.arguments import clipped
from matcalc.core.errors import DeclarationError, Span
from matcalc.core.traversal import postorder
from matcalc.syntax.advice import spaced
from matcalc.syntax.elaborate import Program
from matcalc.syntax.names import ascii_name, function_name

_KNOWN = 8
"""So many variables are listed."""


def absent_variable(program: Program, name: str) -> DeclarationError:
    """The error for a name that is no variable of the program.

    Args:
        program: the formula.
        name: what the caller differentiates by, as it was spelled.
    """
    found = _meant(program, name)
    shown = clipped(name.strip())
    if found is not None:
        other, hint = found
        return DeclarationError(f"`{shown}` does not occur in the expression", span=_place(program.source, other),
                                text=program.source if other else None, hint=hint)
    known = list(program.variables)
    listed = ", ".join(known[:_KNOWN]) + ", ..." * (len(known) > _KNOWN) if known else "nothing, it is constant"
    return DeclarationError(f"`{shown}` does not occur in the expression", hint=f"it depends on {listed}")


def _meant(program: Program, name: str) -> tuple[str | None, str] | None:
    """The name in the text that was meant, if there is one, and what to write."""
    plain, names = ascii_name(name.strip()), list(program.variables)
    if plain in ("pi", "I") or re.fullmatch(r"I_?\w", plain):
        return plain, f"`{plain}` is a constant: the expression depends on {', '.join(names[:_KNOWN]) or 'nothing'}"
    if function_name(plain) and plain not in names:
        return None, f"`{plain}` is a function; the expression depends on {', '.join(names[:_KNOWN]) or 'nothing'}"
    bare = re.match(r"\\?[A-Za-z]\w*", name.strip())
    if bare is not None and bare[0] != name.strip() and ascii_name(bare[0]) in names:
        return None, f'wrt="{ascii_name(bare[0])}"'
    if plain in {n for node in postorder(program.expr) for dim in node.shape.dims for n in dim.names}:
        return None, f"`{plain}` is a dimension; the expression depends on {', '.join(names[:_KNOWN]) or 'nothing'}"
    for other in names:
        if other.partition("_")[0] == plain and "_" in other:
            return other, _subscripted(other, plain)
    for other in names:
        product = spaced(other, plain)
        if product is not None:
            return other, f'`{other}` is one name: did you mean "{product}"?'
    for other in names:
        function = function_name(other.removesuffix(plain)) if other.endswith(plain) and other != plain else None
        if function is not None:
            return other, f'`{other}` is one name: did you mean "{function}({plain})"?'
    close = [other for other in names if other.lower() == plain.lower()] or get_close_matches(plain, names, 1, 0.7)
    return (close[0], f'did you mean wrt="{close[0]}"?') if close else None


def _subscripted(other: str, plain: str) -> str:
    if other.rpartition("_")[2] in ("hat", "bar", "tilde", "dot"):
        return f'`{other}` is a variable of its own: wrt="{other}"'
    return (f'`{other}` is a variable of its own: wrt="{other}"; components are those of notation="index", '
            f"and a sum over data is sum_{{n=1}}^N {plain}_n")


def _place(text: str, name: str | None) -> Span | None:
    """Where a name stands in a text, spelled as it is or with its subscript in braces."""
    if name is None:
        return None
    base, _, rest = name.partition("_")
    found = re.search(rf"(?<![A-Za-z0-9_\\]){re.escape(base)}(?:_\{{?{re.escape(rest)}\}}?)?(?![A-Za-z0-9_])" if rest
                      else rf"(?<![A-Za-z0-9_\\]){re.escape(base)}(?![A-Za-z0-9_])", text)
    return None if found is None else Span(found.start(), found.end())
