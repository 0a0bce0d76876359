"""Layer 2: from the matrix language to the index language."""
