"""TorchRec: an EmbeddingCollection that its planner spreads over the ranks. The table's update is part of the backward
pass, as in FBGEMM, whose kernels it uses.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist
from fbgemm_gpu.split_table_batched_embeddings_ops_training import SplitTableBatchedEmbeddingBagsCodegen
from torch import nn
from torchrec import EmbeddingCollection, EmbeddingConfig, KeyedJaggedTensor
from torchrec.distributed.embedding import EmbeddingCollectionSharder
from torchrec.distributed.model_parallel import DistributedModelParallel
from torchrec.distributed.planner import EmbeddingShardingPlanner, Topology
from torchrec.distributed.planner.types import ParameterConstraints
from torchrec.distributed.types import ShardingType
from torchrec.optim import RowWiseAdagrad
from torchrec.optim.apply_optimizer_in_backward import apply_optimizer_in_backward

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.streams import Tokens
from embbench.cases.workload import HYPERPARAMETERS
from embbench.engines.torch.fbgemm import COUNTING
from embbench.engines.torch.inside import STATE_NAMES, KeptState
from embbench.engines.torch.ranks.fill import fill_rows
from embbench.engines.torch.ranks.group import most_of_ranks
from embbench.engines.torch.ranks.rows import need_rows
from embbench.engines.torch.ranks.trial import RankTrial
from embbench.engines.torch.tables import make_optimizer

NAME = "table"
COLUMNS_OF, ONE_RANK = "by_columns", "on_one_rank"  # updates begin with them, or are by rows
ROWWISE = "rowwise"  # updates end with it that keep a value per row
IN_BACKWARD = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "adam": torch.optim.Adam}
COLUMNS = 4  # a multiple of them in each part: FBGEMM's kernels


class TorchRecTable(nn.Module):
    """The collection of a single table. `DistributedModelParallel` then puts a part of the table into each rank."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        config = EmbeddingConfig(name=NAME, embedding_dim=case.dim, num_embeddings=case.vocab, feature_names=[NAME])
        self.collection = EmbeddingCollection(tables=[config], device=torch.device("meta"))
        told = HYPERPARAMETERS[case.optimizer]
        self.dim, self.rowwise = case.dim, case.update.endswith(ROWWISE)
        self.in_columns = case.update.startswith(COLUMNS_OF)
        how = {"lr": told.rate} | ({} if case.optimizer == "sgd" else {"eps": told.epsilon})
        how |= {"betas": (told.beta1, told.beta2)} if case.optimizer == "adam" else {}
        kind = RowWiseAdagrad if self.rowwise else IN_BACKWARD[case.optimizer]
        apply_optimizer_in_backward(kind, self.collection.parameters(), how)
        self.lengths: dict[torch.Size, torch.Tensor] = {}  # by the shape of ids

    def find(self, spread: nn.Module, case: Case) -> None:
        """Finds this rank's part, and sets its initial rows. spread: the model that has been spread."""
        lookups = [each for sharded in spread.modules() for each in getattr(sharded, "_lookups", ())]  # no submodules
        modules = [module for each in lookups for module in each.modules()]
        self.tbes = [each for each in modules if isinstance(each, SplitTableBatchedEmbeddingBagsCodegen)]
        (whole,) = (each for name, each in spread.state_dict().items() if name.endswith(f"{NAME}.weight"))
        self.parts = [(*part.metadata.shard_offsets, *part.metadata.shard_sizes) for part in whole.local_shards()]
        self.weights = [weight for tbe in self.tbes for weight in tbe.split_embedding_weights()]
        for (row, column, _, _), weight in zip(self.parts, self.weights, strict=True):
            fill_rows(weight, case, row, column)

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        return [make_optimizer(case, dense)]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        if ids.shape not in self.lengths:
            self.lengths[ids.shape] = torch.full((ids.shape[0],), ids.shape[1], device=ids.device)
        features = KeyedJaggedTensor(keys=[NAME], values=ids.reshape(-1), lengths=self.lengths[ids.shape])
        return self.collection(features)[NAME].values().view(*ids.shape, -1)

    def write_back(self) -> None:
        """Does nothing: the backward pass wrote the table."""

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self._gathered(self.weights, ids)

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        for (row, column, rows, columns), weight in zip(self.parts, self.weights, strict=True):
            mine = (row <= ids) & (ids < row + rows)
            weight[ids[mine] - row] = values[mine, column : column + columns]

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        """See `fbgemm.FusedTable.kept`."""
        own = [state for tbe in self.tbes for state in tbe.split_optimizer_states()]
        gathered = {
            told: self._gathered([states[place] for states in own], ids)
            for place, told in enumerate(STATE_NAMES[name].values())
        }
        alike = self.rowwise and not self.in_columns
        found = {told: each[:, :1] if alike else each for told, each in gathered.items()}
        counted = [int(tbe.iter_cpu) for tbe in self.tbes if tbe.optimizer in COUNTING]
        steps = most_of_ranks(max(counted, default=-1), ids.device)
        return KeptState(None if steps < 0 else steps, found)

    def _gathered(self, arrays: Sequence[torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
        """(R, D): rows from all ranks. arrays: of each part in this rank, its weights or a state; a value per row of
        the part is repeated.
        """
        found = torch.zeros(len(ids), self.dim, device=ids.device)
        for (row, column, rows, columns), array in zip(self.parts, arrays, strict=True):
            mine = (row <= ids) & (ids < row + rows)
            found[mine, column : column + columns] = array.view(rows, -1)[ids[mine] - row].expand(-1, columns)
        dist.all_reduce(found)
        return found


class TorchRecTrial(RankTrial):
    """TorchRec averages the table's gradient over the ranks; DistributedDataParallel averages the rest."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        spread = spread_of(case.update)
        if spread is ShardingType.COLUMN_WISE and case.dim % (COLUMNS * case.ranks):
            raise Unsupported(f"dim={case.dim}: {case.ranks} ranks need a multiple of {COLUMNS * case.ranks} columns")
        if spread is ShardingType.ROW_WISE:
            need_rows(case)
        super().__init__(case, tokens)
        constraint = ParameterConstraints(sharding_types=[spread.value], min_partition=case.dim // case.ranks)
        planner = EmbeddingShardingPlanner(
            topology=Topology(world_size=case.ranks, compute_device=case.device), constraints={NAME: constraint}
        )
        sharders = [EmbeddingCollectionSharder()]
        plan = planner.collective_plan(self.model, sharders, dist.group.WORLD)
        spread_model = DistributedModelParallel(self.model, device=self.device, plan=plan, sharders=sharders)
        self.table.find(spread_model, case)
        self.forward = spread_model

    def make_table(self, place: dict[str, Any]) -> nn.Module:
        return TorchRecTable(self.case)

    def rows_held(self) -> tuple[int, int]:
        """See `capabilities.Sharded`."""
        return next(((row, row + rows) for row, _, rows, _ in self.table.parts), (0, 0))

    def describe(self) -> dict[str, Any]:
        sizes = [f"{rows} x {columns}" for _, _, rows, columns in self.table.parts]
        told = {"part of rank 0": ", ".join(sizes) or "none"}
        return {**super().describe(), **told}


def spread_of(update: str) -> ShardingType:
    if update.startswith(COLUMNS_OF):
        return ShardingType.COLUMN_WISE
    return ShardingType.TABLE_WISE if update.startswith(ONE_RANK) else ShardingType.ROW_WISE
