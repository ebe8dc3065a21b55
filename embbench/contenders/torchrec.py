"""TorchRec: an EmbeddingCollection spread over the ranks by its planner, with the update in the backward pass."""

from embbench.cases.case import Case
from embbench.cases.contender import Planned
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.ranks import torchrec_planner
from embbench.engines.torch.ranks.torchrec_tables import TorchRecTrial

DECLARES = {
    "summary": "TorchRec: EmbeddingCollection by rows, by columns or on one rank, the update fused into backward",
    "packages": ["torch", "torchrec", "fbgemm-gpu-cpu|fbgemm-gpu"],
    "devices": ["cpu", "cuda"],
    "workloads": ["classifier", "tagger"],
    "tables": ["trainable"],
    "lstm_biases": 2,
    "start": 12,
    "engine": "torch/torchrec",
    "updates": [
        "default",
        "by_columns",
        "on_one_rank",
        "rowwise",
        "by_columns_rowwise",
        "on_one_rank_rowwise",
    ],
    "spread": "rows",
    "planner": "TorchRec's planner",
}


def prepare(case: Case, tokens: Tokens) -> TorchRecTrial:
    set_up(case)
    return TorchRecTrial(case, tokens)


def planned(case: Case, memory: float, link: float) -> Planned:
    return torchrec_planner.planned(case, memory, link)
