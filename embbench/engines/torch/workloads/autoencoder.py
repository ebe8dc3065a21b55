"""An autoencoder in PyTorch, with torch.optim."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.torch.device import memory, set_up, settings, sync
from embbench.engines.torch.lstm_arrays import copies, put
from embbench.workloads import ByName
from embbench.workloads._autoencoder_claims import (
    AS_IT_COMES,
    AT,
    COARSE,
    DECAY,
    DEFAULTS,
    LOOSE,
    MOVES,
    PENALTY,
    PLACE,
    path,
    shares,
)
from embbench.workloads._autoencoder_data import CODE, SECOND_DECAY, WIDTH, Setting, setting_of
from embbench.workloads.autoencoder import start

# Setting's optimizer -> the names of its arrays in torch.optim.
KEPT = {"adadelta": ("square_avg", "acc_delta"), "adam": ("exp_avg", "exp_avg_sq")}


def prepare(case: Case, batches: ByName) -> "TorchAutoencoder":
    set_up(case)
    return TorchAutoencoder(case, batches)


def optimizer_of(setting: Setting, parameters: Any) -> torch.optim.Optimizer:
    if setting.optimizer == "adadelta":
        return torch.optim.Adadelta(parameters, setting.rate, setting.decay, setting.epsilon)
    return torch.optim.Adam(parameters, setting.rate, (setting.decay, SECOND_DECAY), setting.epsilon)


class TorchAutoencoder:
    epsilon = "corrected"

    def __init__(self, case: Case, batches: ByName) -> None:
        self.case, self.device = case, torch.device(case.device)
        encoder, decoder = nn.Linear(WIDTH, CODE), nn.Linear(CODE, WIDTH)
        parts: list[nn.Module] = [encoder, decoder]
        if case.advice == "relu_code":
            parts.insert(1, nn.ReLU())
        if case.advice == "relu_last":
            parts.append(nn.ReLU())
        self.model = nn.Sequential(*parts).to(self.device)
        self.named = {
            "encoder": encoder.weight,
            "encoder_bias": encoder.bias,
            "decoder": decoder.weight,
            "decoder_bias": decoder.bias,
        }
        put(self.named, start(case))
        self.optimizer = optimizer_of(setting_of(case), self.model.parameters())
        self.inputs = torch.from_numpy(batches["inputs"]).to(self.device)
        self.steps, self.last = 0, torch.zeros(())

    def step(self) -> None:
        inputs = self.inputs[self.steps % len(self.inputs)]
        self.steps += 1
        self.optimizer.zero_grad()
        loss = functional.mse_loss(self.model(inputs), inputs)
        loss.backward()
        self.optimizer.step()
        self.last = loss.detach()

    def sync(self) -> None:
        sync(self.device)

    def loss(self) -> float:
        return self.last.item()

    def weights(self) -> ByName:
        return copies(self.named)

    def state(self) -> tuple[ByName, ByName]:
        first, second = (
            {name: self.optimizer.state[array][kept].cpu().numpy().copy() for name, array in self.named.items()}
            for kept in KEPT[setting_of(self.case).optimizer]
        )
        return first, second

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        return {"optimizer": type(self.optimizer).__name__, **settings(self.device)}

    def further_claims(self) -> Iterator[Claim]:
        for setting, moves in MOVES.items():
            yield check(moves, lambda setting=setting: shares(setting, _against(lambda p: optimizer_of(setting, p))))
        yield check(DEFAULTS, _defaults, KNOWN)
        yield check(AS_IT_COMES, lambda: _against(torch.optim.Adadelta)[-1:], KNOWN)
        yield check(PLACE, lambda: _against(lambda p: optimizer_of(COARSE, p))[:1])
        yield check(PENALTY, lambda: [_moved(lambda p: torch.optim.SGD(p, 1.0, weight_decay=0.1))], KNOWN)
        yield check(DECAY, lambda: [_moved(lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.1))], KNOWN)


# Seen with PyTorch 2.13.
KNOWN = {
    DEFAULTS.name: Deviation(
        (LOOSE.rate, LOOSE.decay, LOOSE.epsilon), "torch.optim.Adadelta has a rate of 1, rho 0.9 and epsilon 1e-6"
    ),
    AS_IT_COMES.name: Deviation(tuple(path(LOOSE)[-1:]), "torch.optim.Adadelta with its defaults moves 7.6058"),
    PENALTY.name: Deviation(
        (0.2,), "weight_decay of torch.optim.SGD adds λ times the weight, half of what a penalty of λ·w² adds"
    ),
    DECAY.name: Deviation(
        (0.01,), "weight_decay of torch.optim.Adam is part of the gradient, which Adam rescales; AdamW decouples it"
    ),
}

Make = Callable[[list[torch.Tensor]], torch.optim.Optimizer]


def _against(make: Make) -> list[float]:
    """The movement against a gradient of 1 after AT steps."""
    weight = torch.zeros(1, requires_grad=True)
    optimizer, found = make([weight]), []
    weight.grad = torch.ones(1)
    for step in range(1, max(AT) + 1):
        optimizer.step()
        if step in AT:
            found.append(-weight.item())
    return found


def _defaults() -> list[float]:
    told = torch.optim.Adadelta([torch.zeros(1)]).defaults
    return [told["lr"], told["rho"], told["eps"]]


def _moved(make: Make) -> float:
    """The movement of a weight of 2 in a step without a gradient of the loss."""
    weight = torch.full((1,), 2.0, requires_grad=True)
    weight.grad = torch.zeros(1)
    make([weight]).step()
    return 2 - weight.item()
