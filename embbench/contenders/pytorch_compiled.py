"""PyTorch with torch.compile over the model and over the optimizer's step, as its users write it; backward is compiled
with the model. nn.LSTM is not: dynamo breaks the graph there and the kernel that eager code gets runs between two
compiled parts. dynamo's `allow_rnn` would unroll it over the time steps: six minutes to compile 64 of them.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch._dynamo.utils import counters
from torch._inductor import metrics
from torch._inductor.utils import parallel_num_threads

from embbench.contenders._torch import forget_compiled, operators, set_up, warm_up_compiler
from embbench.contenders._torch_trial import TorchTrial, lstm_kernel
from embbench.spec.capabilities import TablePrograms
from embbench.spec.case import Case
from embbench.spec.streams import Tokens

# copies and passes: of the kernels that inductor writes, one loop over each parameter that reads and writes each of
# its arrays once; and one pass for the dense gradient, zeroed and scattered into.
DECLARES = {
    "summary": "PyTorch, torch.compile of model and optimizer step around nn.LSTM",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "lstm_biases": 2,
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 6},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 6},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 8},
        },
        "fused": "dynamo does not trace fused optimizers: use contender=pytorch update=fused",
        "sparse": "dynamo does not trace optimizers over sparse gradients: use contender=pytorch update=sparse",
    },
    "start": 45,
}


def prepare(case: Case, tokens: Tokens) -> TorchTrial:
    set_up(case)
    warm_up_compiler(case.device)
    return CompiledTrial(case, tokens)


class CompiledTrial(TorchTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        forget_compiled()
        super().__init__(case, tokens)
        self.forward = torch.compile(self.model)
        self.updates = [torch.compile(optimizer.step) for optimizer in self.optimizers]

    def compile(self, program: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        return torch.compile(program)

    def table_alone(self) -> TablePrograms | None:
        """None: without the network there would be other graphs."""
        return None

    def roots(self, table: list[nn.Parameter]) -> list[torch.Tensor]:
        """None: they are within the loop that inductor writes."""
        return []

    def profile(self, steps: int) -> dict[str, float]:
        """Nothing: compiled parts have no names that tell what they are of."""
        return {}

    def detect(self) -> dict[str, str]:
        """Of this trial itself, whose forward pass alone changes nothing: a twin would take as long to compile."""
        ran = operators(lambda: self.forward(self.ids[0], self.labels[0]))
        regions = sum(name.startswith("Torch-Compiled Region") for name in ran)
        graphs = counters["stats"]["unique_graphs"] - regions
        return {
            "lstm": lstm_kernel(ran),
            "optimizer": f"{'+'.join(type(each).__name__ for each in self.optimizers)}, compiled graphs: {graphs}",
            "model": f"compiled graphs: {regions}",
            "graph breaks": "; ".join(reason.partition("\n")[0] for reason in counters["graph_break"]) or "none",
            "inductor": f"kernels: {metrics.generated_kernel_count}, threads: {parallel_num_threads()}",
        }
