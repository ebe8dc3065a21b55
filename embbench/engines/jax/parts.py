"""The parts of the JAX contender's step, jitted separately, with the donation of the step."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import optax

from embbench.cases.case import Case
from embbench.engines.jax.steps import (
    Array,
    State,
    gradients_of_all,
    gradients_of_rows,
    inputs_of,
    make_optimizer,
    mean_loss,
    move_rows,
    moved,
)


class Parts:
    """next_batch: gives ids and labels. get, put: of the trial's state. whole_step: the trial's step."""

    def __init__(
        self,
        case: Case,
        fixed: Array | None,
        next_batch: Callable[[], tuple[Array, Array]],
        get: Callable[[], State],
        put: Callable[[State], None],
        whole_step: Callable[[], None],
    ) -> None:
        self.case, self.fixed, self.next_batch, self.get, self.put = case, fixed, next_batch, get, put
        self.whole_step = whole_step
        self.by_rows = case.update == "sparse"
        optimizer = make_optimizer(case)
        self.look_up = jax.jit(partial(inputs_of, case))
        self.of_weights = jax.jit(partial(_of_weights, case))
        self.of_everything = jax.jit(gradients_of_rows if self.by_rows else partial(gradients_of_all, case))
        donated = () if case.update == "undonated" else (0, 1)
        self.move = jax.jit(partial(_move, optimizer), static_argnums=4, donate_argnums=donated)
        self.move_rows = jax.jit(partial(_move_rows, optimizer), static_argnums=4, donate_argnums=(0, 1))
        self.gradients: dict[str, Any] = {}
        self.waiting: Any = None  # results that the fence must wait for besides the state

    def programs(self) -> dict[str, Callable[[], None]]:
        programs = {"step": self.step, "lookup": self.lookup, "network": self.network, "update_rest": self.update_rest}
        if "table" in self.get().trained:
            programs |= {"gradients": self.find_gradients, "update_table": self.update_table}
        return programs

    def step(self) -> None:
        self.gradients, self.waiting = {}, None
        self.whole_step()

    def lookup(self) -> None:
        self.waiting = self.look_up(self.get().trained, self.fixed, self.next_batch()[0])

    def network(self) -> None:
        self.waiting, by_weights = self.of_weights(self.get().trained, self.fixed, *self.next_batch())
        self.gradients = {**self.gradients, "weights": by_weights}

    def find_gradients(self) -> None:
        self.gradients = {}  # a step frees its gradient before the next step makes one
        found = self.of_everything(self.get().trained, self.fixed, *self.next_batch())
        if self.by_rows:
            self.waiting, by_weights, rows = found
            self.gradients = {"weights": by_weights, "table": rows}
        else:
            self.waiting, self.gradients = found

    def update_table(self) -> None:
        """The step count moves with the weights, so that both parts of a step have the same count."""
        self._update("table", self.move_rows if self.by_rows else self.move, counting=False)

    def step_table(self) -> None:
        """The same update for a table that is stepped alone, with its step count."""
        self._update("table", self.move_rows if self.by_rows else self.move, counting=True)

    def update_rest(self) -> None:
        self._update("weights", self.move, counting=True)

    def _update(self, name: str, move: Callable[..., tuple[Any, Any]], counting: bool) -> None:
        trained, states = self.get()
        arrays, counts, shape = _apart(states_of(states, name, self.by_rows))
        trained[name], found = move(trained[name], arrays, counts, self.gradients[name], shape)
        if not counting:
            found = shape.join(_apart(found)[0], counts)
        self.put(State(trained, _placed(states, name, found, self.by_rows)))


class Shape:
    """How a state divides into arrays and counts. Equal for equal states, because a jitted program depends on it."""

    def __init__(self, tree: Any, flags: tuple[bool, ...]) -> None:
        self.tree, self.flags = tree, flags

    def __hash__(self) -> int:
        return hash((self.tree, self.flags))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and (self.tree, self.flags) == (other.tree, other.flags)

    def join(self, arrays: list[Array], counts: list[Array]) -> Any:
        more, fewer = iter(arrays), iter(counts)
        return jax.tree.unflatten(self.tree, [next(more if flag else fewer) for flag in self.flags])


def _apart(states: Any) -> tuple[list[Array], list[Array], Shape]:
    """The arrays, which are donated, and the counts, which both parts of a step need."""
    leaves, tree = jax.tree.flatten(states)
    flags = tuple(leaf.ndim > 0 for leaf in leaves)
    arrays = [leaf for leaf, flag in zip(leaves, flags, strict=True) if flag]
    return arrays, [leaf for leaf, flag in zip(leaves, flags, strict=True) if not flag], Shape(tree, flags)


def _of_weights(
    case: Case, trained: dict[str, Any], fixed: Array | None, ids: Array, labels: Array
) -> tuple[Array, dict[str, Any]]:
    rows = jax.lax.stop_gradient(inputs_of(case, trained, fixed, ids))
    return jax.value_and_grad(mean_loss)(trained["weights"], rows, labels)


def _move(
    optimizer: optax.GradientTransformation, part: Any, arrays: Any, counts: Any, gradient: Any, shape: Shape
) -> tuple[Any, Any]:
    return moved(optimizer, gradient, shape.join(arrays, counts), part)


def _move_rows(
    optimizer: optax.GradientTransformation, table: Array, arrays: Any, counts: Any, rows: Any, shape: Shape
) -> tuple[Any, Any]:
    return move_rows(optimizer, table, shape.join(arrays, counts), rows)


def _whole(node: Any) -> bool:
    return isinstance(node, dict) and "weights" in node


def states_of(states: Any, name: str, by_rows: bool) -> Any:
    """The optimizer's states of a part of what trains."""
    if by_rows:
        return states[name == "table"]
    return jax.tree.map(lambda node: node[name] if _whole(node) else node, states, is_leaf=_whole)


def _placed(states: Any, name: str, found: Any, by_rows: bool) -> Any:
    if by_rows:
        return (states[0], found) if name == "table" else (found, states[1])
    return jax.tree.map(lambda node, new: {**node, name: new} if _whole(node) else new, states, found, is_leaf=_whole)
