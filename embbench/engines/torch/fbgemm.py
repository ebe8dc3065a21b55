"""FBGEMM's table-batched embedding (TBE) before PyTorch's nn.LSTM. The backward kernel includes the table's update, so
a gradient of the table never exists. The rest trains with torch.optim.
"""

from collections.abc import Sequence
from typing import Any

import torch
from fbgemm_gpu.split_embedding_configs import EmbOptimType
from fbgemm_gpu.split_table_batched_embeddings_ops_training import (
    ComputeDevice,
    EmbeddingLocation,
    PoolingMode,
    SplitTableBatchedEmbeddingBagsCodegen,
)
from torch import nn

from embbench.cases.case import Case
from embbench.cases.workload import HYPERPARAMETERS
from embbench.engines.torch.device import operators
from embbench.engines.torch.inside import STATE_NAMES, KeptState
from embbench.engines.torch.tables import fill, make_optimizer
from embbench.engines.torch.trial import TorchTrial

OPTIMIZERS = {
    ("default", "sgd"): EmbOptimType.EXACT_SGD,
    ("default", "adagrad"): EmbOptimType.EXACT_ADAGRAD,
    ("default", "adam"): EmbOptimType.ADAM,
    ("default", "adamw"): EmbOptimType.ADAM,  # its decay is AdamW's: a share of the row, besides the gradient
    ("rowwise", "adagrad"): EmbOptimType.EXACT_ROWWISE_ADAGRAD,
}

COUNTING = (EmbOptimType.ADAM, EmbOptimType.EXACT_ROWWISE_ADAGRAD)  # with other optimizers a TBE's count stays at 0


class FusedTable(nn.Module):
    """A TBE table without pooling: each sequence is a bag whose rows are returned unchanged."""

    def __init__(self, case: Case, place: dict[str, Any]) -> None:
        super().__init__()
        told = HYPERPARAMETERS[case.optimizer]
        on_cpu = case.device == "cpu"
        location = EmbeddingLocation.HOST if on_cpu else EmbeddingLocation.DEVICE
        unit = ComputeDevice.CPU if on_cpu else ComputeDevice.CUDA
        self.tbe = SplitTableBatchedEmbeddingBagsCodegen(
            [(case.vocab, case.dim, location, unit)],
            optimizer=OPTIMIZERS[case.update, case.optimizer],
            learning_rate=told.rate,
            eps=told.epsilon,
            beta1=told.beta1,
            beta2=told.beta2,
            weight_decay=told.decay,
            pooling_mode=PoolingMode.NONE,
            device=place["device"],
        )
        (self.weight,) = self.tbe.split_embedding_weights()  # a view
        fill(self.weight, case.seed)
        self.offsets: dict[torch.Size, torch.Tensor] = {}  # by the shape of ids

    def optimizers(self, case: Case, dense: list[nn.Parameter]) -> list[torch.optim.Optimizer]:
        return [make_optimizer(case, dense)]

    def look_up(self, ids: torch.Tensor) -> torch.Tensor:
        if ids.shape not in self.offsets:
            self.offsets[ids.shape] = torch.arange(0, ids.numel() + 1, ids.shape[-1], device=ids.device)
        return self.tbe(ids.reshape(-1), self.offsets[ids.shape]).view(*ids.shape, -1)

    def write_back(self) -> None:
        """Does nothing: the backward pass wrote the table."""

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        return self.weight[ids]

    def set_rows(self, ids: torch.Tensor, values: torch.Tensor) -> None:
        self.weight[ids] = values

    def kept(self, name: str, optimizers: Sequence[torch.optim.Optimizer], ids: torch.Tensor) -> KeptState:
        """States of the TBE. A row-wise state has the shape (V,)."""
        rows = [state[ids].view(len(ids), -1) for table in self.tbe.split_optimizer_states() for state in table]
        steps = int(self.tbe.iter_cpu) if self.tbe.optimizer in COUNTING else None
        return KeptState(steps, dict(zip(STATE_NAMES[name].values(), rows, strict=True)))


class FbgemmTrial(TorchTrial):
    def make_table(self, place: dict[str, Any]) -> FusedTable:
        return FusedTable(self.case, place)

    def profile(self, steps: int) -> dict[str, float]:
        """{}: the backward pass has the table's gradient and update in one kernel."""
        return {}

    def detect(self) -> dict[str, str]:
        """Also the operator that sums the rows' gradients and updates the table."""
        kernels = (name for name in sorted(operators(self.twin().step)) if "split_embedding" in name)
        kernel = next((name.partition("::")[2] for name in kernels if "_backward_" in name), "not in backward")
        found = super().detect()
        return found | {"optimizer": f"{found['optimizer']}, table: {kernel}"}
