"""PyTorch's tensor parallelism: the rows of nn.Embedding spread over the ranks, the rest replicated."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.ranks.shards import ShardedTrial

DECLARES = {
    "summary": "PyTorch DTensor: rows of nn.Embedding spread over the ranks by RowwiseParallel",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "workloads": ["classifier", "tagger"],
    "tables": ["frozen", "trainable"],
    "lstm_biases": 2,
    "engine": "torch/dtensor",
    "updates": ["default", "fused"],
    "spread": "rows",
    "start": 8,
}


def prepare(case: Case, tokens: Tokens) -> ShardedTrial:
    set_up(case)
    return ShardedTrial(case, tokens)
