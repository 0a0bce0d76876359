"""Layer 2: from the index language back to the matrix language."""
