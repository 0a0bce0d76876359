"""Whatever a user types, the answer is a program or a MatcalcError with a place inside the text."""

import random

import pytest

from matcalc.core.errors import MatcalcError
from matcalc.expr.text import to_text
from matcalc.syntax.elaborate import elaborate

TOKEN_TEXT = (
    "x y A B x_n x_1 alpha θ Sigma n N I I_n pi T e W^{(1)} \\mathbf{x} \\theta x1 2 1/2 0 1 .5 3. 1e3 "
    "+ - * / @ · ^ .* ./ .^ ⊙ ⊗ kron ' ^T ^-1 ^{-1} ^{\\top} ᵀ ⁻¹ ² ^2 ^n ^(n-1) .^2 "
    "( ) [ ] { } | || ‖ , ; = < > >= : 1[ _1 _F _ & # ! ~ \\ \\, \\left( \\right) "
    "tr( det( logdet( inv( diag( vec( kron( exp( tanh( sum( mean( norm( softmax( max( ones( zeros( abs( expm( "
    "\\frac \\frac{1}{2} \\tanh \\log \\det \\lVert \\rVert \\foo trce( foo( "
    "^{\\odot \\begin{bmatrix} \\end{bmatrix} \\\\ & \\mathbf{1}_n \\mathbf{0}_{m "
    "sum_{n=1}^N \\sum_{n=1}^{N} sum_{n=0}^N sum_i where in R^n R^{m x n} R symmetric posdef"
)
TOKENS = TOKEN_TEXT.split()
SPACES = ("", " ", " ")


def soup(seed: int) -> str:
    pick = random.Random(seed)
    return "".join(pick.choice(TOKENS) + pick.choice(SPACES) for _ in range(pick.randint(1, 14)))


def characters(seed: int) -> str:
    pick = random.Random(seed)
    alphabet = "xyAB12 ()[]{}|^_'+-*/.,;=<>\\αΣ∘‖²ᵀ\n\t\0é∑🙂"
    return "".join(pick.choice(alphabet) for _ in range(pick.randint(0, 25)))


def attempt(text: str) -> None:
    try:
        program = elaborate(text)
        to_text(program.expr)
    except MatcalcError as error:
        assert str(error)
        assert error.message
        if error.span is not None:
            assert 0 <= error.span.start <= error.span.end <= len(text) + 1, text


@pytest.mark.parametrize("start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(500, 4000, 500))])
def test_random_tokens_give_a_program_or_an_error(start: int) -> None:
    for seed in range(start, start + 500):
        attempt(soup(seed))


@pytest.mark.parametrize("start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(500, 2000, 500))])
def test_random_characters_give_a_program_or_an_error(start: int) -> None:
    for seed in range(start, start + 500):
        attempt(characters(seed))


def operand(pick: random.Random, depth: int) -> str:
    if depth == 0 or pick.random() < 0.15:
        return pick.choice(("x", "y", "A", "B", "s", "2", "1/2", "alpha", "pi", "I"))
    one, two = operand(pick, depth - 1), operand(pick, depth - 1)
    forms = (
        "{a} {b}", "{a} + {b}", "{a} - {b}", "-{a}", "{a} .* {b}", "{a} ./ {b}", "({a})", "({a})^T", "({a})^-1",
        "({a})^2", "({a}).^2", "({a}).^-1", "tanh({a})", "||{a}||", "|{a}|", "tr({a})", "sum({a})", "diag({a})",
        "kron({a}, {b})", "[{a}; {b}]", "[{a}, {b}]", "1[{a} > {b}]", "max({a}, {b})", "{a} / {b}", "({a})^-2",
        "{a} * -{b}", "vec({a})", "det({a})", "({a})^(1/2)", "({a})'", "sum_{{n=1}}^N ({a} + z_n)", "norm1({a})",
    )
    return pick.choice(forms).format(a=one, b=two)


@pytest.mark.parametrize("start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(1000, 6000, 1000))])
def test_well_formed_text_reads_back_as_the_same_node(start: int) -> None:
    for seed in range(start, start + 1000):
        text = operand(random.Random(seed), 4)
        try:
            program = elaborate(text)
        except MatcalcError:
            continue
        shapes = {
            name if v.head == "var" else f"{name}_{v.data[2]}": str(v.shape) for name, v in program.variables.items()
        }
        printed = to_text(program.expr)
        assert elaborate(printed, shapes).expr is program.expr, (seed, text, printed)
