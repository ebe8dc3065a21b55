"""What a Keras step does with weights, seen at the operators of its backend while the step runs eagerly."""

import contextlib
import importlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from embbench.cases.found_table import Use
from embbench.engines.own_rows import Lookup, distinct_rows
from embbench.engines.user_file import place_text


class SeenStep:
    """lookups, uses: path of a variable -> in the order of their calls. read: paths of variables that a forward pass
    reads. folder: of the user's code.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lookups: dict[str, list[Lookup]] = defaultdict(list)
        self.uses: dict[str, list[Use]] = defaultdict(list)
        self.read: set[str] = set()

    def ids(self, path: str) -> np.ndarray:
        """(U,) distinct rows of a variable that were looked up, sorted."""
        return distinct_rows(self.lookups[path])

    def looked_up(self, path: str, operation: str, ids: np.ndarray) -> None:
        self.read.add(path)
        self.lookups[path].append(Lookup(operation, self.where(), np.unique(ids).astype(np.int64), ids.size))

    def where(self) -> str:
        """'file.py:30' of the innermost call in the user's folder; '' without, as for a model of Keras's own layers."""
        return place_text(self.folder)


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
