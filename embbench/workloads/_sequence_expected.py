"""What is claimed of texts of different lengths, and the trial that shows it."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from embbench.cases.claim import Claim, Expected
from embbench.cases.workload import HYPERPARAMETERS
from embbench.workloads import ByName

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads._sequence_texts import TextPasses

LEARNING_RATE = HYPERPARAMETERS["sgd"].rate
CHECKED = 3  # steps that NumPy repeats
EXACT = 1e-6  # of a hidden state in float32

LOSSES = Expected(f"losses of the last batches of {CHECKED} steps: difference from NumPy's", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps: difference from NumPy's, as a share of their movement", [0], 5e-3, proof=True
)
NOT_ANEW = Expected("traces of the step after the first step", [0], proof=True)
PADDING = Expected("share of padding that a step reads: difference from its expectation", [0], 0.02)
ONE_NETWORK = Expected("share of last batches whose loss shows the updates by batches of other lengths before", [1])
SIZE = Expected("numbers that train in the LSTM: difference from 4(H(D + H) + H), which has no length", [0])


def hidden_states(count: int) -> list[float]:
    """Of one unit whose kernels are 0 and whose biases are 0, but 20 for the cell: whatever it reads, its cell goes
    from c to c/2 + 1/2, and its hidden state is tanh(c)/2.
    """
    found, cell = [], 0.0
    for _ in range(count):
        cell = cell / 2 + 0.5
        found.append(math.tanh(cell) / 2)
    return found


ONE, TWO, THREE = hidden_states(3)
ENDS = Expected("last real hidden states of texts of 2 and 3 tokens, padded to 3", [TWO, THREE], EXACT)
PAST_END = {
    "pack": Expected("outputs of a packed text of 2 tokens, padded to 3: zero past its end", [ONE, TWO, 0], EXACT),
    "mask": Expected(
        "outputs of a masked text of 2 tokens, padded to 3: repeated past its end", [ONE, TWO, TWO], EXACT
    ),
}
READS_PADDING = Expected(
    "outputs of a text of 2 tokens, padded to 3, without a mask: they go on past its end", [ONE, TWO, THREE], EXACT
)
UNKNOWN = Expected("last hidden state of 3 words, the second with id 0 as an unknown word", [THREE], EXACT)

# Of a framework that compiles.
EACH_LENGTH = Expected("traces in the first step, beyond one for each length of its batches", [0])
RELAXED = Expected("traces in the first step, whose batches have several lengths", [2])


def past_end(kind: str) -> Expected:
    return PAST_END.get(kind, READS_PADDING)


class Sequencing(Protocol):
    """The trial of an engine. passes: of its batches."""

    passes: "TextPasses[object]"

    def step(self) -> None:
        """Trains on the batches of the next step, one after the other."""

    def loss(self) -> float:
        """Of the last batch, before its update."""
        ...

    def weights(self) -> "Mapping[str, np.ndarray]":
        """As `_lstm.start` names them."""
        ...

    def read(self, weights: ByName, batch: "tuple[np.ndarray, np.ndarray]") -> "tuple[np.ndarray, np.ndarray]":
        """(outputs (B, T, H), hidden states that the head reads (B, H)) of an LSTM with these weights, in the case's
        way. batch: inputs (B, T, columns), zeros past a text's end, and lengths (B,).
        """
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...
