"""Claims: exact statements about a program, checked once and without a clock."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec


class Claim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """name: of the statement. got, want: the numbers; None for a number that is not finite. tolerance: the largest
    difference that is allowed; 0 for exact numbers. proof: whether the claim proves the timed work. error: the
    exception that the framework raised instead of giving numbers. known: what the framework is known to do instead,
    where it did that; '' otherwise.
    """

    name: str
    got: tuple[float | None, ...]
    want: tuple[float, ...]
    tolerance: float = 0.0
    proof: bool = False
    error: str = ""
    known: str = ""

    @property
    def holds(self) -> bool:
        return not self.error and close(self.got, self.want, self.tolerance)


class Deviation(NamedTuple):
    """A known deviation of a framework from a claim. got: its numbers; () where it raises an exception. text: what it
    does, with versions and a source where there is a public one.
    """

    got: tuple[float, ...]
    text: str


Deviations = Mapping[str, Deviation]  # by the name of a claim
NONE_KNOWN: Deviations = MappingProxyType({})


class Expected(NamedTuple):
    """A claim before it is tried: see `Claim`."""

    name: str
    want: Sequence[float]
    tolerance: float = 0.0
    proof: bool = False


RAISED = (RuntimeError, ValueError, TypeError, AttributeError, NotImplementedError)  # by frameworks, for what they lack


def check(expected: Expected, run: Callable[[], Iterable[float]], known: Deviations = NONE_KNOWN) -> Claim:
    """The claim about the numbers that `run` returns. An exception of the framework becomes the claim's error.

    known: name of a claim -> deviation of the framework. Another deviation than that is not known.
    """
    got, error = (), ""
    try:
        got = tuple(float(each) if math.isfinite(each) else None for each in run())
    except RAISED as raised:
        error = f"{type(raised).__name__}: {str(raised).partition(chr(10))[0]}"
    name, want, tolerance, proof = expected
    made = Claim(name=name, got=got, want=tuple(map(float, want)), tolerance=tolerance, proof=proof, error=error)
    deviation = known.get(name)
    if deviation is None or made.holds or not close(got, deviation.got, tolerance):
        return made
    return msgspec.structs.replace(made, known=deviation.text)


def close(got: Sequence[float | None], want: Sequence[float], tolerance: float) -> bool:
    """Whether the numbers agree, each within the tolerance."""
    pairs = zip(got, want, strict=False)
    return len(got) == len(want) and all(each is not None and abs(each - other) <= tolerance for each, other in pairs)
