"""The definition of a metric."""

from typing import Literal

import msgspec

from embbench.cases.treatment import Treatment

Better = Literal["lower", "higher", "none"]


class Metric(msgspec.Struct, frozen=True):
    """The definition of a metric. unit: s, B, rows, 1 (a ratio) or a count's name. better: lower, higher or none."""

    name: str
    unit: str
    kind: str
    better: Better
    treatment: Treatment
    definition: str
