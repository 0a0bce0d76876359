"""What to write instead: spellings of other languages, and of books, by what they mean here."""

from __future__ import annotations

import re
from collections.abc import Collection

_OWN = "define it: f(x) where f(z) = "
_NOT_HERE = "the language has no {}"

FUNCTIONS_ELSEWHERE = {
    "transpose": "the transpose is A^T", "t": "the transpose is A^T", "inverse": "the inverse is A^-1 or inv(A)",
    "pinv": "for full column rank write (A^T A)^-1 A^T", "determinant": "the determinant is det(A)",
    "eye": "the identity is I, or I_3 where its size matters", "identity": "the identity is I, or I_3 where its size matters",
    "outer": "the outer product is x y^T", "inner": "the inner product is x^T y", "dot": "the inner product is x^T y",
    "matmul": "a product is A x, A*x or A @ x", "mult": "a product is A x, A*x or A @ x", "multiply": "elementwise products are x .* y",
    "hadamard": "elementwise products are x .* y", "divide": "elementwise quotients are x ./ y", "power": "elementwise powers are x.^p",
    "pow": "a power is x^p, elementwise x.^p", "square": "a square is x^2, elementwise x.^2, of a norm ||x||^2",
    "cross": _NOT_HERE.format("cross product"), "norm2": "the Euclidean norm is ||x||", "frobenius": "the Frobenius norm is ||A||_F",
    "sqnorm": "the squared norm is ||x||^2", "length": "the Euclidean norm is ||x||",
    "eig": _NOT_HERE.format("eigenvalues"), "eigvals": _NOT_HERE.format("eigenvalues"), "eigh": _NOT_HERE.format("eigenvalues"),
    "svd": _NOT_HERE.format("singular values"), "rank": _NOT_HERE.format("rank: it has no derivative"),
    "chol": _NOT_HERE.format("Cholesky factor"), "cholesky": _NOT_HERE.format("Cholesky factor"), "qr": _NOT_HERE.format("QR factors"),
    "sqrtm": _NOT_HERE.format("matrix square root; sqrt(A) is elementwise"),
    "logm": _NOT_HERE.format("matrix logarithm; log(A) is elementwise, logdet(A) that of the determinant"),
    "adj": "the adjugate is det(A) A^-1", "adjugate": "the adjugate is det(A) A^-1",
    "argmax": _NOT_HERE.format("argmax: it has no derivative"), "argmin": _NOT_HERE.format("argmin: it has no derivative"),
    "round": _NOT_HERE.format("rounding: it has no derivative"), "floor": _NOT_HERE.format("rounding: it has no derivative"),
    "ceil": _NOT_HERE.format("rounding: it has no derivative"), "grad": "write the function alone: the variable is `wrt`",
    "gradient": "write the function alone: the variable is `wrt`", "jacobian": "write the function alone: the variable is `wrt`",
    "hessian": "write the function alone; order=2 is its Hessian", "diff": "write the function alone: the variable is `wrt`",
    "d": "write the function alone: the variable is `wrt`", "derivative": "write the function alone: the variable is `wrt`",
    "log2": "`log` is the natural logarithm: log(x)/log(2)", "log10": "`log` is the natural logarithm: log(x)/log(10)",
    "lg": "`log` is the natural logarithm: log(x)/log(10)", "log1p": "log(1 + x)", "expm1": "exp(x) - 1",
    "log_sum_exp": "did you mean logsumexp(...)?", "lse": "did you mean logsumexp(...)?",
    "leakyrelu": f"{_OWN}max(z, 0.01 z)", "leaky_relu": f"{_OWN}max(z, 0.01 z)", "elu": f"{_OWN}max(z, 0) + min(exp(z) - 1, 0)",
    "gelu": f"{_OWN}z/2 (1 + erf(z/sqrt(2)))", "silu": f"{_OWN}z sigmoid(z)", "swish": f"{_OWN}z sigmoid(z)",
    "logistic": "did you mean sigmoid(...)?", "sigmoidal": "did you mean sigmoid(...)?", "heaviside": "did you mean step(...)?",
    "logsoftmax": "write x - logsumexp(x) ones(n)", "log_softmax": "write x - logsumexp(x) ones(n)",
    "mse": "write it out: 1/n ||y - A x||^2", "sse": "write it out: ||y - A x||^2", "rss": "write it out: ||y - A x||^2",
    "crossentropy": "write it out: -y^T log(p)", "cross_entropy": "write it out: -y^T log(p)",
    "kl": "write it out: p^T log(p ./ q)", "var": "write it out: mean((x - mean(x) ones(n)).^2)",
    "std": "write it out: sqrt(mean((x - mean(x) ones(n)).^2))", "cov": "write it out: 1/n X^T X for centred X",
    "average": "did you mean mean(...)?", "avg": "did you mean mean(...)?", "prod": _NOT_HERE.format("product over entries"),
    "sec": "write 1/cos(x)", "csc": "write 1/sin(x)", "cot": "write 1/tan(x)", "coth": "write 1/tanh(x)",
    "cosec": "write 1/sin(x)", "sinc": "write sin(x)/x", "hstack": "blocks side by side are [A, B]", "vstack": "blocks on top of each other are [A; B]",
    "concat": "blocks side by side are [A, B], on top of each other [A; B]", "reshape": "vec(A) stacks columns, unvec(v, m, n) undoes it",
    "flatten": "vec(A) stacks columns", "eval": "formulas only: nothing is run", "exec": "formulas only: nothing is run",
    "minimize": "the objective alone, without words", "maximize": "the objective alone, without words",
    "print": "formulas only: nothing is run", "absolute": "did you mean abs(...)?", "squareroot": "did you mean sqrt(...)?",
    "sort": _NOT_HERE.format("sorting"), "cumsum": _NOT_HERE.format("running sum"), "fft": _NOT_HERE.format("Fourier transform"),
    "conv": _NOT_HERE.format("convolution"), "atan2": "the angle is atan(y ./ x) where x is positive",
    "cofactor": "the cofactors are det(A) A^-T", "where": "an indicator is 1[x > 0]", "if": "an indicator is 1[x > 0]",
}
"""Functions of other languages, in lower case, and what stands for them here."""

