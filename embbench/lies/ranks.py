"""Lies of programs that share a step among several processes."""

import os

import msgspec
import numpy as np

from embbench.cases.contender import Trial
from embbench.cases.streams import Tokens
from embbench.lies import Setting, lie

IN_RANKS = ("ddp", "dtensor", "fsdp2", "jax_devices", "jax_sharded", "torchrec")


@lie(
    "the-same-sequences-on-every-rank",
    "Gives every rank the sequences of rank 0, as training without a distributed sampler does.",
    "row|loss",
    axes={"ranks": 2},
    only=IN_RANKS,
)
def same_sequences(setting: Setting) -> Trial:
    ranks, tokens = setting.case.ranks, setting.tokens
    first = slice(0, setting.case.batch // ranks)
    ids, labels = (np.concatenate([each[:, first]] * ranks, axis=1) for each in (tokens.ids, tokens.labels))
    return setting.trial(Tokens(ids, labels))


@lie(
    "ranks-that-exchange-nothing",
    "Trains a replica in each rank on its own sequences, and never sums the gradients.",
    "ranks do not agree|row|loss",
    axes={"ranks": 2},
    only=("ddp",),  # the others have no replica that could go its own way
)
def no_exchange(setting: Setting) -> Trial:
    case, tokens = setting.case, setting.tokens
    size, rank = case.batch // case.ranks, int(os.environ.get("RANK", "0"))
    own = slice(rank * size, (rank + 1) * size)
    alone = msgspec.structs.replace(case, ranks=1, batch=size)
    return setting.prepare(alone, Tokens(tokens.ids[:, own], tokens.labels[:, own]))
