"""What a step of a user's own model was seen to do with its weights, in any framework."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from embbench.cases.found_table import Use
from embbench.engines.own_rows import Lookup, distinct_rows
from embbench.engines.user_file import place_text


class SeenStep:
    """lookups, uses: path of a weight -> in the order of their calls. read: paths of weights that a forward pass reads.
    folder: of the user's code.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lookups: dict[str, list[Lookup]] = defaultdict(list)
        self.uses: dict[str, list[Use]] = defaultdict(list)
        self.read: set[str] = set()

    def ids(self, path: str) -> np.ndarray:
        """(U,) distinct rows of a weight that were looked up, sorted."""
        return distinct_rows(self.lookups[path])

    def looked_up(self, path: str, operation: str, ids: np.ndarray, where: str | None = None) -> None:
        """where: 'file.py:30'; None for the innermost running call in the user's folder."""
        self.read.add(path)
        place = self.where() if where is None else where
        self.lookups[path].append(Lookup(operation, place, np.unique(ids).astype(np.int64), ids.size))

    def where(self) -> str:
        """'file.py:30' of the innermost call in the user's folder; '' without, as for a model of Keras's own layers."""
        return place_text(self.folder)
