"""Emitted code against hand-written NumPy and automatic differentiation, on twelve problems at three sizes."""
