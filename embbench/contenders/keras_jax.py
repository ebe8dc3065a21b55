"""Keras 3 on JAX: its own layers, optimizers and train function, called as `fit` calls it."""

import os

os.environ["KERAS_BACKEND"] = "jax"
if os.environ.get("CUDA_VISIBLE_DEVICES") == "-1":  # a CUDA plugin that is installed and finds no GPU is an error
    os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # else it takes three quarters of a device at once

import inspect
import itertools
import re
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np

from embbench.contenders._keras import KerasTrial
from embbench.spec.case import Case
from embbench.spec.contender import Unsupported
from embbench.spec.streams import Tokens

# copies and passes: from the optimized HLO on a CPU: a gradient is zeros (1 pass) that rows are added to; each state
# and the table are loops of their own, Adam's 3 + 3 + 4. Without jit each operation reads and writes its own arrays,
# and how many of those are alive at once was measured.
DECLARES = {
    "summary": "Keras 3 on JAX: own layers, optimizers and train function, as fit runs them",
    "packages": ["jax", "jaxlib", "keras"],
    "devices": ["cpu", "cuda"],
    "tables": ["frozen", "trainable", "hybrid", "onehot"],
    "epsilon": {"adagrad": "inside", "adam": "uncorrected", "adamw": "uncorrected"},
    "onehot": 4,
    "base": 4.5e8,
    "start": 10.0,
    "updates": {
        "default": {
            "sgd": {"semantic": "exact", "copies": 2, "passes": 4},
            "momentum": {"semantic": "dense", "copies": 3, "passes": 7},
            "adagrad": {"semantic": "exact", "copies": 3, "passes": 8},
            "adam": {"semantic": "dense", "copies": 4, "passes": 11},
            "adamw": {"semantic": "dense", "copies": 4, "passes": 11},
        },
        "no_jit": {
            "sgd": "shown with adam; sgd pays alike",
            "momentum": "shown with adam; momentum pays alike",
            "adagrad": "shown with adam; adagrad pays alike",
            "adam": {"semantic": "dense", "copies": 11.5, "passes": 31},
            "adamw": "shown with adam; adamw pays alike",
        },
    },
    "beware": [
        {
            "package": "jaxlib",
            "versions": ">=0.10.2,<=0.11.0",
            "devices": ["cuda"],
            "text": "a scatter-add with repeated indices is up to 2000 times slower (openxla/xla#46225, jax#38806)",
        },
    ],
}

CHUNK = 1024  # rows are read in multiples of this, so that reading compiles for few shapes
KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


def prepare(case: Case, tokens: Tokens) -> "KerasJaxTrial":
    os.environ["NPROC"] = str(case.threads)  # what XLA sizes its CPU pools by, when the first device is asked for
    try:
        device = jax.devices(case.device)[0]
    except RuntimeError:
        raise Unsupported("no CUDA device") from None
    jax.config.update("jax_default_device", device)
    if case.device == "cuda":  # else products of float32 are TF32
        jax.config.update("jax_default_matmul_precision", "highest")
    return KerasJaxTrial(case, tokens, device)


class KerasJaxTrial(KerasTrial):
    """`fit` empties the model's variables and hands their values from step to step, as `self.state` is handed here."""

    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        super().__init__(case, tokens, jit_compile=False if case.update == "no_jit" else "auto")
        self.device, self.told_peak, self.donated = device, 0, False
        ids, labels = tokens.ids.astype(np.int32), tokens.labels.astype(np.int32)
        # `fit` hands the train function an iterator of batches; these are on the device already, and like those of
        # `fit` not bound to it: the state would be after one step, and the step be compiled again for it.
        self.batches = [jax.device_put(batch) for batch in zip(ids, labels, strict=True)]
        self.iterator = itertools.cycle(self.batches)
        self.take_state()

    def take_state(self) -> None:
        self.state = self.model._get_jax_state(**dict.fromkeys(KINDS, True), purge_model_variables=True)

    def begin_epoch(self) -> None:
        self.model._jax_state = dict(zip(KINDS, self.state, strict=True))
        self.model._jax_state_synced = False
        self.model.jax_state_sync()  # metrics are reset in the model, and the state is taken anew
        super().begin_epoch()
        self.take_state()

    def train(self) -> dict[str, jax.Array]:
        before = self.state[0][-1]
        logs, self.state = self.model.train_function(self.state, self.iterator)
        self.donated = before.is_deleted()
        return logs

    def value_of(self, variable: keras.Variable) -> jax.Array:
        """Of a variable of the model, which is empty, in the state."""
        kinds, place = self.place_of(variable)
        return self.state[kinds][place]

    def place_of(self, variable: keras.Variable) -> tuple[int, int]:
        lists = (self.model.trainable_variables, self.model.non_trainable_variables, [], self.model.metrics_variables)
        found = ((kind, place) for kind, each in enumerate(lists) for place, one in enumerate(each) if one is variable)
        return next(found)

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.logs, self.batches[-1]))

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        # By a program, not through np.asarray: that is a view of the whole table on a CPU, and an array that is looked
        # at from outside is copied, not reused, where it is donated.
        read = [
            np.asarray(_read(self.value_of(table), np.pad(rows, (0, -len(rows) % CHUNK))))[: len(rows)]
            for table, rows, _ in self.parts(ids)
        ]
        return np.concatenate(read, axis=1)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        for table, rows, part in self.parts(ids, values):
            kind, place = self.place_of(table)
            self.state[kind][place] = self.state[kind][place].at[rows].set(part)

    def memory(self) -> dict[str, int]:
        """JAX cannot start a new peak: one that has not grown since the last call says nothing of the time since."""
        stats = self.device.memory_stats() if self.case.device == "cuda" else None
        peak = stats["peak_bytes_in_use"] if stats else 0
        if peak <= self.told_peak:
            return {}
        self.told_peak = peak
        return {"device_peak": peak}

    def describe(self) -> dict[str, Any]:
        return {**self.program(), **self.own_settings(), "device": self.device.device_kind, "threads": _threads()}

    def program(self) -> dict[str, str]:
        """What XLA made of the step. Where it was jitted JAX finds the program again and compiles nothing."""
        step = inspect.getclosurevars(self.model.train_function).nonlocals["step_function"]
        if not hasattr(step, "lower"):
            scan = "scan" if " scan[" in str(jax.make_jaxpr(step)(self.state, self.batches[0])) else "unknown"
            return {"lstm": f"lax.{scan}, a program of its own", "xla": "one operation at a time", "donation": "none"}
        program = step.lower(self.state, self.batches[0]).compile()
        text, memory = program.as_text(), program.memory_analysis()
        loops = len(re.findall(rf'while\(.*known_trip_count":\{{"n":"{self.case.seq}"', text))
        state = sum(leaf.nbytes for leaf in jax.tree.leaves(self.state))
        share = memory.alias_size_in_bytes / state
        lstm = f"lax.scan, {loops} XLA loops" if loops else "lax.scan, unrolled by XLA"
        return {
            "lstm": "cuDNN" if "__cudnn$rnn" in text or "cudnn_rnn" in text else lstm,
            "xla": "on, one program",
            "donation": f"{share:.0%} of the state reused" if self.donated else "none",
            "temporaries": f"{memory.temp_size_in_bytes / 1e6:.1f} MB",
        }


@jax.jit
def _read(table: jax.Array, ids: jax.Array) -> jax.Array:
    return table[ids]


def _threads() -> str:
    """Threads of XLA's CPU pool, counted: it has no getter."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return str(names.count("tf_XLAEigen")) if names else f"{os.environ['NPROC']} asked for"
