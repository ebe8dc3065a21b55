"""The trial of the workload `autoencoder`, as an engine makes it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from embbench.cases.claim import Claim

if TYPE_CHECKING:
    from embbench.workloads import ByName


class Autoencoding(Protocol):
    """The trial of an engine."""

    epsilon: str
    """Where its Adam adds epsilon: to the 'corrected' or the 'uncorrected' root of the second moment."""

    def step(self) -> None:
        """Trains on the next batch, in a cycle."""

    def sync(self) -> None: ...

    def loss(self) -> float:
        """Of the last step, before its update."""
        ...

    def weights(self) -> "ByName":
        """Copies, as `start` names them."""
        ...

    def state(self) -> "tuple[ByName, ByName]":
        """Copies of the optimizer's two arrays per weight, by the weight's name: Adam's first and second moments;
        Adadelta's mean squares of gradients and of movements.
        """
        ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework's optimizers alone."""
        ...
