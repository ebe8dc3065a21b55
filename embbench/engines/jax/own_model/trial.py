"""A user's own JAX step as a trial."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from embbench.cases.case import Case
from embbench.cases.contender import Unsupported
from embbench.cases.found_model import FoundModel
from embbench.engines.jax.device import Peak, copied, set_up, settings
from embbench.engines.jax.own_model.program import JaxProgram
from embbench.engines.jax.own_model.tables import look_at as look_at_built
from embbench.engines.own_grown import with_growth
from embbench.engines.own_models import Builder

SEEN = 1 << 16  # numbers of an array that show whether steps train


def look_at(builder: Builder, vocab: int | None) -> FoundModel:
    """See `engines.own_models`."""
    found = look_at_built(builder(vocab), builder.name, builder.folder)

    def shapes(rows: int | None) -> dict[str, tuple[int, ...]]:
        leaves = JaxProgram(builder(rows), builder.name).leaves()
        return {path: tuple(leaf.shape) for path, (_, leaf) in leaves.items()}

    def step_with(rows: int) -> None:
        raise Unsupported("the arrays of a state are the step's own")

    return with_growth(found, builder, vocab, shapes, step_with)


def prepare(case: Case, builder: Builder) -> "OwnJaxTrial":
    """Raises UsageError, Unsupported."""
    device = set_up(case)
    return OwnJaxTrial(device, JaxProgram(builder(case.vocab), builder.name))


class OwnJaxTrial:
    """See `workloads.own_model.OwnStep`."""

    def __init__(self, device: jax.Device, program: JaxProgram) -> None:
        self._device, self._program, self._peak = device, program, Peak(device)
        self._before = self._some()

    def step(self) -> None:
        self._program.step()

    def sync(self) -> None:
        jax.block_until_ready(self._program.state)

    def moved(self) -> float:
        return float(any(not np.array_equal(old, new) for old, new in zip(self._before, self._some(), strict=True)))

    def memory(self) -> dict[str, int]:
        return self._peak.since_last()

    def describe(self) -> Mapping[str, Any]:
        return {**settings(self._device), "batches": len(self._program.batches)}

    def _some(self) -> list[np.ndarray]:
        """Copies of some numbers of each array of floats, evenly over it."""
        floats = [leaf for _, leaf in self._program.leaves().values() if np.issubdtype(leaf.dtype, np.floating)]
        return jax.tree.leaves(copied([each.reshape(-1)[:: max(1, each.size // SEEN)] for each in floats]))
