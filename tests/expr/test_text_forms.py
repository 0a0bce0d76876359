"""Text of the matrix language, to the letter, from nodes that are built directly: nothing here depends on the parser."""

import pytest

from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from tests.forms import FORMS, A, M, N, S, s, x


@pytest.mark.parametrize(("node", "text"), [(node, text) for node, text, _ in FORMS])
def test_form(node: Expr, text: str) -> None:
    assert to_text(node) == text


@pytest.mark.parametrize(("node", "text"), [
    (e.add([S, e.identity(N)]), "S + I"), (e.product([e.identity(N), x]), "I x"), (e.product([e.identity(N), e.identity(N)]), "I_n I_n"),
    (e.APPLY["tr"](e.identity(N)), "tr(I_n)"), (e.kron(e.identity(M), A), "kron(I_m, A)"), (e.APPLY["expm"](e.identity(N)), "expm(I_n)"),
    (e.product([e.APPLY["tr"](e.identity(N)), x]), "tr(I_n) x"), (e.add([e.product([s, e.identity(N)]), S]), "s I + S"),
    (e.product([s, e.identity(N)]), "s I_n"), (e.matpow(e.add([e.identity(N), S]), -1), "(I + S)^-1"),
    (e.divide(s, e.APPLY["det"](e.identity(N))), "s/det(I_n)"),
])
def test_an_identity_names_its_size_where_nothing_beside_it_tells(node: Expr, text: str) -> None:
    assert to_text(node) == text
