"""Automatic differentiation as a computation graph: intermediate variables, local derivatives, accumulation."""
