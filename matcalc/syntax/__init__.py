"""Text of the matrix language to typed expressions."""
