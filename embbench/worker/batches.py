"""The batches of a trial: drawn, and by the number of its step with the rows of the table that they train."""

from importlib import metadata

import numpy as np

from embbench.host.memory import release_free
from embbench.spec.case import Case
from embbench.spec.streams import Tokens, count_tokens, draw_tokens, padding_share
from embbench.spec.workload import HYBRID_ROWS
from embbench.worker.recorder import Recorder

LATE = 4  # positions from the end of a sequence whose rows surely get a gradient above rounding


class Batches:
    """step: counted from 0; they cycle."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        self._case, self._tokens = case, tokens

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
        return trained_rows(self._case, ids)


def trained_rows(case: Case, ids: np.ndarray) -> np.ndarray:
    """See `Batches.trained`."""
    return np.minimum(ids, HYBRID_ROWS - 1) if case.table == "hybrid" else ids


def draw(recorder: Recorder) -> Tokens:
    """The batches, with what is known of them."""
    case, source = recorder.request.case, recorder.request.source
    if source is not None:
        told = {"source": source.name, "cut_by": f"regex {metadata.version('regex')}"}
        recorder.fields["conditions"] |= told  # another Unicode cuts other words
        if source.warning:
            recorder.warn("text-cut-badly", source.warning)
    tokens = draw_tokens(case, recorder.request.protocol.batches, source)
    if source is not None:
        release_free()  # what a text took must not count as the case's own
    _put_counts(recorder, tokens)
    return tokens


def _put_counts(recorder: Recorder, tokens: Tokens) -> None:
    counts, padding = count_tokens(tokens.ids), padding_share(recorder.request.case.tokens, tokens.ids)
    recorder.put("unique_rows", counts.unique)
    recorder.put("unique_share", counts.share)
    recorder.put("multiplicity", counts.multiplicity)
    if padding is not None:
        recorder.put("padding_share", padding)
