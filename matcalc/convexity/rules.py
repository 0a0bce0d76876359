"""The rules by which definiteness and convexity are concluded, as data: formula, source, and a function that needs each.

No code reads the formulas; the tests hold every record against its example, and against random matrices where it speaks
of matrices. `docs/curvature.md` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HJ = "Horn and Johnson, Matrix Analysis (2013)"
BV = "Boyd and Vandenberghe, Convex Optimization (2004)"
MN = "Magnus and Neudecker, Matrix Differential Calculus (2019)"
DEFINITION = "definition"


@dataclass(frozen=True)
class Rule:
    """A rule of inference.

    Attributes:
        name: kebab-case, unique, shown in reasons.
        math: what it says.
        source: book and section.
        example: a function whose verdict needs the rule.
        wrt: by what.
        verdict: of the example.
        declare: the spaces of its variables.
    """

    name: str
    math: str
    source: str
    example: str
    wrt: str
    verdict: str
    declare: Mapping[str, str] = field(default_factory=dict)


PD, PSD, ND, NSD, INDEFINITE = (
    "positive definite", "positive semidefinite", "negative definite", "negative semidefinite", "indefinite"
)
ZERO, UNKNOWN = "zero", "unknown"
_POSDEF = {"P": "R^{n x n} posdef"}
_BY_POSDEF = {"X": "R^{n x n} posdef"}

DEFINITENESS = (
    Rule("declared", "a matrix is what it is declared to be", DEFINITION, "1/2 x^T P x", "x", PD, _POSDEF),
    Rule("identity", "v^T I v = ||v||^2 > 0 for v not 0", DEFINITION, "x^T x", "x", PD),
    Rule("sum", "M + N is psd where both are, and positive definite where one of them is", f"{HJ}, section 7.1",
         "||A x||^2 + x^T x", "x", PD),
    Rule("congruence", "A^T M A is psd where M is, as v^T A^T M A v = (A v)^T M (A v); "
         "definite where M is and A is known to be invertible", f"{HJ}, section 7.1", "||A x - b||^2", "x", PSD),
    Rule("outer-product", "a a^T is psd, as v^T a a^T v = (a^T v)^2", f"{HJ}, section 7.1", "exp(a^T x)", "x", PSD),
    Rule("diagonal", "diag(w) is psd for w >= 0, positive definite for w > 0", f"{HJ}, section 7.1", "sum(exp(x))", "x", PD),
    Rule("multiple", "c M is psd for c >= 0 and psd M", f"{HJ}, section 7.1", "s x^T P x", "x", PD,
         {"P": "R^{n x n} posdef", "s": "R positive"}),
    Rule("hadamard-product", "M .* N is psd where both are", f"{HJ}, section 7.5", "x^T (P .* R) x", "x", PSD,
         {"P": "R^{n x n} posdef", "R": "R^{n x n} psd"}),
    Rule("square-form", "a sum of squares, weighted by numbers >= 0 or joined by psd matrices, is not negative",
         f"{HJ}, section 7.5", "||A X - B||^2", "X", PSD),
    Rule("inverse", "M^-1 is positive definite where M is psd and invertible", f"{HJ}, section 7.1",
         "x^T (A^T A + P)^-1 x", "x", PD, {"P": "R^{n x n} posdef", "A": "R^{m x n}"}),
    Rule("even-power", "M^2 = M M^T is psd for symmetric M, and -M^2 = M M^T is for skew M", f"{HJ}, section 7.1", "x^T S^4 x", "x", PSD,
         {"S": "R^{n x n} symmetric"}),
    Rule("power-of-psd", "M^k is psd where M is, and positive definite where M is", f"{HJ}, section 7.2", "x^T P^3 x", "x", PD,
         _POSDEF),
    Rule("exponential", "expm(S) = expm(S/2)^2 is positive definite for symmetric S", f"{HJ}, section 7.2",
         "x^T expm(S) x", "x", PD, {"S": "R^{n x n} symmetric"}),
    Rule("diagonal-less-rank-one", "diag(w) - b z z^T is psd for w > 0 and b sum_i z_i^2/w_i <= 1, definite for < 1",
         f"{HJ}, section 7.7", "sqrt(1 + ||x||^2)", "x", PD),
    Rule("sign", "a scalar second derivative has one sign", f"{BV}, section 3.1.4", "t^4 + t^2", "t", PD, {"t": "R"}),
    Rule("minors", "a symmetric matrix is psd where no principal minor is negative, definite where all leading ones are positive",
         f"{HJ}, section 7.2", "x^2 + x y + y^2", "x, y", PD),
    Rule("diagonal-signs", "a matrix with a positive and a negative entry on the diagonal is indefinite", f"{HJ}, section 7.1",
         "x^2 - y^2", "x, y", INDEFINITE),
    Rule("witness", "two directions in which the second derivative has two signs, shown by numbers", f"{BV}, section 3.1.4",
         "t^3", "t", INDEFINITE, {"t": "R"}),
    Rule("chords", "a chord that runs below the graph and one that runs above it, shown by numbers", f"{BV}, section 3.1.1",
         "norm1(x) - ||x||^2", "x", UNKNOWN),
    Rule("zero", "the second derivative is zero everywhere, and the function is smooth", f"{BV}, section 3.1.4", "a^T x", "x", ZERO),
)
"""Rules on matrices, which judge a Hessian."""

COMPOSITION = (
    Rule("affine", "an affine function is convex and concave", f"{BV}, section 3.1.1", "logsumexp(A x) + norm1(x)", "x", PSD),
    Rule("weighted-sum", "a sum of convex functions with weights >= 0 is convex", f"{BV}, section 3.2.1",
         "norm1(x) + 2 ||x||", "x", PSD),
    Rule("norm", "norms of affine functions are convex", f"{BV}, section 3.1.5", "||A x - b||", "x", PSD),
    Rule("norm-of-nonnegative", "a norm of convex functions that are not negative is convex", f"{BV}, section 3.2.4",
         "||relu(A x)||", "x", PSD),
    Rule("logsumexp", "logsumexp is convex and nondecreasing", f"{BV}, section 3.1.5", "logsumexp(relu(A x))", "x", PSD),
    Rule("log-det", "logdet(M) is concave in positive definite M", f"{BV}, section 3.1.5", "||X|| - logdet(X)", "X", PSD, _BY_POSDEF),
    Rule("composition", "h(g) is convex for convex nondecreasing h and convex g, and so on with the signs", f"{BV}, section 3.2.4",
         "sum(exp(relu(A x)))", "x", PSD),
    Rule("log-convex", "log(g) is convex for sums and products g of exponentials of convex functions", f"{BV}, section 3.5.2",
         "log(1 + exp(||x||))", "x", PSD),
    Rule("log-softmax", "log(softmax(u)) = u - logsumexp(u) is concave for affine u", f"{BV}, section 3.1.5",
         "norm1(W) - sum(y .* log(softmax(W x)))", "W", PSD, {"W": "R^{k x d}", "y": "R^k nonnegative"}),
    Rule("log-sigmoid", "log(sigmoid(u)) = -softplus(-u) is concave for concave u, log(1 - sigmoid(u)) = -softplus(u) for convex u",
         f"{BV}, section 3.1.5", "norm1(x) - sum(log(sigmoid(A x)))", "x", PSD),
    Rule("root-of-squares", "q^p is convex for p >= 1/2 and sums q of squares of affine functions, as powers of norms are",
         f"{BV}, section 3.1.5", "sqrt(x^T P x)", "x", PSD, _POSDEF),
    Rule("maximum", "a maximum of convex functions is convex", f"{BV}, section 3.2.3", "max(a^T x, ||x||)", "x", PSD),
    Rule("second-order-condition", "a smooth function on a convex set is convex where its Hessian is psd", f"{BV}, section 3.1.4",
         "norm1(x) + x^T P x", "x", PD, _POSDEF),
)
"""Rules on functions."""

RULES: dict[str, Rule] = {rule.name: rule for rule in (*DEFINITENESS, *COMPOSITION)}
