"""Mutants of packages that have the value of the code wherever it is used, each with its reason.

They are not counted. A mutant is named by its function, what the operator does, and the line as it then reads.
"""

_ONE = "there is one of them"
_FLAT = "no product with axes stands as a factor in another, and of anything else the only factor is itself"

EQUIVALENT: dict[str, str] = {
    'simplify.constants._function NumberReplacer: if name == "log" and values[ -1] == 0:': _ONE,
    'simplify.factor._none NumberReplacer: return -1': "what is the same for all orders nothing",
    'simplify.factor.opened ReplaceOrWithAnd: if node.head != "contract" and node.rank or node is term:': _FLAT,
    'simplify.matching.instantiated NumberReplacer: return b.multiply(*args) if pattern.head == "contract" else b.apply(str(pattern.data[ -1]), *args)': _ONE,
    'simplify.complete._completed ReplaceComparisonOperator_NotEq_Lt: if node.head < "lin" or not selects(node):':
        "anything else is its own only term, without unit vectors beside it",
    'simplify.congruence._between ReplaceComparisonOperator_Gt_GtE: if t is matrix and idx[slot] in (0, 1) and idx[slot] not in ends and idx[1 - slot] >= 1:':
        "a term with a factor on both outer axes has no matrix alone on either",
    'plan.logistics._sign ReplaceComparisonOperator_NotEq_Gt: if step.op > "combine" or len(step.operands) != 1 or program.steps[step.operands[0]].op != "bounded_exp":':
        "only a sum has a bounded exponential as its operand",
    'plan.logistics._sign ReplaceOrWithAnd: if step.op != "combine" and len(step.operands) != 1 or program.steps[step.operands[0]].op != "bounded_exp":':
        "only a sum has a bounded exponential as its operand, and no other one",
    'plan.program.Planner.combined NumberReplacer: return terms[ -1][1]': _ONE,
    'plan.products.undiagonal ReplaceComparisonOperator_Lt_LtE: diagonals = [{f for t, f in factors_of(term) if t.head == "delta" and max(f) <= node.rank} for term in node.args]':
        "a delta whose index is summed has been contracted",
    'plan.kernels.with_kernels NumberReplacer: if is_multiple and result.steps[mapped[ -1]].op == "outer":': _ONE,
    'plan.solves._solve_together NumberReplacer: axes = (group[ -1].axes[0], total)': "the same matrix stands on the left of all",
    'plan.sharing.reversals ReplaceAndWithOr: if t.head == "lin" or uses[t] > 1:':
        "what is no sum is no difference, and one that is used once changes sides in its product",
    'plan.thin.thin_residuals NumberReplacer: found[node] = (m * n, (Dim.of(THIN), inner[ -1], m + n))': _ONE,
}
"""The reason, by the name of the mutant."""
