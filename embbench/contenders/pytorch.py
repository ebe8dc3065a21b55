"""PyTorch, eager: nn.Embedding and nn.LSTM with torch.optim, as its users write it."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from embbench.contenders._torch_tables import make_table
from embbench.spec.case import Case
from embbench.spec.contender import Unsupported
from embbench.spec.streams import Tokens
from embbench.spec.workload import CLASSES, dense_weights

# copies and passes: counted on real steps (field notes, "What a step should cost"); the dense gradient, zeroed and
# scattered into, is one copy and one pass of each.
DECLARES = {
    "summary": "PyTorch, eager: nn.Embedding, nn.LSTM, torch.optim",
    "packages": ["torch"],
    "devices": ["cpu", "cuda"],
    "dtypes": ["float32", "float64"],
    "tables": ["frozen", "trainable", "hybrid"],
    "lstm_biases": 2,
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 9},
            "adagrad": {"semantic": "exact", "copies": 4, "passes": 12},
            "adam": {"semantic": "dense", "copies": 6, "passes": 19},
            "adamw": {"semantic": "dense", "copies": 6, "passes": 21},
        },
        "fused": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 6},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 6},
            "adam": {"semantic": "dense", "copies": 4, "passes": 8},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 8},
        },
        "sparse": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4},
            "momentum": "torch.optim.SGD's sparse momentum buffer grows with every new row; use update=compact",
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 8},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 10, "epsilon": "uncorrected"},
            "adamw": "torch.optim has no sparse AdamW; use update=compact",
        },
        "compact": {
            "sgd": {"semantic": "exact", "copies": 1, "lookups": 4},
            "momentum": {"semantic": "lazy", "copies": 2, "lookups": 5},
            "adagrad": {"semantic": "exact", "copies": 2, "lookups": 5},
            "adam": {"semantic": "lazy", "copies": 3, "lookups": 6},
            "adamw": {"semantic": "lazy", "copies": 3, "lookups": 6},
        },
    },
}


def prepare(case: Case, tokens: Tokens) -> "TorchTrial":
    if case.device == "cuda" and not torch.cuda.is_available():
        raise Unsupported("no CUDA device")
    torch.set_num_threads(case.threads)
    torch.manual_seed(case.seed)
    return TorchTrial(case, tokens)


class TorchTrial:
    """The text classifier. `self.table` is what differs between tables and updates."""

    def __init__(self, case: Case, tokens: Tokens) -> None:
        place = {"device": torch.device(case.device), "dtype": getattr(torch, case.dtype)}
        self.case, self.device = case, place["device"]
        self.table = make_table(case, place)
        self.lstm = nn.LSTM(case.dim, case.hidden, case.layers, batch_first=True, **place)
        self.head = nn.Linear(case.hidden, CLASSES, **place)
        self._load_weights()
        dense = [*self.lstm.parameters(), *self.head.parameters()]
        self.optimizers = self.table.optimizers(case, dense)
        self.ids = torch.from_numpy(tokens.ids).to(self.device)
        self.labels = torch.from_numpy(tokens.labels).to(self.device)
        self.steps = 0
        self.last: torch.Tensor | None = None

    def step(self) -> None:
        batch = self.steps % len(self.ids)
        self.steps += 1
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        outputs, _ = self.lstm(self.table.look_up(self.ids[batch]))
        loss = functional.cross_entropy(self.head(outputs[:, -1]), self.labels[batch])
        loss.backward()
        for optimizer in self.optimizers:
            optimizer.step()
        self.table.write_back()
        self.last = loss.detach()

    def sync(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def loss(self) -> float:
        assert self.last is not None, "no step yet"
        return self.last.item()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return self.table.rows(torch.from_numpy(ids).to(self.device)).cpu().numpy()

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        with torch.no_grad():
            self.table.set_rows(torch.from_numpy(ids).to(self.device), torch.from_numpy(values).to(self.device))

    def memory(self) -> dict[str, int]:
        if self.device.type != "cuda":
            return {}
        peak = torch.cuda.max_memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        return {"device_peak": peak}

    def describe(self) -> dict[str, Any]:
        settings = {"threads": torch.get_num_threads(), "float32 matmul": torch.get_float32_matmul_precision()}
        if self.device.type == "cuda":
            settings |= {"device": torch.cuda.get_device_name(), "cudnn": torch.backends.cudnn.version()}
        return {**_detect(self.case), **settings}

    def _load_weights(self) -> None:
        weights = dense_weights(self.case)
        with torch.no_grad():
            for layer, (w_input, w_recurrent, bias) in enumerate(weights.layers):
                for name, value in (("weight_ih", w_input), ("weight_hh", w_recurrent), ("bias_ih", bias)):
                    getattr(self.lstm, f"{name}_l{layer}").copy_(torch.from_numpy(value))
                getattr(self.lstm, f"bias_hh_l{layer}").zero_()
            self.head.weight.copy_(torch.from_numpy(weights.head_weight))
            self.head.bias.copy_(torch.from_numpy(weights.head_bias))


# What a profiled step runs -> what it is called. The first that occurs names the kernel.
LSTM_KERNELS = {
    "aten::mkldnn_rnn_layer": "oneDNN",
    "aten::_cudnn_rnn": "cuDNN",
    "aten::_thnn_fused_lstm_cell": "fused cell in a loop",
    "aten::lstm": "loop over time steps",
}


def _detect(case: Case) -> dict[str, str]:
    """LSTM kernel and optimizer implementations, read from profiles of one step on a table of a few rows: which
    kernels run depends on everything but the vocabulary.
    """
    small = msgspec.structs.replace(case, vocab=min(case.vocab, 64))
    ids = np.zeros((1, case.batch, case.seq), dtype=np.int64)
    trial = TorchTrial(small, Tokens(ids, np.zeros((1, case.batch), dtype=np.int64)))
    trial.step()
    ran = _operators(trial.step)
    lstm = next((told for name, told in LSTM_KERNELS.items() if name in ran), "unknown")
    optimizers = (f"{type(each).__name__} {_implementation(_operators(each.step))}" for each in trial.optimizers)
    return {"lstm": lstm, "optimizer": ", table: ".join(optimizers)}


def _operators(run: Callable[[], Any]) -> set[str]:
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        run()
    return {event.key for event in seen.key_averages()}


def _implementation(ran: set[str]) -> str:
    if any("_fused_" in name for name in ran):
        return "fused"  # asked first: it steps its counters with a foreach operator
    return "foreach" if any("_foreach_" in name for name in ran) else "for-loop"
