"""Whether two programs that draw random numbers without a seed train alike: how far their weights move, compared by
distribution.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from embbench.engines.own_twin import Trained

RUNS = 6  # of each program: the least p is then 2 / 924
LEVEL = 0.01  # of p, below which the programs differ


def chance(own: Sequence[Trained], other: Sequence[Trained]) -> tuple[float, str]:
    """(p, the weight that differs most): the probability that runs of equal programs differ at least as much, by an
    exact permutation test of the largest difference over all weights (Westfall and Young, Resampling-Based Multiple
    Testing, 1993). (1, '') without a common weight.
    """
    names = sorted(set(own[0].after) & set(other[0].after))
    if not names:
        return 1.0, ""
    moved = np.array([[_distance(each, name) for name in names] for each in (*own, *other)])
    chosen = list(itertools.combinations(range(len(moved)), len(own)))
    splits = np.zeros((len(chosen), len(moved)), bool)
    splits[np.arange(len(chosen))[:, None], chosen] = True
    found = _apart(moved, splits)
    seen = _apart(moved, np.arange(len(moved))[None] < len(own))[0]
    at_least = found.max(1) >= seen.max() * (1 - 1e-9)  # the sums of a split in another order are rounded otherwise
    return float(at_least.mean()), names[int(seen.argmax())]


def _distance(run: Trained, name: str) -> float:
    """The root mean square of the movement of a weight."""
    before, after = (each[name].astype(np.float64) for each in run)
    return float(np.sqrt(np.mean((after - before) ** 2))) if before.shape == after.shape and before.size else 0.0


def _apart(moved: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """(splits, weights) difference of the means over the spread within the groups. moved: (runs, weights). splits:
    (splits, runs) whether a run is in the first group.
    """
    scale = moved.max(0) + np.finfo(np.float64).tiny
    values = moved / scale
    means, squares = [], []
    for group in (splits, ~splits):
        count = group.sum(1, keepdims=True)
        mean = group @ values / count
        means.append(mean)
        squares.append(group @ values**2 - count * mean**2)
    spread = np.sqrt(np.maximum(squares[0] + squares[1], 0.0) / (len(moved) - 2))
    return np.abs(means[0] - means[1]) / (spread + 1e-6)  # 1e-6: of the largest movement; some weights never vary
