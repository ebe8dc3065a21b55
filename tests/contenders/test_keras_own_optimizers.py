"""What each Keras optimizer does with the rows of a table, and with the unique rows of a batch instead."""

import json
import os
import subprocess
import sys

import pytest

from embbench.contenders import discover, missing_packages

CONTENDERS = {"tensorflow": "keras_tf", "torch": "keras_torch", "jax": "keras_jax"}
LOOK = """
import json
import sys
from pathlib import Path
import keras
import numpy as np
from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.change import keras_change
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.keras.own_model.tables import find_tables
from embbench.engines.keras.own_model.twin import build_weights, train
from embbench.engines.own_twin import compare

ROWS = 300
drawn = np.random.default_rng(3)
batches = [(drawn.integers(1, ROWS, (4, 6)), drawn.integers(0, 2, (4, 1)).astype("float32")) for _ in range(8)]
optimizers = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    "decayed": lambda: keras.optimizers.SGD(0.1, weight_decay=0.01),
    "adagrad": lambda: keras.optimizers.Adagrad(0.1),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
    "adadelta": lambda: keras.optimizers.Adadelta(1.0),
    "adam": lambda: keras.optimizers.Adam(0.01),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.01),
    "nadam": lambda: keras.optimizers.Nadam(0.01),
    "lion": lambda: keras.optimizers.Lion(0.01),
}

def program(name):
    keras.utils.set_random_seed(0)
    keras.backend.clear_session()
    layers = [keras.layers.Embedding(ROWS, 8), keras.layers.GlobalAveragePooling1D(),
              keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(layers)
    model.compile(optimizer=optimizers[name](), loss="binary_crossentropy")
    return KerasProgram((model, batches), "build")

def changed(name, change):
    made = program(name)
    build_weights(made)
    table = made.model.layers[0].embeddings
    try:
        keras_change(change).apply(made, {table.path: table})
        return made, compare(train(program(name)), train(made)).same
    except Unsupported as error:
        return made, str(error)

def class_of(made):
    made.run_eagerly()
    (table,) = find_tables(made, Path("/nowhere"))[0]
    return table.semantic, table.moves

found = {}
for name in optimizers:
    found[name] = {"own": class_of(program(name))}
    for change in ("compact", "table_sgd", "rowwise") if name in ("sgd", "adam") else ("compact",):
        made, same = changed(name, change)
        found[name][change] = same, *(class_of(made) if same in (True, False) else ())
sys.stdout.write(json.dumps(found))
"""
DENSE = {
    "sgd": ["exact", "batch"],
    "momentum": ["dense", "earlier"],
    "decayed": ["dense", "all"],
    "adagrad": ["exact", "batch"],
    "rmsprop": ["dense", "state"],
    "adadelta": ["dense", "state"],
    "adam": ["dense", "earlier"],
    "adamw": ["dense", "all"],
    "nadam": ["dense", "earlier"],
    "lion": ["dense", "earlier"],
}


@pytest.fixture(scope="module", params=CONTENDERS)
def found(request) -> tuple[str, dict]:
    """(backend, name of an optimizer -> what was found)."""
    if missing_packages(discover()[CONTENDERS[request.param]]):
        pytest.skip(f"no Keras on {request.param}")
    command = [sys.executable, "-c", LOOK]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KERAS_BACKEND": request.param})
    assert ran.returncode == 0, ran.stderr
    return request.param, json.loads(ran.stdout)


def test_each_optimizer_moves_its_rows(found) -> None:
    assert {name: each["own"] for name, each in found[1].items()} == DENSE


def test_unique_rows_train_as_before_where_other_rows_stay_as_they_are(found) -> None:
    backend, optimizers = found
    if backend == "jax":
        assert {each["compact"][0] for each in optimizers.values()} == {"JAX gives a lookup a gradient of every row"}
        return
    # On TensorFlow, Keras's Adagrad squares each of several gradients of a row instead of their sum.
    same = {"sgd": True, "adagrad": backend != "tensorflow"}
    assert {name: each["compact"] for name, each in optimizers.items()} == {
        name: [same[name], "exact", "batch"] if name in same else [False, "lazy", "batch"] for name in DENSE
    }


def test_tables_with_an_update_of_their_own_move_rows_of_the_batch(found) -> None:
    sgd, adam = found[1]["sgd"], found[1]["adam"]
    assert (sgd["table_sgd"], adam["table_sgd"]) == (["the tables have SGD already"], [False, "exact", "batch"])
    assert sgd["rowwise"] == adam["rowwise"] == [False, "rowwise", "batch"]
