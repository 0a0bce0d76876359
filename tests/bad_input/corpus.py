"""Inputs that are wrong, as people type them: the class of the error, its place, and a word that the message holds.

Each file of this folder has a `class` and a list of `inputs`. An input has a `text` (or what `call` needs besides), what
the carets mark where there is text, and a word of the message or of its hint. A value that TOML does not have is written
`{ value = "none" }`, with the names of VALUES; an array is `{ shape = [2, 3], dtype = "complex128" }`.
"""

from __future__ import annotations

import contextlib
import io
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import matcalc
from matcalc.cli.main import main
from matcalc.core.errors import MatcalcError
from matcalc.core.limits import limited

FOLDER = Path(__file__).parent
SECONDS = 5.0
"""Of processor time for one input."""

VALUES: dict[str, object] = {
    "none": None, "bytes": b"x^T x", "object": object(), "set": {"x"}, "nan": float("nan"), "infinity": float("inf"),
    "vector": np.ones(3), "function": len, "huge": 10**400, "surrogate": "x\ud800", "control": "x\x1b[2J", "class": int,
    "complex": 1j, "pairs": [("A", "R")], "nested": [["x"]], "numbers": [1, 2], "keys": {1: "R"}, "spaces": {"x": 3},
    "nothing": {"x": None}, "ragged": [[1.0, 2.0], [3.0]], "objects": np.array([None, "x"], dtype=object), "long": "x" * 300_000,
    "deep": "(" * 500 + "x" + ")" * 500, "wide": "x" + "+x" * 800, "digits": "9" * 400,
    "name": "x" * 100, "tower": "(((9^64)^64)^64)^64 x", "fraction tower": "(((1/3)^64)^64)^64 x",
    "doubling": "y30 where y0 = x + x, " + ", ".join(f"y{n} = y{n - 1} + y{n - 1}" for n in range(1, 31)),
    "kron": " ⊗ ".join(["A"] * 300) + " ⊗ x",
    "primes": "x" + "'" * 5_000, "thousand primes": "x" + "'" * 1_000, "factors": " * ".join(["9" * 299] * 20) + " x", "many": [f"x{n}" for n in range(2_000)],
    "fractions": " + ".join(f"1/{10**60 + 2 * n + 1}" for n in range(200)) + " + x", "space": {"x": "R" * 5_000},
    "chain": "sin(" * 150 + "x" + ")" * 150,
}
DEFAULTS: dict[str, dict[str, object]] = {
    **{call: {"text": "x^T A x", "wrt": "x"} for call in
       ("derive", "hessian", "curvature", "hvp", "jvp", "vjp", "value_and_gradient", "graph")},
    "gradients": {"text": "x^T A x", "wrt": ["x", "A"]}, "taylor": {"formula": "x^T A x", "wrt": "x"},
    "parse": {"text": "A x"}, "simplify": {"text": "A x"}, "to_index": {"text": "A x"}, "to_matrix": {"text": "sum_j A_ij x_j"},
    "to_sympy": {"formula": "A x"},
}
"""What every function is called with where an input says nothing else."""


@dataclass(frozen=True)
class Input:
    """One wrong input.

    Attributes:
        file: where it stands.
        kind: the name of the class of its error.
        call: the function of the package, or "name.method" of what it returns.
        arguments: of the function.
        rest: arguments of the method, or arrays by the names of variables.
        bounds: other limits than the usual ones, so that a test of them is quick.
        marks: what the carets mark, None where there is no text.
        word: what the message or its hint holds.
        title: a short name, the same in every run.
    """

    file: str
    kind: str
    call: str
    arguments: Mapping[str, object]
    rest: Mapping[str, object] | None
    bounds: Mapping[str, float]
    marks: str | None
    word: str
    title: str


@dataclass(frozen=True)
class Outcome:
    """What an input led to: the error, or None where there was none; and the processor time."""

    error: BaseException | None
    seconds: float


