"""A W B^T = R, and sums of such terms, for a matrix W."""

from __future__ import annotations

from matcalc.core.errors import LimitError
from matcalc.expr import build as e
from matcalc.expr.nodes import Expr
from matcalc.expr.text import to_text
from matcalc.ir import build as b
from matcalc.ir.canonical import is_symmetric
from matcalc.ir.nodes import Tensor, terms_of
from matcalc.simplify.expand import expand
from matcalc.simplify.factor import factor
from matcalc.simplify.recognise import recognise
from matcalc.stationary.linear import Linear, Sides, sides, turned, without_common
from matcalc.stationary.point import Recipe
from matcalc.stationary.setting import Found, Setting
from matcalc.stationary.squares import least_squares
from matcalc.stationary.vectors import conditions, multiple_of_identity, recipe


def matrix_point(setting: Setting, linear: Linear, is_projected: bool = False) -> Found | None:
    """The solution A^-1 R B^-T, or that of one system for all entries.

    Args:
        setting: the problem.
        linear: the gradient.
        is_projected: whether it is the gradient in the space of symmetric matrices.

    Returns:
        None where the unknown is symmetric and the solution for independent entries is not.

    Raises:
        LimitError: for a system of another form.
    """
    linear = without_common(linear, setting.is_nonzero)
    symmetric = is_symmetric(setting.unknown)
    pairs = sides(linear.hessian, symmetric)
    if pairs is None:  # A W^T B^T = R is B W A^T = R^T
        linear = Linear(b.permute(linear.hessian, (1, 0, 2, 3)), b.transpose(linear.right))
        pairs = sides(linear.hessian, symmetric)
    if pairs is None:
        raise LimitError(f"no closed form: the equations are linear in `{setting.block}`, but not of the form A {setting.block} B = C "
                         "or a sum of such terms", hint="the equation is in `equation`, its parts are in `derivative`")
    found = _single(setting, pairs[0], linear.right) if len(pairs) == 1 else _several(setting, pairs, linear.right)
    if symmetric and not is_projected:
        solution = found.recipe.tensors[0] if found.recipe.kind == "formula" else None
        return found if solution is not None and is_symmetric(expand(solution)) else None
    return found


def _single(setting: Setting, pair: Sides, right: Tensor) -> Found:
    """A W B^T = R, with the sides that are multiples of I taken away."""
    left, other, right = _normal(pair, right)
    inverse_left, inverse_other = b.matpow(left, -1), turned(b.matpow(other, -1))
    solution = _product(inverse_left, right, inverse_other)
    value = setting.written(solution)
    needs = (*conditions(setting, left, solution), *conditions(setting, other, solution))
    equation = (_between(setting, left, other), setting.written(right))
    how = _by_two_solves(setting, left, other, right) or Recipe("formula", (solution,))
    if _is_identity(other):
        how = recipe(setting, left, right, solution)
    elif _is_identity(left):
        how = recipe(setting, other, turned(right), solution, is_turned=True)
    return Found((equation,), (value,), tuple(dict.fromkeys((*needs, *_defined(setting, solution)))), how)


def _by_two_solves(setting: Setting, left: Tensor, other: Tensor, right: Tensor) -> Recipe | None:
    """Least squares twice: A^T A W B B^T = A^T C B^T by A Y = C, then B^T W^T = Y^T."""
    first = least_squares(left, right, setting.judge.signs)
    if first is None or len(first) != 1:
        return None
    second = least_squares(other, turned(first[0].target), setting.judge.signs)
    return None if second is None or len(second) != 1 else Recipe("two least squares", (), (*second, *first))


def _normal(pair: Sides, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The multiple of I that one side may be goes to the other side of the product."""
    scale = multiple_of_identity(pair.right)
    if scale is None:
        return pair.left, pair.right, right
    left = b.contract([(pair.left, (0, 1)), (scale, ())], (0, 1))
    return left, b.delta(pair.right.axes[0]), right


def _is_identity(matrix: Tensor) -> bool:
    return matrix.head == "delta"


def _product(left: Tensor, middle: Tensor, right: Tensor) -> Tensor:
    terms = [(c, b.contract([(left, (0, "a")), (t, ("a", "c")), (right, ("c", 1))], (0, 1))) for c, t in terms_of(middle)]
    return factor(recognise(b.lin(terms, (left.axes[0], right.axes[1]))))


def _between(setting: Setting, left: Tensor, right: Tensor) -> Expr:
    """A W B^T as it stands in an equation."""
    product = setting.times(left, setting.node)
    if _is_identity(right):
        return product
    return e.product([product, setting.written(turned(right))])


def _defined(setting: Setting, solution: Tensor) -> tuple[str, ...]:
    """What a solution must be for the function to be defined there."""
    if not setting.is_inverted or setting.is_invertible(solution):
        return ()
    fact = setting.judge.matrix(solution)
    why = f", so where {fact.condition}" if fact is not None and fact.condition else ""
    return (f"{setting.say(solution)} is invertible{why}",)


def _several(setting: Setting, pairs: list[Sides], right_side: Tensor) -> Found:
    """sum_t A_t W B_t^T = R as one system for vec(W): (sum_t B_t kron A_t) vec(W) = vec(R)."""
    left = e.add([_between(setting, p.left, p.right) for p in pairs])
    right = setting.written(right_side)
    system = e.add([e.kron(setting.written(p.right), setting.written(p.left)) for p in pairs])
    rows, cols = setting.node.shape.dims
    value = e.unvec(e.product([e.matpow(system, -1), e.vec(right)]), rows, cols)
    needs = (f"{to_text(system)} is invertible",)
    operator = b.add(*(b.contract([(p.left, (0, 2)), (p.right, (1, 3))], (0, 1, 2, 3)) for p in pairs))
    return Found(((left, right),), (value,), needs, Recipe("flat", (operator, right_side)))
