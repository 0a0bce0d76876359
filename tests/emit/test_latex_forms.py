"""LaTeX of both languages, to the letter, from nodes that are built directly."""

import pytest

from matcalc.emit.latex import derivative, to_latex
from matcalc.emit.latex_index import index_to_latex
from matcalc.emit.latex_names import subscript, symbol
from matcalc.expr.nodes import Expr
from matcalc.ir.nodes import Tensor
from tests.forms import FORMS
from tests.index_forms import INDEX_FORMS


@pytest.mark.parametrize(("node", "latex"), [(node, latex) for node, _, latex in FORMS])
def test_form(node: Expr, latex: str) -> None:
    assert to_latex(node) == latex


@pytest.mark.parametrize(("node", "latex"), [(node, latex) for node, _, latex in INDEX_FORMS])
def test_form_in_index_notation(node: Tensor, latex: str) -> None:
    assert index_to_latex(node) == latex


def test_names() -> None:
    assert [symbol(name) for name in ("i'", "i''", "alpha'")] == ["i'", "i''", r"\alpha'"]
    assert [subscript(names) for names in (["i"], ["i", "j"], ["i", "2"], ["2", "13"], ["i'", "j"], ["alpha", "j"])] == [
        "i", "ij", "i2", "2,13", "i' j", r"\alpha j"]


def test_second_differentials_keep_their_order() -> None:
    assert derivative("f", ["x", "y"]) == r"\frac{\partial^{2} f}{\partial x\,\partial y^{\top}}"
