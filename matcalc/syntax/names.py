"""Spelling: names in ASCII, functions and their aliases, LaTeX commands, suggestions for misspelt ones."""

from __future__ import annotations

import difflib
import re
import unicodedata

from matcalc.core.functions import FUNCTIONS
from matcalc.core.greek import GREEK_LETTERS

GREEK = frozenset(GREEK_LETTERS)
"""Lower-case Greek letters, spelled out."""

_LOWER = "αβγδεζηθικλμνξοπρστυφχψω"
_UPPER = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
_LETTERS = {
    **dict(zip(_LOWER, GREEK_LETTERS, strict=True)),
    **{letter: name.capitalize() for letter, name in zip(_UPPER, GREEK_LETTERS, strict=True)},
    "ς": "sigma", "ϑ": "theta", "ϕ": "phi", "ϵ": "epsilon", "ϱ": "rho",
}
_MATHEMATICAL = ("\U0001d400", "\U0001d7ff")
"""Letters of mathematical alphabets stand for plain ones; no other letter is read as another."""

ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "dot": "dot"}
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ"

MATRIX_FUNCTIONS = (
    "tr", "det", "logdet", "inv", "diag", "vec", "unvec", "kron", "expm", "sum", "mean", "softmax", "logsumexp", "norm",
    "norm1", "ones", "zeros", "commutation",
)
KNOWN = (*FUNCTIONS, *MATRIX_FUNCTIONS)
ALIASES = {
    "trace": "tr", "Tr": "tr", "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sgn": "sign",
    "ReLU": "relu", "Diag": "diag",
}
"""Other spellings of functions."""

_OTHER_COMMANDS = ("frac", "left", "right", "cdot", "odot", "otimes", "top", "mathbf", "boldsymbol", "lVert", "rVert")
_PARTS = re.compile(
    rf"_\{{([^{{}}]*(?:\{{[^{{}}]*\}})?[^{{}}]*)\}}|_(\\?[A-Za-z0-9]+)|([{_SUBSCRIPTS}]+)|\^\{{\s*\(([^)]*)\)\s*\}}"
)
_FONT = re.compile(
    r"\\(mathbf|boldsymbol|bm|mathcal|mathit|mathrm|mathsf|mathbb|text|textrm|vec|hat|bar|tilde|widehat|overline|dot"
    r"|operatorname)(?![A-Za-z])\*?\s*(?:\{\s*(\\?[A-Za-z0-9]+(?:_(?:[A-Za-z0-9]+|\{\s*[A-Za-z0-9]+\s*\}))?)\s*\}|([A-Za-z])|\\([A-Za-z]+))"
)


def function_name(name: str) -> str | None:
    """The canonical name of a function, or None."""
    name = ALIASES.get(name, name)
    return name if name in KNOWN else None


def suggest(name: str) -> str | None:
    """The function that a misspelt name resembles, or None."""
    if name in ("sigma", "Sigma"):
        return "sigmoid" if name == "sigma" else None
    swapped = next((known for known in KNOWN if len(name) > 2 and sorted(known) == sorted(name.lower())), None)
    if swapped is not None:
        return swapped
    close = difflib.get_close_matches(name, (*KNOWN, *ALIASES), 1, 0.6) or difflib.get_close_matches(
        name.lower(), (*KNOWN, *ALIASES), 1, 0.75
    )
    return close[0] if close else None


def suggest_command(command: str) -> str | None:
    """The LaTeX command that a misspelt one resembles, or None."""
    swapped = next((known for known in KNOWN if len(command) > 2 and sorted(known) == sorted(command)), None)
    if swapped is not None:
        return swapped
    known = [f.latex[1:] for f in FUNCTIONS.values() if "{" not in f.latex]
    close = difflib.get_close_matches(command, [*known, *KNOWN, *ALIASES, *GREEK, *_OTHER_COMMANDS], 1, 0.6)
    return close[0] if close else None


def letters(name: str) -> str:
    """The letters of a name before digits and subscripts."""
    return re.split(r"[0-9_]", name, maxsplit=1)[0]


def ascii_name(text: str) -> str:
    """The name in ASCII: Greek spelled out, fonts dropped, numeric subscripts joined.

    Example:
        >>> [ascii_name(t) for t in ("x_{1}", "θ_0", r"\\mathbf{x}_n", "W^{(1)}", r"\\hat{y}", "x1_2")]
        ['x1', 'theta0', 'x_n', 'W1', 'y_hat', 'x1_2']
    """
    font = _FONT.match(text)
    found = _PARTS.search(text, font.end() if font else 0)
    core, rest = (text[: found.start()], text[found.start() :]) if found else (text, "")
    name = _core(core)
    for part in _PARTS.finditer(rest):
        for piece in _pieces(part):
            name += piece if piece.isdigit() and not name[-1].isdigit() else f"_{piece}"
    return name


def _core(text: str) -> str:
    accent = ""
    if text.startswith("\\"):
        font = _FONT.fullmatch(text)
        if font is None:
            return text[1:].removeprefix("var")
        command, *bodies = font.groups()
        accent = ACCENTS.get(command, "")
        text = next(b for b in bodies if b)
        if "_" in text:
            return f"{ascii_name(text)}_{accent}" if accent else ascii_name(text)
        text = text.removeprefix("\\")
        text = text.removeprefix("var") if text.removeprefix("var").lower() in GREEK else text
    text = "".join(unicodedata.normalize("NFKC", c) if c in "µℓ" or _MATHEMATICAL[0] <= c <= _MATHEMATICAL[1] else c for c in text)
    text = "".join(_LETTERS.get(c, c) for c in text)
    return f"{text}_{accent}" if accent else text


def _pieces(part: re.Match[str]) -> list[str]:
    braced, bare, small, upper = part.groups()
    text = next(t for t in (braced, bare, small, upper) if t is not None)
    text = re.sub(r"\\(?:text|mathrm|textrm|mathit|mathbf|rm)\s*|[{}\\]", " ", text)
    return re.findall(r"[A-Za-z0-9]+", unicodedata.normalize("NFKC", text))
