"""Index notation of each head as text and as LaTeX, to the letter, for tensors that are built directly."""

from fractions import Fraction

from matcalc.core.dims import Dim
from matcalc.ir import build as b
from matcalc.ir.nodes import Tensor

M, N, P = Dim.of("m"), Dim.of("n"), Dim.of("p")
A, S, T = b.var("A", (M, N)), b.var("S", (N, N)), b.var("T", (N, M))
x, y, z = b.var("x", (N,)), b.var("y", (N,)), b.var("z", (M,))
s, t = b.var("s", ()), b.var("t", ())
Ax = b.contract([(A, ("i", "j")), (x, ("j",))], ("i",))
AS = b.contract([(A, ("i", "j")), (S, ("j", "k"))], ("i", "k"))
GRAM = b.contract([(A, ("k", "i")), (A, ("k", "j"))], ("i", "j"))
SS = b.contract([(S, ("i", "j")), (b.var("R", (N, N)), ("j", "k"))], ("i", "k"))
G, PI = b.var("G", (M, N, P)), Tensor.make("pi", (), (), ())
XX, XY = b.contract([(x, ("i",)), (x, ("i",))], ()), b.contract([(x, ("i",)), (y, ("i",))], ())
HALF, LESS = b.const(Fraction(1, 2)), Fraction(-1)


def less(node: Tensor, *others: Tensor) -> Tensor:
    """The first without the others."""
    return b.add(node, *(b.scale(LESS, o) for o in others))


def unevaluated(head: str, u: Tensor, v: Tensor) -> Tensor:
    """A differential or a derivative that is not worked out."""
    return Tensor.make(head, (u, v), (), u.axes if head == "differential" else (*u.axes, *v.axes))


def beside(node: Tensor) -> Tensor:
    """A vector u as u_i in a matrix, the same in every column."""
    return b.contract([(node, (0,)), (b.ones((N,)), (1,))], (0, 1))


LESS_ONE = [less(b.apply("exp", u), b.ones((N,))) for u in (x, y, b.var("w", (N,)))]
X_LESS_ONE, Y_LESS_ONE = less(x, b.ones((N,))), less(y, b.ones((N,)))

CONSTANTS = [
    (b.delta(N), "delta_ij", r"\delta_{ij}"),
    (b.ones((M,)), "1", "1"),
    (b.scale(Fraction(2), b.ones((M,))), "2", "2"),
    (b.zero((M,)), "0", "0"),
    (b.multiply(b.size(N), x), "x_i n", "n x_{i}"),
    (b.multiply(b.size(M * N), x), "x_i (m n)", "(m n) x_{i}"),
    (b.size(M + N), "(m + n)", "m + n"),
    (b.basis(Dim.of(1), N), "delta_i2", r"\delta_{i2}"),
    (b.basis(Dim.of(9), N), "delta_{i,10}", r"\delta_{i,10}"),
    (b.basis(M, M + N), "1[i = 1 + m]", "(e_{1 + m})_{i}"),
    (b.basis(M + N, M + N + P), "1[i = 1 + m + n]", "(e_{1 + m + n})_{i}"),
    (b.embed(M, N, M + N), "1[j = i + m]", r"\delta_{j,\,i + m}"),
    (b.embed(Dim.of(0), M, M + N), "1[j = i + 0]", r"\delta_{j,\,i}"),
    (b.fuse(M + N, P), "1[i = k + (m + n) (j - 1)]", r"\delta_{i,\,k + (m + n) (j - 1)}"),
    (b.multiply(b.size(M + N), x), "x_i (m + n)", "(m + n) x_{i}"), (b.power(b.size(M * N), s), "(m n)^s", "(m n)^{s}"),
    (b.power(b.size(N), s), "n^s", "n^{s}"), (b.add(b.size(M + N), s), "s + (m + n)", "(m + n) + s"),
    (b.fuse(M, N), "1[i = k + m (j - 1)]", r"\delta_{i,\,k + m (j - 1)}"),
    (Tensor.make("pi", (), (), ()), "pi", r"\pi"),
]

