"""The parts of the TensorFlow contender's step, each a separate tf.function."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def parts_of(trial: Any) -> dict[str, Callable[[], None]]:
    """trial: a TensorFlowTrial."""
    table, dense, optimizer = trial.table, trial.dense, trial.optimizer
    found: dict[str, Any] = {}
    rest = len(optimizer.variables) - len(dense)  # 1 where the table trains

    def compiled(program: Callable[..., Any]) -> Callable[..., Any]:
        return tf.function(program, autograph=False)

    @compiled
    def look_up(ids: tf.Tensor) -> tf.Tensor:
        return tf.nn.embedding_lookup(table, ids)

    @compiled
    def of_dense(ids: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
        rows = tf.stop_gradient(tf.nn.embedding_lookup(table, ids))
        with tf.GradientTape() as tape:
            loss = trial.score(rows, labels)
        return tape.gradient(loss, dense)

    of_all = compiled(trial.gradients)
    move_table = compiled(lambda gradient: optimizer.apply([gradient]))
    move_rest = compiled(lambda gradients: optimizer.apply(gradients, rest))

    def run_network() -> None:
        found["dense"] = of_dense(*trial.next_batch())

    def run_gradients() -> None:
        found.clear()  # a step frees its gradient before the next step makes one
        found["table"], *found["dense"] = of_all(*trial.next_batch())[1]

    parts = {
        "lookup": lambda: found.update(rows=look_up(trial.next_batch()[0])),
        "network": run_network,
        "update_rest": lambda: move_rest(found["dense"]),
    }
    if rest:
        parts |= {"gradients": run_gradients, "update_table": lambda: move_table(found["table"])}
    return parts
