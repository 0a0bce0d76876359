"""Changes that change nothing: what they replace and what they put there have the same value wherever it is used.

They are not planted. Each has its reason.
"""

_DELTAS = "the product of the deltas is the same with rows and columns of all of them changed"

SAME: dict[str, str] = {
    "diff.differentiate.derivatives transpose: (*lead, *(f's{i}' for i in range(output.rank))) -> "
    "(*(f's{i}' for i in range(output.rank)), *lead)": _DELTAS,
    "diff.forward.pushforward transpose: (*lead, *slots) -> (*slots, *lead)": _DELTAS,
    "derivation.rewriting.expanded transpose: (*lead, *(f's{i}' for i in range(u.rank))) -> "
    "(*(f's{i}' for i in range(u.rank)), *lead)": _DELTAS,
    "lowering.lower._diag transpose: ('i', 'j') -> ('j', 'i')": "a diagonal matrix is symmetric",
    "lowering.lower.'identity' transpose: node.shape.rows -> node.shape.cols": "an identity is square",
}
"""The reason, by the name of the change."""
