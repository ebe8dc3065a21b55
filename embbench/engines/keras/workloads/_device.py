"""What the backend of Keras offers besides Keras: set-up, fence, peak memory and facts."""

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from embbench.cases.case import Case


class Backend(NamedTuple):
    """sync: waits for an array of the backend. memory, settings: as a trial's `memory` and facts of `describe`. device:
    the backend's object for the case's device, where there is such an object.
    """

    sync: Callable[[Any], object]
    memory: Callable[[], dict[str, int]]
    settings: Callable[[], dict[str, Any]]
    device: Any = None


def backend_module() -> Any:
    """The file of the backend that Keras uses, which imports its framework. A contender imports the file of its own
    backend, so that an edit of another backend's file is no edit of the contender.
    """
    return importlib.import_module(f"embbench.engines.keras.{keras.backend.backend()}_backend")


def set_up(case: Case) -> Backend:
    """Configures the backend before anything is built. Raises Unsupported."""
    return backend_module().set_up(case)


def arrays(variables: list[keras.Variable]) -> list[tuple[str, np.ndarray]]:
    """(path, copy) of each variable, once."""
    return [
        (f"{each.path} {place}", np.array(keras.ops.convert_to_numpy(each))) for place, each in enumerate(variables)
    ]
