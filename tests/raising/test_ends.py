"""Sums of matrices whose terms begin or end alike."""

from __future__ import annotations

import pytest

from matcalc import derive


@pytest.mark.parametrize(("text", "wrt", "order", "printed"), [
    ("A softmax(y)", "y", 1, "A (diag(z) - z z^T) where z = softmax(y)"),
    ("softmax(B x)", "x", 1, "(diag(z) - z z^T) B where z = softmax(B x)"),
    ("A softmax(B x)", "x", 1, "A (diag(z) - z z^T) B where z = softmax(B x)"),
    ("logsumexp(A x)", "x", 2, "A^T (diag(z) - z z^T) A where z = softmax(A x)"),
    ("3 logsumexp(A x + b)", "x", 2, "3 A^T (diag(z) - z z^T) A where z = softmax(A x + b)"),
    ("C (A x + diag(w) B x)", "x", 1, "C (A + diag(w) B)"),
    ("(a^T x) A x + (b^T x) A x", "x", 1, "((a + b)^T x) A + A x (a + b)^T"),
    ("diag(w) x + x + (x^T x) w", "x", 1, "I + diag(w) + 2 w x^T"),
])
def test_what_terms_share_is_written_once(text: str, wrt: str, order: int, printed: str) -> None:
    d = derive(text, wrt, order)
    assert str(d) == printed
    assert d.check().passed
