"""The curvature of a function: what its Hessian is, what the function is, and why.

Two ways lead to a certificate: the composition of the function from convex parts, and the sign of its Hessian, which says
something of the function where that is smooth and its domain is convex. Every certificate is held against numbers before it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module

from matcalc.convexity.analysis import Analysis
from matcalc.convexity.facts import LEVELS, Fact
from matcalc.convexity.rules import INDEFINITE, UNKNOWN
from matcalc.core.display import Displayed
from matcalc.core.errors import NotDifferentiableError
from matcalc.core.traversal import postorder
from matcalc.derivative import Derivative
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.pipeline import Block, check_wrt
from matcalc.second_order import hessian_of

SHAPES = {2: "strictly convex", 1: "convex", 0: "affine", -1: "concave", -2: "strictly concave"}
"""What a smooth function on a convex set is by the level of its Hessian."""


@dataclass(frozen=True, repr=False)
class Curvature(Displayed):
    """What is known of how a function bends.

    Attributes:
        verdict: on the Hessian, for all values that the variables can have: "positive definite", "positive semidefinite",
            "negative definite", "negative semidefinite", "zero", "indefinite" or "unknown".
        shape_of_function: "strictly convex", "convex", "affine", "concave", "strictly concave", "neither" or "unknown".
        proof: the tree of rules, None where nothing is known.
        hessian: the Hessian, None where the function has none.
        domain: the conditions under which the function is defined, where its variable decides them.
        remarks: what would make more of it, and what the verdict does not say.
        falsified: what numbers contradicted, empty for every certificate that is told.
    """

    verdict: str
    shape_of_function: str
    proof: Fact | None
    hessian: Derivative | None
    domain: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    falsified: str = field(default="", repr=False)

    @property
    def reason(self) -> str:
        """The rules that were used, as text, premises further in; empty where nothing is known."""
        return "" if self.proof is None else str(self.proof)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that were used."""
        return () if self.proof is None else self.proof.rules

    @property
    def is_convex(self) -> bool:
        """Whether the function is known to be convex."""
        return self.shape_of_function in ("strictly convex", "convex", "affine")

    @property
    def is_concave(self) -> bool:
        """Whether the function is known to be concave."""
        return self.shape_of_function in ("strictly concave", "concave", "affine")

    def __str__(self) -> str:
        where = f" where {', '.join(self.domain)}" if self.domain else ""
        words = "neither convex nor concave" if self.shape_of_function == "neither" else self.shape_of_function
        shape = f"; the function is {words}" if words != UNKNOWN else ""
        return "; ".join((f"{self.verdict}{shape}{where}", *self.remarks))


def curvature_of(
    expr: Expr, variables: Mapping[str, Expr], block: Block, definitions: Mapping[str, Expr] | None = None, seed: int = 0
) -> Curvature:
    """The curvature of an elaborated scalar function.

    Args:
        expr: the function.
        variables: all variables by name.
        block: what it is a function of: a variable, or scalars that form one vector.
        definitions: the user's names for parts of the function.
        seed: of the random points at which certificates are tried.

    Raises:
        ShapeError: where the function is no scalar.
        DeclarationError: for a name that is no variable.
        NotDifferentiableError: where the function cannot be differentiated once.
    """
    check_wrt(variables, [block])
    try:
        hessian = hessian_of(expr, variables, block, definitions)
    except NotDifferentiableError:
        hessian = None
    names = (block,) if isinstance(block, str) else block
    if any("orthogonal" in str(variables[n].data[1]) for n in names):
        return Curvature(UNKNOWN, UNKNOWN, None, hessian, (), ("the orthogonal matrices are no convex set",))
    analysis = Analysis(expr, variables, block, hessian)
    found = _concluded(analysis, hessian)
    return _tried(found, analysis, seed)


def _concluded(analysis: Analysis, hessian: Derivative | None) -> Curvature:
    """What the rules say."""
    bend, form = analysis.bend(), analysis.form()
    remarks: list[str] = []
    proof: Fact | None
    if analysis.is_smooth and form is not None:
        level, proof = form.level, form
        if form.claim.endswith(INDEFINITE):
            return Curvature(INDEFINITE, "neither" if analysis.is_convex_domain else UNKNOWN, form, hessian, analysis.domain)
    else:
        proof = bend.convex or bend.concave
        if proof is None:
            if not analysis.is_smooth:
                remarks.append(f"not smooth where {' or '.join(to_text(k) for k in analysis.kinks[:2])} has a kink")
            return Curvature(UNKNOWN, UNKNOWN, None, hessian, analysis.domain, tuple(remarks))
        sign = 1 if bend.convex is not None else -1
        level = 0 if bend.is_affine else sign * (2 if bend.is_strict else 1)
    if proof.condition:
        definite = LEVELS[2 if level > 0 else -2]
        remarks.append(f"{definite} where {proof.condition}")
    shape = SHAPES[level]
    if not analysis.is_convex_domain:
        shape = UNKNOWN
        remarks.append("the domain is not known to be convex, so this says something of its convex parts alone")
    if analysis.structure:
        remarks.append(f"in the directions of {analysis.structure} matrices")
    return Curvature(LEVELS[level], shape, proof, hessian, analysis.domain, tuple(remarks))


def _tried(found: Curvature, analysis: Analysis, seed: int) -> Curvature:
    """The certificate after a search for points that contradict it, or a witness where there was none."""
    check = import_module("matcalc.check.convexity")
    subject = check.Subject(analysis.expr, analysis.variables, analysis.block, found.hessian, seed)
    if found.verdict == UNKNOWN:
        return _witnessed(found, analysis, check.witness(subject) if analysis.is_smooth else None,
                          check.chord_witness(subject) if analysis.is_convex_domain else None)
    if found.verdict == INDEFINITE:
        return found
    level = next(n for n, words in LEVELS.items() if words == found.verdict)
    is_told = found.shape_of_function != UNKNOWN
    words: str | None = check.contradiction(subject, (level > 0) - (level < 0), found.hessian is not None, is_told)
    if words is None:
        return found
    return Curvature(UNKNOWN, UNKNOWN, None, found.hessian, found.domain, ("the rules and the numbers do not agree",), words)


def _witnessed(found: Curvature, analysis: Analysis, by_hessian: str | None, by_chords: str | None) -> Curvature:
    """Neither, where the second derivative was seen to have both signs, or chords to run on both sides of the graph.

    Numbers speak for the values of the other variables at which they were taken, so they decide only where there are none.
    """
    words = by_hessian or by_chords
    if words is None:
        return found
    tensor = found.hessian.tensor if by_hessian and found.hessian is not None else analysis.tensors[analysis.expr]
    used = {str(t.data[0]) for t in postorder(tensor) if t.head == "var"}
    if used <= analysis.names:
        fact = Fact(f"{to_text(analysis.expr)} is neither convex nor concave", "witness" if by_hessian else "chords", words)
        verdict = INDEFINITE if by_hessian else UNKNOWN
        return replace(found, verdict=verdict, shape_of_function="neither", proof=fact, remarks=(words,))
    others = ", ".join(n for n in analysis.variables if n in used - analysis.names)
    return replace(found, remarks=(*found.remarks, f"it depends on {others}: for some values {words}"))