FUNCTIONS = [
    (b.apply("max", x, y), "max(x_i, y_i)", r"\max(x_{i}, y_{i})"),
    (b.apply("gt", x, y), "1[x_i > y_i]", r"\mathbb{1}[x_{i} > y_{i}]"),
    (b.apply("le", A, A), "1[A_ij <= A_ij]", r"\mathbb{1}[A_{ij} \leq A_{ij}]"),
    (b.apply("step", x), "1[x_i > 0]", r"\mathbb{1}[x_{i} > 0]"),
    (b.apply("tanh", Ax), "tanh(sum_j A_ij x_j)", r"\tanh\left(\sum_{j} A_{ij} x_{j} \right)"),
    (b.matpow(S, -1), "(S^-1)_ij", "(S^{-1})_{ij}"),
    (b.matpow(S, 3), "(S^3)_ij", "(S^{3})_{ij}"),
    (b.det(b.add(b.apply("tanh", S), b.delta(N))), "det([tanh(S_ij) + delta_ij]_ij)", r"\det(I + \tanh(S))"),
    (b.det(b.add(b.matpow(S, -1), b.scale(Fraction(2), SS))), "det([(S^-1)_ij + 2 sum_k S_ik R_kj]_ij)", r"\det(2 S R + S^{-1})"), (b.det(b.add(b.matpow(b.add(S, SS), -1), S)), "det([([S_kl + sum_p S_kp R_pl]_kl^-1)_ij + S_ij]_ij)", r"\det((S + S R)^{-1} + S)"),
    (b.contract([(x, ("i",)), (b.det(b.multiply(S, b.transpose(SS))), ()), (y, ("i",))], ()), "det([sum_k S_ij S_jk R_ki]_ij) sum_i x_i y_i",
     r"\det\left(\left[\sum_{k} S_{ij} R_{ki} S_{jk} \right]_{ij} \right) \sum_{i} x_{i} y_{i}"),
    (b.contract([(b.matpow(b.multiply(S, b.transpose(SS)), -1), ("i", "j")), (x, ("j",))], ("i",)), "sum_j ([sum_p S_kl S_lp R_pk]_kl^-1)_ij x_j",
     r"\sum_{j} \left(\left[\sum_{p} S_{kl} R_{pk} S_{lp} \right]_{kl}^{-1} \right)_{ij} x_{j}"),
    (b.contract([(A, ("i", "j")), (b.apply("tanh", b.contract([(S, ("j", "k")), (x, ("k",))], ("j",))), ("j",))], ("i",)), "sum_j tanh(sum_k S_jk x_k) A_ij",
     r"\sum_{j} A_{ij} \tanh\left(\sum_{k} S_{jk} x_{k} \right)"),
    (b.det(b.add(S, b.multiply(PI, SS))), "det([S_ij + sum_k S_ik R_kj pi]_ij)", r"\det(S + \pi S R)"),
    (b.det(b.contract([(x, ("i",)), (y, ("k",))], ("i", "k"))), "det([x_j y_i]_ij)", r"\det([y_{i} x_{j}]_{ij})"),
    (b.normalised("softmax", G, 1), "softmax([G_ilq]_lq)_jk", r"\operatorname{softmax}([G_{ilq}]_{lq})_{jk}"),
    (b.normalised("softmax", G, 2), "softmax([G_ijl]_l)_k", r"\operatorname{softmax}([G_{ijl}]_{l})_{k}"),
    (b.normalised("logsumexp", G, 1), "logsumexp([G_ijk]_jk)", r"\operatorname{logsumexp}([G_{ijk}]_{jk})"),
    (b.contract([(z, ("i",)), (b.normalised("softmax", G, 1), ("i", "j", "k"))], ("j", "k")), "sum_k z_k softmax([G_klq]_lq)_ij",
     r"\sum_{k} \operatorname{softmax}([G_{klq}]_{lq})_{ij} z_{k}"),
    (b.contract([(A, ("i", "j")), (b.apply("tanh", b.contract([(S, ("j", "k")), (b.apply("exp", b.contract([(S, ("k", "l")), (x, ("l",))], ("k",))), ("k",))], ("j",))), ("j",))], ("i",)),
     "sum_j tanh(sum_k exp(sum_l S_kl x_l) S_jk) A_ij", r"\sum_{j} A_{ij} \tanh\left(\sum_{k} S_{jk} \exp\left(\sum_{l} S_{kl} x_{l} \right) \right)"),
    (b.det(S), "det(S)", r"\det(S)"),
    (b.logdet(GRAM), "logdet([sum_k A_ki A_kj]_ij)", r"\operatorname{logdet}(A^{\top} A)"),
    (b.matpow(b.add(S, b.delta(N)), -1), "([S_kl + delta_kl]_kl^-1)_ij", "((I + S)^{-1})_{ij}"),
    (b.normalised("softmax", Ax), "softmax([sum_k A_jk x_k]_j)_i", r"\operatorname{softmax}(A x)_{i}"),
    (b.normalised("softmax", A, 1), "softmax([A_ik]_k)_j", r"\operatorname{softmax}([A_{ik}]_{k})_{j}"),
    (b.normalised("softmax", A), "softmax(A)_ij", r"\operatorname{softmax}(A)_{ij}"),
    (b.normalised("logsumexp", A, 1), "logsumexp([A_ij]_j)", r"\operatorname{logsumexp}([A_{ij}]_{j})"),
    (b.normalised("logsumexp", A), "logsumexp(A)", r"\operatorname{logsumexp}(A)"),
    (b.normalised("logsumexp", AS, 1), "logsumexp([sum_k A_ik S_kj]_j)", r"\operatorname{logsumexp}\left(\left[\sum_{k} A_{ik} S_{kj} \right]_{j} \right)"),
    (b.contract([(b.normalised("logsumexp", AS, 1), ("i",)), (z, ("i",))], ()), "sum_i logsumexp([sum_k A_ik S_kj]_j) z_i", r"\sum_{i} z_{i} \operatorname{logsumexp}\left(\left[\sum_{k} A_{ik} S_{kj} \right]_{j} \right)"),
]

