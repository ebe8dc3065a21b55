"""DistributedDataParallel: every rank has the whole model, and the gradients are averaged over the ranks."""

from typing import Any

from torch.nn.parallel import DistributedDataParallel

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.ranks.group import group_facts, join, own_part, sum_over_ranks
from embbench.engines.torch.trial import TorchTrial

VIEW = "bucket_view"  # the update whose gradients are views of the buckets that are exchanged


class ReplicaTrial(TorchTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        join(case)
        super().__init__(case, own_part(case, tokens))
        self.forward = DistributedDataParallel(self.model, gradient_as_bucket_view=case.update == VIEW)

    def loss(self) -> float:
        """The mean over the whole batch: each rank has the mean over an equal part."""
        assert self.last is not None, "no step yet"
        return sum_over_ranks(self.last) / self.case.ranks

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), **group_facts()}

    def parts(self) -> dict[str, Any]:
        """{}: the gradients are exchanged while the backward pass still runs."""
        return {}

    def table_alone(self) -> None:
        """None: the table's gradient is exchanged with the gradients of the rest."""
