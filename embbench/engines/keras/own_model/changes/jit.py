"""The whole step compiled by XLA."""

from collections.abc import Mapping

import keras

from embbench.cases.contender import Unsupported
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.own_edit import Argument, Edit

SUMMARY = "compile(..., jit_compile=True)"


def apply(program: KerasProgram, tables: Mapping[str, keras.Variable]) -> Edit:
    """See `change.KerasChange`."""
    if keras.backend.backend() == "torch":
        raise Unsupported("torch.compile of an unrolled LSTM takes minutes")
    if program.model.jit_compile:
        raise Unsupported("the step is compiled by XLA already")
    program.model.jit_compile, program.model.train_function = True, None
    return Edit([Argument(program.model, "jit_compile=True", "compile")])
