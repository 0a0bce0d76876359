"""Layer 2: differentiation of the index language."""
