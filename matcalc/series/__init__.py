"""Layer 7: Taylor polynomials."""
