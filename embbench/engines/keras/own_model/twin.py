"""Changes of a user's own Keras step, each held to the unmodified step."""

from collections.abc import Container

import keras
import numpy as np

from embbench.cases.found_change import FoundChange
from embbench.cases.found_table import FoundTable
from embbench.engines.keras.own_model.change import KerasChange, keras_change
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.tables import build_weights, find_tables
from embbench.engines.model_file import changes_of
from embbench.engines.own_changes import ChangeAttempt, try_all, what_differs
from embbench.engines.own_edit import Edit, diff_of
from embbench.engines.own_models import SEED, Builder, set_seeds
from embbench.engines.own_places import seeing_places
from embbench.engines.own_twin import STEPS, Trained

FEWER = 2  # steps that are watched of each change
CALLS = ((keras.layers.Embedding, "__init__"), (keras.Model, "compile"))


def try_changes(builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> tuple[FoundChange, ...]:
    """Every change, on the smallest model that shows it. tables: of the user's model, the largest first."""

    def program() -> KerasProgram:
        return KerasProgram(builder.small(vocab), builder.name)

    def attempt(change: KerasChange) -> ChangeAttempt:
        return _attempt(change, builder, vocab, tables)

    changes = {name: keras_change(name) for name in changes_of("keras")}
    return try_all("Keras", changes, program, train, attempt)


def train(program: KerasProgram, jitter: bool = False) -> Trained:
    """Makes a few steps, with equal random numbers in every call. A model without weights first sees a batch. jitter:
    first changes each weight in its last place, up or down.
    """
    build_weights(program)
    if jitter:
        rng = np.random.default_rng(SEED)
        for each in program.model.trainable_variables:
            array = np.array(keras.ops.convert_to_numpy(each))
            far = np.where(rng.random(array.shape) < 0.5, np.inf, -np.inf).astype(array.dtype)
            each.assign(np.nextafter(array, far))
    before = _weights(program)
    for number in range(STEPS):
        set_seeds(SEED + number)
        program.step_on(number)
    return Trained(before, _weights(program))


def _attempt(change: KerasChange, builder: Builder, vocab: int | None, tables: tuple[FoundTable, ...]) -> ChangeAttempt:
    with seeing_places(builder.folder, CALLS) as places:
        program = KerasProgram(builder.small(vocab), builder.name)
    names = {each.name for each in tables if each.lookups}
    patch = diff_of(change_tables(program, names, change), places, builder)
    trained = train(program)

    def differs() -> str:
        program.run_eagerly()
        return what_differs(tables, find_tables(program, builder.folder, FEWER)[0])

    return ChangeAttempt(trained, patch, differs, program.fewer)


def change_tables(program: KerasProgram, names: Container[str], change: KerasChange) -> Edit:
    """Carries a change out. names: paths of the tables that steps look up. Raises as the change."""
    build_weights(program)
    return change.apply(program, {each.path: each for each in program.model.variables if each.path in names})


def _weights(program: KerasProgram) -> dict[str, np.ndarray]:
    return {each.path: np.array(keras.ops.convert_to_numpy(each)) for each in program.model.weights}
