"""FBGEMM's table-batched embedding (TBE) before PyTorch's nn.LSTM. The backward kernel includes the table's update, so
a gradient of the table never exists. The rest trains with torch.optim.
"""

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import set_up
from embbench.engines.torch.fbgemm import FbgemmTrial
from embbench.engines.torch.trial import TorchTrial

DECLARES = {
    "summary": "FBGEMM table-batched embedding with the update fused into backward, nn.LSTM, torch.optim",
    "packages": ["torch", "fbgemm-gpu-cpu|fbgemm-gpu"],
    "devices": ["cpu", "cuda"],
    "tables": ["trainable"],
    "lstm_biases": 2,
    "start": 7,
    "engine": "torch/fbgemm",
    "updates": ["default", "rowwise"],
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    if case.dim % 4:
        raise Unsupported(f"dim={case.dim}: FBGEMM needs a multiple of 4")
    return FbgemmTrial(case, tokens)
