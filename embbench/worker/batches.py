"""The batches of a trial: how they are drawn, and which rows of the table each step trains."""

from importlib import metadata
from typing import Any

import numpy as np

from embbench.cases.case import Case
from embbench.cases.sources import Source
from embbench.cases.streams import Tokens, count_tokens, padding_share
from embbench.cases.workload import HYBRID_ROWS
from embbench.host.memory import release_free
from embbench.store.exchange import Request
from embbench.worker.note import NOTHING, Note, condition, measured, warned
from embbench.workloads import draw_batches, workload_of

LATE = 4  # last positions of a sequence: their rows surely get a gradient above rounding


class Batches:
    """Batches by step. Steps count from 0, and the batches repeat in a cycle."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        self._case, self._tokens = case, tokens

    def ids(self, step: int) -> np.ndarray:
        """(B, S)"""
        return self._tokens.ids[step % len(self._tokens.ids)]

    def labels(self, step: int) -> np.ndarray:
        """(B,) or (B, S), as the workload labels texts or tokens."""
        return self._tokens.labels[step % len(self._tokens.ids)]

    def late(self, step: int) -> np.ndarray:
        """(R,) rows that the ends of the step's sequences train, sorted."""
        return np.unique(self.trained(self.ids(step)[:, -LATE:]))

    def trained(self, ids: np.ndarray) -> np.ndarray:
        """Rows whose training shows in `ids`. In a hybrid table, all rows past the small part share the small part's
        last row.
        """
        return trained_rows(self._case, ids)


def trained_rows(case: Case, ids: np.ndarray) -> np.ndarray:
    """See `Batches.trained`."""
    return np.minimum(ids, HYBRID_ROWS - 1) if case.table == "hybrid" else ids


def about_source(source: Source | None) -> Note:
    """A note of the file that the token stream is drawn from; NOTHING without such a file."""
    if source is None:
        return NOTHING
    note = condition(source=source.name, cut_by=f"regex {metadata.version('regex')}")  # Unicode differs
    return note + (warned("text-cut-badly", source.warning) if source.warning else NOTHING)


def draw(request: Request) -> tuple[Any, Note]:
    """The batches, Tokens or arrays by name, and a note of their metrics."""
    tokens = draw_batches(request.case, request.protocol.batches, request.source)
    if not isinstance(tokens, Tokens):
        share = getattr(workload_of(request.case), "padding_share", None)
        return tokens, NOTHING if share is None else measured("padding_share", share(request.case, tokens))
    if request.source is not None:
        release_free()  # memory that the text took must not count for the case
    return tokens, _counts(request.case, tokens)


def _counts(case: Case, tokens: Tokens) -> Note:
    counts, padding = count_tokens(tokens.ids), padding_share(case.tokens, tokens.ids)
    note = measured("unique_rows", counts.unique) + measured("unique_share", counts.share)
    note += measured("multiplicity", counts.multiplicity)
    return note if padding is None else note + measured("padding_share", padding)
