"""What TorchRec's own planner estimates for a table that is spread over ranks, without process group and memory.

The planner knows the table, its lookups and its exchange, and nothing of the network behind them.
"""

from torchrec.distributed.embedding import EmbeddingCollectionSharder
from torchrec.distributed.planner import EmbeddingShardingPlanner, Topology
from torchrec.distributed.planner.types import ParameterConstraints, PlannerError

from embbench.cases.case import Case
from embbench.cases.contender import Planned, Unsupported
from embbench.engines.torch.ranks.torchrec_tables import NAME, TorchRecTable, spread_of

PER_MS = 1e-3  # the planner counts bytes and time by milliseconds
ROOM = 1 << 60  # bytes of a rank: a plan that does not fit is told too, the caller knows the memory


def planned(case: Case, memory: float, link: float) -> Planned:
    """memory, link: bytes per second of a rank's memory and of its link to other ranks. Each rank has a machine of its
    own. Raises Unsupported where the planner finds no plan.
    """
    local = case.batch // case.ranks
    topology = Topology(
        world_size=case.ranks,
        local_world_size=1,
        compute_device=case.device,
        hbm_cap=ROOM,
        ddr_cap=ROOM,
        ddr_mem_bw=memory * PER_MS,
        inter_host_bw=link * PER_MS,
    )
    constraint = ParameterConstraints(
        sharding_types=[spread_of(case.update).value],
        min_partition=case.dim // case.ranks,
        pooling_factors=[float(case.seq)],
    )
    planner = EmbeddingShardingPlanner(topology=topology, batch_size=local, constraints={NAME: constraint})
    try:
        planner.plan(TorchRecTable(case), [EmbeddingCollectionSharder()])
    except PlannerError as error:
        raise Unsupported(f"TorchRec's planner: {error}") from None
    (option,) = planner._best_plan  # only its printed report has these figures else
    size = max(each.storage.ddr + each.storage.hbm for each in option.shards)
    return Planned(float(size), max(each.perf.total for each in option.shards) * PER_MS)
