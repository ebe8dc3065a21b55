"""The step of a user's own JAX program, from what the user's function returns."""

from typing import Any

import jax

from embbench.engines.own_batches import take_batches
from embbench.errors import UsageError

RETURNS = "state, step, batches"

Keys = tuple[Any, ...]
Leaves = dict[str, tuple[Keys, Any]]  # path, such as "['params']['table']" -> (its keys, the array)


class JaxProgram:
    """A user's training step. state: any tree of arrays. batches: staged, which steps use in a cycle."""

    def __init__(self, built: Any, name: str) -> None:
        """built: what the user's function returned. name: of the function. Raises UsageError for anything that is not
        (state, step, batches).
        """
        if not isinstance(built, tuple | list) or len(built) != 3:
            told = f"{len(built)} values" if isinstance(built, tuple | list) else type(built).__name__
            raise UsageError(f"{name} returned {told}; return {RETURNS}")
        self.state, self.step_of, batches = built
        if not callable(self.step_of):
            raise UsageError(f"{name} returned {type(self.step_of).__name__} as step; return a step(state, batch)")
        self._name = name
        self.batches = [jax.device_put(each) for each in take_batches(batches, name).staged]
        self.made = self.number = 0

    def step(self) -> None:
        """A step on the next batch."""
        self.step_on(self.made)

    def step_on(self, number: int) -> None:
        """A step on batch `number`, in a cycle. Raises UsageError for a step that returns no state."""
        self.number = number % len(self.batches)
        self.state = self._new_state(self.step_of(self.state, self.batches[self.number]))
        self.made += 1

    def _new_state(self, returned: Any) -> Any:
        """step returns a state, or a state and other things such as a loss."""
        before = jax.tree.structure(self.state)
        if jax.tree.structure(returned) == before:
            return returned
        if isinstance(returned, tuple | list) and returned and jax.tree.structure(returned[0]) == before:
            return returned[0]
        raise UsageError(
            f"the step of {self._name} returns no state like the state it gets; return the new state first"
        )

    def leaves(self) -> Leaves:
        """The arrays of the state, in the order of its tree."""
        found = jax.tree_util.tree_flatten_with_path(self.state)[0]
        return {jax.tree_util.keystr(keys): (keys, leaf) for keys, leaf in found}
