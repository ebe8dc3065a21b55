"""What is claimed of a text classifier that meets unknown words and texts, and the trial that shows it."""

import math
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from embbench.cases.claim import Claim, Expected
from embbench.workloads import ByName
from embbench.workloads._unknown_network import AdamAs

CHECKED = 3  # steps that NumPy repeats
CLOSE = 1e-6  # error of a hidden state in float32
BUCKETS = 3

LOSSES = Expected(f"losses of {CHECKED} steps more: difference from NumPy's", [0], 2e-5, proof=True)
MOMENTS = Expected(
    f"Adam's moments after {CHECKED} steps more: difference from NumPy's, as a share of the largest gradient",
    [0],
    1e-4,
    proof=True,
)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps more: difference from NumPy's, as a share of their movement", [0], 1e-3, proof=True
)


def z_state(steps: int) -> float:
    """The hidden state of a Z-LSTM after a number of time steps: all kernels 0, bias 20 for the cell."""
    cell = 0.0
    for _ in range(steps):
        cell = cell / 2 + 1 / 2
    return math.tanh(cell) / 2


# Words and their ids.
LOOKED_UP = Expected("ids of a, x, b where a and b are known", [1, 0, 2])
LOOKED_UP_MASKED = Expected("ids of '', a, x, b where a and b are known and '' is a mask", [0, 2, 1, 3])
HASHED = Expected(f"ids of A to E by a hash into {BUCKETS}", [1, 0, 1, 1, 2])
HASHED_MASKED = Expected(f"ids of A to E by a hash into {BUCKETS}, of which 0 is a mask", [1, 1, 2, 2, 1])
WORD_BUCKETS = Expected(f"ids of unknown words A to E in {BUCKETS} buckets of unknown words", [1, 0, 1, 1, 2])
NUMBERS = (3, 4, 5, -1, -2, 100)
NUMBER_BUCKETS = Expected(
    f"ids of unknown numbers {', '.join(map(str, NUMBERS))} in {BUCKETS} buckets: the remainder",
    [each % BUCKETS for each in NUMBERS],
)
LAYER_OF_MODEL = Expected("ids of a, x by a model that has the lookup as a layer", [1, 0])

# Unknown words in front of an LSTM. The state of a Z-LSTM tells the number of time steps that it made.
_BETWEEN = "an unknown word between two words, Z-LSTM"
SWALLOWED = Expected(f"{_BETWEEN}, ids from 0 and a mask of id 0: state after 2 time steps", [z_state(2)], CLOSE)
WITHOUT_MASK = Expected(f"{_BETWEEN}, ids from 0, no mask: state after 3 time steps", [z_state(3)], CLOSE)
RESERVED = Expected(f"{_BETWEEN}, id 0 kept for a mask: state after 3 time steps", [z_state(3)], CLOSE)
NOTHING_LEFT = Expected("unknown words alone, ids from 0 and a mask of id 0, Z-LSTM: the initial state", [0.0], CLOSE)

# A row that is kept for padding.
PADDING_ROW = Expected("row of padding: largest number at the start, and largest gradient", [0, 0])
PADDING_STEPS = Expected(
    "a word and two of padding, row of padding, Z-LSTM: state after 3 time steps", [z_state(3)], CLOSE
)

# Ids without a row, in a table of 3 rows with the numbers 1, 2, 3.
ROWS = (1.0, 2.0, 3.0)
BEYOND_RAISES = Expected("id 3 of a table of 3 rows: whether it raises (1: yes)", [1])
BEYOND_COMPILED = Expected("id 3 of a table of 3 rows in a compiled prediction: whether it raises (1: yes)", [1])
NEGATIVE_RAISES = Expected("id -1: whether it raises (1: yes)", [1])
BEYOND_READS = Expected("id 3 of rows 1, 2, 3, by indexing: what is read", [3.0])
BEYOND_TAKES = Expected("id 3 of rows 1, 2, 3, by a function: whether no number is read (1: yes)", [1])
NEGATIVE_READS = Expected("id -1 of rows 1, 2, 3: what is read", [3.0])


class Rejecting(Protocol):
    """The trial of an engine. weights: copies by the names of `unknown_class.start`, and 'second_bias0' where a
    framework has two biases. moments: copies of Adam's first and second moments by the same names. loss: of the last
    training step, before its update. restart: sets weights, and Adam's state to that before the first step; the batches
    go on. adam: how the framework computes Adam.
    """

    adam: AdamAs

    def step(self) -> None: ...

    def sync(self) -> None: ...

    def loss(self) -> float: ...

    def weights(self) -> ByName: ...

    def moments(self) -> tuple[ByName, ByName]: ...

    def restart(self, weights: ByName) -> None: ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


def raises(run: Callable[[], Any]) -> list[float]:
    """[1] where it raises anything: frameworks have errors of their own for this."""
    try:
        run()
    except Exception:  # noqa: BLE001 - the right one is unknown here
        return [1]
    return [0]
