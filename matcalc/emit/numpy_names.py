"""Python names: injective, never a keyword, a builtin or a module; short and telling for temporaries."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterable, Sequence

from matcalc.plan.steps import Step

RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "numpy", "math", "blas", "lapack"})

_MNEMONICS = {
    "solve": "s", "inv": "inverse", "lu": "lu", "cholesky": "factor", "norm": "norm", "softmax": "p", "logsumexp": "lse", "assemble": "out", "sum": "total",
    "inner": "total", "det": "det", "logdet": "logdet", "expm": "e", "combine": "z", "nonzero": "divisor",
    "stack": "rhs", "matmul": "u", "multiply": "v", "divide": "q", "power": "q", "pow": "q", "trace": "trace",
}
_MAPS = {"tanh": "h", "sigmoid": "s", "relu": "h", "softplus": "h", "exp": "e", "log": "l", "step": "active", "erf": "h"}


class Names:
    """Names that are taken, and new ones."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def free(self, wanted: str) -> str:
        """The name itself, or with as many underscores as it takes."""
        while wanted in RESERVED or wanted in self.taken:
            wanted += "_"
        self.taken.add(wanted)
        return wanted

    def numbered(self, wanted: str) -> str:
        """The name itself, or with the first number that is free."""
        candidate, n = wanted, 1
        while candidate in RESERVED or candidate in self.taken:
            candidate, n = f"{wanted}{n}", n + 1
        self.taken.add(candidate)
        return candidate


def safe_names(names: Sequence[str], pool: Names) -> dict[str, str]:
    """A distinct Python identifier for each name, the name itself where that can be."""
    return {n: pool.free(n) for n in sorted(names, key=lambda n: (n in RESERVED, n))}


def mnemonic(step: Step, operands: Sequence[ast.expr], value: ast.expr) -> str:
    """What a temporary is called: `Ax` for `A.dot(x)`, `r` for a difference, `h` for tanh."""
    if step.op == "matmul" and all(isinstance(o, ast.Name) for o in operands):
        joint = "".join(o.id for o in operands if isinstance(o, ast.Name))
        if len(joint) <= 4 and step.data[0] is False:
            return joint
    if step.op == "inv" and isinstance(operands[0], ast.Name):
        return "inverse" if operands[0].id.startswith(("lu", "factor")) else f"{operands[0].id}_inv"
    if step.op == "map":
        return _MAPS.get(str(step.data[0]), "f")
    if step.op == "divide" and isinstance(operands[0], ast.Constant):
        return "s"
    if step.op == "combine" and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) and step.axes:
        return "r"
    return _MNEMONICS.get(step.op, "t") if step.axes or step.op not in ("matmul", "multiply", "combine") else "c"
