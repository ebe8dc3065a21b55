"""PyTorch with torch.compile over the model and over the optimizer's step, as its users write it; backward is compiled
with the model. nn.LSTM is not: dynamo breaks the graph there and the kernel that eager code gets runs between two
compiled parts. dynamo's `allow_rnn` would unroll it over the time steps: six minutes to compile 64 of them.
"""

import functools
import os
import shutil
import tempfile
import weakref

# Before torch is imported. More than one thread would be helper processes that stay beside the measured one.
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

import torch
from torch._dynamo.utils import counters
from torch._inductor import metrics
from torch._inductor.cpp_builder import get_cpp_compiler
from torch._inductor.exc import InvalidCxxCompiler
from torch._inductor.utils import parallel_num_threads

from embbench.contenders._torch_trial import TorchTrial, lstm_kernel, operators, set_up
from embbench.spec.case import Case
from embbench.spec.contender import Unsupported
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
    _warm_up(case.device)
    return CompiledTrial(case, tokens)


@functools.cache
def _warm_up(device: str) -> None:
    """What the first compilation of a process does whatever it compiles: loading inductor, trying out instruction
    sets, and a precompiled header that torch keeps between runs where no setting can move it. Done here, as part of
    build_time, so that first_step_time is the program's own and does not depend on earlier runs.
    """
    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        raise Unsupported("torch.compile needs a C++ compiler: install g++, or name yours in CXX") from None
    with tempfile.TemporaryDirectory() as directory:
        os.environ |= {"TORCHINDUCTOR_CACHE_DIR": directory, "TRITON_CACHE_DIR": directory}
        torch.compile(lambda x: x + 1)(torch.ones(64, device=device))


class CompiledTrial(TorchTrial):
    """Kernels are kept in a directory that lives as long as the trial, so that none is left from an earlier run.
    (TORCHINDUCTOR_FORCE_DISABLE_CACHES would leave a directory behind for every graph.)
    """

    def __init__(self, case: Case, tokens: Tokens) -> None:
        torch._dynamo.reset()  # it would take another trial's shapes for a reason to compile for all shapes
        counters.clear()
        metrics.reset()
        cache = tempfile.mkdtemp(prefix="embbench-inductor-")
        os.environ |= {"TORCHINDUCTOR_CACHE_DIR": cache, "TRITON_CACHE_DIR": cache}
        weakref.finalize(self, shutil.rmtree, cache, ignore_errors=True)
        super().__init__(case, tokens)
        self.forward = torch.compile(self.model)
        self.updates = [torch.compile(optimizer.step) for optimizer in self.optimizers]

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
