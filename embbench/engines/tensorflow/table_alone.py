"""The TensorFlow contender's table stepped alone: each program a tf.function."""

from typing import Any

import tensorflow as tf

from embbench.cases.capabilities import WOKEN, Operation, TablePrograms
from embbench.cases.workload import row_gradient


def table_programs(trial: Any) -> TablePrograms:
    """trial: a TensorFlowTrial."""
    flow = tf.constant(row_gradient(trial.case))
    whole = [ids for ids, _ in trial.batches]
    one = _programs(trial, [ids[:1, :1] for ids in whole], flow[:1, :1])
    by_rows = trial.table.trainable and trial.case.update != "fused" and trial.case.optimizer != "sgd"
    operations = _operations(whole, flow) if by_rows else {}  # SGD's kernel takes repeated rows
    return _programs(trial, whole, flow)._replace(one_token=one, operations=operations)


def _programs(trial: Any, batches: list[tf.Tensor], flow: tf.Tensor) -> TablePrograms:
    """batches: ids (B, S). flow: (B, S, D), the gradient by their rows."""
    table, optimizer = trial.table, trial.optimizer
    held: dict[str, Any] = {}

    look_up = tf.function(lambda ids: tf.nn.embedding_lookup(table, ids), autograph=False)

    @tf.function(autograph=False)
    def differentiate(ids: tf.Tensor) -> tf.IndexedSlices:
        """Only rows and their places: the update sums over places."""
        with tf.GradientTape() as tape:
            rows = tf.nn.embedding_lookup(table, ids)
        return tape.gradient(rows, table, output_gradients=flow)

    scratch = tf.zeros([WOKEN])
    stir = tf.function(lambda values: values + 1.0, autograph=False)
    move = tf.function(lambda gradient: optimizer.apply([gradient]), autograph=False)

    def run_lookup(batch: int) -> None:
        held["ids"] = batches[batch]
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


def _operations(batches: list[tf.Tensor], flow: tf.Tensor) -> dict[str, Operation]:
    """The operations of a gradient by rows."""
    values = tf.reshape(flow, (-1, flow.shape[-1]))
    held: dict[str, tf.Tensor] = {}
    find = tf.function(lambda ids: tf.unique(tf.reshape(ids, [-1])), autograph=False)
    signature = [tf.TensorSpec([None], batches[0].dtype), tf.TensorSpec([None], tf.int32)]

    @tf.function(autograph=False, input_signature=signature)  # the number of rows differs between batches
    def add(rows: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_sum(values, places, tf.size(rows))

    def index(batch: int) -> None:
        held["index"], held["places"] = find(batches[batch])

    def sum_places(batch: int) -> None:
        held["sum"] = add(held["index"], held["places"])

    return {
        "index": Operation(index, lambda: held["index"].numpy()),
        "sum": Operation(sum_places, lambda: held["sum"].numpy()),
    }