COMMANDS_ELSEWHERE = {
    "nabla": "write the function alone: the variable is `wrt`", "partial": "write the function alone: the variable is `wrt`",
    "int": _NOT_HERE.format("integral"), "prod": _NOT_HERE.format("product over an index"), "lim": _NOT_HERE.format("limit"),
    "infty": _NOT_HERE.format("infinity"), "langle": "the inner product is x^T y", "rangle": "the inner product is x^T y",
    "text": "names stand alone: x where x in R^n", "argmin": _NOT_HERE.format("argmin"), "min": "min(a, b) compares two values entry by entry",
    "sim": _NOT_HERE.format("distributions"), "approx": "one formula, without a relation", "to": "one formula, without a relation",
    "begin": "matrices are \\begin{bmatrix} a & b \\\\ c & d \\end{bmatrix}", "sec": "write 1/\\cos(x)", "cot": "write 1/\\tan(x)",
}
"""LaTeX commands that have no meaning here."""

WORDS = {
    "if": "an indicator is 1[x > 0]", "then": "an indicator is 1[x > 0]", "else": "an indicator is 1[x > 0]",
    "and": "definitions and declarations are set apart by commas", "or": "max(a, b) or 1[a > b] for a choice",
    "not": "an indicator is 1[x > 0]", "dot": "the inner product is x^T y", "cross": _NOT_HERE.format("cross product"),
    "times": "a product is A x or A*x", "import": "formulas only: nothing is run", "return": "the formula alone, without `return`",
    "given": "definitions and declarations follow `where`", "with": "definitions and declarations follow `where`",
    "let": "definitions follow `where`: x^T y where y = A x", "is": "declarations read x in R^n", "mod": _NOT_HERE.format("remainder"),
    **dict.fromkeys(("minimize", "maximize", "minimise", "maximise", "subject"), "the objective alone, without words"),
    **dict.fromkeys(("grad", "gradient", "jacobian", "derivative"), "write the function alone: the variable is `wrt`"),
    "hessian": "write the function alone; order=2 is its Hessian", "inverse": "the inverse is A^-1", "transpose": "the transpose is A^T", "transposed": "the transpose is A^T",
}
"""Words of sentences and of programs that are no names where nothing declares them."""

