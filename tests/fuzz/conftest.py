"""What imports JAX is left out where JAX is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("jax") else ["jax_values.py", "jaxpr.py"]