POWERS = [
    (b.power(x, s), "x_i^s", "x_{i}^{s}"),
    (b.power(x, b.const(-2)), "x_i^-2", r"\frac{1}{x_{i}^{2}}"),
    (b.power(x, HALF), "x_i^(1/2)", r"\sqrt{x_{i}}"),
    (b.power(x, b.add(s, t)), "x_i^(s + t)", "x_{i}^{s + t}"),
    (b.power(x, b.multiply(s, t)), "x_i^(s t)", "x_{i}^{s t}"),
    (b.power(Ax, b.const(3)), "(sum_j A_ij x_j)^3", r"\left(\sum_{j} A_{ij} x_{j} \right)^{3}"),
    (b.power(b.multiply(x, y), s), "(x_i y_i)^s", "(x_{i} y_{i})^{s}"),
    (b.power(b.contract([(A, ("i", "j"))], ("i",)), s), "(sum_j A_ij)^s", r"\left(\sum_{j} A_{ij} \right)^{s}"),
    (b.power(b.power(x, s), t), "(x_i^s)^t", "(x_{i}^{s})^{t}"),
    (b.power(b.contract([(S, ("i", "i"))], ("i",)), s), "S_ii^s", "S_{ii}^{s}"),
    (b.power(b.contract([(b.power(S, s), ("i", "i"))], ("i",)), t), "(S_ii^s)^t", "(S_{ii}^{s})^{t}"),
    (b.power(b.add(x, y), s), "(x_i + y_i)^s", "(x_{i} + y_{i})^{s}"),
    (b.power(b.apply("exp", x), s), "exp(x_i)^s", r"\exp(x_{i})^{s}"),
]

