"""The regression in PyTorch, and what weight decay is there."""

from collections.abc import Callable, Iterator, Sequence

import torch

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.engines.torch.workloads._dense import TorchDense
from embbench.workloads import ByName
from embbench.workloads._optimizer_facts import (
    ADAM_STEP,
    DECAY_OF_ADAM,
    DECAY_OF_ADAMW,
    DECAY_OF_SGD,
    L2_OF_SGD,
    SGD_STEP,
    WEIGHT,
)
from embbench.workloads._regression_plan import plan_of

COUPLED = (
    "Adam's weight_decay is added to the gradient, as decay·weight, so Adam's averages divide it out again: a weight "
    "without another gradient moves by the rate, whatever the decay (adam.py, PyTorch 2.13). AdamW decays apart"
)
Optimizer = Callable[[Sequence[torch.Tensor]], torch.optim.Optimizer]


def prepare(case: Case, drawn: ByName) -> TorchDense:
    return TorchDense(case, drawn, plan_of(case), _claims() if case.remedy == "off" else ())


def _claims() -> Iterator[Claim]:
    optim, sgd, adam = torch.optim, SGD_STEP, ADAM_STEP
    by_name = {DECAY_OF_ADAM.name: Deviation((adam.rate,), COUPLED)}
    yield check(L2_OF_SGD, lambda: _moved(lambda each: optim.SGD(each, sgd.rate), l2=sgd.factor))
    yield check(DECAY_OF_SGD, lambda: _moved(lambda each: optim.SGD(each, sgd.rate, weight_decay=sgd.factor)))
    by_adam = _moved(lambda each: optim.Adam(each, adam.rate, weight_decay=adam.factor))
    yield check(DECAY_OF_ADAM, lambda: by_adam, by_name)
    yield check(DECAY_OF_ADAMW, lambda: _moved(lambda each: optim.AdamW(each, adam.rate, weight_decay=adam.factor)))


def _moved(make: Optimizer, l2: float = 0.0) -> list[float]:
    """Movement down of a weight by a step. l2: factor of its square, the loss."""
    weight = torch.full((1,), WEIGHT, requires_grad=True)
    optimizer = make([weight])
    (l2 * weight.square().sum()).backward()
    optimizer.step()
    return [WEIGHT - weight.item()]
