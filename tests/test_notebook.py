"""`%%matcalc` in IPython: lines, names that land in the namespace, errors without traceback."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from matcalc.core.errors import MatcalcError, ParseError
from matcalc.derivative import Derivative
from matcalc.joint import Gradients
from matcalc.notebook import ACTIONS, ELSEWHERE, Cells

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(name="shell")
def _shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "matcalc")
    shell.run_line_magic("matcalc", "reset")
    yield shell
    shell.reset()


def run(shell: InteractiveShell, cell: str) -> str:
    """Runs a cell, which must succeed; what it printed."""
    with redirect_stdout(io.StringIO()) as out:
        shell.run_cell(cell).raise_error()
    return out.getvalue()


def test_results_land_in_the_namespace(shell: InteractiveShell) -> None:
    run(shell, "%%matcalc\nA in R^{n x n} symmetric\n# remark\n\ne = y - A x\nf = 1/2 ||e||^2\ng = derive f by x\nG = gradients f by x, y\n")
    g, both = shell.user_ns["g"], shell.user_ns["G"]
    assert isinstance(g, Derivative) and isinstance(both, Gradients)
    assert str(g) == "(A x - y)^T A" or g.check().passed
    a, x, y = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, -1.0]), np.array([0.5, 2.0])
    np.testing.assert_allclose(g(A=a, x=x, y=y), -(y - a @ x) @ a)
    assert both(A=a, x=x, y=y)[0] == pytest.approx(np.sum((y - a @ x) ** 2) / 2)
    assert g.space("A") == "R^{n x n} symmetric"


def test_results_without_a_name_are_shown(shell: InteractiveShell) -> None:
    assert run(shell, "%%matcalc\nderive x^T A x by x\nstationary ||X b - y||^2 by b\n") == "x^T (A + A^T)\n(X^T X)^-1 X^T y\n"
    assert "convex" in run(shell, "%%matcalc\ncurvature logsumexp(A x) by x")
    assert run(shell, "%%matcalc\nsimplify (A B)^T") == "(A B)^T\n"
    assert "f = " in run(shell, "%%matcalc\ngraph x exp(x) by x")
    assert "softmax" in run(shell, "%%matcalc\ntaylor logsumexp(x) by x")
    assert run(shell, "%%matcalc\nhessian x^T A x by x") == "A + A^T\n"


def test_the_line_magic_gives_its_result(shell: InteractiveShell) -> None:
    run(shell, "d = %matcalc derive x^T A x by x")
    assert str(shell.user_ns["d"]) == "x^T (A + A^T)"
    assert "%%matcalc cell" in run(shell, "%matcalc")
    run(shell, "%matcalc q = a^T b")
    run(shell, "%matcalc reset")
    assert str(shell.run_line_magic("matcalc", "derive q^2 by q")) == "2 q"


def test_a_formula_with_by_is_derived_and_steps_and_check_are_those_of_its_derivative() -> None:
    cells = Cells()
    found = cells.run("A in R^{n x n} symmetric\nx^T A x by x\ng = x^T A x by x\nsteps x^T A x by x\ncheck x^T A x by x")
    assert [str(value) for _, value in found[:2]] == ["2 x^T A"] * 2 and found[1][0] == "g"
    assert str(found[2][1]).startswith("f = x^T A x, by x") and str(found[3][1]).startswith("passed: ")


@pytest.mark.parametrize("word", ELSEWHERE)
def test_first_words_of_other_programs(word: str) -> None:
    with pytest.raises(ParseError) as caught:
        Cells().run(f"{word} x^T A x by x")
    hint = str(caught.value.hint)
    assert "x^T A x by x" in hint and (word in hint or hint.split()[0] in ACTIONS)
    assert str(Cells().run(f"{word} = a\n{word} x by x")[-1][1]) == "a"


@pytest.mark.parametrize(("cell", "parts"), [
    ("x^T x\nderive x^T +^ y by x", ["ParseError: line 2: ", "  x^T +^ y\n", "^"]),
    ("derive q", ["DeclarationError: line 1: ", "`by`"]),
    ("class = a^T b", ["line 1: `class`"]),
    ("A in Q^n\nderive A by A", ["ParseError", "line 1"]),
    ("derive f by y where", ["line 1"]),
    ("derive trce(A) by A", ["UnknownFunctionError: line 1: "]),
])
def test_errors_say_line_and_place_and_have_no_traceback(cell: str, parts: list[str], shell: InteractiveShell) -> None:
    with redirect_stdout(io.StringIO()) as out:
        result = shell.run_cell(f"%%matcalc\n{cell}")
    assert isinstance(result.error_in_exec, MatcalcError)
    assert all(part in out.getvalue() for part in parts), out.getvalue()
    assert "Traceback" not in out.getvalue() and "site-packages" not in out.getvalue()


def test_definitions_bring_in_what_they_use() -> None:
    cells = Cells()
    found = dict(cells.run("z = A x + b\nh = tanh(z) where b in R^3\nunused = w^2\nd = derive sum(h) by x\nhat = derive z by x"))
    assert isinstance(d := found["d"], Derivative)
    assert d.check().passed and "w" not in d.variables and d.space("b") == "R^3"
    assert str(found["hat"]) == "A"


def test_declarations_of_names_that_do_not_occur_do_not_matter() -> None:
    cells = Cells()
    found = dict(cells.run("declare S: R^{n x n} posdef, x: R^n\nq, r in R^k\ng = derive logdet(S) by S\nd = derive q^T r by q"))
    assert str(found["g"]) == "S^-1" and str(found["d"]) == "r^T"


def test_ipython_is_imported_by_the_magic_alone() -> None:
    code = "import sys, matcalc, matcalc.notebook\nmatcalc.derive('x^T x', 'x')._repr_html_()\nsys.exit('IPython' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60, cwd=ROOT).returncode == 0
