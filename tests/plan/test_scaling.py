"""Matrices whose rows share one factor are summed first and scaled once."""

import pytest

from matcalc import derive


@pytest.mark.parametrize(("text", "line"), [
    ("softmax(A x)", "return p[:, None] * (A - p.dot(A))"),
    ("a b^T x + a c^T x", "return _outer(a, b + c)"),
    ("c .* (A x) .* (B x)", "return c[:, None] * z"),
    ("(a^T x) A x", "z += _outer(A.dot(x), a)"),
    ("softmax(x)", "out.flat[::n + 1] += p"),
])
def test_rows_are_scaled_once(text: str, line: str) -> None:
    d = derive(text, "x")
    assert line in d.numpy(checks=False), d.numpy(checks=False)
    assert d.check().passed
