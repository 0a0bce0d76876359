"""Layer 2: straight-line programs from the index language."""
