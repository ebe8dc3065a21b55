"""Predictions in PyTorch."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Deviation, check
from embbench.cases.streams import Tokens
from embbench.engines.torch.classifier import Classifier
from embbench.engines.torch.device import forget_compiled, memory, operators, settings, sync, warm_up_compiler
from embbench.engines.torch.device import set_up as set_up_device
from embbench.engines.torch.lstm_arrays import copies, lstm_arrays
from embbench.engines.torch.tables import make_table
from embbench.engines.torch.trial import lstm_kernel
from embbench.workloads.inference import DROPPED, RECORDED, WITHOUT_EVAL, KeptArrays, Regularized

CHOICES = {"way": ["call", "compiled", "inference_mode", "recorded"]}

Model = Callable[..., Any]

SMALL = {"rows": 50, "dim": 8, "hidden": 8, "batch": 6, "seq": 5, "classes": 8}
TRAINED = 3  # steps of a small model before it predicts


def prepare(case: Case, tokens: Tokens) -> "TorchInference":
    set_up_device(case)
    if case.way == "compiled":
        warm_up_compiler(case.device)
        forget_compiled()
    return TorchInference(case, tokens)


def _without_gradients(model: Model) -> Model:
    def call(*arguments: Any) -> Any:
        with torch.no_grad():
            return model(*arguments)

    return call


def _in_inference_mode(model: Model) -> Model:
    def call(*arguments: Any) -> Any:
        with torch.inference_mode():
            return model(*arguments)

    return call


# Way -> the call of a model, which is in evaluation mode.
WAYS: dict[str, Callable[[Model], Model]] = {
    "call": _without_gradients,
    "compiled": lambda model: _without_gradients(torch.compile(model)),
    "inference_mode": _in_inference_mode,
    "recorded": lambda model: model,
}


class Scores(Classifier):
    def scores(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, C)"""
        return self.head(self.read(self.table.look_up(ids)))


class TorchInference:
    def __init__(self, case: Case, tokens: Tokens) -> None:
        place = {"device": torch.device(case.device), "dtype": getattr(torch, case.dtype)}
        self.case, self.device = case, place["device"]
        self.model = Scores(case, make_table(case, place), place)
        self.model.load(case)
        self.model.eval()
        self.predict = WAYS[case.way](self.model.scores)
        whole = len(tokens.ids) // case.per_call * case.per_call
        self.ids = torch.from_numpy(tokens.ids[:whole].astype(case.ids, copy=False)).to(self.device)
        self.batches, self.last = 0, torch.empty(0)

    def step(self) -> None:
        for _ in range(self.case.per_call):
            self.last = self.predict(self.ids[self.batches % len(self.ids)])
            self.batches += 1

    def sync(self) -> None:
        sync(self.device)

    def memory(self) -> dict[str, int]:
        return memory(self.device)

    def describe(self) -> dict[str, Any]:
        eager = WAYS["call"](self.model.scores)
        kernel = lstm_kernel(operators(lambda: eager(self.ids[0])))
        return {"lstm": kernel, **settings(self.device)}

    def kept(self) -> KeptArrays:
        return _arrays(self.model, None)

    def scores(self) -> np.ndarray:
        return self.last.detach().cpu().numpy()

    def regularized(self) -> Regularized:
        model = _trained()
        return Regularized(TorchPredictor(model, self.case.way), SMALL_IDS.numpy(), model.named(), model.normal.eps)

    def cell(self, stateful: bool) -> "TorchZLstm":
        return TorchZLstm(self.case.way, stateful)

    def known(self) -> dict[str, Deviation]:
        return {}

    def further_claims(self) -> Iterator[Claim]:
        """`eval` and `no_grad` do not replace each other."""
        model = _trained().train()
        before = {name: array.copy() for name, array in _arrays(model, None)}
        with torch.no_grad():
            first, second = model(SMALL_IDS), model(SMALL_IDS)
        changed = sum(bool((before[name] != array).any()) for name, array in _arrays(model, None))
        yield check(WITHOUT_EVAL, lambda: [changed])
        yield check(DROPPED, lambda: [float((first != second).any())])
        yield check(RECORDED, lambda: [float(model.eval()(SMALL_IDS).requires_grad)])


SMALL_IDS = torch.from_numpy(np.random.default_rng(8).integers(0, SMALL["rows"], (SMALL["batch"], SMALL["seq"])))


class SmallModel(nn.Module):
    """A classifier with dropout and batch normalization."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(SMALL["rows"], SMALL["dim"])
        self.lstm = nn.LSTM(SMALL["dim"], SMALL["hidden"], batch_first=True)
        self.drop, self.normal = nn.Dropout(0.5), nn.BatchNorm1d(SMALL["hidden"])
        self.head = nn.Linear(SMALL["hidden"], SMALL["classes"])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.normal(self.drop(self.read(ids))))

    def read(self, ids: torch.Tensor) -> torch.Tensor:
        """As `Classifier.read`, so that torch.compile compiles the rest."""
        return self.lstm(self.table(ids))[0][:, -1]

    def named(self) -> dict[str, np.ndarray]:
        arrays = {
            "rows": self.table.weight,
            **lstm_arrays(self.lstm),
            "scale": self.normal.weight,
            "shift": self.normal.bias,
            "mean": self.normal.running_mean,
            "variance": self.normal.running_var,
            "head_weight": self.head.weight,
            "head_bias": self.head.bias,
        }
        return copies(arrays)


def _trained() -> SmallModel:
    torch.manual_seed(0)
    model = SmallModel()
    model.optimizer = torch.optim.Adam(model.parameters())
    labels = torch.arange(SMALL["batch"]) % SMALL["classes"]
    for _ in range(TRAINED):
        model.optimizer.zero_grad()
        nn.functional.cross_entropy(model(SMALL_IDS), labels).backward()
        model.optimizer.step()
    return model.eval()


def _arrays(model: nn.Module, optimizer: torch.optim.Optimizer | None) -> KeptArrays:
    """Weights, buffers, and the optimizer's state."""
    for name, array in model.state_dict().items():
        yield name, array.detach().cpu().numpy()
    for place, state in enumerate([] if optimizer is None else optimizer.state.values()):
        for name, array in state.items():
            yield f"{place} {name}", array.cpu().numpy()


class TorchPredictor:
    def __init__(self, model: SmallModel, way: str) -> None:
        self.model, self.call = model, WAYS[way](model)

    def kept(self) -> KeptArrays:
        return _arrays(self.model, self.model.optimizer)

    def predict(self, ids: np.ndarray) -> np.ndarray:
        return self.call(torch.from_numpy(ids)).detach().numpy()


class TorchZLstm:
    """PyTorch's LSTM keeps no state between calls: a stateful model passes the state on itself."""

    def __init__(self, way: str, stateful: bool) -> None:
        self.lstm = nn.LSTM(1, 1, batch_first=True)
        with torch.no_grad():
            for array in self.lstm.parameters():
                array.zero_()
            self.lstm.bias_ih_l0[2] = 20.0
        self.lstm.eval()
        self.call, self.stateful = WAYS[way](self.lstm), stateful
        self.reset()

    def predict(self, steps: int) -> np.ndarray:
        outputs, state = self.call(torch.ones(1, steps, 1), self.state)
        self.state = state if self.stateful else None
        return outputs.detach().numpy()[0, :, 0]

    def reset(self) -> None:
        self.state: Any = None
