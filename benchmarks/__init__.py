"""Emitted code against hand-written NumPy and automatic differentiation, on twelve problems at three sizes."""

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""What is set to 1 before NumPy is imported."""
