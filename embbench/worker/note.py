"""Results of one phase of a round, as a frozen value. A Round is the sum of the notes of all phases. The Round of a
failure is the sum of the notes before the failure.
"""

from typing import Any

import msgspec

from embbench.cases.claim import Claim
from embbench.cases.declared import Declared
from embbench.cases.learning_curve import LearningCurve
from embbench.cases.metrics import METRICS
from embbench.store.round import Audit, Loaded, Values, Warning_


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields of a Round; see `store.round`. The sum of two notes has the fields of both. If both have the same
    metric or condition, the later note counts.
    """

    metrics: dict[str, Values] = {}
    conditions: dict[str, Any] = {}
    ran: dict[str, str] = {}
    warnings: tuple[Warning_, ...] = ()
    audit: Audit | None = None
    loaded: Loaded | None = None
    declared: Declared | None = None
    claims: tuple[Claim, ...] = ()
    curves: tuple[LearningCurve, ...] = ()

    def __add__(self, other: "Note") -> "Note":
        return Note(
            metrics={**self.metrics, **other.metrics},
            conditions={**self.conditions, **other.conditions},
            ran={**self.ran, **other.ran},
            warnings=(*self.warnings, *other.warnings),
            audit=other.audit or self.audit,
            loaded=other.loaded or self.loaded,
            declared=other.declared or self.declared,
            claims=(*self.claims, *other.claims),
            curves=(*self.curves, *other.curves),
        )

    def value(self, name: str) -> float:
        """The first value of a metric. Raises KeyError if the note does not have the metric."""
        return self.metrics[name].values[0]


NOTHING = Note()


def measured(name: str, *values: float) -> Note:
    """A note of one metric. values: in base units."""
    metric = METRICS[name]
    return Note(metrics={name: Values(metric.unit, metric.kind, metric.better, tuple(map(float, values)))})


def condition(**told: Any) -> Note:
    """A note of conditions by name."""
    return Note(conditions=told)


def warned(code: str, text: str) -> Note:
    """A note of one warning, see `store.round.Warning_`."""
    return Note(warnings=(Warning_(code, text),))
