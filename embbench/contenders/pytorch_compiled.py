"""PyTorch with torch.compile over the model and over the optimizer's step, as its users write it. The backward pass is
compiled with the model. nn.LSTM is not compiled: dynamo breaks the graph there, and the kernel of eager code runs
between two compiled parts. dynamo's `allow_rnn` was rejected: it unrolls the LSTM over the time steps, and 64 of them
take six minutes to compile.
"""

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.compiled import CompiledTrial
from embbench.engines.torch.device import set_up, warm_up_compiler
from embbench.engines.torch.trial import TorchTrial

DECLARES = {
    "summary": "PyTorch, torch.compile of model and optimizer step around nn.LSTM",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "lstm_biases": 2,
    "start": 45,
    "engine": "torch/compiled",
    "updates": ["default", "fused", "sparse"],
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    warm_up_compiler(case.device)
    return CompiledTrial(case, tokens)
