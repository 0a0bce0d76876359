"""Dimensions in LaTeX."""

import pytest

from matcalc.core.dims import Dim
from matcalc.emit.latex_names import dimension

M, N, ONE = Dim.of("m"), Dim.of("n"), Dim.of(1)


@pytest.mark.parametrize(("dim", "text"), [
    (N, "n"), (M * N, "m n"), (N * N, "n^{2}"), (N + ONE, "1 + n"), (M + N, "m + n"), (N - M, "-m + n"), (N - ONE, "-1 + n"),
    (Dim.of(2) * N - M * M, "-m^{2} + 2 n"), (M - Dim.of(3) * N, "m - 3 n"), (N - N, "0"), (Dim.of("N_1"), "N_{1}"),
])
def test_dimension(dim: Dim, text: str) -> None:
    assert dimension(dim) == text
