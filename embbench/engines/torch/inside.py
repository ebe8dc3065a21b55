"""What a PyTorch trial holds besides the rows of its table, with the oracle's names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from embbench.cases.capabilities import Inside
from embbench.cases.case import Case
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays

# Optimizer -> torch.optim's name of a state -> the oracle's. The momentum buffer does not include the rate, like the
# oracle's velocity.
STATE_NAMES = {
    "sgd": {},
    "momentum": {"momentum_buffer": "velocity"},
    "adagrad": {"sum": "sum"},
    "adam": {"exp_avg": "first", "exp_avg_sq": "second"},
    "adamw": {"exp_avg": "first", "exp_avg_sq": "second"},
}


class KeptState(NamedTuple):
    """An optimizer's state for an array or for rows of an array. steps: updates by the optimizer's own count; None
    without a count. states: the oracle's name -> state.
    """

    steps: int | None
    states: dict[str, torch.Tensor]


def kept_of(
    name: str, optimizers: Sequence[torch.optim.Optimizer], parameter: nn.Parameter, rows: torch.Tensor | None = None
) -> KeptState:
    """name: of HYPERPARAMETERS. rows: requested ids; None for all. State that a first step would make is zeros."""
    state = next((each.state[parameter] for each in optimizers if parameter in each.state), {})
    like = parameter if rows is None else parameter[rows]
    states = {}
    for own, told in STATE_NAMES[name].items():
        there = state.get(own)
        whole = there if rows is None or there is None else there[rows]
        states[told] = torch.zeros_like(like) if whole is None else whole
    return KeptState(count_of(name, state), states)


def count_of(name: str, state: dict[str, Any]) -> int | None:
    """The step count in torch.optim's state of a parameter. Adam makes its count in the first step."""
    if "step" in state:
        return int(state["step"])
    return 0 if name in ("adam", "adamw") else None


def inside_of(case: Case, model: Any, optimizers: Sequence[torch.optim.Optimizer], table: KeptState | None) -> Inside:
    """model: a Network. table: state of the requested rows; None for a frozen table."""
    weights = {**lstm_arrays(model.lstm), "head_weight": model.head.weight, "head_bias": model.head.bias}
    kept = {name: kept_of(case.optimizer, optimizers, parameter) for name, parameter in weights.items()}
    steps = (table or kept["head_bias"]).steps
    states = {**kept, **({} if table is None else {"table": table})}
    return Inside(
        steps,
        copies(weights),
        {name: copies(each.states) for name, each in states.items()},
    )
