"""The page that compares systems on the same formulas: what matcalc gives is worked out and checked as the page is printed."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from matcalc import derive

CASES = Path(__file__).resolve().parent.parent / "docs" / "comparison.toml"
FIRST_ORDER, SECOND_ORDER = 1, 2

HEAD = """\
# Comparison with other systems

Which systems can be asked for the derivative of a matrix formula, and what they answer to the same {count} formulas: textbook
cases from `a^T x` to networks of three layers, {hessians} of them second derivatives. This page is written by
`python -m tests.docs comparison.md` from [comparison.toml](comparison.toml).

## How it was measured

Each formula was given to each system in its own language, and each answer compared with fourth-order central differences in
NumPy (relative 1e-6, Hessians 5e-5), on Python 3.11 and two shared cores. For SymPy three ways of writing a scalar were
tried (`Trace(M)`, `M[0, 0]`, a 1x1 matrix), and the best one counts. The answers of matcalc are worked out when this page is
written; they are compared with finite differences by its own `check`, formula and code.

| system | version | licence | what it is |
|---|---|---|---|
| SymPy | 1.14.0 | BSD | computer algebra; `MatrixSymbol`, `expr.diff(X)` |
| SymPy, development | 1.15.0.dev, commit e950d31 | BSD | the same, unreleased |
| tensorgrad | 0.3.0, torch 2.9.1 | AGPL-3.0 | tensor networks with named edges, compiled to torch |
| PyTensor | 3.0.7 | BSD-3-Clause | operator graphs, reverse mode, rewriting of graphs |
| CasADi | 3.8.2 (MX) | LGPL-3.0 | matrix-valued graphs of fixed sizes |

PyTensor 3.0.7 is the newest that pip takes on Python 3.11. matrix-calculus 0.0.7 posts to matrixcalculus.org and has no engine; SymEngine
0.15.0 for Python has no matrix symbols; Symbolica 3.0.2 differentiates `A*B` by scalar rules; numpy2ad 0.1.1 rewrites a NumPy assignment
into adjoint statements and simplifies nothing. They were looked at and not measured.

## Results

| system | right, as a closed matrix formula | right, in another form | left unevaluated | error | silently wrong | wrong in some form | code of its own that runs and is right |
|---|---|---|---|---|---|---|---|
| matcalc | {closed} | {indexed} (index notation) | 0 | 0 | 0 | {wrong} | {right} (NumPy) |
| SymPy 1.14.0 | 25 | 16 (array operations) | 5 | 7 | 9 | 16 | 27 (NumPy, by lambdify) |
| SymPy, development | 34 | 18 (array operations) | 3 | 7 | 0 | 6 | 33 (NumPy, by lambdify) |
| tensorgrad 0.3.0 | 0 | 61 (network) | 0 | 1 | 0 | 0 | 61 (torch) |
| PyTensor 3.0.7 | 0 | 62 (41 graphs, 21 scans) | 0 | 0 | 0 | 0 | 62 (its runtime, no source) |
| CasADi 3.8.2 | 0 | 62 (graph) | 0 | 0 | 0 | 0 | 62 (its runtime, C source) |

*Silently wrong* is a wrong number from the best way of writing the formula; *wrong in some form* also counts the other natural ways
of writing it. Medians of one derivation there, in milliseconds of processor time: CasADi 0.12, tensorgrad 18, SymPy 21, PyTensor 22;
of the import: CasADi 119, PyTensor 265, SymPy 270, tensorgrad 1,940.

What the others do better: CasADi derives more than a hundred times faster than the other systems measured, and writes C. PyTensor
runs what it derives. tensorgrad has one form for derivatives of any order. matcalc is for the formula itself, for sizes
that are not known, and for NumPy code that stands alone.
"""

CASE_NOTE = """\
## Case by case

*closed*: a matrix expression; *array*: SymPy's array operations; *network*, *graph*, *scan*: an index network, a program, a loop over
rows; **wrong**: a wrong result without an error, **0** where it was zero; `*` wrong in another natural way of writing the same;
`†` the object is right and its printed text is not, or cannot be printed. The results of matcalc are gradients as rows, as in
[the conventions](conventions.md).
"""

TAIL = """\
## matrixcalculus.org

