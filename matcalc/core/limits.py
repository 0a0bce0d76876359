"""What one call may cost: the bounds on input, checked before the work, and the time that it may take."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from time import thread_time
from typing import ParamSpec, TypeVar

from matcalc.core.arguments import described
from matcalc.core.errors import DeclarationError, LimitError


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds on one call.

    Attributes:
        characters: of a text.
        parts: nodes of the syntax tree, without what stands for a name.
        expanded: nodes with every definition and function written out at each use.
        depth: of brackets that stand in one another.
        nesting: of operations that stand in one another, with brackets or without.
        digits: of a number as written, its exponent of ten included.
        bits: of the numerator and of the denominator of a number, whatever it comes from.
        name: characters of a name.
        space: characters of a declared space.
        dimension: digits of a size.
        size_names: names in a size, each as often as its polynomial written out has it.
        matrix_power: the largest exponent of a matrix, negative or not.
        order: how often one call differentiates, and the largest degree of a Taylor polynomial.
        axes: of a tensor: those of the output and of all variables of differentiation.
        scalars: names in a list of variables.
        primes: of a function.
        index_depth: of what index notation prints, factors in factors.
        index_nesting: of a text in index notation: sums and functions inside each other.
        seconds: of processor time that a call may take.
    """

    characters: int = 200_000
    parts: int = 75_000
    expanded: int = 1_000_000
    depth: int = 200
    nesting: int = 1_000
    digits: int = 300
    bits: int = 4_096
    name: int = 64
    space: int = 1_000
    dimension: int = 9
    size_names: int = 256
    matrix_power: int = 64
    order: int = 6
    axes: int = 24
    scalars: int = 1_000
    primes: int = 6
    index_depth: int = 120
    index_nesting: int = 100
    seconds: float = 4.5


_DEFAULT = Limits()
_LIMITS: ContextVar[Limits] = ContextVar("matcalc_limits", default=_DEFAULT)
_END: ContextVar[float | None] = ContextVar("matcalc_end", default=None)


def limits() -> Limits:
    """The bounds in force."""
    return _LIMITS.get()


@contextmanager
def limited(**changes: float) -> Iterator[Limits]:
    """Other bounds for the calls in a `with` block, for a program that trusts its input or wants an answer sooner.

    Raises:
        DeclarationError: for a bound that there is not, or that is no positive number.

    Example:
        >>> with limited(seconds=60, parts=10**6) as bounds:
        ...     bounds.seconds
        60
    """
    for name, value in changes.items():
        if name not in Limits.__slots__:
            raise DeclarationError(f"`{name}` is not a limit", hint=f"one of {', '.join(Limits.__slots__)}")
        whole = name != "seconds"
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not value > 0:
            raise DeclarationError(f"the limit `{name}` is a positive {'whole ' * whole}number, not {described(value)}",
                                   hint=f"limited({name}={getattr(_DEFAULT, name):g})")
    token = _LIMITS.set(replace(limits(), **changes))  # type: ignore[arg-type]
    try:
        yield limits()
    finally:
        _LIMITS.reset(token)


P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def timed(call: Callable[P, R]) -> Callable[P, R]:
    """A call that gives up once it has used its processor time; calls inside of it share the time."""

    @functools.wraps(call)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        if _END.get() is not None:
            return call(*args, **kwargs)
        token = _END.set(thread_time() + limits().seconds)
        try:
            return call(*args, **kwargs)
        except (RecursionError, MemoryError):
            raise LimitError("the formula is too large", hint="names in a `where` clause keep formulas small") from None
        finally:
            _END.reset(token)

    return within


def timed_methods(*names: str) -> Callable[[type[T]], type[T]]:
    """A class whose methods of these names give up once they have used their processor time."""

    def within(cls: type[T]) -> type[T]:
        for name in names:
            setattr(cls, name, timed(vars(cls)[name]))
        return cls

    return within


def check_time() -> None:
    """Refuses to go on where the call has used its processor time.

    Raises:
        LimitError: in this case.
    """
    end = _END.get()
    if end is not None and thread_time() > end:
        raise _late()


def _late() -> LimitError:
    return LimitError(f"the formula takes more than {limits().seconds:g} seconds",
                      hint="a shorter formula, a lower order, or names for what it is made of")


class _Late(BaseException):
    """No `except Exception` on the way keeps it."""


@contextmanager
def interrupted(share: float = 1.0) -> Iterator[None]:
    """Ends code of another library, which never looks at the time, when a share of what is left to the call is used.

    Python calls a profile function at every call of a function of this thread, and this one looks at the clock now and then.

    Raises:
        LimitError: in this case.
    """
    end = _END.get()
    if end is None:
        yield
        return
    now = thread_time()
    last, calls, before = now + share * (end - now), count(1), sys.getprofile()

    def look(*_: object) -> None:
        if not next(calls) % _CALLS and thread_time() > last:
            raise _Late

    sys.setprofile(look)
    try:
        yield
    except _Late:
        raise _late() from None
    finally:
        sys.setprofile(before)


def keep_time() -> None:
    """Looks at the time at every 64th call: for the insides of loops, where reading the clock would cost more than a round.

    Raises:
        LimitError: where the call has used its processor time.
    """
    if not next(_rounds) % _ROUNDS:
        check_time()


_rounds = count()
_ROUNDS = 64
_CALLS = 256


def check_number(value: Fraction) -> Fraction:
    """The number, if it is one that formulas and code can hold: of bounded length, in the range of a float.

    Raises:
        LimitError: for any other.
    """
    above, below = abs(value.numerator).bit_length(), value.denominator.bit_length()
    if above + below < _RANGE:
        return value
    if max(above, below) > limits().bits or not -_RANGE <= above - below <= _RANGE:
        raise LimitError("a number in the formula is larger or smaller than a float can be, or has too many digits",
                         hint="a name in its place keeps the formula exact: c x where c in R")
    return value


_RANGE = 1022
"""Powers of two between which all floats have full precision."""


def check_power(value: Fraction, k: int) -> None:
    """Refuses a power of a number that would be out of bounds, before it is worked out.

    Raises:
        LimitError: in this case.
    """
    length = max(abs(value.numerator), value.denominator).bit_length()
    if length > 1 and (length - 1) * abs(k) > limits().bits:
        check_number(Fraction(1 << (limits().bits + 1)))
