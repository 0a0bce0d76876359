"""The call and the command that give what the page shows."""

from __future__ import annotations

import shlex

from matcalc.web.question import Question


def as_python(asked: Question) -> str:
    """The call in Python.

    Example:
        >>> print(as_python(Question("x^T A x", "x", 2, {"A": "R^{n x n} symmetric"})))
        derive("x^T A x", wrt="x", order=2, declare={"A": "R^{n x n} symmetric"})
        >>> print(as_python(Question("A x", "A, x", each=True)))
        gradients("A x", wrt=["A", "x"])
    """
    by = asked.by
    declare = f"declare={{{', '.join(f'{_quoted(k)}: {_quoted(v)}' for k, v in asked.declare.items())}}}"
    if asked.each:
        several = f"gradients({_quoted(asked.formula)}, wrt={_listed([by] if isinstance(by, str) else by)}"
        return f"{several}, {declare})" if asked.declare else f"{several})"
    words = [_quoted(asked.formula), f"wrt={_quoted(by) if isinstance(by, str) else _listed(by)}"]
    if asked.order != 1:
        words.append(f"order={asked.order}")
    if asked.declare:
        words.append(declare)
    if asked.layout != "numerator":
        words.append(f"layout={_quoted(asked.layout)}")
    if asked.structured is not None:
        words.append(f"structured={_quoted(asked.structured)}")
    return f"derive({', '.join(words)})"


def as_command(asked: Question) -> str:
    """The command for a POSIX shell.

    Example:
        >>> print(as_command(Question("x1 x2", "x1, x2")))
        matcalc derive 'x1 x2' --wrt 'x1, x2'
    """
    words = ["matcalc", "derive", asked.formula, "--wrt", asked.wrt.strip()]
    if asked.order != 1:
        words += ["--order", str(asked.order)]
    if asked.declare:
        words += ["--declare", ", ".join(f"{name}: {space}" for name, space in asked.declare.items())]
    if asked.layout != "numerator":
        words += ["--layout", asked.layout]
    if asked.structured is not None:
        words += ["--structured", asked.structured]
    return shlex.join(words)


def _listed(names: list[str]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


def _quoted(text: str) -> str:
    """A literal of Python, between double quotes where that needs no escape."""
    plain = repr(text)
    return f'"{text}"' if plain == f"'{text}'" and '"' not in text else plain
