"""The TensorFlow contender's table stepped by itself: each program a tf.function."""

from typing import Any

import tensorflow as tf

from embbench.spec.capabilities import WOKEN, TablePrograms
from embbench.spec.workload import row_gradient


def table_programs(trial: Any) -> TablePrograms:
    """trial: a TensorFlowTrial."""
    table, optimizer = trial.table, trial.optimizer
    flow = tf.constant(row_gradient(trial.case))
    held: dict[str, Any] = {}

    look_up = tf.function(lambda ids: tf.nn.embedding_lookup(table, ids), autograph=False)

    @tf.function(autograph=False)
    def differentiate(ids: tf.Tensor) -> tf.IndexedSlices:
        """Nothing but rows and their places: the sum over places is the update's."""
        with tf.GradientTape() as tape:
            rows = tf.nn.embedding_lookup(table, ids)
        return tape.gradient(rows, table, output_gradients=flow)

    scratch = tf.zeros([WOKEN])
    stir = tf.function(lambda values: values + 1.0, autograph=False)
    move = tf.function(lambda gradient: optimizer.apply([gradient]), autograph=False)

    def run_lookup(batch: int) -> None:
        held["ids"] = trial.batches[batch][0]
        held["rows"] = look_up(held["ids"])

    def run_gradient() -> None:
        held.pop("gradient", None)
        held["gradient"] = differentiate(held["ids"])

    trains = table.trainable
    return TablePrograms(
        run_lookup,
        run_gradient if trains else None,
        (lambda: move(held["gradient"])) if trains else None,
        lambda: held["rows"].numpy(),
        lambda: stir(scratch),
    )
