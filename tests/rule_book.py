"""The rule book: every rule with formula, condition, source and the numbers that it was held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from matcalc import derive
from matcalc.catalogue import Entry, letters, rules
from matcalc.check.evaluate import evaluate
from matcalc.check.sample import draw_point, draw_sizes
from matcalc.diff.differentiate import RULES
from matcalc.diff.scalar_rules import BINARY, UNARY
from matcalc.simplify.elementwise_rules import ELEMENTWISE
from matcalc.simplify.identities import IDENTITIES, KNOWN_BY
from matcalc.syntax.elaborate import elaborate
from tests.simplify import test_elementwise_rules, test_identities

DECLARE = {"A": "R^{m x n}", "S": "R^{n x n}", "x": "R^n", "y": "R^n", "t": "R", "u": "R positive"}
PRIMITIVES = {
    "lin": ("3 t x + 2 t y", "t"), "contract": ("x^T S y", "S"), "map": ("tanh(A x)", "x"), "pow": ("u^t", "t"),
    "matpow": ("S^3 + S^-2", "S"), "det": ("det(S)", "S"), "logdet": ("logdet(S)", "S"), "logsumexp": ("logsumexp(A x)", "x"),
    "softmax": ("softmax(A x)", "x"), "expm": ("tr(expm(S))", "S"),
}
"""A formula for each primitive, and the variable whose derivative calls its rule."""

POINTS = {"elementwise": 5, "identity": 3}
TOLERANCES = {"elementwise": 1e-12, "identity": 1e-9}

HEAD = """\
# Rules

Everything that the engine knows about derivatives and identities, printed from its tables; `matcalc rules` prints the
same without the proofs. The last column says what the rule was held against as this page was written: for a derivative a formula
whose derivative calls the rule, compared with numerical differences (`matcalc check` does it again), by the complex step or by extrapolated
differences; for an identity the number of random points at which both sides have the same value, and the sizes drawn at the
first of them. The numbers are relative tolerances. Rewrite this page with `python -m tests.docs rules.md`.
"""


def page() -> str:
    """The text of `docs/rules.md`; a rule that its proof does not bear out raises."""
    proofs = {**_of_derivatives(), **_of_elementwise(), **_of_identities()}
    parts = [HEAD]
    for group in rules():
        if group.title == next(iter(IDENTITIES)):
            parts.append(_on_identities())
        parts.append(f"## {group.title[0].upper()}{group.title[1:]}\n")
        parts += [f"{group.note}\n"] if group.note else []
        parts.append(_table(group.entries, proofs))
    return "\n".join(parts)


def _on_identities() -> str:
    known = "\n".join(f"- *{way}*: {meaning}" for way, meaning in KNOWN_BY.items())
    spaces = "\n".join(f"- `{line}`" for line in letters())
    return f"In the identities below\n\n{spaces}\n\nThe column *known by* says how the engine knows them:\n\n{known}\n"


def _table(entries: Sequence[Entry], proofs: dict[str, str]) -> str:
    """A table; columns that no entry fills are left out."""
    rows = [{"name": e.name, "formula": f"`{e.formula}`", "condition": e.condition, "source": e.source, "known by": e.by,
             "proof": proofs[e.name]} for e in entries]
    heads = [head for head in rows[0] if any(row[head] for row in rows)]
    lines = [heads, ["---"] * len(heads), *([row[head].replace("|", "\\|") for head in heads] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _of_derivatives() -> dict[str, str]:
    proofs = {f"d-{head}": _checked(*PRIMITIVES[head]) for head in RULES}
    proofs |= {f"d-{name}": _checked(f"{name}(x)", "x") for name in UNARY}
    return proofs | {f"d-{name}-{arg}": _checked(f"{name}(x, y)", by) for name in BINARY for arg, by in zip("uv", "xy", strict=True)}


def _checked(formula: str, by: str) -> str:
    """What the check of a derivative says, of the parts that do not depend on the machine."""
    read = elaborate(formula).variables
    report = derive(formula, wrt=by, declare={name: space for name, space in DECLARE.items() if name in read}).check()
    if not report.passed:
        raise AssertionError(f"{formula} by {by}: {report}")
    return f"`{formula}` by {by}: {report.method}, {report.tolerance:.0e}{_sizes(report.sizes)}"


def _of_elementwise() -> dict[str, str]:
    proofs = {}
    for rule in ELEMENTWISE:
        left, right = test_elementwise_rules.sides(rule)
        for seed in range(POINTS["elementwise"]):
            point = draw_point(elaborate("u + v", test_elementwise_rules.SCALARS).variables, {}, np.random.default_rng(seed),
                               positive="> 0" in rule.where, scale=0.1 if "< 1" in rule.where else 1.0)
            _agree(rule.name, evaluate(left, point, {}), evaluate(right, point, {}), TOLERANCES["elementwise"])
        proofs[rule.name] = f"{POINTS['elementwise']} points, {TOLERANCES['elementwise']:.0e}"
    return proofs


def _of_identities() -> dict[str, str]:
    return dict(_identities())


def _identities() -> Iterator[tuple[str, str]]:
    for identity in test_identities.RECORDS:
        left, right = test_identities.sides(identity)
        variables = elaborate(identity.lhs, identity.declare).variables
        first: dict[str, int] = {}
        for seed in range(POINTS["identity"]):
            rng = np.random.default_rng(seed)
            sizes = draw_sizes((left, right), rng)
            first = first or dict(sizes)
            point = draw_point(variables, sizes, rng, positive="> 0" in identity.condition)
            _agree(identity.name, evaluate(left, point, sizes), evaluate(right, point, sizes), TOLERANCES["identity"])
        yield identity.name, f"{POINTS['identity']} points, {TOLERANCES['identity']:.0e}{_sizes(first)}"


def _agree(name: str, left: object, right: object, tolerance: float) -> None:
    if not np.allclose(np.asarray(left), np.asarray(right), rtol=tolerance, atol=tolerance):
        raise AssertionError(f"{name}: {left} is not {right}")


def _sizes(sizes: dict[str, int]) -> str:
    return "".join(f", {name}={size}" for name, size in sorted(sizes.items()))
