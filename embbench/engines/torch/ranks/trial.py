"""What PyTorch trials of several ranks have in common: their group, their part of the batch, their exchanges."""

from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch.profiler import ProfilerActivity, profile

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.device import sync
from embbench.engines.torch.ranks.group import join, own_part, sum_over_ranks
from embbench.engines.torch.trial import TorchTrial

EXCHANGES = ("gloo:", "nccl:", "ncclDevKernel")  # beginnings of the names of a collective's events in a profile


class RankTrial(TorchTrial):
    """Subclasses put the table into the ranks."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        join(case)
        super().__init__(case, own_part(case, tokens))

    def loss(self) -> float:
        """The mean over the whole batch: each rank has the mean over an equal part."""
        assert self.last is not None, "no step yet"
        return sum_over_ranks(self.last) / self.case.ranks

    def exchange_seconds(self, steps: int) -> float:
        """See `capabilities.Exchanging`."""
        on_gpu = self.device.type == "cuda"
        with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as seen:
            for _ in range(steps):
                self.step()
            sync(self.device)
        ranges = [event.time_range for event in seen.events() if event.key.startswith(EXCHANGES)]
        return _covered([(each.start, each.end) for each in ranges]) / 1e6 / steps

    def array_sum(self, size: int) -> Callable[[], None]:
        """See `capabilities.Summing`."""
        array = torch.zeros(size // 4, device=self.device)

        def run() -> None:
            dist.all_reduce(array)
            sync(self.device)

        return run

    def describe(self) -> dict[str, Any]:
        """gloo makes a reduce-scatter of an all-reduce, and copies where NCCL does not."""
        backend = dist.get_backend()
        told = f"{backend} (its times say nothing about NCCL)" if backend == "gloo" else backend
        return {**super().describe(), "process group": told}

    def parts(self) -> dict[str, Any]:
        """{}: a step exchanges arrays with the other ranks while it computes."""
        return {}

    def profile(self, steps: int) -> dict[str, float]:
        """{}: see `parts`."""
        return {}

    def table_alone(self) -> None:
        """None: the table cannot be stepped without the other ranks."""


def _covered(spans: list[tuple[float, float]]) -> float:
    """The length of the union of the spans."""
    whole, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        whole += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return whole
