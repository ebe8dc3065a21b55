"""PyTorch's DistributedDataParallel: a replica of the whole model in every rank, as most users begin."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.ranks.replicas import ReplicaTrial

DECLARES = {
    "summary": "PyTorch DistributedDataParallel: a replica of the table in every rank",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "ids": ["int64", "int32"],
    "workloads": ["classifier", "tagger"],
    "tables": ["frozen", "trainable"],
    "lstm_biases": 2,
    "engine": "torch/ddp",
    "updates": ["default", "bucket_view", "fused", "sparse"],
    "spread": "whole",
    "start": 7,
}


def prepare(case: Case, tokens: Tokens) -> ReplicaTrial:
    set_up(case)
    return ReplicaTrial(case, tokens)
