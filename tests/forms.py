"""The printed form of each head as text and as LaTeX, to the letter, for nodes that are built directly: no parser takes part."""

from fractions import Fraction

from matcalc.core.dims import SCALAR, Dim, matrix, row, vector
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr

M, N = Dim.of("m"), Dim.of("n")
A, B = e.variable("A", matrix(M, N)), e.variable("B", matrix(M, N))
S, K = e.variable("S", matrix(N, N)), e.variable("K", matrix(M, M))
x, y, z = e.variable("x", vector(N)), e.variable("y", vector(N)), e.variable("z", vector(M))
s, t = e.variable("s", SCALAR), e.variable("t", SCALAR)
TWO_N = N + N


def number(text: str) -> Expr:
    """A number from its text."""
    return e.number(Fraction(text))


def over(*items: Expr) -> Expr:
    """The sum over data of a product."""
    return e.datasum("k", M, e.product(items))


LEAVES = [
    (e.identity(N), "I_n", "I_{n}"),
    (e.identity(Dim.of("n_max")), "I_n_max", r"I_{n_{\mathrm{max}}}"),
    (e.identity(TWO_N), "I_{2 n}", "I_{2 n}"),
    (e.identity(N + M), "I_{m + n}", "I_{m + n}"),
    (e.identity(Dim.of(3)), "I_3", "I_{3}"),
    (e.dim_number(N), "n", "n"),
    (e.dim_number(TWO_N), "(2 n)", "2 n"),
    (e.dim_number(M + N), "(m + n)", "m + n"),
    (e.ones(vector(N)), "ones(n)", r"\mathbf{1}_{n}"),
    (e.ones(row(N)), "ones(1, n)", r"\mathbf{1}_{n}^{\top}"),
    (e.ones(matrix(M, N)), "ones(m, n)", r"\mathbf{1}_{m \times n}"),
    (e.ones(matrix(Dim.of(1), N)), "ones(1) ones(n)^T", r"\mathbf{1}_{1} \mathbf{1}_{n}^{\top}"),
    (e.ones(matrix(N, Dim.of(1))), "ones(n, 1)", r"\mathbf{1}_{n \times 1}"),
    (e.zeros(vector(TWO_N)), "zeros(2 n)", r"\mathbf{0}_{2 n}"),
    (e.zeros(row(N)), "zeros(1, n)", r"\mathbf{0}_{n}^{\top}"),
    (e.zeros(matrix(M, N)), "zeros(m, n)", r"\mathbf{0}_{m \times n}"),
    (e.commutation(M, N), "commutation(m, n)", r"\mathbf{K}_{m, n}"),
    (e.item("x", vector(N), "k", M), "x_k", "x_{k}"),
    (e.pi(), "pi", r"\pi"),
    (number("-2/3"), "-2/3", r"-\frac{2}{3}"),
]

NUMBERS = [
    (e.product([x, number("2"), s]), "x 2 s", r"x \cdot 2 s"),
    (e.product([x, number("2/3"), s]), "x (2/3) s", r"x \frac{2}{3} s"),
    (e.product([x, number("-2")]), "x (-2)", "x (-2)"),
    (e.product([s, number("1/3")]), "s/3", r"\frac{s}{3}"),
    (e.product([number("2/3"), s]), "2/3 s", r"\frac{2}{3} s"),
    (e.product([number("-2/3"), s]), "-2/3 s", r"-\frac{2}{3} s"),
    (e.product([number("-1"), s, t]), "-s t", "-s t"),
    (e.product([number("1"), number("1/3"), s]), "1 (1/3) s", r"\frac{1}{3} s"),
    (e.product([s, number("2"), number("3")]), "s 2 (3)", r"s \cdot 2 \cdot 3"),
    (e.power(number("2/3"), s), "(2/3)^s", r"\left(\frac{2}{3} \right)^{s}"),
    (e.power(number("2"), s), "2^s", "2^{s}"),
    (e.power(number("-2"), s), "(-2)^s", "(-2)^{s}"),
    (e.power(s, number("-2/3")), "s^(-2/3)", r"\frac{1}{s^{2/3}}"),
    (e.power(s, number("-3")), "s^-3", r"\frac{1}{s^{3}}"),
    (e.product([s, e.power(t, number("-1")), x, e.power(s, number("-1"))]), "s/t x/s", r"\frac{s}{t} \frac{x}{s}"),
    (e.power(e.power(t, number("-1")), s), "(1/t)^s", r"\left(\frac{1}{t} \right)^{s}"),
    (e.product([e.dim_number(M + N), s]), "(m + n) s", "(m + n) s"), (e.power(e.dim_number(TWO_N), s), "(2 n)^s", "(2 n)^{s}"),
    (e.power(e.dim_number(N * N), s), "(n n)^s", "(n^{2})^{s}"), (e.power(e.dim_number(N), s), "n^s", "n^{s}"),
    (e.add([number("-1/2"), s]), "-1/2 + s", r"-\frac{1}{2} + s"),
    (e.add([s, number("-1/2")]), "s - 1/2", r"s - \frac{1}{2}"),
    (e.hadamard([number("-1/2"), x]), "-1/2 .* x", r"\left(-\frac{1}{2} \right) \odot x"),
]