[matrixcalculus.org](https://www.matrixcalculus.org) is a web page for the same task. By its documentation it reads `x'*A*x` with `.*`,
`./` and `.^`; takes a to g for scalars, h to z for vectors and capitals for matrices until told otherwise; knows symmetric
matrices, twelve elementwise functions, `sum`, `norm1`, `norm2`, `tr`, `det`, `logdet` and `inv`; infers sizes; writes Python and
LaTeX; and does not display results of three or four axes. No form of it for use without the page was found on the
package index. Its stock examples here:

```python
>>> from matcalc import derive
>>> print(derive("1/2 x^T A x", wrt="x"))
1/2 x^T (A + A^T)
>>> print(derive("A exp(x)", wrt="x"))
A diag(exp(x))
>>> print(derive("(y .* v)^T x", wrt="x"))
(y .* v)^T
>>> print(derive("a^b where a, b in R", wrt="a"))
b a^(b - 1)
>>> print(derive("norm1(A x - y)", wrt="x"))
sign(A x - y)^T A
>>> print(derive("||A x - y||^2", wrt="x"))
2 (A x - y)^T A
>>> print(derive("sum(log(exp(-y .* (X w)) + ones(m))) where X in R^{m x n}", wrt="w"))
-(y .* sigmoid(-y .* X w))^T X
>>> print(derive("tr(A X^T B X C)", wrt="X"))
B X C A + (C A X^T B)^T
>>> print(derive("log(det(inv(X)))", wrt="X"))
-X^-T

```

With results of four axes:

```python
>>> print(derive("A X B", wrt="X"))
A_ik B_lj  (index notation)
>>> derive("A X B", wrt="X").vec()
'kron(B^T, A)'
>>> derive("||T - U V^T||^2", wrt="U", order=2).vec()
'2 kron(V^T V, I_m)'

```
"""


class Answer(NamedTuple):
    """What matcalc gives for a case: the result, whether it is a matrix formula, whether its check passes."""

    text: str
    closed: bool
    passed: bool


@cache
def answers() -> list[Answer]:
    """The answers of matcalc, in the order of the cases."""
    found = []
    for case in cases():
        d = derive(case["formula"], wrt=case["wrt"], order=case.get("order", FIRST_ORDER), declare=case.get("declare"))
        found.append(Answer(str(d).removesuffix("  (index notation)"), d.matrix is not None, d.check().passed))
    return found


def cases() -> list[dict]:
    """The cases as the file has them."""
    return tomllib.loads(CASES.read_text(encoding="utf-8"))["case"]


def page() -> str:
    """The text of `docs/comparison.md`."""
    counts = Counter((a.closed, a.passed) for a in answers())
    head = HEAD.format(
        count=len(answers()), hessians=sum(case.get("order") == SECOND_ORDER for case in cases()), closed=counts[True, True],
        indexed=counts[False, True], wrong=counts[True, False] + counts[False, False], right=counts[True, True] + counts[False, True])
    lines = ["| formula | by | matcalc | SymPy 1.14.0 | SymPy dev | tensorgrad | PyTensor | CasADi |", "|---" * 8 + "|"]
    for case, answer in zip(cases(), answers(), strict=True):
        declared = "".join(f", {name} in {space}" for name, space in case.get("declare", {}).items() if " " in space.partition("}")[2])
        by = f"{case['wrt']}, twice" if case.get("order") == SECOND_ORDER else case["wrt"]
        cells = [f"`{case['formula']}`{declared}", by, f"`{answer.text}`", *map(_cell, case["others"])]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join([head, CASE_NOTE, *lines, "", TAIL])


def _cell(form: str) -> str:
    form = form.replace("WRONG 0", "**0**").replace("WRONG", "**wrong**")
    return form[:-1] + "\\*" if form.endswith("*") and not form.endswith("**") else form
