"""PyTorch with torch.compile over the model and over the optimizer's step, as its users write it. The backward pass is
compiled with the model. nn.LSTM is not compiled: dynamo breaks the graph there, and the kernel of eager code runs
between two compiled parts. dynamo's `allow_rnn` was rejected: it unrolls the LSTM over the time steps, and 64 of them
take six minutes to compile.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch._dynamo.utils import counters
from torch._inductor import metrics
from torch._inductor.utils import parallel_num_threads

from embbench.cases.capabilities import TablePrograms
from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import forget_compiled, operators
from embbench.engines.torch.trial import TorchTrial, lstm_kernel


class CompiledTrial(TorchTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        forget_compiled()
        super().__init__(case, tokens)
        self.forward = torch.compile(self.model)
        self.updates = [torch.compile(optimizer.step) for optimizer in self.optimizers]

    def compile(self, program: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        return torch.compile(program)

    def table_alone(self) -> TablePrograms | None:
        """None: without the network the graphs would differ."""
        return None

    def roots(self, table: list[nn.Parameter]) -> list[torch.Tensor]:
        """[]: the roots are inside the loop that inductor writes."""
        return []

    def profile(self, steps: int) -> dict[str, float]:
        """{}: compiled parts have no names that show their origin."""
        return {}

    def detect(self) -> dict[str, str]:
        """Facts from this trial, because its forward pass changes nothing. A twin would compile as long."""
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
