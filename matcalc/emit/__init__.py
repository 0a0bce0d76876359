"""Layer 2: printing of programs for a target."""
