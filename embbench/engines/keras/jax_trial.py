"""The trial of Keras 3 on JAX: its train function, called as `fit` calls it."""

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np

from embbench.cases.case import Case
from embbench.cases.streams import Tokens
from embbench.engines.jax.device import (
    COMPILATIONS,
    Peak,
    compiling,
    copied,
    describe_program,
    rows_of,
    settings,
)
from embbench.engines.jax.profile import Scopes, profiled
from embbench.engines.keras.trial import KerasTrial

KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


class KerasJaxTrial(KerasTrial):
    """`fit` empties the model's variables and passes their values from step to step, as `self.state` does here."""

    def __init__(self, case: Case, tokens: Tokens, device: jax.Device) -> None:
        super().__init__(case, tokens, jit_compile=False if case.update == "no_jit" else "auto")
        self.device, self.peak, self.donated, self.compiled = device, Peak(device), False, 0
        self.apart: Any = None  # results of the last part of a step
        self.looked: Any = None
        ids, labels = tokens.ids.astype(np.int32), tokens.labels.astype(np.int32)
        # `fit` gives the train function an iterator of batches. These batches are on the device already, but not
        # committed to it, like those of `fit`: else the state would be committed after one step, and the step would
        # compile again.
        self.batches = [jax.device_put(batch) for batch in zip(ids, labels, strict=True)]
        self.iterator = itertools.cycle(self.batches)
        self.take_state()

    def take_state(self) -> None:
        self.state = self.model._get_jax_state(**dict.fromkeys(KINDS, True), purge_model_variables=True)

    def begin_epoch(self) -> None:
        self.model._jax_state = dict(zip(KINDS, self.state, strict=True))
        self.model._jax_state_synced = False
        self.model.jax_state_sync()  # the model resets its metrics, and then the state is taken again
        super().begin_epoch()
        self.take_state()

    def train(self) -> dict[str, jax.Array]:
        before, compiled = self.state[0][-1], COMPILATIONS.count
        logs, self.state = self.model.train_function(self.state, self.iterator)
        self.donated, self.compiled = before.is_deleted(), COMPILATIONS.count - compiled
        return logs

    def value_of(self, variable: keras.Variable) -> jax.Array:
        """The value in the state of a variable of the model or its optimizer; the variable itself is empty."""
        kinds, place = self.place_of(variable)
        return self.state[kinds][place]

    def place_of(self, variable: keras.Variable) -> tuple[int, int]:
        model = self.model
        states = model.optimizer.variables
        lists = (model.trainable_variables, model.non_trainable_variables, states, model.metrics_variables)
        found = ((kind, place) for kind, each in enumerate(lists) for place, one in enumerate(each) if one is variable)
        return next(found)

    def profile(self, steps: int) -> dict[str, float]:
        """Keras names scopes after its layers and its optimizer. On a GPU the host only launches the work. The lookup
        of a hybrid or onehot table is more than one layer.
        """
        alike = self.case.device == "cpu" and self.case.table in ("frozen", "trainable")
        if not alike or not self.model.jit_compile:
            return {}
        scopes = Scopes("table", self.model.optimizer.name)
        return profiled(self, self.compiled_step(self.step_function()).as_text(), steps, scopes)

    def parts(self) -> dict[str, Callable[[], None]]:
        """The parts are jitted where the step is, with the donation of the step."""
        look_up, network = self.halves()
        jit = jax.jit if self.model.jit_compile else lambda run, **_: run

        def values(model: keras.Model) -> list[list[jax.Array]]:
            both = model.trainable_variables, model.non_trainable_variables
            return [[self.value_of(each) for each in variables] for variables in both]

        def score(trained: list, fixed: list, model: keras.Model, inputs: jax.Array, labels: jax.Array) -> jax.Array:
            return self.model.loss(labels, model.stateless_call(trained, fixed, inputs, training=True)[0])

        rows_of = jit(lambda trained, fixed, ids: look_up.stateless_call(trained, fixed, ids)[0])
        of_dense = jit(
            lambda rows, of_network, ids, labels: jax.value_and_grad(score)(
                *of_network, network, jax.lax.stop_gradient(look_up.stateless_call(*rows, ids)[0]), labels
            )
        )
        of_all = jit(
            lambda trained, fixed, ids, labels: jax.value_and_grad(score)(trained, fixed, self.model, ids, labels)
        )
        # Results are in the order of the state: JAX gives donated memory to the next result of its shape, and XLA then
        # copies.
        apply = self.model.optimizer.stateless_apply
        move = jit(lambda trained, states, gradients: apply(states, gradients, trained), donate_argnums=(0, 1))

        def run_gradients() -> None:
            self.apart = None  # a step frees its gradient before the next step makes one
            self.apart = of_all(*values(self.model), *next(self.iterator))

        def run_update() -> None:
            self.state[0][:], self.state[2][:] = move(self.state[0], self.state[2], self.apart[1])

        def run_lookup() -> None:
            self.looked = rows_of(*values(look_up), next(self.iterator)[0])

        def run_network() -> None:
            self.looked = of_dense(values(look_up), values(network), *next(self.iterator))

        def run_step() -> None:
            self.apart = self.looked = None
            self.step()

        return {
            "step": run_step,
            "lookup": run_lookup,
            "network": run_network,
            "gradients": run_gradients,
            "update": run_update,
        }

    def sync(self) -> None:
        jax.block_until_ready((self.state, self.logs, self.batches[-1], self.apart, self.looked))

    def copy_of(self, variable: keras.Variable) -> np.ndarray:
        return copied(self.value_of(variable))

    def rows_of(self, variable: keras.Variable, rows: np.ndarray) -> np.ndarray:
        return rows_of(self.value_of(variable), rows)

    def write_rows(self, ids: np.ndarray, values: np.ndarray) -> None:
        for table, rows, part in self.tables_of(ids, values):
            kind, place = self.place_of(table)
            self.state[kind][place] = self.state[kind][place].at[rows].set(part)

    def memory(self) -> dict[str, int]:
        return self.peak.since_last()

    def describe(self) -> dict[str, Any]:
        return {**self.program(), **self.own_settings(), **settings(self.device)}

    def program(self) -> dict[str, str]:
        """XLA's program of the step. For a jitted step JAX finds the program again and compiles nothing."""
        step = self.step_function()
        if not hasattr(step, "lower"):
            scan = "scan" if " scan[" in str(jax.make_jaxpr(step)(self.state, self.batches[0])) else "unknown"
            xla = compiling("one operation at a time", self.compiled)
            return {"lstm": f"lax.{scan}, a program of its own", "xla": xla, "donation": "none"}
        return describe_program(self.compiled_step(step), self.case, self.state, self.donated, self.compiled)

    def step_function(self) -> Any:
        """The function that Keras's train function runs: jitted, or not."""
        return inspect.getclosurevars(self.model.train_function).nonlocals["step_function"]

    def compiled_step(self, step: Any) -> jax.stages.Compiled:
        return step.lower(self.state, self.batches[0]).compile()