def value_of(written: object) -> object:
    """A value as a file writes it."""
    if not isinstance(written, dict):
        return written
    if written.keys() == {"value"}:
        return VALUES[written["value"]]
    if "shape" in written:
        return np.ones(written["shape"], written.get("dtype", "float64"))
    return written


def inputs() -> list[Input]:
    """All inputs, file by file."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in content["inputs"]:
            fields = dict(entry)
            kind, call = fields.pop("class", content["class"]), fields.pop("call", content.get("call", "derive"))
            marks, word = value_of(fields.pop("marks", None)), fields.pop("word")
            rest, bounds = fields.pop("with", None), fields.pop("limits", {})
            title = f"{call}({', '.join(f'{k}={v!r}' for k, v in fields.items())}){'' if rest is None else f'({rest})'}"[:90]
            given = {k: value_of(v) for k, v in fields.items()}
            arguments = {**DEFAULTS[call.partition(".")[0]], **given}
            found.append(Input(path.name, kind, call, arguments, None if rest is None else {k: value_of(v) for k, v in rest.items()}, bounds,
                               marks, word, title))
    return found


def run(entry: Input) -> Outcome:
    """Calls what the input asks for."""
    function, _, method = entry.call.partition(".")
    start = time.thread_time()
    try:
        with limited(**entry.bounds):
            result = getattr(matcalc, function)(**entry.arguments)
            if method or entry.rest is not None:
                (getattr(result, method) if method else result)(**(entry.rest or {}))
        error = None
    except BaseException as caught:  # noqa: BLE001 (a fault is what is looked for)
        error = caught
    return Outcome(error, time.thread_time() - start)


def complaints(entry: Input, outcome: Outcome) -> list[str]:
    """What is wrong with the outcome of an input."""
    error = outcome.error
    if not isinstance(error, MatcalcError):
        return [f"no error of the package: {type(error).__name__}: {error}"]
    found = []
    if type(error).__name__ != entry.kind:
        found.append(f"{type(error).__name__}, not {entry.kind}")
    marked = error.text[error.span.start : error.span.end] if error.span is not None and error.text is not None else None
    if marked != entry.marks:
        found.append(f"marks {marked!r}, not {entry.marks!r}")
    if entry.word not in f"{error.message}\n{error.hint}":
        found.append(f"{entry.word!r} is not in {error.message!r}, hint {error.hint!r}")
    if not error.hint:
        found.append(f"no hint: {error.message!r}")
    if not str(error).replace("\n", "").isprintable():
        found.append("the message has characters that a terminal acts upon")
    if outcome.seconds > SECONDS:
        found.append(f"{outcome.seconds:.1f} s")
    return found


def command_line(entry: Input) -> list[str] | None:
    """The arguments of the command that does the same, None where there is none."""
    text, wrt, declare = (entry.arguments.get(k) for k in ("text", "wrt", "declare"))
    if entry.call != "derive" or entry.rest is not None or not isinstance(text, str) or not isinstance(wrt, str):
        return None
    if set(entry.arguments) - {"text", "wrt", "declare"} or not (declare is None or isinstance(declare, dict)):
        return None
    if "," in wrt or text.strip() == "-" or not all(n and isinstance(n, str) and isinstance(s, str) for n, s in (declare or {}).items()):
        return None
    spaces = [f"{name}: {space}" for name, space in (declare or {}).items()]
    return ["derive", f"--wrt={wrt}", *(part for space in spaces for part in ("--declare", space)), "--", text]


def command_complaints(entry: Input, outcome: Outcome) -> list[str]:
    """What is wrong with the same input on the command line: exit 2, the same message, no traceback."""
    arguments = command_line(entry)
    if arguments is None or not isinstance(outcome.error, MatcalcError):
        return []
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), limited(**entry.bounds):
        code = main(arguments)
    found = [] if code == 2 else [f"the command exits with {code}"]
    if out.getvalue():
        found.append("the command prints a result")
    if "Traceback" in err.getvalue() or outcome.error.message not in err.getvalue():
        found.append(f"the command says {err.getvalue()!r}")
    return found
