"""The class of a table, from rows before and after a step."""

import numpy as np
import pytest

from embbench.engines.own_rows import Rows, RowsSeen, classify

IDS = np.arange(6)
ROWS = Rows(now=IDS[:2], earlier=IDS[2:4], never=IDS[4:])
RNG = np.random.default_rng(0)
WEIGHTS, GRADIENT = RNG.normal(size=(6, 8)).astype("float32"), RNG.normal(size=(6, 8)).astype("float32")
GRADIENT[2:] = 0


def class_of(moved: np.ndarray, gradient: np.ndarray = GRADIENT) -> tuple[str, str]:
    """moved: (2, 8) movement of the rows of the batch."""
    after = WEIGHTS.copy()
    after[:2] += moved
    found = classify(ROWS, RowsSeen(IDS, WEIGHTS, {}), RowsSeen(IDS, after, {}, gradient))
    return found.moves, found.semantic


@pytest.mark.parametrize("decay", [1e-5, 1e-2])
def test_decay_of_the_rows_of_a_batch_is_lazy(decay: float) -> None:
    assert class_of(-0.1 * GRADIENT[:2]) == ("batch", "exact")
    assert class_of(-0.1 * (GRADIENT[:2] + decay * 10 * WEIGHTS[:2])) == ("batch", "lazy")


def test_clipped_gradients_are_no_decay() -> None:
    assert class_of(-0.1 * np.clip(GRADIENT[:2], -0.5, 0.5)) == ("batch", "exact")
