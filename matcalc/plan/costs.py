"""What the choice between ways to compute is made by: sizes and ratios, as measured with NumPy and OpenBLAS on one core.

`python -m benchmarks.kernels` measures them anew, and the tests hold them against what it found; `python -m benchmarks` measures
what follows from them.
"""

TYPICAL, TYPICAL_DATA = 100.0, 1000.0
"""The length that a named dimension counts as, and one that counts data."""

SYMMETRIC = 0.55
"""A matrix times its own transpose beside a general product of the same size: one triangle is computed."""

GRAM_COLUMNS = 60
"""Columns from which computing one triangle pays: below, copying it to the other costs more."""

SYRK_COLUMNS = 80
"""The same where the triangle is that of BLAS and is copied by NumPy."""

OUTER_ENTRIES = 1_000_000
"""Entries up to which an outer product is fastest as a matrix product; `einsum` is 1.3 times faster above."""

SOFTPLUS_ENTRIES = 150
"""Entries up to which `logaddexp`, one call at 12 ns an entry, beats six calls at 3 ns."""

THIN = 4
"""How many times the entries of its thin factors a residual must have for sparing it to be worth the calls."""
