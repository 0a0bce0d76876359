"""Changes that change nothing: what they replace and what they put there have the same value wherever it is used.

They are not planted. Each has its reason.
"""

_DELTAS = "the product of the deltas is the same with rows and columns of all of them changed"

SAME: dict[str, str] = {
    "diff.differentiate.derivatives transpose: (*lead, *(f's{i}' for i in range(output.rank))) -> "
    "(*(f's{i}' for i in range(output.rank)), *lead)": _DELTAS,
    "diff.forward.pushforward transpose: (*lead, *slots) -> (*slots, *lead)": _DELTAS,
    "diff.differentiate.d_expm constant: 1 -> 2 #2": "a factor beside a delta stands at the first of its indices",
    "diff.differentiate.d_expm overwritten: terms.append((c, b.contract([*rest, (node, (rank + 1, rank))], tuple(range(rank + 2))))) -> "
    "terms.__setitem__(slice(None), [(c, b.contract([*rest, (node, (rank + 1, rank))], tuple...":
        "the traces of one exponential are one node, so that its cotangent is one term",
    "diff.differentiate.d_expm term: rank + 1 -> rank #2": "a factor beside a delta stands at the first of its indices",
    "ir.build.lin sign: ONE -> -ONE": "a coefficient that is known to be one only spares a multiplication",
    "ir.build.lin sign: ONE -> -ONE #2": "a coefficient that is known to be one only spares a look at its size",
    "ir.build.power transpose: (base, exponent) -> (exponent, base)": "axes along which all arguments are constant, in any order",
    "ir.build.matpow constant: 0 -> 1 #3": "a diagonal matrix is symmetric",
    "ir.build.matpow transpose: (0, 1) -> (1, 0) #3": "a diagonal matrix is symmetric",
    "ir.products.Network.remove_delta transpose: (keep, gone) -> (gone, keep)": "a diagonal matrix is symmetric",
    "ir.products.Network.remove_delta transpose: (keep, gone) -> (gone, keep) #2": "a delta is symmetric",
    "ir.products.Network.merged transpose: (0, 1) -> (1, 0)": "both slots are looked at",
    "ir.products.Network.merged swapped: 1 - slot -> slot - 1": "the slot -1 of two is the slot 1",
    "ir.products.Network.merged swapped: 1 - slot -> slot - 1 #2": "the slot -1 of two is the slot 1",
    "ir.products.Network.merged transpose: (idx, other) -> (other, idx)": "every pair comes by in both orders",
    "ir.products.Network.join_blocks transpose: (*first[1], *second[1]) -> (*second[1], *first[1])": "axes in an order that is named beside them",
    "ir.selection._ranges transpose: (first, second) -> (second, first)": "axes in an order that is named beside them",
    "ir.products.Network.merge_powers transpose: (base, idx) -> (idx, base)": "the key of a table",
    **{f"simplify.matrix_functions._expm {change}": "a diagonal matrix is symmetric" for change in (
        "transpose: (0, 1) -> (1, 0)", "transpose: (0, 1) -> (1, 0) #2", "constant: 0 -> 1 #3", "transpose: (0, 1) -> (1, 0) #3")},
    "simplify.matrix_functions._logdet constant: 0 -> 1": "the name of an index",
    "simplify.matrix_functions.kron transpose: (0, 1) -> (1, 0)": "both sides are square",
    "simplify.matrix_functions.kron constant: 0 -> 1": "both sides are square",
    "simplify.matrix_functions._side transpose: (row, 'col') -> ('col', row)": "a diagonal matrix is symmetric",
    "simplify.matching._terms transpose: (*used, n) -> (n, *used)": "which terms are used counts, not their order",
    "simplify.matching._some transpose: (*used, n) -> (n, *used)": "which factors are used counts, not their order",
    "abs-from-sign: dropped": "the rewrite for products does the same",
    "ir.products.Network.merged constant: 4 -> 5": "the end of a slice of four",
    "ir.products.Network.open sign: ONE -> -ONE": "a product with one is left out for speed",
    "plan.products.Product.operands sign: -1 -> 1 #3": "a sum that is not formed has no number",
    "plan.products.Product.operands constant: 1 -> 2 #3": "a sum that is not formed has no number",
    "plan.products.opened constant: 1 -> 2": "numbers of new indices, above the others",
    "plan.program._planned transpose: (*named.values(), *nodes) -> (*nodes, *named.values())": "what is needed how often is counted, in any order",
    "plan.program.Planner.__init__ constant: 0 -> 1": "sums inside sums are distributed to one level less",
    "plan.program.Planner.primitive constant: 0 -> 1": "what nothing else needs is needed once at most",
    "plan.program.Planner.combined swapped: c / size -> size / c": "one or minus one",
    **{f"plan.program.Planner.distribute constant: 1 -> 2 #{n}": "sums inside sums are distributed to fewer levels" for n in (4, 5)},
    "plan.place.Placement.fresh constant: 1 -> 2": "numbers of new indices, above the others",
    "plan.place.Placement.fresh constant: 0 -> 1": "numbers of new indices, above the others",
    "plan.place.Placement.fresh transpose: (*self.dims, 0) -> (0, *self.dims)": "the greatest of them in any order",
    "plan.place.constant constant: 1 -> 2": "the number of an index that is named alike wherever it stands",
    "plan.place.Placement.tie transpose: (kept, gone) -> (gone, kept)": "a tie is read both ways",
    "plan.place.Placement.tied transpose: (b, a) -> (a, b)": "in the normal form what fills an axis stands at the first of those that are tied",
    "plan.program.Planner.held constant: 0 -> 1": "what is planned early and not needed is left out in the end",
    "plan.program.Planner.held constant: 1 -> 2": "what is planned early and not needed is left out in the end",
    "plan.place.Placement.child transpose: (new, index) -> (index, new)": "a tie is read both ways",
    "derivation.rewriting.expanded transpose: (*lead, *(f's{i}' for i in range(u.rank))) -> "
    "(*(f's{i}' for i in range(u.rank)), *lead)": _DELTAS,
    "ir.text.names_in transpose: (*part.axes, *part.data) -> (*part.data, *part.axes)": "what is found is a set",
    "ir.text._Writer.bound constant: 0 -> 1": "names that are drawn before they are needed are used later",
    "ir.text._Writer.bound sign: inside + count - len(self.known) -> inside + count + len(self.known)":
        "names that are drawn before they are needed are used later",
    "ir.text._Writer.bound term: inside + count - len(self.known) -> inside + count":
        "names that are drawn before they are needed are used later",
    "ir.text._Writer.position transpose: (own, *args) -> (*args, own)": "the least of them is the same in any order",
    "expr.text._product condition: MINUS if sign else PRODUCT -> MINUS if not sign else PRODUCT":
        "only the first factor of a product asks which of the two it is, and a product there stands in brackets anyway",
    "emit.latex_index._reciprocals_last constant: 2 -> 3": "the last of three places, by any number above the others",
    "expr.text._leaf transpose: node.shape.rows -> node.shape.cols #4": "an identity is square",
    "emit.latex.'identity' transpose: node.shape.rows -> node.shape.cols": "an identity is square",
    "emit.latex._inner_product constant: 0 -> 1": "a range that starts at 1 and ends at 0 is empty too",
    "emit.latex._inner_product constant: 0 -> 1 #3": "a range that starts at 1 and ends at 0 is empty too",
    "emit.latex_index._chain transpose: (0, False) -> (False, 0)": "0 and False are one number",
    "lowering.lower._kron transpose: (0, 1) -> (1, 0)": "how many there are counts, or which one is alone",
    "core.dims.Dim.__sub__ transpose: (*self.terms, *((names, -c) for names, c in other.terms)) -> "
    "(*((names, -c) for names, c in other.terms), *self.terms)": "terms are sorted",
    "lowering.lower._diag transpose: ('i', 'j') -> ('j', 'i')": "a diagonal matrix is symmetric",
    "lowering.lower.'identity' transpose: node.shape.rows -> node.shape.cols": "an identity is square",
    "expr.build._flatten constant: 1 -> 2 #2": "the last operand once more",
    "expr.build._flatten constant: 1 -> 2 #4": "any number below the positions",
    "expr.build.matpow transpose: base.shape.rows -> base.shape.cols": "only square matrices come by",
    "expr.build.diag transpose: node.shape.rows -> node.shape.cols": "only square matrices come by",
    "core.dims.Dim.__add__ transpose: (*self.terms, *other.terms) -> (*other.terms, *self.terms)": "terms are sorted",
    "simplify.recognise._sign_of_product constant: 1 -> 2": "any number that is no index",
}
"""The reason, by the name of the change; a name that is no longer among the changes is printed by a run over all registries."""
