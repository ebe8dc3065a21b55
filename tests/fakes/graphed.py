"""The contender `pytorch_graph` on the CPU, with a made-up CUDA graph."""

from embbench.engines.torch.device import set_up
from embbench.engines.torch.graphed import GraphedTrial
from tests.fakes.recorded_graph import install

DECLARES = {
    "summary": "the whole step in one made-up CUDA graph",
    "packages": ["torch"],
    "lstm_biases": 2,
    "engine": "torch/graphed",
    "updates": ["default", "fused", "sparse", "compact"],
}


def prepare(case, tokens):
    install()
    set_up(case)
    return GraphedTrial(case, tokens)
