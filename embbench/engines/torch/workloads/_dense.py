"""Dense networks in PyTorch: nn.Linear and torch.optim."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.torch.device import memory, set_up, settings, sync
from embbench.workloads import ByName
from embbench.workloads._dense_plan import ADADELTA, ADAM, BETAS, SGD, DensePlan, OptimizerSetup, start

SLOTS = {ADADELTA: ("square_avg", "acc_delta"), ADAM: ("exp_avg", "exp_avg_sq"), SGD: ()}


def make_optimizer(setup: OptimizerSetup, weights: Sequence[torch.Tensor], decayed: int = 0) -> torch.optim.Optimizer:
    """decayed: the first so many weights are decayed, where the setup has a decay."""
    if setup.own:
        return torch.optim.Adadelta(weights)
    if setup.kind == ADADELTA:
        return torch.optim.Adadelta(weights, setup.rate, setup.rho, setup.epsilon)
    if setup.kind != ADAM:
        return torch.optim.SGD(weights, setup.rate)
    if not setup.decay:
        return torch.optim.Adam(weights, setup.rate, BETAS, setup.epsilon)
    groups = [{"params": weights[:decayed], "weight_decay": setup.decay}, {"params": weights[decayed:]}]
    return torch.optim.AdamW(groups, setup.rate, BETAS, setup.epsilon, weight_decay=0.0)


def numbers_of(optimizer: torch.optim.Optimizer) -> list[float]:
    group = optimizer.param_groups[0]
    more = (group[name] for name in ("rho", "eps") if name in group)
    return [group["lr"], *group.get("betas", ()), *more]


class TorchDense:
    late_epsilon = False

    def __init__(self, case: Case, drawn: ByName, plan: DensePlan, claims: Iterable[Claim] = ()) -> None:
        set_up(case)
        self.case, self.plan, self.claims = case, plan, claims
        self.device = torch.device(case.device)
        self.layers = [nn.Linear(each.inputs, each.outputs).to(self.device) for each in plan.layers]
        self.restart(start(plan.layers, case.seed), drawn)

    def restart(self, weights: ByName, drawn: ByName) -> None:
        torch.manual_seed(self.case.seed)
        with torch.no_grad():
            for place, layer in enumerate(self.layers):
                layer.weight.copy_(torch.from_numpy(weights[f"kernel{place}"].T.copy()))
                layer.bias.copy_(torch.from_numpy(weights[f"bias{place}"]))
        kernels, biases = [each.weight for each in self.layers], [each.bias for each in self.layers]
        self.optimizer = make_optimizer(self.plan.setup, [*kernels, *biases], len(kernels))
        self.inputs, self.targets = (torch.from_numpy(drawn[name]).to(self.device) for name in ("inputs", "targets"))
        self.steps, self.last = 0, torch.zeros(())

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs = inputs
        for place, (layer, planned) in enumerate(zip(self.layers, self.plan.layers, strict=True)):
            outputs = layer(outputs)
            outputs = functional.relu(outputs) if planned.relu else outputs
            if self.plan.dropout and place < len(self.layers) - 1:
                outputs = functional.dropout(outputs, self.plan.dropout)
        return outputs

    def step(self) -> None:
        batch = self.steps % len(self.inputs)
        self.steps += 1
        self.optimizer.zero_grad()
        loss = functional.mse_loss(self.forward(self.inputs[batch]), self.targets[batch])
        if self.plan.l2:
            loss = loss + self.plan.l2 * sum(layer.weight.square().sum() for layer in self.layers)
        loss.backward()
        self.optimizer.step()
        self.last = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def loss(self) -> float:
        return self.last.item()

    def _named(self) -> dict[str, torch.Tensor]:
        kernels = {f"kernel{place}": layer.weight for place, layer in enumerate(self.layers)}
        return kernels | {f"bias{place}": layer.bias for place, layer in enumerate(self.layers)}

    def weights(self) -> ByName:
        return {name: _array(weight) for name, weight in self._named().items()}

    def slots(self) -> list[ByName]:
        state = self.optimizer.state
        return [
            {name: _array(state[weight][slot]) for name, weight in self._named().items()}
            for slot in SLOTS[self.plan.setup.kind]
        ]

    def numbers(self) -> list[float]:
        return numbers_of(self.optimizer)

    def masks(self) -> list[np.ndarray]:
        """Drawn as the next step draws them, and drawn back."""
        if not self.plan.dropout:
            return []
        with torch.random.fork_rng():
            ones = [torch.ones(self.case.batch, each.outputs, device=self.device) for each in self.plan.layers[:-1]]
            drawn = [functional.dropout(each, self.plan.dropout) for each in ones]
        return [(each.cpu().numpy() > 0) / (1 - self.plan.dropout) for each in drawn]

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        return {"optimizer": type(self.optimizer).__name__, **settings(self.device)}

    def further_claims(self) -> Iterable[Claim]:
        return self.claims


def _array(tensor: torch.Tensor) -> np.ndarray:
    """A copy; kernels as (inputs, outputs)."""
    array = tensor.detach().cpu().numpy().copy()
    return array.T if array.ndim == 2 else array
