"""Identities of matrix algebra that the engine knows, as data, with what makes it know them.

No code reads these records to simplify: the builders of `ir/build.py` keep most of them as a normal form, so that both
sides are one node. The test of this registry proves every record at random points, and that the engine knows it. The
identities of elementwise functions are rules of their own, in `elementwise_rules.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MC = "Petersen and Pedersen, The Matrix Cookbook (2012)"
MN = "Magnus and Neudecker, Matrix Differential Calculus (2019)"
KRON, VEC, COMMUTATION = f"{MN}, 2.2", f"{MN}, 2.4", f"{MN}, 3.7"
HADAMARD = "Horn and Johnson, Topics in Matrix Analysis (1991), section 5.1"
HIGHAM = "Higham, Functions of Matrices (2008), chapter 10"
DEEP = "Goodfellow, Bengio and Courville, Deep Learning (2016), sections 3.10 and 4.1"
BOYD = "Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5"
DEFINITION = "definition"

NORMAL_FORM, RECOGNITION, FACTORING, COMPARISON = "normal form", "recognition", "factoring", "comparison"

KNOWN_BY = {
    NORMAL_FORM: "both sides are one node of the index form",
    RECOGNITION: "the left side becomes the right one before differentiating, and after it",
    FACTORING: "both sides come to one result when common factors are taken out",
    COMPARISON: "products are written out when results are compared, and where that makes a result smaller",
}
"""What makes the engine know an identity."""

SPACES = {
    **dict.fromkeys("AE", "R^{m x n}"), **dict.fromkeys("BF", "R^{n x p}"), "C": "R^{p x q}", "D": "R^{q x r}",
    "G": "R^{n x m}", "H": "R^{m x m}", **dict.fromkeys("MRK", "R^{n x n}"),
    "S": "R^{n x n} symmetric", "W": "R^{n x n} skew", "P": "R^{n x n} posdef", "L": "R^{n x n} diagonal",
    "Q": "R^{n x n} orthogonal", **dict.fromkeys("uvwx", "R^n"), **dict.fromkeys("yz", "R^m"), **dict.fromkeys("st", "R"),
    "x_i": "R^n", "y_i": "R", "w_i": "R", "z_j": "R",
}
"""What the letters of all records stand for."""


@dataclass(frozen=True)
class Identity:
    """An identity between two expressions.

    Attributes:
        name: kebab-case, unique.
        lhs: one side, in the input language, its letters as in `SPACES`.
        rhs: the other side; where the engine prefers one, this one.
        source: book and equation or section.
        condition: where both sides are defined and equal, empty for everywhere.
        by: what makes the engine know it, one of `KNOWN_BY`.
    """

    name: str
    lhs: str
    rhs: str
    source: str
    condition: str = ""
    by: str = NORMAL_FORM

    @property
    def declare(self) -> dict[str, str]:
        """The space of each name, with its properties."""
        bound = set(re.findall(r"sum_{(\w)=1}\^(\w)", f"{self.lhs} {self.rhs}"))
        sizes = {size for _, size in bound}
        used = re.findall(r"[A-Za-z]\w*", f"{self.lhs} {self.rhs}")
        return {name: SPACES[name] for name in dict.fromkeys(used) if name in SPACES and name not in sizes}


TRANSPOSES = (
    Identity("double-transpose", "(A^T)^T", "A", f"{MN}, 1.4"),
    Identity("transpose-of-product", "(A B)^T", "B^T A^T", f"{MC}, eq. 5"),
    Identity("transpose-of-sum", "(A + E)^T", "A^T + E^T", f"{MC}, eq. 4"),
    Identity("transpose-of-multiple", "(s A)^T", "s A^T", f"{MN}, 1.4"),
    Identity("transpose-of-outer-product", "(y x^T)^T", "x y^T", f"{MN}, 1.4"),
    Identity("transpose-of-inverse", "(M^-1)^T", "(M^T)^-1", f"{MC}, eq. 3", "M invertible"),
    Identity("transpose-of-power", "(M^3)^T", "(M^T)^3", f"{MC}, eq. 6"),
    Identity("transpose-of-exponential", "expm(M)^T", "expm(M^T)", HIGHAM),
    Identity("transpose-of-function", "tanh(A)^T", "tanh(A^T)", DEFINITION),
    Identity("transpose-of-hadamard", "(A .* E)^T", "A^T .* E^T", HADAMARD),
    Identity("transpose-of-diagonal", "diag(v)^T", "diag(v)", DEFINITION),
    Identity("transpose-of-identity", "I_n^T", "I_n", DEFINITION),
    Identity("transpose-of-symmetric", "S^T", "S", DEFINITION),
    Identity("transpose-of-positive-definite", "P^T", "P", DEFINITION),
    Identity("transpose-of-diagonal-matrix", "L^T", "L", DEFINITION),
    Identity("transpose-of-skew", "W^T", "-W", DEFINITION),
    Identity("transpose-of-symmetric-inverse", "(S^-1)^T", "S^-1", f"{MN}, 1.8", "S invertible"),
    Identity("transpose-of-gram", "(A^T A)^T", "A^T A", f"{MN}, 1.4"),
    Identity("even-power-of-skew", "(W^2)^T", "W^2", f"{MN}, 1.5"),
    Identity("skew-quadratic-form", "x^T W x", "0", f"{MN}, 1.6"),
    Identity("trace-of-skew", "tr(W)", "0", f"{MN}, 1.10"),
    Identity("scalar-transposed", "x^T M v", "v^T M^T x", f"{MN}, 1.6"),
    Identity("quadratic-form-transposed", "x^T M x", "x^T M^T x", f"{MN}, 1.6"),
)

PRODUCTS = (
    Identity("identity-on-the-left", "I A", "A", f"{MN}, 1.5"),
    Identity("identity-on-the-right", "A I", "A", f"{MN}, 1.5"),
    Identity("product-associates", "A (B C)", "(A B) C", f"{MN}, 1.3"),
    Identity("scalars-in-front", "A (s B)", "s A B", f"{MN}, 1.3"),
    Identity("inner-product-in-front", "(u^T v) w", "w u^T v", f"{MN}, 1.3"),
    Identity("sum-with-itself", "A + A", "2 A", DEFINITION),
    Identity("difference-with-itself", "A - A", "0 A", DEFINITION),
    Identity("zero-product", "0 A", "zeros(m, n)", DEFINITION),
    Identity("product-over-sum", "A (B + F)", "A B + A F", f"{MN}, 1.3", by=FACTORING),
    Identity("common-left-factor", "v u^T M + w u^T M", "(v + w) u^T M", f"{MN}, 1.3", by=FACTORING),
    Identity("common-right-factor", "M x + R x", "(M + R) x", f"{MN}, 1.3", by=FACTORING),
    Identity("common-scalar", "s u + t u", "(s + t) u", f"{MN}, 1.3", by=FACTORING),
    Identity("trace-of-sum", "tr(M + R)", "tr(M) + tr(R)", f"{MC}, eq. 15", by=COMPARISON),
    Identity("square-written-out", "||u - v||^2", "u^T u - 2 u^T v + v^T v", f"{MN}, 1.6", by=COMPARISON),
)

POWERS = (
    Identity("power-zero", "M^0", "I_n", DEFINITION),
    Identity("product-of-powers", "M^2 M^3", "M^5", f"{MN}, 1.5"),
    Identity("power-of-power", "(M^2)^3", "M^6", f"{MN}, 1.5"),
    Identity("inverse-on-the-left", "M^-1 M", "I_n", f"{MN}, 1.8", "M invertible"),
    Identity("inverse-on-the-right", "M M^-1", "I_n", f"{MN}, 1.8", "M invertible"),
    Identity("power-times-inverse", "M^2 M^-1", "M", f"{MN}, 1.8", "M invertible"),
    Identity("inverse-of-inverse", "(M^-1)^-1", "M", f"{MN}, 1.8", "M invertible"),
    Identity("inverse-of-product", "(M R)^-1", "R^-1 M^-1", f"{MC}, eq. 1", "M, R invertible"),
    Identity("inverse-of-three", "(M R K)^-1", "K^-1 R^-1 M^-1", f"{MC}, eq. 2", "M, R, K invertible"),
    Identity("inverse-of-multiple", "(s M)^-1", "1/s M^-1", f"{MN}, 1.8", "M invertible, s not 0"),
    Identity("power-of-multiple", "(s M)^3", "s^3 M^3", f"{MN}, 1.5"),
    Identity("inverse-of-diagonal", "diag(v)^-1", "diag(1 ./ v)", f"{MN}, 1.8", "v without zeros"),
    Identity("power-of-diagonal", "diag(v)^3", "diag(v.^3)", f"{MN}, 1.5"),
    Identity("inverse-of-identity", "I_n^-1", "I_n", f"{MN}, 1.8"),
    Identity("inverse-of-orthogonal", "Q^-1", "Q^T", f"{MN}, 1.12"),
    Identity("orthogonal-columns", "Q^T Q", "I_n", f"{MN}, 1.12"),
    Identity("orthogonal-rows", "Q Q^T", "I_n", f"{MN}, 1.12"),
    Identity("exponential-of-zero", "expm(0 M)", "I_n", HIGHAM, by=RECOGNITION),
    Identity("exponential-of-diagonal", "expm(diag(v))", "diag(exp(v))", HIGHAM, by=RECOGNITION),
)

DETERMINANTS = (
    Identity("det-of-identity", "det(I_n)", "1", f"{MN}, 1.9"),
    Identity("det-of-product", "det(M R)", "det(M) det(R)", f"{MC}, eq. 21"),
    Identity("det-of-transpose", "det(M^T)", "det(M)", f"{MC}, eq. 20"),
    Identity("det-of-inverse", "det(M^-1)", "1/det(M)", f"{MC}, eq. 22", "M invertible"),
    Identity("det-of-power", "det(M^3)", "det(M)^3", f"{MC}, eq. 23"),
    Identity("det-of-multiple", "det(s M)", "s^n det(M)", f"{MC}, eq. 19"),
    Identity("det-of-exponential", "det(expm(M))", "exp(tr(M))", HIGHAM, by=RECOGNITION),
    Identity("logdet-of-identity", "logdet(I_n)", "0", f"{MN}, 1.9"),
    Identity("logdet-of-product", "logdet(M R)", "logdet(M) + logdet(R)", f"{MC}, eq. 21", "M, R invertible"),
    Identity("logdet-of-transpose", "logdet(M^T)", "logdet(M)", f"{MC}, eq. 20", "M invertible"),
    Identity("logdet-of-inverse", "logdet(M^-1)", "-logdet(M)", f"{MC}, eq. 22", "M invertible"),
    Identity("logdet-of-power", "logdet(M^3)", "3 logdet(M)", f"{MC}, eq. 23", "M invertible"),
    Identity("logdet-of-multiple", "logdet(s M)", "n log(abs(s)) + logdet(M)",
             f"{MC}, eq. 19", "M invertible, s not 0"),
    Identity("logdet-of-negative", "logdet(-M)", "logdet(M)", f"{MC}, eq. 19", "M invertible"),
    Identity("logdet-of-diagonal", "logdet(diag(v))", "sum(log(abs(v)))",
             f"{MN}, 1.9", "v without zeros", by=RECOGNITION),
    Identity("logdet-of-orthogonal", "logdet(Q)", "0", f"{MN}, 1.12", by=RECOGNITION),
    Identity("logdet-of-exponential", "logdet(expm(M))", "tr(M)", HIGHAM, by=RECOGNITION),
    Identity("log-of-det", "log(det(P))", "logdet(P)", f"{MN}, 1.13", "P positive definite", by=RECOGNITION),
)

TRACES = (
    Identity("trace-of-transpose", "tr(M^T)", "tr(M)", f"{MC}, eq. 13"),
    Identity("trace-of-product", "tr(A G)", "tr(G A)", f"{MC}, eq. 14"),
    Identity("trace-of-cycle", "tr(M R K)", "tr(K M R)", f"{MC}, eq. 16"),
    Identity("trace-of-multiple", "tr(s M)", "s tr(M)", f"{MN}, 1.10"),
    Identity("trace-of-identity", "tr(I_n) v", "n v", f"{MN}, 1.10"),
    Identity("trace-of-outer-product", "tr(u v^T)", "v^T u", f"{MC}, eq. 17"),
    Identity("trace-of-diagonal", "tr(diag(v))", "sum(v)", DEFINITION),
    Identity("trace-as-sum", "tr(M)", "sum(diag(M))", f"{MC}, eq. 11"),
    Identity("trace-with-diagonal", "tr(M diag(v))", "diag(M)^T v", HADAMARD),
    Identity("trace-as-inner-product", "tr(A^T E)", "sum(A .* E)", f"{MN}, 1.10"),
)

SUMS = (
    Identity("sum-of-vector", "sum(v)", "ones(n)^T v", DEFINITION),
    Identity("sum-of-matrix", "sum(A)", "ones(m)^T A ones(n)", DEFINITION),
    Identity("sum-of-transpose", "sum(A^T)", "sum(A)", DEFINITION),
    Identity("sum-of-hadamard", "sum(u .* v)", "u^T v", HADAMARD),
    Identity("sum-of-ones", "sum(ones(n)) v", "n v", DEFINITION),
    Identity("mean-of-vector", "mean(v)", "sum(v)/n", DEFINITION),
    Identity("mean-of-matrix", "mean(A)", "sum(A)/(m n)", DEFINITION),
    Identity("outer-product-of-ones", "ones(m) ones(n)^T A^T", "ones(m, n) A^T", DEFINITION),
)

NORMS = (
    Identity("square-norm", "||v||^2", "v^T v", f"{MN}, 1.6"),
    Identity("norm-as-root", "||v||", "sqrt(v^T v)", f"{MN}, 1.6"),
    Identity("norm-of-negative", "||-v||", "||v||", f"{MN}, 1.6"),
    Identity("norm-of-difference", "||u - v||", "||v - u||", f"{MN}, 1.6"),
    Identity("norm-of-multiple", "||s v||", "abs(s) ||v||", f"{MN}, 1.6", "v not 0", by=RECOGNITION),
    Identity("norm-of-number-times", "||2 v||", "2 ||v||", f"{MN}, 1.6", by=RECOGNITION),
    Identity("fourth-power-of-norm", "||v||^4", "(v^T v)^2", f"{MN}, 1.6"),
    Identity("frobenius-by-trace", "||A||^2", "tr(A^T A)", f"{MN}, 1.10"),
    Identity("frobenius-by-entries", "||A||^2", "sum(A.^2)", f"{MN}, 1.10"),
    Identity("frobenius-of-transpose", "||A^T||", "||A||", f"{MN}, 1.10"),
    Identity("norm1-by-entries", "norm1(A)", "sum(abs(A))", DEFINITION),
    Identity("norm1-of-negative", "norm1(-v)", "norm1(v)", DEFINITION, by=RECOGNITION),
)

DIAGONALS = (
    Identity("product-of-diagonals", "diag(u) diag(v)", "diag(u .* v)", HADAMARD),
    Identity("diagonal-times-vector", "diag(v) x", "v .* x", HADAMARD),
    Identity("diagonal-on-the-left", "diag(y) A", "(y ones(n)^T) .* A", HADAMARD),
    Identity("diagonal-on-the-right", "A diag(v)", "A .* (ones(m) v^T)", HADAMARD),
    Identity("diagonals-on-both-sides", "diag(y) A diag(v)", "(y v^T) .* A", HADAMARD),
    Identity("diagonal-of-ones", "diag(ones(n))", "I_n", DEFINITION),
    Identity("diagonal-of-diagonal", "diag(diag(v))", "v", DEFINITION),
    Identity("diagonal-of-transpose", "diag(M^T)", "diag(M)", DEFINITION),
    Identity("diagonal-of-outer-product", "diag(u v^T)", "u .* v", DEFINITION),
    Identity("diagonal-of-product", "diag(A G)", "(A .* G^T) ones(n)", HADAMARD),
    Identity("diagonal-part", "diag(diag(M))", "M .* I_n", HADAMARD),
    Identity("diagonal-of-multiple", "diag(s v)", "s diag(v)", DEFINITION),
    Identity("diagonal-of-sum", "diag(u + v)", "diag(u) + diag(v)", DEFINITION, by=FACTORING),
)

HADAMARDS = (
    Identity("hadamard-commutes", "A .* E", "E .* A", HADAMARD),
    Identity("hadamard-with-ones", "A .* ones(m, n)", "A", HADAMARD),
    Identity("hadamard-square", "A .* A", "A.^2", DEFINITION),
    Identity("hadamard-of-outer-products", "(u v^T) .* (w x^T)", "(u .* w) (v .* x)^T", HADAMARD),
    Identity("hadamard-bilinear-form", "y^T (A .* E) x", "tr(diag(y) A diag(x) E^T)", HADAMARD),
    Identity("hadamard-of-multiple", "(s A) .* E", "s (A .* E)", HADAMARD),
    Identity("elementwise-powers-add", "A.^2 .* A.^3", "A.^5", DEFINITION),
    Identity("elementwise-power-of-power", "(A.^2).^3", "A.^6", DEFINITION),
    Identity("elementwise-power-of-product", "(u .* v).^3", "u.^3 .* v.^3", DEFINITION),
    Identity("elementwise-power-of-multiple", "(s u).^3", "s^3 u.^3", DEFINITION),
    Identity("elementwise-power-of-ones", "ones(n).^t", "ones(n)", DEFINITION),
    Identity("scalar-powers-add", "s^t s^2", "s^(t + 2)", DEFINITION, "s > 0"),
    Identity("scalar-power-of-power", "(s^t)^2", "s^(2 t)", DEFINITION, "s > 0"),
    Identity("inverse-cancels", "s^-1 s", "1", DEFINITION, "s not 0"),
    Identity("common-hadamard-factor", "u .* v + u .* w", "u .* (v + w)", HADAMARD, by=FACTORING),
)

KRONECKER = (
    Identity("kron-mixed-product", "(A ⊗ C) (B ⊗ D)", "(A B) ⊗ (C D)", KRON),
    Identity("kron-transposed", "(A ⊗ B)^T", "A^T ⊗ B^T", KRON),
    Identity("kron-of-multiple", "(s A) ⊗ B", "s (A ⊗ B)", KRON),
    Identity("kron-over-sum", "A ⊗ (B + F)", "A ⊗ B + A ⊗ F", KRON, by=COMPARISON),
    Identity("kron-of-identities", "I_m ⊗ I_n", "I_{m n}", KRON),
    Identity("kron-inverted", "(M ⊗ H)^-1", "M^-1 ⊗ H^-1", KRON, "M, H invertible", by=RECOGNITION),
    Identity("kron-power", "(M ⊗ H)^2", "M^2 ⊗ H^2", KRON, by=RECOGNITION),
    Identity("trace-of-kron", "tr(M ⊗ H)", "tr(M) tr(H)", KRON),
    Identity("det-of-kron", "det(M ⊗ H)", "det(M)^m det(H)^n", KRON, by=RECOGNITION),
    Identity("logdet-of-kron", "logdet(M ⊗ H)", "m logdet(M) + n logdet(H)", KRON, "M, H invertible", by=RECOGNITION),
    Identity("sum-of-kron", "sum(A ⊗ B)", "sum(A) sum(B)", KRON),
    Identity("kron-of-vectors", "x ⊗ y", "vec(y x^T)", VEC),
    Identity("kron-inner-product", "(u ⊗ y)^T (v ⊗ z)", "(u^T v) (y^T z)", KRON),
    Identity("kron-of-row-and-column", "x^T ⊗ y", "y x^T", KRON),
)

VECS = (
    Identity("vec-of-product", "vec(A B C)", "(C^T ⊗ A) vec(B)", VEC),
    Identity("vec-of-right-product", "vec(A B)", "(I_p ⊗ A) vec(B)", VEC),
    Identity("vec-of-left-product", "vec(A B)", "(B^T ⊗ I_m) vec(A)", VEC),
    Identity("vec-inner-product", "vec(A)^T vec(E)", "tr(A^T E)", VEC),
    Identity("vec-of-sum", "vec(A + E)", "vec(A) + vec(E)", VEC, by=COMPARISON),
    Identity("vec-of-multiple", "vec(s A)", "s vec(A)", VEC),
    Identity("vec-of-hadamard", "vec(A .* E)", "vec(A) .* vec(E)", HADAMARD),
    Identity("vec-of-vector", "vec(v)", "v", VEC),
    Identity("vec-of-outer-product", "vec(y x^T)", "x ⊗ y", VEC),
    Identity("unvec-of-vec", "unvec(vec(A), m, n)", "A", VEC),
    Identity("vec-of-unvec", "vec(unvec(x ⊗ y, m, n))", "x ⊗ y", VEC),
    Identity("unvec-of-kron", "unvec(x ⊗ y, m, n)", "y x^T", VEC),
    Identity("unvec-of-product", "unvec((C^T ⊗ A) vec(B), m, q)", "A B C", VEC),
    Identity("unvec-of-transpose", "unvec(vec(A)^T, m, n)", "A", VEC),
    Identity("unvec-of-sum", "unvec(vec(A) + s (x ⊗ y), m, n)", "A + s y x^T", VEC),
    Identity("sum-of-vec", "sum(vec(A))", "sum(A)", VEC),
)

COMMUTATIONS = (
    Identity("commutation-of-vec", "commutation(m, n) vec(A)", "vec(A^T)", COMMUTATION),
    Identity("commutation-transposed", "commutation(m, n)^T", "commutation(n, m)", COMMUTATION),
    Identity("commutation-inverted", "commutation(m, n)^-1", "commutation(n, m)", COMMUTATION, by=RECOGNITION),
    Identity("commutation-twice", "commutation(n, m) commutation(m, n)", "I_{m n}", COMMUTATION),
    Identity("commutation-of-kron", "commutation(m, p) (C ⊗ A)", "(A ⊗ C) commutation(n, q)", COMMUTATION),
    Identity("commutation-around-kron", "commutation(m, p) (C ⊗ A) commutation(q, n)", "A ⊗ C", COMMUTATION),
    Identity("commutation-of-kron-of-vectors", "commutation(m, n) (x ⊗ y)", "y ⊗ x", COMMUTATION),
    Identity("commutation-of-column-and-matrix", "commutation(m, n) (x ⊗ A)", "A ⊗ x", COMMUTATION),
    Identity("trace-of-commutation", "tr(commutation(n, n)) v", "n v", COMMUTATION),
    Identity("trace-with-commutation", "tr(commutation(m, n) (G ⊗ A))", "tr(G A)", COMMUTATION),
    Identity("commutation-of-one-row", "commutation(1, n)", "I_n", COMMUTATION),
    Identity("commutation-squared", "commutation(n, n)^2", "I_{n n}", COMMUTATION, by=RECOGNITION),
    Identity("logdet-of-commutation", "logdet(commutation(m, n))", "0", COMMUTATION, by=RECOGNITION),
)

BLOCKS = (
    Identity("inner-product-of-blocks", "[u; y]^T [v; z]", "u^T v + y^T z", f"{MN}, 1.11"),
    Identity("block-row-times-column", "[A, H] [x; y]", "A x + H y", f"{MN}, 1.11"),
    Identity("block-row-times-blocks", "[A, H] [M; E]", "A M + H E", f"{MN}, 1.11"),
    Identity("block-column-transposed", "[A; E]^T", "[A^T, E^T]", f"{MN}, 1.11"),
    Identity("block-matrix-transposed", "[M, G; A, H]^T", "[M^T, A^T; G^T, H^T]", f"{MN}, 1.11"),
    Identity("block-matrix-times-column", "[M, G; A, H] [x; y]", "[M x + G y; A x + H y]",
             f"{MN}, 1.11", by=FACTORING),
    Identity("block-column-times-vector", "[A; R] x", "[A x; R x]", f"{MN}, 1.11", by=COMPARISON),
    Identity("sum-of-block-columns", "[u; y] + [v; z]", "[u + v; y + z]", f"{MN}, 1.11", by=COMPARISON),
    Identity("trace-of-blocks", "tr([M, G; A, H])", "tr(M) + tr(H)", f"{MN}, 1.11", by=FACTORING),
    Identity("sum-of-blocks", "sum([u; y])", "sum(u) + sum(y)", f"{MN}, 1.11"),
    Identity("square-norm-of-blocks", "||[u; y]||^2", "u^T u + y^T y", f"{MN}, 1.11", by=COMPARISON),
)

DATA = (
    Identity("data-sum-constant", "sum_{i=1}^N s y_i", "s sum_{i=1}^N y_i", DEFINITION),
    Identity("data-sum-matrix", "sum_{i=1}^N M x_i", "M sum_{i=1}^N x_i", DEFINITION),
    Identity("data-sum-transposed", "sum_{i=1}^N x_i^T", "(sum_{i=1}^N x_i)^T", DEFINITION),
    Identity("data-sum-of-squares", "sum_{i=1}^N ||x_i||^2", "sum_{i=1}^N x_i^T x_i", f"{MN}, 1.6"),
    Identity("data-sum-of-traces", "sum_{i=1}^N tr(x_i x_i^T)", "sum_{i=1}^N x_i^T x_i", f"{MC}, eq. 17"),
    Identity("data-sums-separate", "sum_{i=1}^N sum_{j=1}^L y_i z_j", "(sum_{i=1}^N y_i) (sum_{j=1}^L z_j)",
             DEFINITION),
    Identity("data-sums-swap", "sum_{i=1}^N sum_{j=1}^L y_i z_j", "sum_{j=1}^L sum_{i=1}^N y_i z_j", DEFINITION),
    Identity("data-sum-of-sum", "sum_{i=1}^N (y_i + w_i)", "(sum_{i=1}^N y_i) + sum_{i=1}^N w_i",
             DEFINITION, by=COMPARISON),
)

FUNCTIONS = (
    Identity("softmax-spelled-out", "exp(v)/sum(exp(v))", "softmax(v)", DEEP, by=RECOGNITION),
    Identity("logsumexp-spelled-out", "log(sum(exp(v)))", "logsumexp(v)", BOYD, by=RECOGNITION),
    Identity("sum-of-softmax", "sum(softmax(v))", "1", DEEP, by=RECOGNITION),
    Identity("sigmoid-spelled-out", "exp(s)/(1 + exp(s))", "sigmoid(s)", DEEP, by=RECOGNITION),
    Identity("sigmoid-mirrored", "sigmoid(-s) (1 - sigmoid(-s))", "sigmoid(s) (1 - sigmoid(s))", DEEP, by=RECOGNITION),
    Identity("indicator-turned-round", "1[s > t]", "1[t < s]", DEFINITION),
    Identity("indicator-complement", "1[s >= t]", "1 - 1[s < t]", DEFINITION),
    Identity("step-as-indicator", "step(s)", "1[s > 0]", DEFINITION),
)

IDENTITIES = {
    "transposes": TRANSPOSES, "products and sums": PRODUCTS, "powers and inverses": POWERS, "determinants": DETERMINANTS,
    "traces": TRACES, "sums of entries": SUMS, "norms": NORMS, "diagonals": DIAGONALS, "Hadamard products": HADAMARDS,
    "Kronecker products": KRONECKER, "vec": VECS, "commutation matrices": COMMUTATIONS, "blocks": BLOCKS, "sums over data": DATA,
    "functions spelled out": FUNCTIONS,
}
"""All records, by topic."""
