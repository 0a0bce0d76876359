"""Which way round matrices are stored: transposes move outwards until they meet, and products lose theirs.

Before: a program whose matrices have the axes of its tensors. After: the same results; a value may be held transposed
where that spares transposes, so that what is added and multiplied elementwise lies in memory the same way round. It ends
after one pass over the steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.plan.steps import Indices, Program, Step, pruned

_ELEMENTWISE = frozenset(("map", "power", "nonzero", "bounded_exp"))
_SWAP = {0: 1, 1: 0}
Held = tuple[int, bool]
"""The number of a value in the new program, and whether it is the transpose of what is meant."""


def oriented(program: Program, data: frozenset[str]) -> Program:
    """The program with transposes moved outwards.

    Args:
        program: any program.
        data: names of dimensions that count data; where nothing else decides, they lead.
    """
    layout = _Layout(data)
    for step in program.steps:
        layout.held.append(layout.step(step))
    layout.result.results = tuple(layout.plain(r) for r in program.results)
    return pruned(layout.result)


class _Layout:
    """The new program, and how it holds the values of the old one."""

    def __init__(self, data: frozenset[str]) -> None:
        self.result, self.data = Program(), data
        self.held: list[Held] = []

    def plain(self, value: int) -> int:
        """A value of the old program as it was meant."""
        number, is_turned = self.held[value]
        if not is_turned:
            return number
        axes = self.result.steps[number].axes
        return self.result.emit("permute", (number,), (1, 0), axes[::-1])

    def emit(self, step: Step, operands: Sequence[int], data: tuple[object, ...], is_turned: bool) -> Held:
        """A step of the old program, or its transpose."""
        axes = step.axes[::-1] if is_turned else step.axes
        return self.result.emit(step.op, tuple(operands), data, axes), is_turned

    def step(self, step: Step) -> Held:
        """One step of the old program in the new one."""
        if step.op == "permute" and step.data == (1, 0):
            number, is_turned = self.held[step.operands[0]]
            return number, not is_turned
        if step.op == "matmul":
            return self.matmul(step)
        if step.op in ("combine", "multiply", "divide") and any(self.held[o][1] for o in step.operands):
            return self.broadcast(step)
        one = self.held[step.operands[0]] if step.operands else (0, False)
        if step.op in _ELEMENTWISE and len(step.axes) == 2 and len(step.operands) == 1:
            return self.emit(step, (one[0],), step.data, one[1])
        if step.op in ("inv", "matpow", "expm"):
            return self.emit(step, (one[0],), step.data, one[1])
        if step.op == "sum" and one[1]:
            axes = step.data[0]
            assert isinstance(axes, tuple)
            return self.emit(step, (one[0],), (tuple(sorted(_SWAP[a] for a in axes)),), False)
        if step.op in ("inner", "trace", "det", "logdet") and all(self.held[o][1] for o in step.operands):
            return self.emit(step, [self.held[o][0] for o in step.operands], step.data, False)
        return self.emit(step, [self.plain(o) for o in step.operands], step.data, False)

    def matmul(self, step: Step) -> Held:
        """A product; of two transposes the other way round, of one where that turns a parameter or puts data first."""
        (a, a_turned), (b, b_turned) = (self.held[o] for o in step.operands)
        first, second = step.data[0] != a_turned, step.data[1] != b_turned
        if first and second and len(step.axes) == 2 and a != b:
            return self.result.emit("matmul", (b, a), (False, False), step.axes[::-1]), True
        if second and not first and len(step.axes) == 2 and a != b and self.is_better_swapped(step, a, b):
            return self.result.emit("matmul", (b, a), (False, True), step.axes[::-1]), True
        return self.emit(step, (a, b), (first, second), False)

    def is_better_swapped(self, step: Step, a: int, b: int) -> bool:
        """Whether `b.dot(a.T)` should be in the place of `a.dot(b.T)`: it turns a parameter, or leads with data."""
        is_parameter, other_is = (self.result.steps[value].op == "var" for value in (a, b))
        return bool(self.data & set(step.axes[1].names)) if is_parameter == other_is else is_parameter

    def broadcast(self, step: Step) -> Held:
        """A sum or a product elementwise, held the way in which most of its matrices are."""
        indices = step.data[2] if step.op == "combine" else step.data[:2]
        union = step.data[3] if step.op == "combine" else step.data[2]
        assert isinstance(indices, tuple) and isinstance(union, tuple)
        own: list[Indices] = [
            idx[::-1] if self.held[o][1] else idx for o, idx in zip(step.operands, indices, strict=True)
        ]
        is_turned = len(union) == 2 and sum(1 if idx == union[::-1] else -1 for idx in own if len(idx) == 2) > 0
        if is_turned:
            swap = dict(zip(union, union[::-1], strict=True))
            own = [tuple(swap[i] for i in idx) for idx in own]
        data = (*step.data[:2], tuple(own), union) if step.op == "combine" else (*own, union)
        return self.emit(step, [self.held[o][0] for o in step.operands], data, is_turned)
