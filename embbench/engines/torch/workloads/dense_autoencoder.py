"""The autoencoder in PyTorch, and what its Adadelta does without arguments."""

from collections.abc import Iterator

import torch

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation
from embbench.engines.torch.workloads._dense import TorchDense, make_optimizer, numbers_of
from embbench.workloads import ByName
from embbench.workloads._autoencoder_plan import SETUPS, plan_of
from embbench.workloads._dense_plan import OptimizerSetup
from embbench.workloads._optimizer_facts import LENGTHS, NUMBERS, moved, of_adadelta

# Of rate 1, rho 0.9, epsilon 1e-6.
MOVED = (3.16226185e-3, 0.406148914, 7.60582361)
OWN = (
    "Adadelta without arguments has rate 1, rho 0.9 and epsilon 1e-6 (adadelta.py, PyTorch 2.13): it moves 2.2 to 3.5 "
    "times as far as Keras's of 2019, rho 0.95 and epsilon 1e-7"
)


def prepare(case: Case, drawn: ByName) -> TorchDense:
    return TorchDense(case, drawn, plan_of(case), _claims() if case.change == "asked" else ())


def _claims() -> Iterator[Claim]:
    by_name = {NUMBERS.name: Deviation((1.0, 0.9, 1e-6), OWN)}
    by_name |= {each.name: Deviation((value,), OWN) for each, value in zip(moved(own=True), MOVED, strict=True)}
    yield from of_adadelta(_moved, lambda: numbers_of(make_optimizer(SETUPS["own"], [torch.zeros(1)])), by_name)


def _moved(own: bool) -> list[float]:
    setup: OptimizerSetup = SETUPS["own" if own else "asked"]
    weight, found = torch.zeros(1, requires_grad=True), []
    optimizer = make_optimizer(setup, [weight])
    weight.grad = torch.ones(1)
    for length in range(1, LENGTHS[-1] + 1):
        optimizer.step()
        if length in LENGTHS:
            found.append(-weight.item())
    return found
