"""Layer 0: errors, dimensions, interned nodes, traversal, the function catalogue."""