SUMS = [
    (b.scale(LESS, x), "-x_i", "-x_{i}"),
    (b.scale(Fraction(1, 2), x), "1/2 x_i", r"\frac{1}{2} x_{i}"),
    (b.scale(Fraction(-3, 2), Ax), "-3/2 sum_j A_ij x_j", r"-\frac{3}{2} \sum_{j} A_{ij} x_{j}"),
    (less(x, y), "x_i - y_i", "x_{i} - y_{i}"),
    (less(y, x), "y_i - x_i", "y_{i} - x_{i}"),
    (less(b.scale(Fraction(-3), x), y), "-3 x_i - y_i", "-3 x_{i} - y_{i}"),
    (b.add(x, b.ones((N,))), "x_i + 1", "1 + x_{i}"),
    (X_LESS_ONE, "x_i - 1", "x_{i} - 1"),
    (b.multiply(X_LESS_ONE, y), "-(1 - x_i) y_i", "-y_{i} (1 - x_{i})"),
    (b.multiply(X_LESS_ONE, Y_LESS_ONE), "(1 - x_i) (1 - y_i)", "(1 - x_{i}) (1 - y_{i})"),
    (b.multiply(s, X_LESS_ONE, Y_LESS_ONE, less(b.apply("exp", x), b.ones((N,)))), "-(1 - exp(x_i)) (1 - x_i) (1 - y_i) s", r"s (\exp(x_{i}) - 1) (1 - x_{i}) (1 - y_{i})"),
    (b.scale(LESS, b.multiply(less(x, y), y)), "(y_i - x_i) y_i", "y_{i} (y_{i} - x_{i})"),
    (b.scale(Fraction(-2), b.multiply(less(x, y), y)), "2 (y_i - x_i) y_i", "2 y_{i} (y_{i} - x_{i})"),
    (b.scale(LESS, b.multiply(X_LESS_ONE, y)), "(1 - x_i) y_i", "y_{i} (1 - x_{i})"),
    (b.scale(LESS, b.multiply(less(y, x), y)), "(x_i - y_i) y_i", r"-y_{i} (y_{i} - x_{i})"),
    (b.scale(Fraction(-2), b.multiply(less(y, x), x)), "2 (x_i - y_i) x_i", r"-2 x_{i} (y_{i} - x_{i})"),
    (b.multiply(*LESS_ONE[:2]), "(1 - exp(x_i)) (1 - exp(y_i))", r"-(\exp(x_{i}) - 1) (1 - \exp(y_{i}))"),
    (b.multiply(*LESS_ONE), "-(1 - exp(x_i)) (1 - exp(y_i)) (1 - exp(w_i))", r"-(\exp(w_{i}) - 1) (\exp(x_{i}) - 1) (1 - \exp(y_{i}))"),
    (less(b.scale(LESS, b.multiply(less(y, x), y)), x), "(x_i - y_i) y_i - x_i", r"-x_{i} - y_{i} (y_{i} - x_{i})"),
    (b.scale(LESS, b.multiply(b.apply("exp", less(y, x)), x)), "-exp(y_i - x_i) x_i", r"-x_{i} \exp(y_{i} - x_{i})"),
    (b.scale(LESS, b.multiply(b.add(x, y), y)), "-(x_i + y_i) y_i", "-y_{i} (x_{i} + y_{i})"),
    (b.scale(LESS, b.multiply(b.apply("tanh", x), y)), "-tanh(x_i) y_i", r"-y_{i} \tanh(x_{i})"),
    (less(b.scale(LESS, b.multiply(less(x, y), y)), x), "(y_i - x_i) y_i - x_i", "y_{i} (y_{i} - x_{i}) - x_{i}"),
    (b.add(beside(x), b.contract([(y, (1,)), (b.ones((N,)), (0,))], (0, 1))), "x_i ones_j + y_j ones_i", "x_{i} + y_{j}"),
    (b.add(beside(b.multiply(x, y)), S), "S_ij + x_i y_i ones_j", "S_{ij} + x_{i} y_{i}"),
    (b.add(beside(b.contract([(S, ("i", "j"))], ("i",))), S), "(sum_k S_ik) ones_j + S_ij", r"S_{ij} + \sum_{k} S_{ik}"),
    (b.add(beside(b.scale(Fraction(-2), x)), S), "S_ij - 2 x_i ones_j", "S_{ij} - 2 x_{i}"),
    (b.add(b.scale(Fraction(3), b.ones((N, N))), S), "S_ij + 3", "3 + S_{ij}"),
]

PRODUCTS = [
    (b.contract([(A, ("i", "j")), (b.delta(P), ("k", "l"))], ("i", "k", "j", "l")), "A_ik delta_jl", r"A_{ik} \delta_{jl}"),
    (b.contract([(b.delta(N), (2, 0)), (z, (1,))], (0, 1, 2)), "z_j delta_ik", r"\delta_{ik} z_{j}"),
    (b.contract([(x, (0,)), (b.ones((M,)), (1,))], (0, 1)), "x_i", "x_{i}"),
    (b.contract([(A, ("i", "j")), (b.delta(N), ("k", "l")), (x, ("j",))], ("i", "k", "l")), "delta_jk sum_l A_il x_l", r"\sum_{l} A_{il} x_{l} \delta_{jk}"),
    (b.contract([(A, ("i", "j")), (S, ("j", "k")), (T, ("k", "i"))], ()), "sum_{i, j, k} A_ij S_jk T_ki", r"\sum_{i,j,k} S_{ij} A_{ki} T_{jk}"),
    (b.contract([(b.basis(Dim.of(1), N), ("j",)), (A, ("i", "j"))], ("i",)), "A_i2", "A_{i2}"),
    (b.contract([(x, ("i",)), (x, ("i",)), (s, ())], ()), "s sum_i x_i^2", r"s \sum_{i} x_{i}^{2}"),
    (b.contract([(b.add(x, y), ("i",)), (z, ("j",))], ("i", "j")), "(x_i + y_i) z_j", "(x_{i} + y_{i}) z_{j}"),
    (b.multiply(b.power(x, s), y), "x_i^s y_i", "y_{i} x_{i}^{s}"),
]