OPERATORS = [
    (e.add([x, e.negate(y)]), "x - y", "x - y"),
    (e.add([x, e.product([number("-2"), y])]), "x - 2 y", "x - 2 y"),
    (e.add([e.negate(x), y]), "-x + y", "-x + y"),
    (e.add([x, e.negate(e.hadamard([x, y]))]), "x - x .* y", r"x - x \odot y"),
    (e.negate(e.add([x, y])), "-(x + y)", "-(x + y)"),
    (e.product([e.add([A, B]), x]), "(A + B) x", "(A + B) x"),
    (e.product([A, e.add([x, y])]), "A (x + y)", "A (x + y)"),
    (e.product([s, e.hadamard([x, y])]), "s (x .* y)", r"s (x \odot y)"),
    (e.divide(s, t), "s/t", r"\frac{s}{t}"),
    (e.divide(s, e.product([s, t])), "s/(s t)", r"\frac{s}{s t}"),
    (e.divide(s, e.power(t, number("3"))), "s (t^3)^-1", r"\frac{s}{t^{3}}"),
    (e.product([s, e.power(t, number("-3"))]), "s/t^3", r"\frac{s}{t^{3}}"),
    (e.product([s, e.power(e.add([s, t]), number("-3"))]), "s/(s + t)^3", r"\frac{s}{(s + t)^{3}}"),
    (e.hadamard([x, e.power(y, number("-1"))]), "x ./ y", r"x \oslash y"),
    (e.hadamard([x, e.power(e.add([x, y]), number("-1"))]), "x ./ (x + y)", r"x \oslash (x + y)"),
    (e.hadamard([x, e.power(e.hadamard([x, y]), number("-1"))]), "x ./ (x .* y)", r"x \oslash (x \odot y)"),
    (e.hadamard([x, e.negate(y)]), "x .* -y", r"x \odot (-y)"),
    (e.hadamard([x, e.power(e.negate(y), number("-1"))]), "x ./ -y", r"x \oslash (-y)"),
    (e.hadamard([e.add([x, y]), y]), "(x + y) .* y", r"(x + y) \odot y"),
    (e.power(x, number("-1")), "1 ./ x", r"1 \oslash x"),
    (e.power(x, number("2")), "x.^2", r"x^{\odot 2}"),
    (e.power(x, y), "x.^y", r"x^{\odot y}"),
    (e.power(x, e.add([s, t])), "x.^(s + t)", r"x^{\odot s + t}"),
    (e.power(e.product([S, x]), s), "(S x).^s", r"(S x)^{\odot s}"),
    (e.power(s, t), "s^t", "s^{t}"),
    (e.power(s, e.variable("T", SCALAR)), "s^(T)", "s^{{T}}"),
    (e.product([s, e.product([e.transpose(x), y]), e.transpose(z)]), "s (x^T y) z^T", r"s (x^{\top} y) z^{\top}"),
    (e.product([s, e.transpose(x), S, y, e.transpose(z)]), "s x^T S y z^T", r"s (x^{\top} S y) z^{\top}"),
    (e.product([s, e.transpose(x), y, e.transpose(z)]), "s x^T y z^T", r"s (x^{\top} y) z^{\top}"),
    (e.product([s, e.transpose(x), S, y]), "s x^T S y", r"s x^{\top} S y"), (e.product([x, e.transpose(x), y]), "x x^T y", r"x x^{\top} y"),
    (e.APPLY["norm"](e.block([[s], [t]])), "||[s; t]||", r"\left\lVert \begin{bmatrix} s \\ t \end{bmatrix} \right\rVert"),
    (e.elementwise("exp", [e.divide(s, t)]), "exp(s/t)", r"\exp\left(\frac{s}{t} \right)"),
    (e.elementwise("abs", [e.divide(s, t)]), "abs(s/t)", r"\left\lvert \frac{s}{t} \right\rvert"),
    (e.matpow(S, 3), "S^3", "S^{3}"),
    (e.matpow(e.product([A, e.transpose(B)]), -1), "(A B^T)^-1", r"(A B^{\top})^{-1}"),
    (e.transpose(e.matpow(S, -1)), "S^-T", r"S^{-\top}"),
    (e.transpose(e.matpow(e.add([S, e.identity(N)]), -1)), "(S + I)^-T", r"(S + I)^{-\top}"),
    (e.transpose(e.matpow(S, 2)), "(S^2)^T", r"(S^{2})^{\top}"),
    (e.transpose(e.add([x, y])), "(x + y)^T", r"(x + y)^{\top}"),
    (e.kron(A, e.add([x, y])), "kron(A, x + y)", r"A \otimes (x + y)"),
    (e.kron(K, S), "kron(K, S)", r"K \otimes S"),
    (e.unvec(e.vec(A), M, N), "unvec(vec(A), m, n)", r"\operatorname{unvec}(\operatorname{vec}(A), m, n)"),
    (e.unvec(e.variable("v", vector(M * N)), N, M), "unvec(v, n, m)", r"\operatorname{unvec}(v, n, m)"),
    (e.APPLY["norm"](x), "||x||", r"\lVert x \rVert"),
    (e.APPLY["norm"](e.product([e.APPLY["norm"](x), y])), "norm(||x|| y)", r"\lVert \lVert x \rVert y \rVert"),
    (e.APPLY["norm1"](x), "norm1(x)", r"\lVert x \rVert_{1}"),
    (e.diag(x), "diag(x)", r"\operatorname{diag}(x)"),
    (e.diag(S), "diag(S)", r"\operatorname{diag}(S)"),
    (e.APPLY["inv"](S), "S^-1", "S^{-1}"),
    (e.elementwise("max", [x, s]), "max(x, s)", r"\max(x, s)"),
    (e.elementwise("gt", [e.negate(x), e.add([x, y])]), "1[-x > x + y]", r"\mathbb{1}[-x > x + y]"),
    (e.elementwise("le", [s, t]), "1[s <= t]", r"\mathbb{1}[s \leq t]"),
    (e.block([[s, e.negate(t)], [t, s]]), "[s, -t; t, s]", r"\begin{bmatrix} s & -t \\ t & s \end{bmatrix}"),
    (e.block([[s], [e.add([s, t])]]), "[s; s + t]", r"\begin{bmatrix} s \\ s + t \end{bmatrix}"),
    (e.block([[A, z]]), "[A, z]", r"\begin{bmatrix} A & z \end{bmatrix}"),
]

