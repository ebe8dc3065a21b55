"""The regression in PyTorch: nn.Linear and torch.optim."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim
from embbench.engines.torch.device import memory, set_up, settings, sync
from embbench.workloads import ByName
from embbench.workloads._regression_plan import ADAM, BETAS, EPSILON, SGD, OptimizerSetup, plan_of, start

SLOTS = {ADAM: ("exp_avg", "exp_avg_sq"), SGD: ()}


def prepare(case: Case, drawn: ByName) -> "TorchRegression":
    set_up(case)
    return TorchRegression(case, drawn)


def make_optimizer(
    setup: OptimizerSetup, kernels: list[torch.Tensor], biases: list[torch.Tensor]
) -> torch.optim.Optimizer:
    if setup.kind == SGD:
        return torch.optim.SGD([*kernels, *biases], setup.rate)
    if not setup.decay:
        return torch.optim.Adam([*kernels, *biases], setup.rate, BETAS, EPSILON)
    groups = [{"params": kernels, "weight_decay": setup.decay}, {"params": biases}]
    return torch.optim.AdamW(groups, setup.rate, BETAS, EPSILON, weight_decay=0.0)


class TorchRegression:
    late_epsilon = False

    def __init__(self, case: Case, drawn: ByName) -> None:
        self.case, self.plan, self.device = case, plan_of(case), torch.device(case.device)
        self.layers = [nn.Linear(each.inputs, each.outputs).to(self.device) for each in self.plan.layers]
        self.restart(start(self.plan.layers, case.seed), drawn)

    def restart(self, weights: ByName, drawn: ByName) -> None:
        torch.manual_seed(self.case.seed)
        with torch.no_grad():
            for place, layer in enumerate(self.layers):
                layer.weight.copy_(torch.from_numpy(weights[f"kernel{place}"].T.copy()))
                layer.bias.copy_(torch.from_numpy(weights[f"bias{place}"]))
        kernels, biases = [each.weight for each in self.layers], [each.bias for each in self.layers]
        self.optimizer = make_optimizer(self.plan.setup, kernels, biases)
        self.inputs, self.targets = (torch.from_numpy(drawn[name]).to(self.device) for name in ("inputs", "targets"))
        self.steps, self.last = 0, torch.zeros(())

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs = inputs
        for layer, planned in zip(self.layers, self.plan.layers, strict=True):
            outputs = layer(outputs)
            if planned.relu:
                outputs = functional.dropout(functional.relu(outputs), self.plan.dropout)
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
        group = self.optimizer.param_groups[0]
        return [group["lr"], *((*group["betas"], group["eps"]) if "betas" in group else ())]

    def masks(self) -> list[np.ndarray]:
        """Drawn as the next step draws them, from a copy of the random state."""
        rate = self.plan.dropout
        if not rate:
            return []
        hidden = [each.outputs for each in self.plan.layers if each.relu]
        with torch.random.fork_rng():
            drawn = [
                functional.dropout(torch.ones(self.case.batch, units, device=self.device), rate) for units in hidden
            ]
        return [(each.cpu().numpy() > 0) / (1 - rate) for each in drawn]

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        return {"optimizer": type(self.optimizer).__name__, **settings(self.device)}

    def further_claims(self) -> list[Claim]:
        return []


def _array(tensor: torch.Tensor) -> np.ndarray:
    """A copy; kernels as (inputs, outputs)."""
    array = tensor.detach().cpu().numpy().copy()
    return array.T if array.ndim == 2 else array
