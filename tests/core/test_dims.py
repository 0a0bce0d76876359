from matcalc.core.dims import Dim, matrix, vector


def test_equal_polynomials_are_equal_dimensions() -> None:
    m, n = Dim.of("m"), Dim.of("n")
    assert m * n == n * m and m + n == n + m and m + m == Dim.of(2) * m
    assert m != n and (m * n).evaluate({"m": 2, "n": 3}) == 6


def test_kinds_with_one_entry_differ() -> None:
    one = Dim.of(1)
    assert vector(one) != matrix(one, one)
