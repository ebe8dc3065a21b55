"""The batches of a trial by the number of its step, and the rows of the table that they train."""

import numpy as np

from embbench.spec.case import Case
from embbench.spec.streams import Tokens
from embbench.spec.workload import HYBRID_ROWS

LATE = 4  # positions from the end of a sequence whose rows surely get a gradient above rounding


class Batches:
    """step: counted from 0; they cycle."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        self._hybrid, self._tokens = case.table == "hybrid", tokens

    def ids(self, step: int) -> np.ndarray:
        """(B, S)"""
        return self._tokens.ids[step % len(self._tokens.ids)]

    def labels(self, step: int) -> np.ndarray:
        """(B,)"""
        return self._tokens.labels[step % len(self._tokens.ids)]

    def late(self, step: int) -> np.ndarray:
        """(R,) trained rows at the end of its sequences, sorted."""
        return np.unique(self.trained(self.ids(step)[:, -LATE:]))

    def trained(self, ids: np.ndarray) -> np.ndarray:
        """Rows whose training shows in `ids`: in a hybrid table, those past its small part share the last one of it."""
        return np.minimum(ids, HYBRID_ROWS - 1) if self._hybrid else ids
