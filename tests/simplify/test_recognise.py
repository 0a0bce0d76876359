from matcalc.core.dims import Dim, vector
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.lowering.lower import lower
from matcalc.simplify.recognise import recognise

x = e.variable("x", vector(Dim.of("n")))
ONE = e.number(1)
EXP = e.elementwise("exp", [x])
TOTAL = e.APPLY["sum"](EXP)


def test_spelled_out_functions_are_named() -> None:
    pairs: list[tuple[Expr, Expr]] = [
        (e.elementwise("log", [e.add([ONE, EXP])]), e.elementwise("softplus", [x])),
        (e.power(e.add([ONE, e.elementwise("exp", [e.negate(x)])]), e.number(-1)), e.elementwise("sigmoid", [x])),
        (e.elementwise("log", [TOTAL]), e.APPLY["logsumexp"](x)),
        (e.divide(EXP, TOTAL), e.softmax(x)),
    ]
    for spelled, named in pairs:
        assert recognise(lower(spelled)) is lower(named)


def test_neighbours_are_left_alone() -> None:
    two = e.elementwise("log", [e.add([e.number(2), EXP])])
    assert recognise(lower(two)) is lower(two)
