"""Random spellings of an expression: plain text, Unicode and LaTeX mixed, with definitions and functions in a `where` clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

from matcalc.core.dims import Dim
from matcalc.core.functions import COMPARISONS, FUNCTIONS
from matcalc.expr.functions import Elementwise
from matcalc.expr.nodes import Expr

SUM, HADAMARD, MINUS, PRODUCT, POSTFIX, ATOM = range(6)
Piece = tuple[str, int]
Calls = Mapping[Expr, tuple[str, tuple[Expr, ...]]]

STYLES = ("plain", "unicode", "latex", "mixed")
GREEK = {"alpha": "α", "lambda": "λ", "gamma": "γ", "beta": "β", "mu": "μ", "theta": "θ", "Sigma": "Σ", "Phi": "Φ",
         "Lambda": "Λ", "tau": "τ", "phi": "φ", "psi": "ψ"}
SIGNS: dict[str, dict[str, tuple[str, ...]]] = {
    "times": {"plain": (" ", " ", " * ", "*", " @ "), "unicode": (" ", " ", "·", " ⋅ ", " × "), "latex": (" ", " ", r" \cdot ", r" \times ")},
    "hadamard": {"plain": (" .* ",), "unicode": (" ⊙ ", " ∘ "), "latex": (r" \odot ", r" \circ ")},
    "over": {"plain": (" ./ ",), "unicode": (" ⊘ ",), "latex": (r" \oslash ",)},
    "transpose": {"plain": ("^T", "'", "^{T}"), "unicode": ("ᵀ", "^⊤"), "latex": (r"^\top", r"^{\top}", r"^{\mathsf T}", r"^\intercal")},
    "inverse": {"plain": ("^-1", "^{-1}"), "unicode": ("⁻¹",), "latex": ("^{-1}",)},
    "kron": {"plain": (" ⊗ ",), "unicode": (" ⊗ ",), "latex": (r" \otimes ",)},
    "open": {"plain": ("(",), "unicode": ("(",), "latex": (r"\left(", "(", r"\bigl(")},
    "minus": {"plain": ("-",), "unicode": ("−", "-"), "latex": ("-",)},
    "ge": {"plain": (">=",), "unicode": ("≥",), "latex": (r"\geq", r"\ge")},
    "le": {"plain": ("<=",), "unicode": ("≤",), "latex": (r"\leq", r"\le")},
    "norm": {"plain": ("||", "norm"), "unicode": ("‖", "norm"), "latex": (r"\|", r"\lVert")},
}
LATEX_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det", "max", "min")
ALIASES = {"log": ("ln",), "asin": ("arcsin",), "acos": ("arccos",), "atan": ("arctan",), "relu": ("ReLU",), "tr": ("trace",)}
SUPERSCRIPTS = {2: "²", 3: "³"}
GLYPHS = {Fraction(1, 2): "½", Fraction(1, 3): "⅓", Fraction(3, 4): "¾"}
CLOSING = {"(": ")", r"\left(": r"\right)", r"\bigl(": r"\bigr)"}
SPACES = {"plain": (" in ", "R"), "unicode": (" ∈ ", "ℝ"), "latex": (r" \in ", r"\mathbb{R}")}


class Speller:
    """Writes one expression, choosing among all forms that mean the same."""

    def __init__(self, pick: Random, style: str, calls: Calls, names: Mapping[Expr, str]) -> None:
        self.pick = pick
        self.style = style
        self.calls = calls
        self.names = names
        self.spelled: dict[Expr, Piece] = {}
        self.called: set[str] = set()

    def sign(self, kind: str) -> str:
        style = self.pick.choice(STYLES[:3]) if self.style == "mixed" else self.style
        return self.pick.choice(SIGNS[kind][style])

    @property
    def is_latex(self) -> bool:
        return self.style == "latex" or (self.style == "mixed" and self.pick.random() < 0.3)

    def brackets(self, text: str) -> str:
        opening = self.sign("open")
        return f"{opening}{text}{CLOSING[opening]}"

    def wrap(self, piece: Piece, level: int) -> str:
        return piece[0] if piece[1] >= level and self.pick.random() > 0.03 else self.brackets(piece[0])

    def piece(self, node: Expr, top: bool = False) -> Piece:
        """The text of an expression and how tightly it binds."""
        if node in self.names and not top:
            return self.names[node], ATOM
        if node in self.calls:
            name, args = self.calls[node]
            self.called.add(name)
            return f"{self.name(name)}({', '.join(self.piece(a)[0] for a in args)})", ATOM
        return _WRITERS[node.head](self, node)

    def name(self, name: str) -> str:
        """A name in one of its spellings."""
        if name in GREEK and self.style != "plain":
            return GREEK[name] if self.style == "unicode" or (self.style == "mixed" and self.pick.random() < 0.5) else f"\\{name}"
        if self.is_latex and len(name) == 1 and name.isalpha() and self.pick.random() < 0.3:
            return rf"\mathbf{{{name}}}"
        if name[-1].isdigit() and name[:-1].isalpha():
            return self.pick.choice((name, f"{name[:-1]}_{name[-1]}", f"{name[:-1]}_{{{name[-1]}}}"))
        return name

    def function(self, name: str) -> str:
        if self.is_latex and name in LATEX_FUNCTIONS:
            return f"\\{name}"
        if self.is_latex and self.pick.random() < 0.5:
            return rf"\operatorname{{{name}}}"
        return self.pick.choice((name, name, *ALIASES.get(name, ())))

    def call(self, name: str, args: Sequence[Expr]) -> Piece:
        inner = ", ".join(self.piece(a)[0] for a in args)
        return f"{self.function(name)}{self.brackets(inner)}", ATOM


# ---------------------------------------------------------------- writers, one a head
def _number(s: Speller, node: Expr) -> Piece:
    value = node.data[0]
    assert isinstance(value, Fraction)
    if value < 0:
        return f"{s.sign('minus')}{_fraction(s, -value)[0]}", MINUS
    return _fraction(s, value)


def _fraction(s: Speller, value: Fraction) -> Piece:
    if value.denominator == 1:
        return str(value), ATOM
    if s.is_latex:
        return rf"\{s.pick.choice(('frac', 'dfrac', 'tfrac'))}{{{value.numerator}}}{{{value.denominator}}}", ATOM
    if s.style == "unicode" and value in GLYPHS and s.pick.random() < 0.5:
        return GLYPHS[value], ATOM
    if value.denominator in (2, 4) and s.pick.random() < 0.3:
        return str(float(value)), ATOM
    return str(value), PRODUCT


def _sized(s: Speller, node: Expr) -> Piece:
    dims = [str(d) for d in node.shape.dims]
    if node.shape.kind == "matrix" and dims[0] == "1":
        return f"{node.head}(1) ones({dims[1]})^T", PRODUCT  # with two sizes it is a row
    if node.shape.kind == "row":
        dims = ["1", *dims]
    if s.is_latex and s.pick.random() < 0.6:
        below = r" \times ".join(_bracketed(d) for d in dims)
        return rf"\mathbf{{{1 if node.head == 'ones' else 0}}}_{{{below}}}", ATOM
    return f"{node.head}({', '.join(dims)})", ATOM


def _bracketed(size: str) -> str:
    return f"({size})" if "+" in size else size


def _identity(s: Speller, node: Expr) -> Piece:
    text = str(node.shape.rows)
    return f"I_{text}" if text.isalnum() and s.pick.random() < 0.5 else f"I_{{{text}}}", ATOM


def _add(s: Speller, node: Expr) -> Piece:
    sized = node.args[0].head != "identity" and not _is_constant(node.args[0])
    text = s.wrap(s.piece(node.args[0]), HADAMARD)
    for term in node.args[1:]:
        rest = _negated(term)
        if rest is not None:
            text += f" {s.sign('minus')} {s.wrap(s.piece(rest), HADAMARD)}"
        elif term.head == "identity" and sized and s.pick.random() < 0.5:
            text += " + I"  # the first term tells its size
        else:
            text += f" + {s.wrap(s.piece(term), HADAMARD)}"
    return text, SUM


def _is_constant(node: Expr) -> bool:
    """Whether it is made of numbers and identities alone."""
    return node.head in ("num", "identity", "dim", "pi") or bool(node.args) and all(map(_is_constant, node.args))


def _negated(term: Expr) -> Expr | None:
    """What a term is the negative of, where it begins with -1."""
    if term.head == "product" and term.args[0].head == "num" and term.args[0].data == (-1,):
        rest = term.args[1:]
        return rest[0] if len(rest) == 1 else Expr.make("product", rest, (), term.shape)
    return None


def _product(s: Speller, node: Expr) -> Piece:
    rest = _negated(node)
    if rest is not None:
        return f"{s.sign('minus')}{s.wrap(s.piece(rest), MINUS)}", MINUS
    if node.args[0].head == "num" and str(node.args[0].data[0]).startswith("-"):
        inner = _factors(s, node.args, _fraction(s, -node.args[0].data[0]))  # type: ignore[operator,arg-type]
        return f"{s.sign('minus')}{inner[0]}", MINUS
    return _factors(s, node.args, s.piece(node.args[0]))


def _factors(s: Speller, factors: Sequence[Expr], first: Piece) -> Piece:
    text = s.brackets(first[0]) if factors[0].head == "product" and factors[0] not in s.calls else s.wrap(first, PRODUCT)
    for factor in factors[1:]:
        below = _reciprocal(factor)
        if below is not None and factor.shape.is_scalar and s.pick.random() < 0.7:
            under = s.piece(below)
            text = rf"\frac{{{text}}}{{{under[0]}}}" if s.is_latex else f"{text}/{s.wrap(under, POSTFIX)}"
            continue
        written, sign = s.wrap(s.piece(factor), POSTFIX), s.sign("times")
        if sign == " " and (written[0] in "1[.0123456789|‖" or written.startswith((r"\|", r"\left[")) or text[-1] in "|‖"):
            sign = r" \cdot " if s.style == "latex" else " * "
        text = f"{text}{sign}{written}"
    return text, PRODUCT


def _reciprocal(node: Expr) -> Expr | None:
    """What an expression is the reciprocal of."""
    if node.head == "power" and node.args[1].head == "num" and node.args[1].data == (-1,):
        return node.args[0]
    return None


def _hadamard(s: Speller, node: Expr) -> Piece:
    text = s.wrap(s.piece(node.args[0]), HADAMARD if s.pick.random() < 0.5 else ATOM)
    for factor in node.args[1:]:
        below = _reciprocal(factor)
        if below is not None and s.pick.random() < 0.7:
            text += f"{s.sign('over')}{s.wrap(s.piece(below), MINUS)}"
        else:
            text += f"{s.sign('hadamard')}{s.wrap(s.piece(factor), MINUS)}"
    return text, HADAMARD


def _power(s: Speller, node: Expr) -> Piece:
    base, exponent = node.args
    if node.shape.is_scalar and _reciprocal(node) is not None and s.pick.random() < 0.7:
        under = s.piece(base)
        return (rf"\frac{{1}}{{{under[0]}}}", ATOM) if s.is_latex else (f"1/{s.wrap(under, POSTFIX)}", PRODUCT)
    value = exponent.data[0] if exponent.head == "num" else None
    named = base.head == "map" and base.name in FUNCTIONS and len(base.args) == 1 and base not in s.calls and base not in s.names
    if node.shape.is_scalar and named and value in (2, 3) and s.pick.random() < 0.5:
        return f"{s.function(base.name)}^{value}{s.brackets(s.piece(base.args[0])[0])}", POSTFIX
    text, sign = s.wrap(s.piece(base), ATOM), "^" if node.shape.is_scalar else ".^"
    if isinstance(value, Fraction) and value.denominator == 1:
        if node.shape.is_scalar and int(value) in SUPERSCRIPTS and s.style == "unicode":
            return text + SUPERSCRIPTS[int(value)], POSTFIX
        return f"{text}{sign}{s.pick.choice((f'{value}', f'{{{value}}}', f'({value})'))}", POSTFIX
    inner = s.piece(exponent)[0]
    if not node.shape.is_scalar and s.is_latex and s.pick.random() < 0.5:
        return rf"{text}^{{\{s.pick.choice(('odot', 'circ'))} {inner}}}", POSTFIX
    return f"{text}{sign}" + (f"{{{inner}}}" if s.is_latex else f"({inner})"), POSTFIX


def _matpow(s: Speller, node: Expr) -> Piece:
    (base,), k = node.args, int(str(node.data[0]))
    if k == -1:
        return s.call("inv", [base]) if s.pick.random() < 0.3 else (s.wrap(s.piece(base), ATOM) + s.sign("inverse"), POSTFIX)
    return f"{s.wrap(s.piece(base), ATOM)}^{s.pick.choice((f'{{{k}}}', f'{k}'))}", POSTFIX


def _transpose(s: Speller, node: Expr) -> Piece:
    (inner,) = node.args
    if inner.head == "matpow" and inner.data == (-1,) and inner not in s.names and s.pick.random() < 0.5:
        return s.wrap(s.piece(inner.args[0]), ATOM) + s.pick.choice(("^-T", "^{-T}", "⁻ᵀ", r"^{-\top}")), POSTFIX
    return s.wrap(s.piece(inner), ATOM) + s.sign("transpose"), POSTFIX


def _map(s: Speller, node: Expr) -> Piece:
    if node.name in COMPARISONS:
        sign = {"gt": ">", "lt": "<"}.get(node.name) or s.sign(node.name)
        left, right = (s.wrap(s.piece(a), SUM) for a in node.args)
        if not {"{", "}"} & set(left + right + sign) and s.pick.random() < 0.2:
            return f"1_{{{left} {sign} {right}}}", ATOM
        opening = r"\mathbb{1}[" if s.is_latex else "1["
        return f"{opening}{left} {sign} {right}]", ATOM
    if node.name == "abs" and node.shape.is_scalar and s.pick.random() < 0.7:
        inner = s.piece(node.args[0])[0]
        if s.is_latex and "vert" not in inner.lower() and not set(inner) & set("|‖"):
            return rf"\lvert {inner} \rvert", ATOM
        return f"|{inner}|" if not set(inner) & set("|‖") and r"Vert" not in inner else f"abs({inner})", ATOM
    if node.name == "sqrt" and s.is_latex:
        return rf"\sqrt{{{s.piece(node.args[0])[0]}}}", ATOM
    if s.is_latex and node.name in ("max", "min") and s.pick.random() < 0.6:
        return rf"\{node.name}\{{{', '.join(s.piece(a)[0] for a in node.args)}\}}", ATOM
    (first, *others) = node.args
    if node.name == "exp" and node.shape.is_scalar and first.head != "num" and s.pick.random() < 0.3:
        return f"e^{{{s.piece(first)[0]}}}", POSTFIX
    if s.is_latex and node.name == "log" and first.head == "det" and first not in s.names and s.pick.random() < 0.8:
        inner = first.args[0]
        return rf"\log\det {s.name(inner.name) if inner.head == 'var' else s.brackets(s.piece(inner)[0])}", MINUS
    if s.is_latex and not others and node.name in LATEX_FUNCTIONS and first.head == "var" and s.pick.random() < 0.4:
        return rf"\{node.name} {s.name(first.name)}", MINUS
    return s.call(node.name, node.args)


def _norm(s: Speller, node: Expr) -> Piece:
    sign, inner = s.sign("norm"), s.piece(node.args[0])[0]
    if sign == "norm" or set(inner) & set("|‖") or "Vert" in inner:
        return f"norm({inner})", ATOM
    closing = r"\rVert" if sign == r"\lVert" else sign
    below = "_F" if node.args[0].shape.kind == "matrix" else "_2"
    frobenius = below if s.pick.random() < 0.5 else ""
    return f"{sign} {inner} {closing}{frobenius}", ATOM


def _norm1(s: Speller, node: Expr) -> Piece:
    inner = s.piece(node.args[0])[0]
    if s.pick.random() < 0.5 or set(inner) & set("|‖") or "Vert" in inner:
        return f"norm1({inner})", ATOM
    return f"||{inner}||_1", ATOM


def _kron(s: Speller, node: Expr) -> Piece:
    if s.pick.random() < 0.5:
        return s.call("kron", node.args)
    left, right = (s.wrap(s.piece(a), ATOM) for a in node.args)
    return f"{left}{s.sign('kron')}{right}", HADAMARD


def _block(s: Speller, node: Expr) -> Piece:
    width, texts = int(str(node.data[1])), [s.piece(a)[0] for a in node.args]
    lines = [texts[i : i + width] for i in range(0, len(texts), width)]
    if s.is_latex and s.pick.random() < 0.6:
        inner = r" \\ ".join(" & ".join(line) for line in lines)
        kind = s.pick.choice(("bmatrix", "pmatrix"))
        return rf"\begin{{{kind}}} {inner} \end{{{kind}}}", ATOM
    return f"[{'; '.join(', '.join(line) for line in lines)}]", ATOM


def _datasum(s: Speller, node: Expr) -> Piece:
    index, size = node.data
    sign = s.pick.choice((r"\sum", r"\sum\limits")) if s.is_latex else s.pick.choice(("sum", "∑")) if s.style != "plain" else "sum"
    return f"{sign}_{{{index}=1}}^{s.pick.choice((f'{{{size}}}', f'{size}'))} {s.wrap(s.piece(node.args[0]), MINUS)}", MINUS


def _item(s: Speller, node: Expr) -> Piece:
    name = f"\\{node.name}" if node.name in GREEK and s.is_latex else node.name
    return f"{name}_{s.pick.choice((str(node.data[2]), f'{{{node.data[2]}}}'))}", ATOM


def _dims(s: Speller, node: Expr) -> Piece:
    sizes = [str(d) for d in node.data if isinstance(d, Dim)]
    if node.head == "commutation":
        return f"commutation({', '.join(sizes)})", ATOM
    if node.head == "unvec":
        return f"unvec({s.piece(node.args[0])[0]}, {', '.join(sizes)})", ATOM
    return sizes[0], ATOM if sizes[0].isalnum() else MINUS


_WRITERS = {
    "num": _number, "pi": lambda s, node: (s.name("pi"), ATOM), "dim": _dims,
    "var": lambda s, node: (s.name(node.name), ATOM), "item": _item, "identity": _identity, "ones": _sized, "zeros": _sized,
    "commutation": _dims, "unvec": _dims, "add": _add, "product": _product, "hadamard": _hadamard, "power": _power,
    "matpow": _matpow, "transpose": _transpose, "map": _map, "norm": _norm, "norm1": _norm1, "kron": _kron, "block": _block,
    "datasum": _datasum, "diagonal": lambda s, node: s.call("diag", node.args),
    **{head: (lambda s, node: s.call(node.head, node.args))
       for head in ("tr", "det", "logdet", "diag", "vec", "expm", "sum", "mean", "softmax", "logsumexp")},
}
"""How each head is written."""


def spell(node: Expr, pick: Random, calls: Calls, functions: Mapping[str, Elementwise], names: Mapping[Expr, str],
          declare: Mapping[str, str]) -> str:
    """The text of an expression in a random spelling.

    Args:
        node: the expression.
        pick: the source of choices.
        calls: what to write as a call of a user's function.
        functions: those functions.
        names: parts to define in the `where` clause, by name.
        declare: spaces that are declared there, by the names of variables.
    """
    speller = Speller(pick, pick.choice(STYLES), calls, names)
    text = speller.piece(node, top=True)[0]
    items = [f"{name} = {speller.piece(part, top=True)[0]}" for part, name in names.items()]
    for name in sorted(speller.called):
        function = functions[name]
        plain = Speller(pick, "plain", {}, {})
        parameters = ", ".join(p.name for p in function.parameters)
        items.append(f"{speller.name(name)}({parameters}) = {plain.piece(function.body)[0]}")
    for name, space in declare.items():
        sign, field = SPACES[pick.choice(STYLES[:3])]
        items.append(f"{speller.name(name) if '_' not in name else name}{sign}{field}{space[1:]}")
    return f"{text} where {', '.join(items)}" if items else text
