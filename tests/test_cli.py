"""The command line: every option, exit codes, and what goes to which stream."""

from __future__ import annotations

import ast
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from matcalc import __version__, derive
from matcalc.catalogue import MATRIX_FUNCTIONS, derivative_rules, elementwise_functions, rules
from matcalc.cli import derive as derive_command
from matcalc.cli import formula
from matcalc.cli.main import COMMANDS, ELSEWHERE, main, whole_parser
from matcalc.core.functions import FUNCTIONS
from matcalc.derivative import Derivative
from matcalc.diff.differentiate import RULES
from matcalc.syntax.names import MATRIX_FUNCTIONS as MATRIX_NAMES

Capture = pytest.CaptureFixture[str]
KEYS = ["text", "latex", "index", "form", "shape", "shapes", "layout", "structured", "order", "wrt", "numpy"]


def run(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a command."""
    code = main(argv)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# ---------------------------------------------------------------- derive
@pytest.mark.parametrize(
    ("argv", "printed"),
    [
        (["x^T A x", "--wrt", "x"], "x^T (A + A^T)"),
        (["--wrt", "x", "--order", "2", "x^T A x"], "A + A^T"),
        (["--wrt", "x", "x^T A x"], "x^T (A + A^T)"),
        (["x^T A x", "--wrt", "x", "--to", "latex"], r"x^{\top} (A + A^{\top})"),
        (["A x", "--wrt", "x", "--to", "index"], "A_ij"),
        (["x^T A x", "--wrt", "x", "--layout", "denominator"], "(A + A^T) x"),
        (["A X B", "--wrt", "X", "--to", "vec"], "kron(B^T, A)"),
        (["A X B", "--wrt", "X", "--to", "vec", "--stack", "rows"], "kron(A, B^T)"),
        (["A X^T B", "--wrt", "X", "--to", "vec", "--layout", "denominator"], "kron(A^T, B) commutation(m, q)"),
        (["A X^T B", "--wrt", "X", "--to", "latex", "--stack", "columns"],
         r"(B^{\top} \otimes A) \mathbf{K}_{p, n}"),
        (["logdet(X)", "--wrt", "X", "--to", "vec", "--order", "2"], "-kron(X^-1, X^-T) commutation(n, n)"),
        (["tr(A X)", "--wrt", "X", "--structured", "projection", "--declare", "X: R^{n x n} symmetric"],
         "1/2 (A + A^T)"),
        (["x1^2 x2", "--wrt", "x1, x2"], "[2 x1 x2, x1^2]"),
        (["x1^2 x2", "--wrt", "x1", "x2"], "[2 x1 x2, x1^2]"),
        (["x1^2 x2", "--wrt", "x1", "--wrt", "x2"], "[2 x1 x2, x1^2]"),
        (["a x", "--wrt", "x", "--declare", "a: R, x: R^n"], "a I_n"),
        (["-x^T x", "--wrt", "x"], "-2 x^T"),
        (["-x", "--wrt", "x", "--declare", "x in R"], "-1"),
        (["--x^T x", "--wrt", "x"], "2 x^T"),
        (["--wrt", "x", "--", "-x^T x"], "-2 x^T"),
    ],
)
def test_derive_prints_the_result_alone(capsys: Capture, argv: list[str], printed: str) -> None:
    code, out, err = run(capsys, "derive", *argv)
    assert (code, out) == (0, f"{printed}\n")
    assert err.startswith("shapes: ")


def test_equation(capsys: Capture) -> None:
    _, out, _ = run(capsys, "derive", "x^T A x", "--wrt", "x", "--to", "latex", "--equation")
    assert out.rstrip() == derive("x^T A x", "x").latex(equation=True)
    assert r"\frac{\partial}{\partial x}" in out and r"\in \mathbb{R}^{1 \times n}" in out


def test_linear_algebra_by_scipy(capsys: Capture) -> None:
    assert main(["derive", "X^-1 v", "--wrt", "v", "--to", "numpy", "--linalg", "scipy", "--name", "f"]) == 0
    source = capsys.readouterr().out
    assert "from scipy.linalg import lapack" in source and "def f(" in source and "np.linalg.inv" not in source
    assert main(["derive", "A X", "--wrt", "X", "--to", "numpy", "--stack", "rows", "--linalg", "numpy"]) == 0
    assert "scipy" not in capsys.readouterr().out


def test_numpy_source_is_a_module(capsys: Capture) -> None:
    code, out, err = run(capsys, "derive", "x^T A x", "--wrt", "x", "--to", "numpy", "--name", "gradient")
    names = [node.name for node in ast.parse(out).body if isinstance(node, ast.FunctionDef)]
    assert (code, err, names[-1]) == (0, "", "gradient")
    assert "def derivative(" in run(capsys, "derive", "x", "--wrt", "x", "--to", "numpy")[1]


@pytest.mark.parametrize(
    ("argv", "form", "shape", "by"),
    [
        (["A x", "--wrt", "x"], "matrix", ["m", "n"], "x"),
        (["tanh(A x + b)", "--wrt", "A"], "index", ["m", "m", "n"], "A"),
        (["s t^2", "--wrt", "s, t", "--order", "2", "--name", "h"], "matrix", ["2", "2"], ["s", "t"]),
    ],
)
def test_json(capsys: Capture, argv: list[str], form: str, shape: list[str], by: object) -> None:
    code, out, err = run(capsys, "derive", *argv, "--to", "json")
    found = json.loads(out)
    assert (code, err, list(found)) == (0, "", KEYS)
    assert (found["form"], found["shape"], found["wrt"]) == (form, shape, by)
    assert found["order"] == (2 if "--order" in argv else 1)
    assert all(isinstance(found[key], str) and found[key] for key in ("text", "latex", "index", "numpy"))
    assert found["numpy"].count("def h(" if "--name" in argv else "def derivative(") == 1


def test_json_says_what_was_inferred(capsys: Capture) -> None:
    _, out, _ = run(capsys, "derive", "logdet(X)", "--wrt", "X", "--declare", "X: R^{n x n}, posdef", "--to", "json")
    assert json.loads(out)["shapes"] == {"X": "R^{n x n} posdef"}


def test_remarks_say_what_was_inferred_and_when_there_is_no_matrix_form(capsys: Capture) -> None:
    _, out, err = run(capsys, "derive", "tanh(A x)", "--wrt", "A")
    assert "index notation" not in out
    assert err == "shapes: A in R^{m x n}, x in R^n; array of shape (m, m, n); no matrix form: index notation\n"
    assert run(capsys, "derive", "x^T A x", "--wrt", "x", "--quiet")[2] == ""


def test_remarks_say_which_convention_was_chosen(capsys: Capture) -> None:
    _, _, err = run(capsys, "derive", "x^T A x", "--wrt", "x", "--layout", "denominator")
    assert err.endswith("; denominator layout\n")
    argv = ("derive", "tr(A X)", "--wrt", "X", "--declare", "X: R^{n x n} symmetric")
    assert run(capsys, *argv)[2].endswith("; entries of X: taken as independent\n")
    assert "space of such matrices" in run(capsys, *argv, "--structured", "projection")[2]
    assert "i <= j" in run(capsys, *argv, "--structured", "entries")[2]


def test_declared_names_that_do_not_occur_are_named(capsys: Capture) -> None:
    argv = ("derive", "sum_{n=1}^N t^T x_n", "--wrt", "t", "--declare", "x_n in R^D, t in R^D, q, y_k in R")
    code, _, err = run(capsys, *argv)
    assert code == 0 and err.startswith("declared, but not in the formula: q, y_k\n")
    assert "shapes: t in R^D, x_n in R^D; array of shape (D,)" in err
    assert run(capsys, *argv, "--quiet")[2] == ""


def test_check_beside_the_result(capsys: Capture) -> None:
    code, out, err = run(capsys, "derive", "x^T A x", "--wrt", "x", "--check", "--seed", "7")
    assert (code, out) == (0, "x^T (A + A^T)\n")
    assert "passed" in err and "seed 7" in err


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x^T\n A x\n"))
    assert run(capsys, "derive", "-", "--wrt", "x")[:2] == (0, "x^T (A + A^T)\n")


# ---------------------------------------------------------------- check, demo, functions, rules
def test_check_prints_its_report(capsys: Capture) -> None:
    code, out, err = run(capsys, "check", "logdet(X)", "--wrt", "X", "--declare", "X: R^{n x n} posdef", "--seed", "3")
    assert code == 0 and out.startswith("passed") and "seed 3" in out and not err


def test_failed_check_is_exit_code_1(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Derivative.numpy
    monkeypatch.setattr(Derivative, "numpy", lambda d, name="derivative": right(derive("2 x^T x", "x"), name))
    code, out, _ = run(capsys, "check", "x^T x", "--wrt", "x")
    assert code == 1 and out.startswith("FAILED")
    code, out, err = run(capsys, "derive", "x^T x", "--wrt", "x", "--check")
    assert (code, out) == (1, "2 x^T\n") and "FAILED" in err


def test_demo(capsys: Capture) -> None:
    code, out, _ = run(capsys, "demo")
    assert code == 0 and out.count("passed") == len(derive_command.DEMONSTRATION) == out.count("def derivative(")
    code, out, _ = run(capsys, "demo", "A x", "--wrt", "x")
    assert code == 0 and "Closed form: A\n" in out
    assert run(capsys, "demo", "A x")[0] == 2


@pytest.mark.parametrize("to", [*derive_command.WRITERS, "steps"])
def test_every_target_is_an_option_of_its_own(to: str, capsys: Capture) -> None:
    if to != "text":
        assert run(capsys, "derive", "x^T A x", "--wrt", "x", f"--{to}") == run(capsys, "derive", "x^T A x", "--wrt", "x", "--to", to)
        code, _, err = run(capsys, "derive", "x^T A x", "--wrt", "x", f"--{to}", "--json")
        assert code == 2 and "not allowed with" in err
    assert run(capsys, "graph", "x^T x", "--wrt", "x", "--dot")[1].startswith("digraph")


@pytest.mark.parametrize(("argv", "hint"), [
    (["derive", "x^T x"], '--wrt NAME says by what: matcalc derive "x^T A x" --wrt x'),
    (["derive", "x^T x", "-wrt", "x"], "--wrt NAME says by what"),
    (["derive", "x^T x", "--wrt", "x", "--latx"], "did you mean `--latex`?"),
    (["explain", "x^T x"], "that is `matcalc derive FORMULA --wrt NAME --steps`"),
    (["solve", "x^T x"], "that is `matcalc stationary FORMULA --wrt NAME`"),
    (["deriv", "x^T x"], "did you mean `matcalc derive`?"),
    (["help", "deriv"], "did you mean `matcalc derive`?"),
])
def test_hints_of_arguments(argv: list[str], hint: str, capsys: Capture) -> None:
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "") and f"hint: {hint}" in err


def test_help_is_a_command_too_and_what_a_bare_call_shows(capsys: Capture) -> None:
    assert run(capsys, "help") == run(capsys, "--help")
    assert run(capsys, "help", "derive") == run(capsys, "derive", "--help")
    code, out, err = run(capsys)
    assert (code, out, err) == (2, "", run(capsys, "--help")[1])


@pytest.mark.parametrize("word", ELSEWHERE)
def test_commands_of_other_programs_are_commands_here(word: str) -> None:
    meant = ELSEWHERE[word].split()
    options = {name for name in re.findall(r"--[a-z]+", ELSEWHERE[word])}
    assert meant[0] in (*COMMANDS, "--version") and word not in COMMANDS
    if meant[0] in COMMANDS:
        commands = next(a for a in whole_parser()._actions if a.dest == "command").choices
        assert options <= set(commands[meant[0]]._option_string_actions)


def test_functions_names_everything_with_formula_and_source(capsys: Capture) -> None:
    code, out, err = run(capsys, "functions")
    assert (code, err) == (0, "")
    assert {entry.name for entry in MATRIX_FUNCTIONS} == set(MATRIX_NAMES)
    for entry in (*MATRIX_FUNCTIONS, *elementwise_functions()):
        assert entry.name in out and entry.formula and f"[{entry.source}]" in out


def test_rules_prints_every_rule_and_identity_with_formula_condition_and_source(capsys: Capture) -> None:
    code, out, err = run(capsys, "rules")
    lines = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    for entry in (entry for group in rules() for entry in group.entries):
        assert entry.formula and entry.source
        words = [entry.name, *entry.formula.split(), *entry.condition.split(), *f"[{entry.source}]".split()]
        assert [word.rstrip(",") for word in words] in [[word.rstrip(",") for word in line] for line in lines]
    assert "tanh'(z) = 1 - tanh(z)^2" in out and "(A B)^T = B^T A^T" in out and "S in R^{n x n} symmetric" in out


def test_every_primitive_and_function_has_a_derivative_rule() -> None:
    names = [entry.name for entry in derivative_rules()]
    assert len(set(names)) == len(names)
    assert {f"d-{head}" for head in RULES} <= set(names)
    assert all(any(n in (f"d-{name}", f"d-{name}-u") for n in names) for name in FUNCTIONS)


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (["derive", "x^T ^^ A", "--wrt", "x"], ["ParseError: ", "\n  x^T ^^ A\n", "       ^"]),
        (["derive", "trce(A B)", "--wrt", "A"], ["UnknownFunctionError: ", "  ^", "hint: ", "tr"]),
        (["derive", "A + A B", "--wrt", "A", "--declare", "A: R^{2 x 3}, B: R^{5 x 5}"], ["ShapeError: "]),
        (["derive", "expm(X)", "--wrt", "X"], ["NotDifferentiableError: "]),
        (["derive", "x^T x", "--wrt", "y"], ["DeclarationError: ", "hint: "]),
        (["derive", "x", "--wrt", "x", "--declare", "x R^n"], ["DeclarationError: ", "\n  x R^n\n  ^^^^^\n", "hint: "]),
        (["derive", "x", "--wrt", "x", "--declare", "x: R^n, x: R"], ["declared twice"]),
        (["derive", "x", "--wrt", "x", "--declare", "x: Q^n"], ["is not a space"]),
        (["derive", "x", "--wrt", "x", "--order", "99"], ["LimitError: "]),
        (["derive", "x", "--wrt", "x", "--order", "two"], ["--order", "hint: "]),
        (["derive", "", "--wrt", "x"], ["ParseError: "]),
        (["derive", "(" * 5000, "--wrt", "x"], ["Error: "]),
        (["derive", "x", "--wrt", "x", "--to", "story"], ["invalid choice: 'story'"]),
        (["derive", "x", "--wrt", "x", "--to", "numpy", "--name", "def"], ["'def'"]),
        (["derive", "x", "--wrt", "x", "--name", "f"], ["--to numpy"]),
        (["derive", "x", "--wrt", "x", "--equation"], ["--to latex"]),
        (["derive", "x", "--wrt", "x", "--stack", "rows"], ["--to vec"]),
        (["derive", "x", "--wrt", "x", "--linalg", "scipy"], ["--to numpy"]),
        (["derive", "x", "--wrt", "x", "--to", "numpy", "--linalg", "scypy"], ["invalid choice: 'scypy'"]),
        (["derive", "x_i", "--wrt", "x_j", "--notation", "index", "--to", "numpy", "--linalg", "scipy"], ["matrix notation"]),
        (["derive", "x", "--wrt", "x", "--to", "json", "--stack", "rows"], ["--to vec"]),
        (["derive", "x", "--wrt", "x", "--to", "vec", "--stack", "diagonals"], ["invalid choice: 'diagonals'"]),
        (["derive", "sum_{n=1}^N A_n x", "--wrt", "A_n", "--declare", "A_n: R^{m x k}", "--to", "vec"],
         ["a family of matrices has no flattened form"]),
        (["derive", "commutation(m)", "--wrt", "m"], ["`commutation` takes two sizes", "commutation(m, n)"]),
        (["derive", "unvec(v, 2, 3)", "--wrt", "v", "--declare", "v: R^5"], ["v` is a vector of length 5"]),
        (["derive", "x", "--wrt", "x", "--layout", "mixed"], ["'mixed'"]),
        (["derive", "x", "--wrt", "x", "--wtr"], ["--wtr"]),
        (["derive", "x"], ["--wrt"]),
        (["derive", "--wrt", "x"], ["a formula is needed"]),
        (["check", "x", "--wrt", "x", "--seed", "-1"], ["seed"]),
        (["frobnicate"], ["frobnicate"]),
    ],
)
def test_bad_input_is_exit_code_2(capsys: Capture, argv: list[str], parts: list[str]) -> None:
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert all(part in err for part in parts), err
    assert "Traceback" not in err and len(err.splitlines()) < 8


def test_fault_of_the_program_is_exit_code_3(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise TypeError("unexpected")

    monkeypatch.delenv("MATCALC_TRACEBACK", raising=False)
    monkeypatch.setattr(formula, "derive", broken)
    code, out, err = run(capsys, "derive", "x", "--wrt", "x")
    assert (code, out) == (3, "") and "TypeError: unexpected" in err and "Traceback" not in err
    monkeypatch.setenv("MATCALC_TRACEBACK", "1")
    with pytest.raises(TypeError):
        main(["derive", "x", "--wrt", "x"])


def test_version_and_help(capsys: Capture) -> None:
    assert run(capsys, "--version") == (0, f"matcalc {__version__}\n", "")
    code, out, _ = run(capsys, "--help")
    assert code == 0 and all(word in out for word in ("examples:", "exit codes", "derive", "check", "functions"))
    assert run(capsys, "derive", "--help")[0] == 0


# ---------------------------------------------------------------- as a process
@pytest.mark.parametrize(("formula", "expected"), [("x^T A x", (0, "x^T (A + A^T)\n")), ("x +", (2, ""))])
def test_module_runs_as_a_program(tmp_path: Path, formula: str, expected: tuple[int, str]) -> None:
    command = [sys.executable, "-m", "matcalc", "derive", formula, "--wrt", "x"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == expected


def test_reader_that_stops_early_causes_no_noise() -> None:
    command = [sys.executable, "-u", "-m", "matcalc", "functions"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout is not None and started.stderr is not None
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait(60) == 0


def test_interrupt_causes_no_noise(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(formula, "derive", interrupted)
    assert run(capsys, "derive", "x", "--wrt", "x") == (130, "", "")


@pytest.mark.parametrize("to", ["text", "latex", "index", "numpy", "json"])
def test_deriving_and_printing_needs_neither_numpy_nor_sympy(to: str) -> None:
    code = (
        "import sys\nfrom matcalc.cli.main import main\n"
        f"main(['derive', 'tanh(A x + b)', '--wrt', 'A', '--to', {to!r}])\n"
        "sys.exit(bool({'numpy', 'sympy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60).returncode == 0


def test_text_needs_no_other_writer() -> None:
    code = (
        "import sys\nfrom matcalc.cli.main import main\nmain(['derive', 'x^T A x', '--wrt', 'x'])\n"
        "sys.exit(any(name.startswith(('matcalc.emit.', 'matcalc.plan.', 'matcalc.check.')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60).returncode == 0


def test_importing_the_package_brings_in_nothing_else() -> None:
    code = "import sys, matcalc\nsys.exit('lark' in sys.modules or 'matcalc.api' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0
