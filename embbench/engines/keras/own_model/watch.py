"""What a Keras step does with weights, seen at the operators of its backend while the step runs eagerly."""

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras

from embbench.engines.own_seen import SeenStep


class Watching(Protocol):
    """The contents of `watch_BACKEND.py`."""

    def watched(
        self, seen: SeenStep, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any
    ) -> contextlib.AbstractContextManager[None]:
        """Collects into `seen` while it is entered. x: inputs of the step."""
        ...


@contextlib.contextmanager
def watched(folder: Path, variables: Mapping[str, keras.Variable], model: keras.Model, x: Any) -> Iterator[SeenStep]:
    """What happens to the variables, by path, while it is entered. x: inputs of the step."""
    seen = SeenStep(folder)
    backend: Watching = importlib.import_module(f"{__package__}.watch_{keras.backend.backend()}")
    with backend.watched(seen, variables, model, x):
        yield seen
