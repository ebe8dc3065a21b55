"""How far the comparisons of this machine can be trusted: the answer of `selftest`."""

import msgspec

from embbench.stats.summary import Summary


class Trust(msgspec.Struct, frozen=True):
    """Rates over all finished comparisons. alarms: share of comparisons of equal programs that reported a change. seen:
    share of comparisons with the slowdown that reported a regression. undecided: share of all comparisons without a
    decision. None without a comparison.

    launches: number of launches that fit into the budget. deviation: of the launches' log-ratios. smallest: the
    slowdown, as a share, that so many launches detect in 90 of 100 comparisons. None with too few launches.
    """

    alarms: Summary | None
    seen: Summary | None
    undecided: Summary | None
    launches: int
    deviation: Summary | None
    smallest: Summary | None
