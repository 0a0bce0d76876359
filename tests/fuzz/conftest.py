"""Modules that import JAX hold no doctests; where they are imported to look for them, JAX starts each time."""

collect_ignore = ["jax_values.py", "jaxpr.py"]
