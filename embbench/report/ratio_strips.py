"""Comparisons -> pictures of their ratios: every launch, the ratio with its interval, and the threshold."""

from collections.abc import Iterator, Sequence

from embbench.analysis.compare.comparison import Comparison, SideValues
from embbench.report.figures import share_text
from embbench.report.plot import Mark, Strip, Strips


def ratio_strips(comparisons: Sequence[Comparison]) -> Iterator[Strips]:
    """A picture for each metric with a ratio. The band has the ratios within the threshold."""
    for metric in dict.fromkeys(each.metric for each in comparisons):
        known = [each for each in comparisons if each.metric == metric and each.ratio is not None]
        if not known:
            continue
        threshold = known[0].threshold
        strips = tuple(Strip(f"{each.name}: {each.verdict}", tuple(_marks(each))) for each in known)
        title = f"{metric} of the candidate against the base; the band is the threshold of {share_text(threshold)}"
        yield Strips(title, "ratio: candidate / base", "", strips, (1 / (1 + threshold), 1 + threshold))


def _marks(comparison: Comparison) -> Iterator[Mark]:
    ratio = comparison.ratio
    assert ratio is not None
    yield Mark(ratio.center, ratio.low, ratio.high, f"ratio, {comparison.verdict}")
    if comparison.paired:
        pairs = zip(_values(comparison.base), _values(comparison.candidate), strict=False)
        for number, (base, candidate) in enumerate(pairs, start=1):
            if base > 0 and candidate > 0:
                yield Mark(candidate / base, None, None, f"launch {number}")


def _values(side: SideValues | None) -> Sequence[float]:
    return () if side is None else side.values
