"""Names that are no variables: functions without brackets, functions of other languages, words, transposes gone wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matcalc.core.errors import ParseError, ShapeError, UnknownFunctionError
from matcalc.core.traversal import postorder
from matcalc.expr.nodes import Expr
from matcalc.syntax.advice import WORDS, function_elsewhere, spaced, transposed_power
from matcalc.syntax.names import GREEK, function_name, letters, suggest
from matcalc.syntax.tree import Syntax


@dataclass(frozen=True, slots=True)
class Known:
    """What names mean in a program.

    Attributes:
        text: the program.
        declared: names with a declared space.
        defined: names of values of the `where` clause.
        functions: names of functions.
        written: all names that occur.
    """

    text: str
    declared: Collection[str]
    defined: Collection[str]
    functions: Collection[str]
    written: Collection[str]


def check_variable(tree: Syntax, known: Known) -> None:
    """Refuses a name that stands where only a function, a word or a transpose makes sense.

    Raises:
        ParseError: for a function without its bracket, a word, or letters run together.
        UnknownFunctionError: for a name that stands before a bracket like a function.
    """
    name, text = tree.word, known.text
    if name in known.functions:
        raise ParseError(f"the function `{name}` needs its argument in brackets", span=tree.span, text=text, hint=f"{name}(...)")
    if name in known.defined:
        _check_called_value(tree, known)
    if name in known.declared or name in known.defined:
        return
    if function_name(name):
        raise ParseError(f"the function `{name}` needs its argument in brackets", span=tree.span, text=text,
                         hint=_bracketed(name, _after(tree, text)))
    _check_subscripted(tree, text)
    _check_differential(tree, known)
    _check_word(tree, known)
    _check_run_together(tree, known)
    _check_called_letter(tree, known)
    _check_called(tree, text)


_WINDOW = 40
"""So many characters around a name are looked at."""


def _after(tree: Syntax, text: str) -> str:
    return text[tree.span.end : tree.span.end + _WINDOW]


def _bracketed(name: str, rest: str) -> str:
    """How a function is called whose argument stands without brackets."""
    function = function_name(name)
    if rest.startswith("'") and "(" in rest[:3]:
        return f"{name}' is not known; derivatives by the argument are for functions of your own: where f(z) = {function}(z)"
    if function == "log" and re.match(r"\s*\|", rest):
        return "log|A| of a determinant is logdet(A), of a scalar log(abs(s))"
    if function == "log" and re.match(r"\s*det\b", rest):
        return "logdet(A)"
    if re.match(r"\s*\^\s*\{?\s*-\s*1", rest):
        return f"1/{function}(x) is the reciprocal, {'a' + str(function) if function in ('sin', 'cos', 'tan') else 'asin'}(x) an inverse function"
    word = re.match(r"\s+([A-Za-z]\w*)", rest)
    return f"{name}({word[1]})" if word and not function_name(word[1]) else f"{name}(...)"


def _check_called_value(tree: Syntax, known: Known) -> None:
    """Refuses `f(x) where f = x^2`, a value that is called."""
    call = re.match(r"\(\s*([A-Za-z]\w*)\s*\)", _after(tree, known.text))
    if call is None or letters(tree.word) not in ("f", "g", "h") or call[1] not in known.written:
        return
    raise ParseError(f"`{tree.word}` is defined as a value and called like a function", span=tree.span, text=known.text,
                     hint=f"define {tree.word}({call[1]}) = ..., or write {tree.word} alone")


def _check_differential(tree: Syntax, known: Known) -> None:
    """Refuses the operator in `d/dx x^2`, also as a fraction of LaTeX."""
    if tree.word != "d":
        return
    rest = known.text[tree.span.end :]
    after = (re.match(r"\s*/\s*d\s?([A-Za-z]\w*)", rest) or re.match(r"\(.*\)\s*/\s*d\s?([A-Za-z]\w*)", rest)
             or (known.text[tree.span.start] == "{" and re.match(r"\s*\{\s*d\s?([A-Za-z]\w*)\s*\}", rest)))
    if after and after[1] in known.written and "d" not in known.declared:
        raise ParseError("the formula is that of the function, without a sign of differentiation", span=tree.span, text=known.text,
                         hint=f'leave out d/d{after[1]}: the variable is `wrt`, here wrt="{after[1]}"')


def _check_word(tree: Syntax, known: Known) -> None:
    name, text = tree.word, known.text
    if text[tree.span.start : tree.span.end] != name:
        return
    hint = WORDS.get(name)
    if hint is not None and text[tree.span.end : tree.span.end + 1] != "(":
        raise ParseError(f"`{name}` is a word and no variable, unless it is declared", span=tree.span, text=text, hint=hint)
    before = text[max(0, tree.span.start - _WINDOW) : tree.span.start]
    product = spaced(name, name[-1]) if 1 < len(name) < 4 and re.search(r"('|\^T|\^\{?\\top\}?|ᵀ)$", before) and name[-1] in known.written else None
    if product is not None:
        raise ParseError(f"`{name}` is one name", span=tree.span, text=text, hint=f'did you mean "{product}"?')
    stem = name.removesuffix("T")
    if stem != name and len(stem) == 1 and stem in known.written:
        raise ParseError(f"`{name}` is one name; the transpose of `{stem}` has a sign", span=tree.span, text=text, hint=f"{stem}^T")


def _check_run_together(tree: Syntax, known: Known) -> None:
    """Refuses `||Xw - y||^2 + ||w||^2`, whose `Xw` would be a name of its own beside `w`; in `Wx x` it is one."""
    name, text = tree.word, known.text
    product = _RUN_TOGETHER.fullmatch(name)
    if product is None or text[tree.span.start : tree.span.end] != name or product["last"] not in known.written:
        return
    last = re.escape(product["last"])
    if product["last"] in known.defined or re.search(rf"(?<![A-Za-z0-9_\\]){name}\s*\*?\s*{last}(?![A-Za-z0-9_])", text):
        return
    raise ParseError(f"`{name}` is one name, and `{product['last']}` another", span=tree.span, text=text,
                     hint=f'did you mean "{spaced(name, product["last"])}"? a name of two letters is declared: {name} in R^{{m x n}}')


_RUN_TOGETHER = re.compile(rf"(?:[A-Za-z]T[A-Z]?|[A-Z])(?P<last>[A-SU-Za-z]|{'|'.join(sorted(GREEK))})")
"""A matrix and what it is multiplied with, perhaps behind a transpose."""


def _check_called_letter(tree: Syntax, known: Known) -> None:
    """Refuses `f(x)^2` where nothing says what f is: as a product it would be f times x."""
    call = re.match(r"\(\s*([A-Za-z]\w*)\s*\)", _after(tree, known.text))
    if call is None or tree.word not in ("f", "g", "h") or call[1] not in known.written:
        return
    raise UnknownFunctionError(f"nothing says what the function `{tree.word}` is", span=tree.span, text=known.text,
                               hint=f"where {tree.word}(z) = ...; for a product write {tree.word} {call[1]}")


def _check_called(tree: Syntax, text: str) -> None:
    """Refuses a name of several letters before a bracket."""
    name = tree.word
    after = _after(tree, text).lstrip()
    if not after.startswith("(") or len(letters(name)) < 2 or (letters(name).lower() in GREEK and name != "sigma"):
        return
    close = suggest(name)
    touching = text[tree.span.end] == "("
    elsewhere = function_elsewhere(name) if touching else None
    if touching or (close and len(name) > 2):
        word = text[tree.span.start : tree.span.end]
        hint = elsewhere or (f"did you mean {close}(...)?" if close else
                             f"for a product write {word} * (...), for a function of your own: where {word}(z) = ...")
        raise UnknownFunctionError(f"`{word}` is not a function of the language", span=tree.span, text=text, hint=hint)


def _check_subscripted(tree: Syntax, text: str) -> None:
    """Refuses `sum_i x_i` and `log_2(x)`, in which the name is no variable."""
    function, _, subscript = tree.word.partition("_")
    if re.fullmatch(r"sum_?\d+", tree.word) and "_" in text[tree.span.start : tree.span.end]:
        raise ParseError("a sum over data names its index", span=tree.span, text=text, hint="sum_{i=1}^N x_i")
    if function == "sum" and subscript:
        raise ParseError("a sum over data says where it ends", span=tree.span, text=text,
                         hint=f"sum_{{{subscript}=1}}^N x_{subscript}; sum(x) adds all entries of x; components are those of notation=\"index\"")
    if function == "prod" and subscript:
        raise ParseError("the language has no product over an index", span=tree.span, text=text,
                         hint="the logarithm of a product is a sum: sum_{i=1}^N log(x_i)")
    if function in ("min", "max", "argmin", "argmax") and subscript:
        raise ParseError("the language has no minimum or maximum over a variable", span=tree.span, text=text,
                         hint="max(a, b) and min(a, b) compare two values entry by entry")
    if function in ("log", "log2", "log10") and not subscript.isalpha() and "_" not in subscript:
        base = subscript or tree.word.removeprefix("log") or "2"
        raise UnknownFunctionError("`log` is the natural logarithm; there is no other", span=tree.span, text=text,
                                   hint=f"log(x)/log({base})")


def check_bars(tree: Syntax, values: Mapping[Syntax, Expr], declared: Collection[str], text: str) -> None:
    """Refuses |A| of undeclared capitals alone, which the bars would make scalars: a determinant is meant.

    Raises:
        ShapeError: in this case.
    """
    inner = tree.args[0]
    names = [part for part in postorder(inner) if part.op == "name" and values[part].head == "var"]
    if names and all(part.word[0].isupper() and part.word not in declared and values[part].shape.is_scalar for part in names):
        written = text[inner.span.start : inner.span.end]
        raise ShapeError(f"|...| is for scalars, and `{written}` reads as a matrix", span=tree.span, text=text,
                         hint=f"det({written}) is the determinant; a scalar is declared: {names[0].word} in R")


def check_total(tree: Syntax, known: Known) -> None:
    """Refuses the sum or the mean of the absolute value of a scalar, unless its names are declared: entries are meant.

    Raises:
        ShapeError: in this case.
    """
    if tree.word not in ("sum", "mean") or tree.args[0].op != "abs":
        return
    inner = tree.args[0].args[0]
    if not all(part.word in known.declared for part in postorder(inner) if part.op == "name"):
        start, end = inner.span
        raise ShapeError("|...| is for scalars, of which there is nothing to add up", span=tree.args[0].span, text=known.text,
                         hint=f"{tree.word}(abs({known.text[start:end]})) for the entries of a vector or a matrix")


def check_power(tree: Syntax, known: Known) -> None:
    """Refuses `x^TAx`, whose exponent is one name, and `A^H`, where a transpose was meant.

    Raises:
        ParseError: in this case.
    """
    exponent = tree.args[1]
    if exponent.op != "name" or exponent.closed or known.text[exponent.span.start - 1 : exponent.span.start] not in ("^", "{"):
        return
    known_names = {*known.declared, *known.defined}
    base = known.text[tree.args[0].span.start : tree.args[0].span.end]
    if exponent.word == "H" and "H" not in known_names and len(re.findall(r"(?<![A-Za-z0-9_])H(?![A-Za-z0-9_])", known.text)) == 1:
        raise ParseError("matrices are real: there is no conjugate transpose", span=tree.span, text=known.text, hint=f"{base}^T")
    rest = transposed_power(exponent.word, known_names)
    if rest is not None:
        raise ParseError(f"`{exponent.word}` after `^` is one name; the transpose ends at `T`", span=tree.span, text=known.text,
                         hint=f"{base}^T {rest}")
