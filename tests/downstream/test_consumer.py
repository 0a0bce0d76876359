"""What the module of a user does when it runs; that its types hold is a test in `tests/test_packaging.py`."""

from tests.downstream import consumer


def test_it_runs() -> None:
    assert consumer.derivatives()[:2] == ("2 (X b - y)^T X", "2 sum_j (sum_k X_jk b_k - y_j) X_ji")
    assert {"W1", "W2", "Hessian of logsumexp(x) by x times v"} <= set(consumer.several())
    consumer.notations()
    convex, solver, picture = consumer.studies()
    assert convex and "def solve" in solver and picture.startswith("flowchart")


def test_errors_say_what_is_wrong() -> None:
    assert consumer.faults(lambda: "x +") == "an operand is missing at the end"
    assert consumer.faults(lambda: "x x").startswith("cannot multiply: `x` is a vector")
