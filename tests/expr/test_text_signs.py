"""Signs in sums: only a minus reads as one."""

from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import elaborate


def test_an_inverse_before_an_elementwise_product_is_no_minus() -> None:
    for text in ("x + S^-1 (y .* x)", "x - y .* x", "x - S^-1 (y .* x)", "x + 1/s (y .* x)"):
        spaces = {name: space for name, space in {"S": "R^{n x n}", "s": "R"}.items() if name in text}
        expr = elaborate(text, spaces).expr
        assert elaborate(to_text(expr), spaces).expr is expr
    assert to_text(elaborate("x - y .* x").expr) == "x - y .* x"
