"""The training step of JAX contenders: lookup, LSTM by scan, loss, optax; over the whole table or a batch's rows."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from embbench.cases.case import Case
from embbench.cases.workload import HYPERPARAMETERS, dense_weights
from embbench.engines.jax.profile import Scopes

Array = jax.Array

SCOPES = Scopes("lookup", "optimizer")


class State(NamedTuple):
    """Arguments and results of a step. trained: 'weights', and 'table' where it trains. states: of the optimizer."""

    trained: dict[str, Any]
    states: Any


Step = Callable[[State, Array | None, Array, Array], tuple[State, Array]]


def make_step(case: Case) -> Step:
    """step(state, fixed, ids, labels) -> (new state, loss), to be jitted. fixed: the frozen (part of the) table. It is
    an argument, because a captured array would be compiled into the program as a constant.
    """
    return partial(_step_of_rows if case.update == "sparse" else _step_of_all, case, make_optimizer(case))


def initial_state(case: Case, table: Array | None) -> State:
    """The state with optimizer states whose memory is written, not only reserved."""
    optimizer = make_optimizer(case)
    trained = {"weights": initial_weights(case)} | ({} if table is None else {"table": table})
    if case.update == "sparse":
        return State(trained, (optimizer.init(trained["weights"]), optimizer.init(table)))
    return State(trained, optimizer.init(trained))


def initial_weights(case: Case) -> dict[str, Any]:
    initial = dense_weights(case)
    weights = {"layers": initial.layers, "head": (initial.head_weight, initial.head_bias)}
    return jax.tree.map(lambda array: jnp.array(array, case.dtype), weights)


def make_optimizer(case: Case) -> optax.GradientTransformation:
    told = HYPERPARAMETERS[case.optimizer]
    if case.optimizer in ("sgd", "momentum"):
        return optax.sgd(told.rate, momentum=told.momentum or None)  # at 0.0 optax would keep a velocity
    if case.optimizer == "adagrad":
        return optax.adagrad(told.rate, initial_accumulator_value=0.0, eps=told.epsilon)
    if case.optimizer == "adamw":
        return optax.adamw(told.rate, told.beta1, told.beta2, told.epsilon, weight_decay=told.decay)
    return optax.adam(told.rate, told.beta1, told.beta2, told.epsilon)


def places_of(ids: Array, fixed: Array | None, table: Array | None) -> Array:
    """Places of ids in the trained table. Ids past a hybrid table's small part share its last row."""
    return ids if fixed is None or table is None else jnp.minimum(ids, len(table) - 1)


def look_up(fixed: Array | None, ids: Array, table: Array | None, places: Array) -> Array:
    """(..., D) rows: columns of the frozen table at `ids`, then of the trained table at `places`."""
    parts = [array[where] for array, where in ((fixed, ids), (table, places)) if array is not None]
    return jnp.concatenate(parts, axis=-1)


def inputs_of(case: Case, trained: dict[str, Any], fixed: Array | None, ids: Array) -> Array:
    """The inputs of the LSTM: (B, S, D) rows of the batch."""
    table = trained.get("table")
    with jax.named_scope(SCOPES.lookup):
        if case.table == "onehot":
            return jax.nn.one_hot(ids, case.vocab, dtype=table.dtype) @ table
        return look_up(fixed, ids, table, places_of(ids, fixed, table))


def gradients_of_all(
    case: Case, trained: dict[str, Any], fixed: Array | None, ids: Array, labels: Array
) -> tuple[Array, dict[str, Any]]:
    """The loss, and its gradient by everything that trains. The table's gradient is as large as the table."""

    def loss_of(trained: dict[str, Any]) -> Array:
        return mean_loss(trained["weights"], inputs_of(case, trained, fixed, ids), labels)

    return jax.value_and_grad(loss_of)(trained)


def _step_of_all(
    case: Case, optimizer: optax.GradientTransformation, state: State, fixed: Array | None, ids: Array, labels: Array
) -> tuple[State, Array]:
    """The obvious code: one gradient of everything, one optimizer over everything."""
    loss, gradients = gradients_of_all(case, state.trained, fixed, ids, labels)
    trained, states = moved(optimizer, gradients, state.states, state.trained)
    return State(trained, states), loss


class BatchRows(NamedTuple):
    """Unique rows of a batch: their places in the table, their values, and the gradient by them. Shapes are static:
    there are always as many rows as ids. The remaining rows have an index past the table and are never written.
    """

    unique: Array
    values: Array
    gradient: Array


