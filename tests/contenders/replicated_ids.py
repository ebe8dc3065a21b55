"""The dtensor contender with the default layout of RowwiseParallel's ids: ranks with other ids take them for the same
ids. PyTorch raises no error.
"""

from torch.distributed.tensor import Replicate
from torch.distributed.tensor.parallel import RowwiseParallel

from embbench.engines.torch.device import set_up
from embbench.engines.torch.ranks import shards

DECLARES = {
    "summary": "DTensor with ids that differ by rank under Replicate()",
    "packages": ["torch"],
    "tables": ["trainable"],
    "lstm_biases": 2,
    "engine": "torch/dtensor",
    "updates": ["default"],
    "spread": "rows",
}


def prepare(case, tokens):
    set_up(case)
    shards.RowwiseParallel = lambda **_: RowwiseParallel(input_layouts=Replicate(), output_layouts=Replicate())
    return shards.ShardedTrial(case, tokens)
