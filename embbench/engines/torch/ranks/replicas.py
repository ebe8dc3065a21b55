"""DistributedDataParallel: every rank has the whole model, and the gradients are averaged over the ranks."""

from torch.nn.parallel import DistributedDataParallel

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.torch.ranks.trial import RankTrial

VIEW = "bucket_view"  # the update whose gradients are views of the buckets that are exchanged


class ReplicaTrial(RankTrial):
    def __init__(self, case: Case, tokens: Tokens) -> None:
        super().__init__(case, tokens)
        self.forward = DistributedDataParallel(self.model, gradient_as_bucket_view=case.update == VIEW)