LENGTHS = [
    (b.contract([(b.fuse(M, N), ("k", "j", "i"))], ("k", "i")), "sum_{k=1}^n 1[i = j + m (k - 1)]", r"\sum_{k=1}^{n} \delta_{i,\,j + m (k - 1)}"),
    (b.contract([(b.fuse(M, N + P), ("k", "j", "i"))], ("k", "i")), "sum_{k=1}^{n + p} 1[i = j + m (k - 1)]", r"\sum_{k=1}^{n + p} \delta_{i,\,j + m (k - 1)}"),
    (b.contract([(b.fuse(M, Dim.of(4)), ("k", "j", "i"))], ("k", "i")), "sum_{k=1}^4 1[i = j + m (k - 1)]", r"\sum_{k=1}^{4} \delta_{i,\,j + m (k - 1)}"),
    (b.contract([(b.fuse(M, N), ("k", "j", "i")), (z, ("i",))], ("k",)), "sum_j sum_{k=1}^n z_j 1[i = j + m (k - 1)]",
     r"\sum_{k} \sum_{j=1}^{n} \delta_{i,\,k + m (j - 1)} z_{k}"),
]

QUOTIENTS = [
    (b.contract([(b.power(Ax, b.const(-1)), ("i",)), (b.contract([(A, ("i", "j")), (y, ("j",))], ("i",)), ("i",)), (z, ("i",))], ("i",)),
     "sum_j (sum_k A_ik x_k)^-1 A_ij y_j z_i", r"\sum_{j} \frac{z_{i} A_{ij} y_{j}}{\sum_{k} A_{ik} x_{k}}"),
    (b.multiply(b.power(s, b.const(-1)), XY), "s^-1 sum_i x_i y_i", r"\frac{1}{s} \sum_{i} x_{i} y_{i}"),
    (b.multiply(b.power(XX, b.const(-1)), XY), "(sum_i x_i^2)^-1 sum_i x_i y_i", r"\frac{\sum_{i} x_{i} y_{i}}{\sum_{i} x_{i}^{2}}"),
    (b.contract([(x, ("i",)), (b.power(b.power(b.apply("exp", y), HALF), b.const(-1)), ("i",)), (b.power(s, b.const(-1)), ())], ()),
     "s^-1 sum_i exp(y_i)^(-1/2) x_i", r"\frac{1}{s} \sum_{i} \frac{x_{i}}{\sqrt{\exp(y_{i})}}"),
    (b.multiply(b.power(s, b.const(-1)), XY, b.power(b.add(b.power(t, b.const(-1)), s), b.const(-1))), "s^-1 (s + t^-1)^-1 sum_i x_i y_i",
     r"\frac{\sum_{i} x_{i} y_{i}}{s \left(\frac{1}{t} + s \right)}"),
]

NOT_WORKED_OUT = [
    (unevaluated("differential", z, A), "dz_i", r"\mathrm{d}z_{i}"),
    (unevaluated("differential", b.multiply(x, y), x), "d[x_i y_i]", r"\mathrm{d}(x_{i} y_{i})"),
    (unevaluated("partial", z, A), "dz_i/dA_jk", r"\frac{\partial z_{i}}{\partial A_{jk}}"),
    (unevaluated("partial", Ax, x), "d[sum_k A_ik x_k]/dx_j", r"\frac{\partial}{\partial x_{j}} \left[\sum_{k} A_{ik} x_{k} \right]"),
]

INDEX_FORMS = [*CONSTANTS, *FUNCTIONS, *POWERS, *SUMS, *PRODUCTS, *LENGTHS, *QUOTIENTS, *NOT_WORKED_OUT]
