"""PyTorch's FSDP2: table and rest spread over the ranks between steps, and gathered as a whole within a step."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.ranks.gathered import GatheredTrial

DECLARES = {
    "summary": "PyTorch FSDP2: fully_shard gathers the whole table in every step",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "workloads": ["classifier", "tagger"],
    "tables": ["frozen", "trainable"],
    "lstm_biases": 2,
    "engine": "torch/fsdp2",
    "updates": ["default", "fused"],
    "spread": "rows",
    "start": 8,
}


def prepare(case: Case, tokens: Tokens) -> GatheredTrial:
    set_up(case)
    return GatheredTrial(case, tokens)
