"""Layer 1: the matrix language, in which people write and read."""
