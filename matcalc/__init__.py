"""Symbolic matrix calculus: formula in, derivative out, as a formula and as checked NumPy code."""
