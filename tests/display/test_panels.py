"""How objects look in notebooks: well-formed, escaped, complete, with nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import matcalc
from matcalc.core.display import Displayed
from matcalc.derivative import Derivative
from matcalc.display import blocks
from matcalc.display.panels import LATEX, PANELS, html_of, latex_of

VOID = {"path", "rect", "circle", "line", "use", "br", "polygon", "ellipse"}


class Reader(HTMLParser):
    """Reads HTML: which elements, which attributes, what text; every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def objects() -> dict[str, object]:
    """One object of each kind that the interface gives."""
    d = matcalc.derive("1/2 ||y - tanh(A x + b)||^2", wrt="A")
    families = matcalc.derive("sum_{n=1}^N (y_n - theta^T x_n)^2", wrt="theta")
    rng = np.random.default_rng(0)
    return {
        "Derivative": d, "families": families, "tensor": matcalc.derive("tanh(A x)", wrt="A"),
        "symmetric": matcalc.derive("tr(A X)", wrt="X", declare={"X": "R^{n x n} symmetric"}, structured="entries"),
        "scalars": matcalc.derive("x1^2 x2", wrt=["x1", "x2"], layout="denominator"), "constant": matcalc.derive("3", "x", declare={"x": "R"}),
        "Gradients": matcalc.gradients("||y - W2 tanh(W1 x)||^2", wrt=["W1", "W2"]), "Curvature": matcalc.curvature("logsumexp(A x)", "x"),
        "unknown": matcalc.curvature("x^T A x", "x"), "StationaryPoint": matcalc.solve_stationary("||X b - y||^2", "b"),
        "Taylor": matcalc.taylor("log(sum(exp(x)))", "x", degree=2), "IndexFormula": matcalc.simplify("sum_i delta_ik A_ij", notation="index"),
        "MatrixFormula": matcalc.simplify("(A B)^T + B^T A^T"), "Graph": matcalc.graph("x exp(x)", "x", declare={"x": "R"}),
        "Table": matcalc.graph("x exp(x)", "x", declare={"x": "R"}).table(), "Report": d.check(),
        "stationary report": matcalc.solve_stationary("||X b - y||^2", "b").check(), "Remainder": matcalc.taylor("exp(x)", "x").check(),
        "Chunked": families.chunked(), "Factored": matcalc.derive("A x", "A").factored(A=rng.normal(size=(2, 3)), x=rng.normal(size=3)),
        "Program": matcalc.parse("x^T A x"), "Named": d.named(), "Derivation": d.steps(), "Step": d.steps()[0],
        "Flattened": matcalc.derive("A X B", "X").flat(), "hvp": matcalc.hvp("x^T A x", "x"), "vjp": matcalc.vjp("A x", "x"),
        "value": matcalc.value_and_gradient("||A x||^2", "x"), "index": matcalc.derive("sum_j A_ij v_j", "v_k", notation="index"),
    }


OBJECTS = objects()


def test_every_public_class_is_shown() -> None:
    found = {kind.__name__ for value in OBJECTS.values() for kind in type(value).__mro__}
    assert set(PANELS) <= found and set(LATEX) <= set(PANELS)
    classes = [getattr(matcalc, name) for name in matcalc.__all__ if isinstance(getattr(matcalc, name), type)]
    assert all(issubclass(kind, Displayed) for kind in classes if not issubclass(kind, matcalc.MatcalcError))
    assert all(isinstance(value, Displayed) for value in OBJECTS.values())


@pytest.mark.parametrize("name", OBJECTS)
def test_a_prompt_of_python_shows_what_print_does(name: str) -> None:
    value = OBJECTS[name]
    assert repr(value) == str(value) and "object at 0x" not in repr(value)
    assert re.match(r"Factored\(shape" if name == "Factored" else r"(?!\w+\(\w+=)", repr(value))