SUMS_OVER_DATA = [
    (over(A, e.item("x", vector(N), "k", M)), "sum_{k=1}^{m} A x_k", r"\sum_{k=1}^{m} A x_{k}"),
    (e.datasum("k", M, e.hadamard([x, y])), "sum_{k=1}^{m} (x .* y)", r"\sum_{k=1}^{m} (x \odot y)"),
    (e.datasum("k", M, e.add([x, y])), "sum_{k=1}^{m} (x + y)", r"\sum_{k=1}^{m} (x + y)"),
    (e.datasum("k", M, e.negate(x)), "sum_{k=1}^{m} -x", r"\sum_{k=1}^{m} (-x)"),
    (e.datasum("k", TWO_N, e.datasum("l", M, x)), "sum_{k=1}^{2 n} sum_{l=1}^{m} x", r"\sum_{k=1}^{2 n} \sum_{l=1}^{m} x"),
    (e.add([x, over(x)]), "x + sum_{k=1}^{m} x", r"x + \sum_{k=1}^{m} x"),
    (e.add([over(x), x]), "sum_{k=1}^{m} x + x", r"\sum_{k=1}^{m} x + x"),
    (e.product([s, t, over(x)]), "s t sum_{k=1}^{m} x", r"s t \sum_{k=1}^{m} x"),
    (e.product([s, over(x)]), "s sum_{k=1}^{m} x", r"s \sum_{k=1}^{m} x"),
    (e.product([s, over(x), e.transpose(y)]), "s (sum_{k=1}^{m} x) y^T", r"s \left(\sum_{k=1}^{m} x \right) y^{\top}"),
    (e.product([over(x), e.transpose(y)]), "(sum_{k=1}^{m} x) y^T", r"\left(\sum_{k=1}^{m} x \right) y^{\top}"),
    (e.power(over(s), number("2")), "(sum_{k=1}^{m} s)^2", r"\left(\sum_{k=1}^{m} s \right)^{2}"),
    (e.hadamard([over(x), y]), "sum_{k=1}^{m} x .* y", r"\left(\sum_{k=1}^{m} x \right) \odot y"),
]

NOT_WORKED_OUT = [
    (e.unevaluated("differential", x, x), "dx", r"\mathrm{d}x"),
    (e.unevaluated("differential", e.product([A, x]), x), "d(A x)", r"\mathrm{d}(A x)"),
    (e.unevaluated("differential", e.divide(s, t), t), "d(s/t)", r"\mathrm{d}\left(\frac{s}{t} \right)"),
    (e.unevaluated("partial", z, t), "dz/dt", r"\frac{\partial z}{\partial t}"),
    (e.unevaluated("partial", e.product([A, x]), t), "d(A x)/dt", r"\frac{\partial}{\partial t} [A x]"),
]

FORMS = [*LEAVES, *NUMBERS, *OPERATORS, *SUMS_OVER_DATA, *NOT_WORKED_OUT]
