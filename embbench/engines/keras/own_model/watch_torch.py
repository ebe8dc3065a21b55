"""PyTorch below Keras: lookups are seen as in a PyTorch model."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from embbench.engines.own_seen import SeenStep
from embbench.engines.torch.own_model.operations import TableWatch


@contextlib.contextmanager
def watched(seen: SeenStep, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any) -> Iterator[None]:
    """See `watch.Watching`."""
    watch = TableWatch({path: each.value for path, each in variables.items()}, seen.folder)
    with watch:
        yield
    seen.read |= watch.read
    for path, found in watch.lookups.items():
        seen.lookups[path] += found
        seen.uses[path] += watch.found_uses(path)