@pytest.mark.parametrize("name", OBJECTS)
def test_html_is_well_formed_and_needs_nothing_from_elsewhere(name: str) -> None:
    page = OBJECTS[name]._repr_html_()  # type: ignore[attr-defined]
    read = Reader(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert {a for a, _ in read.attributes if a.startswith("on")} <= {"onclick"} and not {"src", "href"} & {
        a for a, value in read.attributes if not value.startswith("#")}
    assert not re.search(r"https?://(?!www\.w3\.org/)", page) and "@import" not in page and "url(" not in page
    assert {value for a, value in read.attributes if a == "onclick"} <= {blocks._COPY}
    assert html_of(OBJECTS[name]) == page


@pytest.mark.parametrize("name", [name for name, value in OBJECTS.items() if latex_of(value)])
def test_latex_has_its_delimiters(name: str) -> None:
    latex = OBJECTS[name]._repr_latex_()  # type: ignore[attr-defined]
    assert re.fullmatch(r"\$\\displaystyle [^$]+\$|\\begin\{align\*\}[^$]+\\end\{align\*\}", latex, re.DOTALL)
    assert latex.count("{") == latex.count("}")


def test_a_derivative_shows_formula_spaces_steps_code_and_graph() -> None:
    page = OBJECTS["Derivative"]._repr_html_()  # type: ignore[attr-defined]
    words = "".join(Reader(page).words)
    d = OBJECTS["Derivative"]
    assert isinstance(d, Derivative)
    assert "in R^{m x n}" in words and "shape (m, n)" in words and "Chain rule" in words and d.numpy().rstrip() in words
    assert "<math" in page and "<svg" in page and "⊙" in words
    assert re.findall(r"<summary>(\w+)</summary>", page) == ["Steps", "NumPy", "LaTeX", "Graph"]
    assert "in R^D" not in words and "x_n" in "".join(Reader(html_of(OBJECTS["families"])).words)
    assert "index notation: there is no matrix form" in html_of(OBJECTS["tensor"])
    assert "Steps" not in html_of(OBJECTS["hvp"]) and "denominator" in html_of(OBJECTS["scalars"])


def test_text_is_escaped() -> None:
    assert blocks.text("<b>&\x1b[2J\n\"") == "&lt;b&gt;&amp;\\x1b[2J\n&quot;"
    page = matcalc.derive("1[a < b]^T x", "x", declare={"a": "R^n", "b": "R^n"})._repr_html_()
    assert "&lt;" in page or "&#x0003C;" in page
    assert "<b" not in page.replace("<button", "")


def test_verdicts() -> None:
    assert "matcalc-passed" in html_of(OBJECTS["Report"]).partition("</style>")[2]
    broken = type(OBJECTS["Report"])(False, float("nan"), 1e-9, "complex step", 0, {"n": 2}, ("entry <1>",))  # type: ignore[call-arg]
    page = html_of(broken)
    assert "matcalc-failed" in page.partition("</style>")[2] and "entry &lt;1&gt;" in page


def test_without_the_library_for_mathml_latex_is_left_to_mathjax(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(blocks, "import_module", absent)
    assert blocks.math("a < b") == '<div class="matcalc-formula">\\[a &lt; b\\]</div>'
    assert blocks.math("x", block=False) == "\\(x\\)"


def test_the_same_object_gives_the_same_bytes() -> None:
    again = objects()
    assert all(html_of(again[name]) == html_of(OBJECTS[name]) for name in ("Derivative", "Gradients", "Graph", "Taylor"))


def test_formulas_of_the_lectures_are_turned_into_mathml() -> None:
    for formula, by in (("logdet(X)", "X"), ("||x||", "x"), ("[a; b]^T C [a; b]", "a"), ("sum_{n=1}^N exp(-t^T x_n)", "t"),
                        ("1[A x > 0]^T x", "x"), ("expm(X) v", "v"), ("commutation(m, n) v", "v"), ("|s|", "s"), ("kron(A, B)", "A")):
        shown = blocks.math(matcalc.derive(formula, by, declare={"s": "R"} if by == "s" else None).latex(equation=True))
        assert "<math" in shown and "\\" not in "".join(Reader(shown).words)
