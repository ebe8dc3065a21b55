"""What is claimed of L2 and weight decay, by one step of a weight whose loss has no other gradient, and of
validation_split.
"""

from typing import NamedTuple

from embbench.cases.claim import Expected


class DecayStep(NamedTuple):
    """rate: of the optimizer. factor: of L2 or of the decay."""

    rate: float
    factor: float


WEIGHT = 2.0
SGD_STEP, ADAM_STEP = DecayStep(0.5, 0.1), DecayStep(0.01, 0.1)
_EXACT = 1e-6
_STEP = f"movement of a weight of {WEIGHT:g} without gradient"
L2_OF_SGD = Expected(
    f"SGD at rate {SGD_STEP.rate}, L2({SGD_STEP.factor}) in the loss: {_STEP} (2·rate·L2·weight)",
    [2 * SGD_STEP.rate * SGD_STEP.factor * WEIGHT],
    _EXACT,
)
DECAY_OF_SGD = Expected(
    f"SGD at rate {SGD_STEP.rate}, weight_decay {SGD_STEP.factor}: {_STEP} (rate·decay·weight)",
    [SGD_STEP.rate * SGD_STEP.factor * WEIGHT],
    _EXACT,
)
_ADAM = f"at rate {ADAM_STEP.rate}, weight_decay {ADAM_STEP.factor}: {_STEP} (rate·decay·weight)"
DECAY_OF_ADAM = Expected(f"Adam {_ADAM}", [ADAM_STEP.rate * ADAM_STEP.factor * WEIGHT], _EXACT)
DECAY_OF_ADAMW = Expected(f"AdamW {_ADAM}", DECAY_OF_ADAM.want, _EXACT)
LAST_ROWS = Expected("validation_split=0.25 of 4 samples with errors 1, 2, 3 and 4: validation loss", [16.0], 1e-5)
