"""Layer 2: simplification of the index language."""
