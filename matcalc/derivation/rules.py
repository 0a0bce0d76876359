"""What the steps of a derivation are called, with formula and source."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from matcalc.catalogue import rules

MC = "Petersen and Pedersen, The Matrix Cookbook (2012)"
MN = "Magnus and Neudecker, Matrix Differential Calculus (2019)"
MML = "Deisenroth, Faisal and Ong, Mathematics for Machine Learning (2020)"


class Rule(NamedTuple):
    """A rule as a step shows it.

    Attributes:
        name: unique, as in the catalogue where it is there.
        title: what a lecturer says.
        formula: in plain text.
        source: where the formula is from.
    """

    name: str
    title: str
    formula: str
    source: str


OWN = {
    rule.name: rule
    for rule in (
        Rule("definition-of-derivative", "Ask for the derivative", "df/dx collects the derivatives by all entries of x",
             f"{MML}, section 5.2"),
        Rule("definition-of-differential", "Take the differential", "f(X + dX) - f(X) = df + o(dX), df linear in dX",
             f"{MN}, 5.4"),
        Rule("d-lin", "Linearity: constants stay, sums term by term", "d(a u + b v) = a du + b dv", f"{MC}, eqs. 33 to 35"),
        Rule("d-contract", "Product rule", "d(u v) = du v + u dv", f"{MC}, eq. 37"),
        Rule("d-pow", "Power rule", "d(u^p) = p u^(p-1) du", "NIST Digital Library of Mathematical Functions, 4.2"),
        Rule("derivative-again", "Differentiate once more, under a name of its own",
             "d^2f/dx_i dx_j = d(df/dx_i)/dx_j", f"{MML}, section 5.7"),
        Rule("leaf-vector", "The variable by itself: a Kronecker delta", "dx_i/dx_j = delta_ij", f"{MC}, section 2"),
        Rule("leaf-matrix", "The variable by itself: a Kronecker delta for each axis",
             "dX_ij/dX_kl = delta_ik delta_jl", f"{MC}, eq. 32"),
        Rule("contract-deltas", "Contract the deltas", "sum_j delta_ij u_j = u_i", "definition of the Kronecker delta"),
        Rule("read-off-shape", "Read off the shape", "axes of the output first, then those of the variable",
             f"{MML}, section 5.4"),
        Rule("matrix-form", "Return to matrix form", "sum_j A_ij x_j = (A x)_i", "definition of the matrix product"),
        Rule("identification", "Read off the derivative", "df = tr(G^T dX) for all dX says df/dX = G",
             f"{MN}, first identification theorem, 9.5"),
        Rule("properties", "Use the declared properties", "A^T = A for symmetric A, Q^T Q = I for orthogonal Q",
             "definition of the property"),
        Rule("structure", "Follow the structure of the variable", "by entries G + G^T - G .* I, projected (G + G^T)/2",
             f"{MC}, section 2.8"),
        Rule("common-factor", "Take out common factors", "A x + B x = (A + B) x", "distributive law"),
        Rule("written-out-and-factored", "Write out, then take out common factors",
             "(A + B) x = A x + B x", "distributive law"),
        Rule("function-of-structured", "Function of a structured matrix", "expm(0) = I, logdet(Q) = 0 for orthogonal Q",
             f"{MN}, chapter 1"),
        Rule("normal-form", "Order terms and factors", "u v + v u = 2 u v for entries u, v", "commutative law"),
        Rule("short-names", "Name what repeats", "u = v where v stands for a part", "notation"),
        Rule("insert-names", "Put in what the names stand for", "v where u = v", "notation"),
        Rule("reverse-sweep", "Differentiate as a whole", "d tr(expm(X)) = tr(expm(X) dX)",
             "Higham, Functions of Matrices (2008), section 10.2"),
    )
}
"""The rules that a derivation has beyond those of the catalogue, and better words for some of those."""


COMPONENTS = {
    "product": "(A x)_i = sum_j A_ij x_j",
    "hadamard": "(u .* v)_i = u_i v_i",
    "transpose": "(A^T)_ij = A_ji",
    "tr": "tr(A) = sum_i A_ii",
    "sum": "sum(v) = sum_i v_i",
    "mean": "mean(v) = 1/n sum_i v_i",
    "norm": "||v||^2 = sum_i v_i^2",
    "norm1": "||v||_1 = sum_i |v_i|",
    "diag": "diag(v)_ij = v_i delta_ij",
    "diagonal": "diag(A)_i = A_ii",
    "identity": "I_ij = delta_ij",
    "kron": "kron(A, B)_rc = A_ij B_kl",
    "vec": "vec(A)_k = A_ij, k = i + m (j - 1)",
    "map": "f(v)_i = f(v_i)",
    "power": "(v.^p)_i = v_i^p",
    "add": "(u + v)_i = u_i + v_i",
    "softmax": "softmax(v)_i = exp(v_i)/sum_j exp(v_j)",
    "logsumexp": "logsumexp(v) = log(sum_i exp(v_i))",
}
"""The entry of each operation, by its head in the matrix language."""


@cache
def _catalogue() -> dict[str, Rule]:
    return {e.name: Rule(e.name, _title(e.name), e.formula, e.source) for group in rules() for e in group.entries}


TITLES = {
    "d-matpow": "Differential of a matrix power",
    "d-det": "Differential of the determinant",
    "d-logdet": "Differential of log det",
    "d-softmax": "Differential of softmax",
    "d-logsumexp": "Differential of logsumexp",
    "d-expm": "Differential of the matrix exponential",
}
"""Words for the rules of matrix functions."""


def _title(name: str) -> str:
    if name in TITLES:
        return TITLES[name]
    if name.startswith("d-"):
        return f"Chain rule, with the derivative of {name.removeprefix('d-')}"
    return f"Use an identity: {name.replace('-', ' ')}"


def rule(name: str) -> Rule:
    """The rule of a name; that of a function of two arguments holds both its derivatives."""
    if name in OWN:
        return OWN[name]
    known = _catalogue()
    if name in known:
        return known[name]
    first, second = known[f"{name}-u"], known[f"{name}-v"]
    return Rule(name, _title(name), f"{first.formula}; {second.formula}", first.source)


def combined(names: list[str]) -> Rule:
    """Several rules that are applied in one step."""
    found = [rule(name) for name in names]
    title = "; ".join([found[0].title, *(f"{r.title[0].lower()}{r.title[1:]}" for r in found[1:])])
    sources = "; ".join(dict.fromkeys(r.source for r in found))
    return Rule(" + ".join(names), title, "; ".join(r.formula for r in found), sources)
