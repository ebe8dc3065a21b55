"""Many decisions at once: p-values adjusted so that more cases do not mean more false alarms."""

from collections.abc import Sequence


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
