"""Training on texts of different lengths, by way of handling the lengths.

inputs (B, L, COLUMNS), padded on the right -> LSTM -> hidden state at the last real token -> linear head -> softmax
cross-entropy, mean over the batch -> plain SGD. A step trains on four batches: the same texts for every way, which
groups and pads them differently. So times of ways are times for the same number of real tokens.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.workloads import ByName, _counts
from embbench.workloads._sequence_expected import Sequencing

if TYPE_CHECKING:
    import numpy as np

SUMMARY = "LSTM that trains on texts of different lengths: padded, masked, packed or in buckets (--lengths)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "lengths": {
        "default": "pad",
        "help": "How texts of different lengths become batches: pad (all to --seq; the LSTM reads the padding, and the "
        "head the last real position); mask (all to --seq; a masked step keeps the state); pack (no padding is read); "
        "bucket (four buckets by length, each padded to its end); sorted (batches by length, each padded to its own "
        "longest text); dynamic (batches of any texts, each padded to its own longest text).",
        "choices": ("pad", "mask", "pack", "bucket", "sorted", "dynamic"),
    },
}
TABLES = ("none",)
UNUSED = ("optimizer", "vocab", "dim", "tokens", "ids", "dtype")
WEIGHT_ARRAYS = 2  # weight and gradient
SHOWN = ("loss", "weights", "read", "further_claims")

_BATCHES, _COLUMNS = 4, 8  # those of `_sequence_texts`, which needs NumPy


def label_shape(case: Case) -> tuple[int, ...]:
    """Of a batch; a step has four."""
    return (case.batch,)


def operations(case: Case) -> float:
    """Of the real tokens, for every way: (T + 1)/2 a text in the mean. Padding adds operations that are of no use."""
    of_batch = _counts.operations(msgspec.structs.replace(case, dim=_COLUMNS, table="frozen"))
    return _BATCHES * of_batch * (case.seq + 1) / (2 * case.seq)


def weight_count(case: Case) -> int:
    return _counts.weight_count(msgspec.structs.replace(case, dim=_COLUMNS))


def activation_count(case: Case) -> int:
    """Of the longest batch."""
    return _counts.activation_count(msgspec.structs.replace(case, dim=_COLUMNS))


def draw_inputs(case: Case, batches: int) -> "dict[str, np.ndarray]":
    """See `_sequence_texts.draw`."""
    from embbench.workloads._sequence_texts import draw

    return draw(case, batches)


def padding_share(case: Case, drawn: "dict[str, np.ndarray]") -> float:
    """Of the positions that the LSTM reads."""
    from embbench.workloads._sequence_texts import padding_read

    return padding_read(case, drawn)


def start(case: Case, lstm_biases: int) -> ByName:
    """The initial weights, as `_lstm.start` names them."""
    from embbench.workloads import _lstm

    return _lstm.start(msgspec.structs.replace(case, dim=_COLUMNS, layers=1), lstm_biases)


def start_claims(case: Case, drawn: "dict[str, np.ndarray]", trial: Sequencing) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        from embbench.workloads import _sequence_claims

        yield from _sequence_claims.of_steps(case, drawn, trial, steps)
        yield from _sequence_claims.of_texts(case, drawn)
        yield from _sequence_claims.of_network(case, trial)
        yield from trial.further_claims()

    return finish
