"""Signs and common numbers go where they cost nothing, and nothing that is still needed is overwritten."""

import random
from fractions import Fraction

import numpy as np
import pytest

from matcalc import derive, gradients, hvp
from matcalc.emit.numpy import to_numpy
from matcalc.emit.numpy_checks import parameter_of
from matcalc.plan.program import plan
from matcalc.plan.signs import with_free_signs
from matcalc.plan.steps import Program, pruned

LOSS = "sum(log(1 + exp(-y .* (X w))))"


def body(source: str) -> str:
    """The code after the docstring."""
    return source.split('"""')[-1]


@pytest.mark.parametrize(("text", "wrt", "line"), [
    (LOSS, "w", "return (y / (-1.0 - np.exp(np.minimum(y * X.dot(w), 709.0)))).dot(X)"),
    ("-x^T A (b - c)", "x", "return A.dot(c - b)"),
    ("-x^T A diag(b) (c - x0)", "x", "return A.dot(b * (x0 - c))"),
    ("x^T A (b - c)", "x", "return A.dot(b - c)"),
    ("-x^T (A b)", "x", "return -A.dot(b)"),
    ("-x^T A (b - x0) - (b - x0)^T c", "c", "return x0 - b"),
])
def test_signs_are_taken_in(text: str, wrt: str, line: str) -> None:
    d = derive(text, wrt)
    assert line in body(d.numpy(checks=False)), d.numpy(checks=False)
    assert d.check().passed


def test_a_value_with_another_use_keeps_its_sign() -> None:
    g = gradients("-x^T A (b - c) + ||b - c||^2", wrt=["x", "b"])
    assert g.check().passed


def test_a_number_before_all_products_with_a_residual_goes_into_it() -> None:
    both = [derive("||T - U V^T||^2", wrt) for wrt in "UV"]
    parameters = {n: parameter_of(v) for n, v in both[0].variables.items()}
    source = to_numpy(plan(*(d.tensor for d in both)), parameters, "f", "Both gradients.", False)
    assert "r -= T\n    r *= 2.0\n    return (r.dot(V), r.T.dot(U))" in source, source


@pytest.mark.parametrize(("text", "wrt"), [
    ("sum_{n=1}^N ||tanh(W x_n)||^2", "W"),
    ("sum(exp(A X).^2 .* cos(A X))", "X"),
    ("||tanh(X W) - exp(X W) + X W - Y||^2", "W"),
    ("sum((A B - C) .* (A B + C) .* tanh(A B))", "A"),
])
def test_what_is_needed_is_not_overwritten(text: str, wrt: str) -> None:
    assert hvp(text, wrt).check().passed
    assert derive(text, wrt).check().passed
    assert gradients(text, wrt=[wrt]).check().passed


def test_arguments_are_not_written_to() -> None:
    d = derive("||tanh(X W) - exp(X W) + X W - Y||^2", "W")
    rng = np.random.default_rng(0)
    point = {"X": rng.standard_normal((5, 3)), "W": rng.standard_normal((3, 2)), "Y": rng.standard_normal((5, 2))}
    before = {n: a.tobytes() for n, a in point.items()}
    d(**point)
    assert {n: a.tobytes() for n, a in point.items()} == before


def drawn(rng: random.Random) -> Program:
    """A program of numbers, most of whose steps one other step needs."""
    program = Program()
    for name in "abcd":
        program.emit("var", (), (name, ()), ())
    for _ in range(rng.randrange(4, 30)):
        recent = [rng.choice(range(max(0, len(program.steps) - 5), len(program.steps))) for _ in range(2)]
        op = rng.choice(("negative", "negative", "multiple", "sum", "multiply", "divide"))
        if op in ("negative", "multiple", "sum"):
            operands = tuple(recent[: 1 + (op == "sum")])
            coefficients = tuple(Fraction(-1) if op == "negative" else Fraction(rng.choice((-2, -1, 1, 3))) for _ in operands)
            shift = Fraction(0 if op == "negative" else rng.choice((0, 0, 2, -1)))
            program.emit("combine", operands, (coefficients, shift, tuple(() for _ in operands), ()), ())
        else:
            program.emit(op, tuple(recent), ((), (), ()), ())
    program.results = (len(program.steps) - 1, rng.randrange(len(program.steps)))
    return pruned(program)


def values(program: Program) -> list[Fraction | None]:
    """What a program of numbers gives, None where it divides by zero."""
    known: list[Fraction | None] = []
    for step in program.steps:
        args = [known[o] for o in step.operands]
        if step.op == "var":
            known.append(Fraction({"a": 3, "b": 5, "c": -7, "d": 11}[step.data[0]], 2))
        elif None in args or (step.op == "divide" and args[1] == 0):
            known.append(None)
        elif step.op == "combine":
            known.append(sum((c * a for c, a in zip(step.data[0], args, strict=True)), step.data[1]))
        else:
            known.append(args[0] * args[1] if step.op == "multiply" else args[0] / args[1])
    return [known[r] for r in program.results]


@pytest.mark.parametrize("seed", range(10))
def test_values_stay_wherever_signs_go(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        program = drawn(rng)
        assert values(with_free_signs(program)) == values(program), program.steps


def test_a_minus_before_a_minus() -> None:
    """Found by a text made from others: both signs went into one factor, and one of them was lost."""
    g = gradients("1/2 ((w (a + x)^3 - w (a - x)^3)/(c b + 2 c^2))^2 - (w (a + x)^3 - w (a - x)^3)/(c b + 2 c^2)", ["w"], dict.fromkeys("waxbc", "R"))
    assert g.check().passed
