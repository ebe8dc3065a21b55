"""What is claimed of optimizers alone, by a single weight: Adadelta's defaults, weight decay and L2."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from embbench.cases.claim import NONE_KNOWN, Claim, Deviations, Expected, check

LENGTHS = (1, 100, 1000)  # steps with a gradient of 1
CLOSE = 1e-5  # relative error of a movement in float32

# Of Adadelta, at these lengths, by the formula: averages of squares a and d of gradient and movement start at 0.
MOVED_2019 = (1.41421215e-3, 0.157130198, 2.15181163)  # rate 1, rho 0.95, epsilon 1e-7
NUMBERS_2019 = (1.0, 0.95, 1e-7)

NUMBERS = Expected("Adadelta without arguments: rate, rho and epsilon, as of 2019", NUMBERS_2019, 1e-9)


def moved(own: bool) -> list[Expected]:
    """own: of Adadelta made without arguments."""
    which = "without arguments" if own else "at rate 1, rho 0.95, epsilon 1e-7"
    return [
        Expected(f"Adadelta {which}: movement down after {length} steps of gradient 1", [value], CLOSE * value)
        for length, value in zip(LENGTHS, MOVED_2019, strict=True)
    ]


def of_adadelta(
    move: Callable[[bool], Sequence[float]], numbers: Callable[[], Sequence[float]], known: Deviations = NONE_KNOWN
) -> Iterator[Claim]:
    """move: own -> movement of a weight at each of LENGTHS, against gradients of 1. numbers: of Adadelta made without
    arguments.
    """
    yield check(NUMBERS, numbers, known)
    for own in (False, True):
        found = move(own)
        for expected, value in zip(moved(own), found, strict=True):
            yield check(expected, lambda value=value: [value], known)


class Decay(NamedTuple):
    """One step on a weight of WEIGHT whose loss has no gradient."""

    rate: float
    factor: float


WEIGHT = 2.0
SGD_STEP, ADAM_STEP = Decay(0.5, 0.1), Decay(0.01, 0.1)
_STEP = f"a weight of {WEIGHT:g} without gradient"
L2_OF_SGD = Expected(
    f"SGD at rate {SGD_STEP.rate}, L2({SGD_STEP.factor}) in the loss: movement of {_STEP}, 2·rate·L2·weight",
    [2 * SGD_STEP.rate * SGD_STEP.factor * WEIGHT],
    1e-6,
)
DECAY_OF_SGD = Expected(
    f"SGD at rate {SGD_STEP.rate}, weight_decay {SGD_STEP.factor}: movement of {_STEP}, rate·decay·weight",
    [SGD_STEP.rate * SGD_STEP.factor * WEIGHT],
    1e-6,
)
DECAY_OF_ADAM = Expected(
    f"Adam at rate {ADAM_STEP.rate}, weight_decay {ADAM_STEP.factor}: movement of {_STEP}, rate·decay·weight",
    [ADAM_STEP.rate * ADAM_STEP.factor * WEIGHT],
    1e-6,
)
DECAY_OF_ADAMW = Expected(DECAY_OF_ADAM.name.replace("Adam", "AdamW"), DECAY_OF_ADAM.want, 1e-6)
LAST_ROWS = Expected("validation_split=0.25 of 4 samples with errors 1, 2, 3 and 4: validation loss", [16.0], CLOSE)