_RELATION = "one formula, without a relation"
_WITHOUT_MARKUP = "the formula alone, without quotes or markup"
CHARACTERS = {
    "$": _WITHOUT_MARKUP, '"': _WITHOUT_MARKUP, "`": _WITHOUT_MARKUP, "\u201c": _WITHOUT_MARKUP, "\u201d": _WITHOUT_MARKUP,
    "\u2018": "the transpose is A' or A^T", "\u2019": "the transpose is A' or A^T", "\u2032": "the transpose is A' or A^T",
    "~": _NOT_HERE.format("distributions"), "!": "1[a > b] is an indicator, and there are no factorials",
    "%": _NOT_HERE.format("remainder"), "#": _NOT_HERE.format("comments"), "?": "an indicator is 1[x > 0]",
    "\u2207": "write the function alone: the variable is `wrt`", "\u2202": "write the function alone: the variable is `wrt`",
    "\u222b": _NOT_HERE.format("integral"), "\u220f": _NOT_HERE.format("product over an index"),
    "\u2211": "a sum over data says where it ends: \u2211_{i=1}^N x_i", "\u27e8": "the inner product is x^T y",
    "\u27e9": "the inner product is x^T y", "\u2329": "the inner product is x^T y", "\u232a": "the inner product is x^T y",
    "\u2192": _RELATION, "\u21d2": _RELATION, "\u2190": _RELATION, "\u2248": _RELATION, "\u2260": _RELATION, "\u2261": _RELATION,
    "\u221a": "the square root is sqrt(x)", "\u221b": "the cube root is x^(1/3)", "\u2208": "declarations stand after `where`: x in R^n",
    "\u2209": "a declaration reads x in R^n", "\u222a": _NOT_HERE.format("sets"), "\u2229": _NOT_HERE.format("sets"), "\u221e": _NOT_HERE.format("infinity"), "\u00b1": "write both formulas, one after the other",
    "\u2020": "matrices are real: the transpose is A^T", "\u22a4": "the transpose is A^T", "\u2295": _NOT_HERE.format("direct sum; [A; B] stacks blocks"),
    "\u2227": _NOT_HERE.format("exterior product"), "\u2212": "a minus is -", "\u2215": "a quotient is a/b", "\u00f7": "a quotient is a/b",
}
"""Characters outside of the language."""


def function_elsewhere(name: str) -> str | None:
    """What stands for a function of another language, if it is one."""
    return FUNCTIONS_ELSEWHERE.get(name.lower())


def character(char: str) -> str:
    """What to write instead of a character that means nothing."""
    found = CHARACTERS.get(char)
    if found is not None:
        return found
    if char.isalpha():
        return "names are letters from a to z or Greek, then digits"
    if not char.isprintable():
        return "an invisible character: leave it out"
    return "the signs are + - * / ^ .* ./ .^ ' | = , ; and brackets"


_TRANSPOSED = re.compile(r"T(?:[A-Za-z][A-Za-z0-9]*)?")


def transposed_power(exponent: str, known: Collection[str]) -> str | None:
    """What follows the transpose in `x^TAx`, spaced out; None where the exponent is a name that is known."""
    if exponent in known or not _TRANSPOSED.fullmatch(exponent) or len(exponent) < 2:
        return None
    return " ".join(exponent[1:])


def spaced(name: str, wanted: str) -> str | None:
    """A name of several letters as the product that it was meant to be, with `wanted` among its factors.

    Example:
        >>> spaced("Ax", "x"), spaced("xTAx", "x"), spaced("Xbeta", "beta"), spaced("max", "x")
        ('A x', 'x^T A x', 'X beta', None)
    """
    if not name.isascii() or not name.isalpha() or wanted not in name or name == wanted or not name[0].isalpha():
        return None
    rest = [part for part in re.split(f"({re.escape(wanted)})", name) if part]
    factors: list[str] = []
    for part in rest:
        factors += [part] if part == wanted else list(part)
    if len(factors) > 6 or (name.islower() and len(name) > 2 and len(wanted) == 1):
        return None
    words: list[str] = []
    for factor in factors:
        if factor == "T" and words and not words[-1].endswith("^T"):
            words[-1] += "^T"
        else:
            words.append(factor)
    return " ".join(words) if len(words) > 1 else None
