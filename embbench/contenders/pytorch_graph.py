"""PyTorch with the whole training step in one CUDA graph. The network and the optimizers are those of eager PyTorch."""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.graphed import GraphedTrial
from embbench.engines.torch.trial import TorchTrial

DECLARES = {
    "summary": "PyTorch, the whole step in one CUDA graph: nn.Embedding, nn.LSTM, torch.optim",
    "packages": ["torch"],
    "devices": ["cuda"],
    "lstm_biases": 2,
    "engine": "torch/graphed",
    "updates": ["default", "fused", "sparse", "compact"],
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    return GraphedTrial(case, tokens)
