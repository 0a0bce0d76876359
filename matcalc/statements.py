"""A line that asks for a derivative, as batch files, the shell and notebook cells have it: `x^T A x by x`."""

from __future__ import annotations

import re

from matcalc.declarations import names

_BY = re.compile(r"\s+by\s+")


def parted(line: str) -> tuple[str, str | list[str] | None]:
    """The formula of a line and what to differentiate by; None where the line does not say.

    Args:
        line: a formula, and after its last `by` the name of a variable, or several with commas between them.

    Example:
        >>> parted("x1^2 x2 by x1, x2"), parted("A x where A in R^{2 x 3} by x"), parted("x^T x")
        (('x1^2 x2', ['x1', 'x2']), ('A x where A in R^{2 x 3}', 'x'), ('x^T x', None))
    """
    places = list(_BY.finditer(line.strip()))
    if not places:
        return line.strip(), None
    last = places[-1]
    return line.strip()[: last.start()], names(line.strip()[last.end() :])
