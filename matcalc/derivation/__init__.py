"""Derivations: the work that leads to a derivative, one rule at a time."""