def gradients_of_rows(
    trained: dict[str, Any], fixed: Array | None, ids: Array, labels: Array
) -> tuple[Array, dict[str, Any], BatchRows]:
    """The loss, its gradient by everything except the table, and its gradient by the batch's rows."""
    weights, table = trained["weights"], trained["table"]
    places = places_of(ids, fixed, table)
    unique, inverse = jnp.unique(places, size=places.size, fill_value=len(table), return_inverse=True)
    inverse = inverse.reshape(places.shape)

    def loss_of(trained: tuple[dict[str, Any], Array]) -> Array:
        return mean_loss(trained[0], look_up(fixed, ids, trained[1], inverse), labels)

    rows = _take(unique, table)
    loss, (by_weights, by_rows) = jax.value_and_grad(loss_of)((weights, rows))
    return loss, by_weights, BatchRows(unique, rows, by_rows)


def move_rows(optimizer: optax.GradientTransformation, table: Array, states: Any, rows: BatchRows) -> tuple[Array, Any]:
    """Takes out the rows' optimizer states, steps them like a small table, and writes them back with the rows."""
    taken = jax.tree.map(partial(_take, rows.unique), states)
    values, taken = moved(optimizer, rows.gradient, taken, rows.values)
    put = partial(_put, rows.unique)
    return put(table, values), jax.tree.map(put, states, taken)


def _step_of_rows(
    case: Case, optimizer: optax.GradientTransformation, state: State, fixed: Array | None, ids: Array, labels: Array
) -> tuple[State, Array]:
    """Only the batch's unique rows are taken out, stepped, and written back into the donated arrays."""
    weights_states, table_states = state.states
    loss, by_weights, rows = gradients_of_rows(state.trained, fixed, ids, labels)
    weights, weights_states = moved(optimizer, by_weights, weights_states, state.trained["weights"])
    table, table_states = move_rows(optimizer, state.trained["table"], table_states, rows)
    return State({"weights": weights, "table": table}, (weights_states, table_states)), loss


def _take(unique: Array, array: Array) -> Array:
    """The array's rows of the batch; step counts and other scalars stay whole."""
    return array.at[unique].get(mode="clip", indices_are_sorted=True) if array.ndim == 2 else array


def _put(unique: Array, array: Array, rows: Array) -> Array:
    how = {"mode": "drop", "indices_are_sorted": True, "unique_indices": True}
    return array.at[unique].set(rows, **how) if array.ndim == 2 else rows


def moved(optimizer: optax.GradientTransformation, gradients: Any, states: Any, trained: Any) -> tuple[Any, Any]:
    with jax.named_scope(SCOPES.optimizer):
        moves, states = optimizer.update(gradients, states, trained)
        return optax.apply_updates(trained, moves), states


def mean_loss(weights: dict[str, Any], inputs: Array, labels: Array) -> Array:
    """Mean cross-entropy of the batch. inputs: (B, S, D)."""
    return optax.softmax_cross_entropy_with_integer_labels(scores_of(weights, inputs), labels).mean()


def scores_of(weights: dict[str, Any], inputs: Array) -> Array:
    """(B, C). inputs: (B, S, D)."""
    outputs = inputs.swapaxes(0, 1)  # a scan goes along the first axis
    for layer in weights["layers"]:
        outputs = lstm(layer, outputs)[1]
    weight, bias = weights["head"]
    return outputs[-1] @ weight.T + bias


def lstm(
    layer: tuple[Array, Array, Array], inputs: Array, start: tuple[Array, Array] | None = None
) -> tuple[tuple[Array, Array], Array]:
    """((last hidden state, last cell), hidden states (S, B, H)) of a layer. start: hidden state and cell; None for
    zeros. The product with all inputs is made once, before the scan.
    """
    w_input, w_recurrent, bias = layer

    def cell(carry: tuple[Array, Array], drive: Array) -> tuple[tuple[Array, Array], Array]:
        hidden, memory = carry
        i, f, g, o = jnp.split(drive + hidden @ w_recurrent.T, 4, axis=-1)
        memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(memory)
        return (hidden, memory), hidden

    zeros = jnp.zeros((inputs.shape[1], w_recurrent.shape[1]), inputs.dtype)
    return jax.lax.scan(cell, (zeros, zeros) if start is None else start, inputs @ w_input.T + bias)
