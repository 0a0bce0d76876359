"""Stationary points: where a gradient is zero, as equations, as a formula and as code."""
