"""Many decisions at once: p-values adjusted so that more cases do not mean more false alarms."""

from collections.abc import Sequence

from scipy import stats


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the given order. Calling all below alpha keeps the chance of any false call at alpha,
    whatever the dependence of the p-values (Holm, Scandinavian Journal of Statistics 6 (1979) 65-70).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, highest = [0.0] * len(order), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the given order. A share alpha of the calls below alpha is expected to be false (Benjamini
    and Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289-300), if the p-values are independent or
    positively dependent. For choosing what to look at again; the gate uses `holm`.
    """
    return [float(p) for p in stats.false_discovery_control(p_values)] if p_values else []
