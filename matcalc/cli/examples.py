"""The examples in the help of each command, with what they print; the tests run them all."""

from __future__ import annotations

EXAMPLES = {
    "": """\
$ matcalc derive "x^T A x" --wrt x
x^T (A + A^T)
$ matcalc derive "1/2 ||y - tanh(A x + b)||^2" --wrt A --to numpy --name gradient > gradient.py
$ matcalc check "logdet(X)" --wrt X --declare "X: R^{n x n} posdef"
passed: worst error 1.8e-16, tolerance 1e-09, complex step, seed 0, sizes n=2
$ echo "log(det(X))" | matcalc derive - --wrt X
X^-T
$ matcalc shell
$ matcalc serve
""",
    "derive": """\
$ matcalc derive "x^T A x" --wrt x
x^T (A + A^T)
$ matcalc derive "-x^T x" --wrt x --order 2 --to latex
-2 I_{n}
$ matcalc derive "x1^2 x2 + x1 x2^3" --wrt x1 x2
[2 x1 x2 + x2^3, x1 (x1 + 3 x2^2)]
$ matcalc derive "tr(A X)" --wrt X --declare "A: R^{n x m}, X: R^{m x n}" --check
A^T
$ matcalc derive "sum_j A_ij v_j" --wrt v_k --notation index
A_ik
$ matcalc derive "1/2 ||y - A x||^2" --wrt A --to numpy --name gradient > gradient.py
$ matcalc derive "1/2 ||y - A x||^2" --wrt x --steps > steps.txt
""",
    "check": """\
$ matcalc check "logdet(X)" --wrt X --declare "X: R^{n x n} posdef"
passed: worst error 1.8e-16, tolerance 1e-09, complex step, seed 0, sizes n=2
$ matcalc check "tanh(A x + b)" --wrt A --seed 7 --json > report.json
""",
    "demo": """\
$ matcalc demo > demonstration.txt
$ matcalc demo "softmax(A x)" --wrt x > softmax.txt
""",
    "simplify": """\
$ matcalc simplify "(A B)^T + B^T A^T"
2 (A B)^T
$ matcalc simplify "sum_i delta_ik A_ij" --notation index
A_kj
""",
    "curvature": """\
$ matcalc curvature "logsumexp(A x)" --wrt x --quiet
positive semidefinite; the function is convex
$ matcalc curvature "||X b - y||^2" --wrt b --json > curvature.json
""",
    "stationary": """\
$ matcalc stationary "||X b - y||^2" --wrt b
(X^T X)^-1 X^T y
$ matcalc stationary "||X b - y||^2 + c ||b||^2" --wrt b --declare "c: R positive" --to latex
b = (X^{\\top} X + c I)^{-1} X^{\\top} y
""",
    "graph": """\
$ matcalc graph "d + cos(c) where d = sqrt(c), c = x^2" --wrt x --mode forward
$ matcalc graph "x exp(x)" --wrt x --declare "x: R" --to dot > graph.dot
""",
    "taylor": """\
$ matcalc taylor "log(1 + x)" --wrt x --at 0 --degree 3 --declare "x: R"
x - x^2/2 + x^3/3
$ matcalc taylor "log(sum(exp(x)))" --wrt x --at x0 --degree 2 --to numpy > polynomial.py
""",
    "batch": """\
$ printf 'x^T A x by x\\nlogdet(X) by X\\n' | matcalc batch -
x^T (A + A^T)
X^-T
$ matcalc batch formulas.txt --wrt x --to latex
$ matcalc batch formulas.toml --json --check > results.jsonl
""",
    "shell": """\
$ matcalc shell
$ matcalc shell --wrt x --declare "A: R^{n x n} symmetric"
$ echo "x^T A x by x" | matcalc shell
x^T (A + A^T)
""",
    "serve": """\
$ matcalc serve
$ matcalc serve --port 9000 --no-browser
""",
    "functions": """\
$ matcalc functions softmax
$ matcalc functions --json > functions.json
""",
    "rules": """\
$ matcalc rules logdet
$ matcalc rules > rules.txt
""",
    "generate": """\
$ matcalc generate catalogue.toml --out generated
$ matcalc generate catalogue.toml --out generated --json
""",
    "completion": """\
$ matcalc completion bash > ~/.local/share/bash-completion/completions/matcalc
$ matcalc completion zsh > ~/.zfunc/_matcalc
$ matcalc completion tcsh > ~/.matcalc.completion.csh
""",
    "schema": """\
$ matcalc schema > matcalc.schema.json
$ matcalc schema derive > derive.schema.json
""",
}
"""By command, "" for the program itself: lines as a console shows them."""


def section(command: str) -> str:
    """The section of examples in the help of a command; empty where there are none."""
    lines = EXAMPLES.get(command, "").splitlines()
    return "\nexamples:\n" + "".join(f"  {line}\n" for line in lines) if lines else ""
