"""LaTeX of names, dimensions and spaces: Greek as commands, digits and parts after `_` as subscripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from matcalc.core.dims import Dim, Shape

_LOWER = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)
_UPPER = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega")
COMMANDS = frozenset((*_LOWER, *_UPPER))
"""Greek letters that LaTeX has a command for; the others (omicron, Alpha, ...) look Latin and are spelled out."""

ACCENTS = ("hat", "bar", "tilde", "dot")
_CORE = re.compile(r"([A-Za-z]+)([0-9]*)\Z")
_ACCENT = re.compile(rf"({'|'.join(ACCENTS)})([0-9]*)\Z")


def symbol(name: str, bold: bool = False) -> str:
    r"""The LaTeX of a name; the parser reads it back as the same name.

    Args:
        name: a name of the language, in ASCII.
        bold: whether the letter is set in bold, as vectors and matrices are in many books.

    Example:
        >>> [symbol(n) for n in ("x", "x1", "theta_n", "y_hat", "loss", "W1_2", "x_max", "Alpha")]
        ['x', 'x_{1}', '\\theta_{n}', '\\hat{y}', '\\mathrm{loss}', 'W_{1,2}', 'x_{\\mathrm{max}}', '\\mathrm{Alpha}']
    """
    if name.endswith("'"):
        return symbol(name.rstrip("'")) + "'" * name.count("'")
    first, *rest = name.split("_")
    split = _CORE.match(first)
    if "" in (first, *rest):
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    letters, digits = (split[1], split[2]) if split else (first, "")
    core = _core(letters, bold)
    accent = _ACCENT.match(rest[0]) if rest and not digits else None
    if accent and (len(letters) == 1 or letters in COMMANDS):
        core, digits, rest = rf"\{accent[1]}{{{core}}}", accent[2], rest[1:]
    below = ([digits] if digits else []) + rest
    return f"{core}_{{{_parts(below)}}}" if below else core


def _core(letters: str, bold: bool) -> str:
    shown = rf"\{letters}" if letters in COMMANDS else letters
    if len(letters) > 1 and letters not in COMMANDS:
        return rf"\mathbf{{{letters}}}" if bold else rf"\mathrm{{{letters}}}"
    return rf"\boldsymbol{{{shown}}}" if bold else shown


def _parts(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        part = parts[0]
        word = len(part) > 1 and part.isalpha()
        return rf"\{part}" if part in COMMANDS else rf"\mathrm{{{part}}}" if word else part
    return ",".join(parts)


def entry(latex: str, indices: Sequence[str]) -> str:
    r"""The LaTeX of an array with the names of indices below; in brackets where it has a subscript of its own.

    Example:
        >>> entry("A", ["i", "j"]), entry("W_{1}", ["i", "j1"])
        ('A_{ij}', '(W_{1})_{i j_{1}}')
    """
    if not indices:
        return latex
    whole = f"({latex})" if "_" in latex and not latex.endswith(")") else latex
    return f"{whole}_{{{subscript(indices)}}}"


def subscript(indices: Sequence[str]) -> str:
    """Names of indices and positions side by side, set apart where one has more than a letter."""
    separator = "" if all(len(i) == 1 for i in indices) else "," if any(i.isdigit() for i in indices) else " "
    return separator.join(i if i.isdigit() else symbol(i) for i in indices)


def dimension(dim: Dim) -> str:
    r"""A dimension, such as `m n` or `m + 1`.

    Example:
        >>> dimension(Dim.of("n") * Dim.of("n") + Dim.of(1))
        '1 + n^{2}'
    """
    shown = " + ".join(_monomial(names, coefficient) for names, coefficient in dim.terms) or "0"
    return shown.replace("+ -", "- ")


def _monomial(names: tuple[str, ...], coefficient: int) -> str:
    parts = [str(coefficient)] if abs(coefficient) != 1 or not names else []
    for name, group in groupby(names):
        count = len(list(group))
        parts.append(symbol(name) if count == 1 else f"{symbol(name)}^{{{count}}}")
    return ("-" if coefficient == -1 and names else "") + " ".join(parts)


def space(dims: Shape | Sequence[str | Dim]) -> str:
    r"""The space with these dimensions; a row counts as 1 x n.

    Args:
        dims: a shape, or dimensions as the language writes them.

    Example:
        >>> space(["m", "n", "2 n"]), space([])
        ('\\mathbb{R}^{m \\times n \\times 2 n}', '\\mathbb{R}')
    """
    if isinstance(dims, Shape):
        dims = (Dim.of(1), *dims.dims) if dims.kind == "row" else dims.dims
    return rf"\mathbb{{R}}^{{{sizes(dims)}}}" if dims else r"\mathbb{R}"


def sizes(dims: Sequence[str | Dim]) -> str:
    r"""Dimensions side by side, sums in brackets.

    Example:
        >>> sizes([Dim.of("n") + Dim.of(1), "m"])
        '(1 + n) \\times m'
    """
    shown = [dimension(d) if isinstance(d, Dim) else _written(d) for d in dims]
    if len(shown) > 1:
        shown = [f"({d})" if "+" in d else d for d in shown]
    return r" \times ".join(shown)


def _written(text: str) -> str:
    return re.sub(r"[A-Za-z][A-Za-z0-9_]*", lambda found: symbol(found[0]), text)
