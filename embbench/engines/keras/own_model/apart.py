"""Tables with an update of their own: for changes that leave the rest of the step as it is."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from embbench.engines.keras.own_model.program import KerasProgram

Update = Callable[[keras.Variable, Any, Any], None]  # of (table, gradient, learning rate)


def update_apart(program: KerasProgram, tables: Sequence[keras.Variable], update: Update, *, state: bool) -> None:
    """Has the optimizer update the tables by `update`, without weight decay, and all other variables as before. state:
    whether the optimizer keeps its state for the tables.
    """
    optimizer = program.model.optimizer
    apart = {id(each) for each in tables}
    if not state:
        _without_state(optimizer, apart)
    optimizer.build(program.model.trainable_variables)
    whole, decay = optimizer._backend_update_step, optimizer._apply_weight_decay

    def step(gradients: Sequence[Any], variables: Sequence[keras.Variable], learning_rate: Any) -> None:
        pairs = list(zip(gradients, variables, strict=True))
        rest = [pair for pair in pairs if id(pair[1]) not in apart]
        if rest:
            whole([gradient for gradient, _ in rest], [variable for _, variable in rest], learning_rate)
        for gradient, variable in pairs:
            if id(variable) in apart:
                update(variable, gradient, learning_rate)

    def decay_rest(variables: Sequence[keras.Variable]) -> None:
        if rest := [each for each in variables if id(each) not in apart]:
            decay(rest)

    optimizer._backend_update_step, optimizer._apply_weight_decay = step, decay_rest


def _without_state(optimizer: Any, apart: set[int]) -> None:
    """Has the optimizer make state of a single number where it would make state of a table."""
    make = optimizer.add_variable_from_reference
    number = keras.Variable(np.zeros((1, 1), "float32"), trainable=False, name="no_state")

    def smaller(reference_variable: keras.Variable, *args: Any, **kwargs: Any) -> keras.Variable:
        return make(number if id(reference_variable) in apart else reference_variable, *args, **kwargs)

    optimizer.add_variable_from_reference = smaller
