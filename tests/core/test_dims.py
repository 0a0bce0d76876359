import pytest

from matcalc.core.dims import SCALAR, Dim, matrix, row, vector
from matcalc.core.errors import LimitError
from matcalc.core.limits import limited


def test_equal_polynomials_are_equal_dimensions() -> None:
    m, n = Dim.of("m"), Dim.of("n")
    assert m * n == n * m and m + n == n + m and m + m == Dim.of(2) * m
    assert m != n and (m * n).evaluate({"m": 2, "n": 3}) == 6


def test_kinds_with_one_entry_differ() -> None:
    one = Dim.of(1)
    assert vector(one) != matrix(one, one)


def test_spaces_are_written_as_they_are_declared() -> None:
    m, n = Dim.of("m"), Dim.of("n")
    shapes = (SCALAR, vector(n), vector(Dim.of(3)), vector(m * n), vector(m + n), row(n), matrix(m, n + n))
    assert [str(shape) for shape in shapes] == ["R", "R^n", "R^3", "R^{m n}", "R^{m + n}", "R^{1 x n}", "R^{m x 2 n}"]


def test_products_hold_so_many_names() -> None:
    m, n, p, q = map(Dim.of, "mnpq")
    for left, right, names in ((m + n, p * q, 6), (p * q, m + n, 6), (m * n * p, q, 4), (m + n + p, q + m, 12), (m * m, n + p + q, 9), (m + Dim.of(1), n, 3)):
        written = left.terms, right.terms
        assert sum(len(a + b) for a, _ in written[0] for b, _ in written[1]) == names
        with limited(size_names=names):
            assert left * right == right * left
        with limited(size_names=names - 1), pytest.raises(LimitError, match=f"a product or a sum of more than {names - 1} names"):
            left * right
