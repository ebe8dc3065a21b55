"""The process group of a trial, and the part of the batch that belongs to this process."""

import datetime
import os

import numpy as np
import torch
import torch.distributed as dist

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.streams import Tokens

LONGEST = datetime.timedelta(minutes=10)  # of a collective: embbench's own deadline ends a round sooner
BACKENDS = {"cpu": "gloo", "cuda": "nccl"}


def join(case: Case) -> None:
    """Joins the process group of the variables RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, once per process. A case
    with one rank has a group of its own. Raises Unsupported.
    """
    if not dist.is_available():
        raise Unsupported("this PyTorch was built without torch.distributed")
    if case.device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    if dist.is_initialized():
        return
    backend = BACKENDS[case.device]
    if case.ranks == 1:
        dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)
    else:
        dist.init_process_group(backend, timeout=LONGEST)


def own_part(case: Case, tokens: Tokens) -> Tokens:
    """The sequences of this rank: of each batch (B, S), B / ranks in a row."""
    size = case.batch // case.ranks
    mine = slice(dist.get_rank() * size, (dist.get_rank() + 1) * size)
    return Tokens(np.ascontiguousarray(tokens.ids[:, mine]), np.ascontiguousarray(tokens.labels[:, mine]))


def sum_over_ranks(value: torch.Tensor) -> float:
    """The sum of a number of each rank."""
    whole = value.detach().clone()
    dist.all_reduce(whole)
    return whole.item()


def most_of_ranks(value: int, device: torch.device) -> int:
    """The largest of a number of each rank."""
    most = torch.tensor(value, device=device)
    dist.all_reduce(most, dist.ReduceOp.MAX)
    return int(most)
