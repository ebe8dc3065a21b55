"""What the backend of Keras offers besides Keras: set-up, fence, peak memory and facts. Imports its framework alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from embbench.cases.case import Case


class Backend(NamedTuple):
    """sync: waits for an array of the backend. memory, settings: as a trial's `memory` and facts of `describe`."""

    sync: Callable[[Any], object]
    memory: Callable[[], dict[str, int]]
    settings: Callable[[], dict[str, Any]]


def set_up(case: Case) -> Backend:
    """Configures the backend before anything is built. Raises Unsupported."""
    return {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow}[keras.backend.backend()](case)


def arrays(variables: list[keras.Variable]) -> list[tuple[str, np.ndarray]]:
    """(path, copy) of each variable, once."""
    return [
        (f"{each.path} {place}", np.array(keras.ops.convert_to_numpy(each))) for place, each in enumerate(variables)
    ]


def _torch(case: Case) -> Backend:
    import torch

    from embbench.engines.torch import device

    device.set_up(case)
    place = torch.device(case.device)
    return Backend(lambda _: device.sync(place), lambda: device.memory(place), lambda: device.settings(place))


def _jax(case: Case) -> Backend:
    import jax

    from embbench.engines.jax import device

    place = device.set_up(case)
    peak = device.Peak(place)
    return Backend(jax.block_until_ready, peak.since_last, lambda: device.settings(place))


def _tensorflow(case: Case) -> Backend:
    from embbench.engines.tensorflow import device

    device.set_up(case)
    return Backend(lambda _: device.sync(), lambda: device.memory(case), device.settings)
