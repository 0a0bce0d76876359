"""Mutants of packages that have the value of the code wherever it is used, each with its reason.

They are not counted. A mutant is named by its function, what the operator does, and the line as it then reads.
"""

_ONE = "there is one of them"
_FLAT = "no product with axes stands as a factor in another, and of anything else the only factor is itself"

EQUIVALENT: dict[str, str] = {
    'simplify.factor._none NumberReplacer: return -1': "what is the same for all orders nothing",
    'simplify.factor.opened ReplaceOrWithAnd: if node.head != "contract" and node.rank or node is term:': _FLAT,
    'simplify.matching.instantiated NumberReplacer: return b.multiply(*args) if pattern.head == "contract" else b.apply(str(pattern.data[ -1]), *args)': _ONE,
    'simplify.complete._completed ReplaceComparisonOperator_NotEq_Lt: if node.head < "lin" or not selects(node):':
        "anything else is its own only term, without unit vectors beside it",
    'simplify.congruence._between ReplaceComparisonOperator_Gt_GtE: if t is matrix and idx[slot] in (0, 1) and idx[slot] not in ends and idx[1 - slot] >= 1:':
        "a term with a factor on both outer axes has no matrix alone on either",
    'simplify.complete._tied NumberReplacer: slots = [factors[n][1][ -1] for n in chosen]': _ONE,
    'simplify.complete._wholes NumberReplacer: for picked in [*([n] for n in inner), *([inner] if len(inner) > 0 else [])]:':
        "a list of one comes by beside it",
    'simplify.matrix_functions._reach ReplaceComparisonOperator_Eq_LtE: if wider <= reached:': "what is reached only grows",
    'simplify.expand._sum_of ReplaceComparisonOperator_Gt_GtE: if node.head == "lin" and len(node.args) >= 1:':
        "a number in front of one term has been taken out of products and powers",
    'simplify.matching.matches ReplaceComparisonOperator_Eq_GtE: if len(pattern.args) >= len(node.args):':
        "a pattern with more terms than there are matches none",
    'simplify.expand._sum_of ReplaceComparisonOperator_Eq_LtE: if node.head <= "lin" and len(node.args) > 1:': "a product is its own only term",
    'simplify.recognise._sum_of_softmax NumberReplacer: lead = int(str(s.data[ -1])) if s.head == "softmax" else s.rank': _ONE,
    'simplify.factor._numerator ReplaceComparisonOperator_LtE_NotEq: if exponent < 0 and not left.rank and left.head == "lin" and 1 < max(map(terms_written_out, left.args)) != MAX_POWERS:':
        "what is longer when it is written out is not taken",
    'simplify.recognise._mirrored_sigmoid NumberReplacer: if s.head != "map" or s.data != ("sigmoid",) or s.args[ -1].head != "lin":': _ONE,
    'simplify.factor._rounds NumberReplacer: for measured, _, attempt in tried[: 2 if foresee is None else FORESEEN]:':
        "the attempts come in the order of their sizes",
    'simplify.matrix_functions.of_structured NumberReplacer: return b.zero(()) if node.head == "logdet" else _commutation_power(base, int(str(node.data[ -1])))':
        _ONE,
    'simplify.matrix_functions._of_kron NumberReplacer: n, m = b.size(left.axes[ -1]), b.size(right.axes[0])': "both are square",
    'simplify.factor._numerator ReplaceComparisonOperator_Lt_LtE: if exponent <= 0 and not left.rank and left.head == "lin" and 1 < max(map(terms_written_out, left.args)) <= MAX_POWERS:':
        "no power has the exponent 0",
    'simplify.deltas._ties ReplaceOrWithAnd: if node.head != "lin" and len(node.args) < 2:': "what is no sum is its own only factor, and no delta",
    'simplify.matrix_functions._logdet NumberReplacer: return None if v is None else b.contract([(b.apply("log", b.apply("abs", v)), ( 1,))], ())':
        "the name of an index that is summed",
    'simplify.deltas._ties NumberReplacer: if node.head != "lin" or len(node.args) < 1:':
        "a number times one term does not stand as a factor in a product",
    'simplify.matrix_functions.of_structured ReplaceComparisonOperator_Eq_LtE: return b.zero(()) if node.head <= "logdet" else _commutation_power(base, int(str(node.data[0])))':
        "of the two heads the other comes after it",
    'simplify.constants._folded NumberReplacer: return _power(*known) if node.head == "pow" else _function(str(node.data[ -1]), known)': _ONE,
    'simplify.congruence._between ReplaceBinaryOperator_Sub_BitXor: ends[idx[slot]] = idx[1 ^ slot]': "the slots are 0 and 1",
    'simplify.congruence._side ReplaceComparisonOperator_Eq_LtE: found = ((t, slot) for slot in (0, 1) for t, idx in matrices if idx[slot] <= 0 and idx[1 - slot] > 1)':
        "indices are not negative",
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
    'plan.sharing.reversals ReplaceComparisonOperator_Eq_GtE: for c, term in terms_of(node) if node.head >= "lin" else [(Fraction(1), node)] if node in roots else []:':
        "only a product has factors that count here",
    'plan.ranges._first NumberReplacer: return operands[ -1]': _ONE,
    'plan.kernels.with_kernels NumberReplacer: op, mapped, data = "outer", _scaled_outer(result, mapped[ -1], data), ()': _ONE,
    'plan.logistics._negative ReplaceComparisonOperator_Eq_LtE: if step.op <= "combine" and step.data == ((-ONE,), 0, (step.data[3],), step.data[3]):':
        "only a sum has such data",
    'plan.place.end_to_end ReplaceComparisonOperator_Eq_GtE: if slot.kind not in ("at", "range") or (slot.kind >= "range" and not idx) or slot.size is None:':
        "of the two kinds the other comes before it",
    'plan.ranges._constant NumberReplacer: value = step.data[ -1]': _ONE,
    'simplify.factor.opened ReplaceOrWithAnd: if node.head != "contract" or node.rank and node is term:': _FLAT,
    'simplify.size._entries NumberReplacer: rest = [t for t, idx in factors_of(term) if t.head != "basis" or idx[ -1] >= node.rank]': _ONE,
    'simplify.size._broadcast NumberReplacer: size(term) - max( 0, size(b.contract(kept, (*dict.fromkeys(i for _, idx in kept for i in idx if i < node.rank),))))':
        "no size is below 1",
    'simplify.recognise._sum_of_exp ReplaceComparisonOperator_NotEq_Gt: if node.head != "contract" or len(node.args) > 1:':
        "the logarithm and the powers of 1 are numbers",
    'simplify.matrix_functions.of_structured NumberReplacer: return _log_det(node.args[ -1])': _ONE,
    'simplify.factor._take_out ReplaceComparisonOperator_Lt_NotEq: if 0 < sum(a in held for a in axes) != len(axes):': "no more than all axes are held",
    'plan.place.constant ReplaceComparisonOperator_Eq_LtE: if node.head <= "basis":': "of the three heads the others come after it",
    'plan.contraction.Contraction.matmul ReplaceComparisonOperator_Eq_LtE: if len(a.idx) <= len(b.idx) == 1:': "both hold the index that is summed",
    'plan.logistics._sign ReplaceComparisonOperator_NotEq_Gt: if step.op != "combine" or len(step.operands) != 1 or program.steps[step.operands[0]].op > "bounded_exp":':
        "of the operations only one comes before it, and a sum that needs it is written into its places",
    'simplify.size._entries NumberReplacer: at = {idx[ -1]: t for t, idx in factors_of(term) if t.head == "basis" and idx[0] < node.rank}': _ONE,
    'simplify.factor._numerator NumberReplacer: if exponent < 0 and not left.rank and left.head == "lin" and 1 < max(map(terms_written_out, left.args), default= -1) <= MAX_POWERS:':
        "any number that is not above 1",
    'simplify.congruence._between NumberReplacer: if t is matrix and idx[slot] in (0, 1) and idx[slot] not in ends and idx[1 - slot] > 0:':
        "a term with a factor on both outer axes has no matrix alone on either",
    'plan.layout._Layout.step NumberReplacer: one = self.held[step.operands[0]] if step.operands else ( 1, False)':
        "a step without operands is none of those that look at it",
    'plan.kernels._scaled ReplaceComparisonOperator_Eq_LtE: if step.op == "combine" and len(step.operands) <= 1 and step.data[1] == 0 and step.data[2] == (step.data[3],):':
        "every sum has an operand",
    'plan.signs.with_one_scaling NumberReplacer: return _scaled_before(program, step, factor, {m.target: m.operands[ -1] for m in multiples})': _ONE,
    'plan.kernels._scaled NumberReplacer: gram = program.steps[step.operands[ -1]]': _ONE,
    'plan.place.Placement.tied ReplaceComparisonOperator_NotEq_Lt: if a < b:': "the two are sorted",
}
"""The reason, by the name of the mutant."""
