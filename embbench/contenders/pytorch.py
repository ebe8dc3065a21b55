"""PyTorch, eager: nn.Embedding and nn.LSTM with torch.optim, as its users write it."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.beside import UPDATE, BesideTrial
from embbench.engines.torch.device import set_up
from embbench.engines.torch.halves import TABLES, HalvesTrial
from embbench.engines.torch.trial import TorchTrial

DECLARES = {
    "summary": "PyTorch, eager: nn.Embedding, nn.LSTM, torch.optim",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "dtypes": ["float32", "float64"],
    "ids": ["int64", "int32"],
    "workloads": ["classifier", "tagger"],
    "engine_workloads": "torch",
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "lstm_biases": 2,
    "engine": "torch/eager",
    "updates": [
        "default",
        "fused",
        "sparse",
        "compact",
        "compact_beside",
        "bfloat16",
        "bfloat16_master",
        "compact_bfloat16",
    ],
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    kind = HalvesTrial if case.update in TABLES else BesideTrial if case.update == UPDATE else TorchTrial
    return kind(case, tokens)
