"""Scores of a text, larger for texts that look known, from a model's logits by NumPy."""

from collections.abc import Callable

import numpy as np

from embbench.cases.workload import CLASSES
from embbench.workloads._scoring import log_shares

Score = Callable[[np.ndarray], np.ndarray]  # (M, outputs) -> (M,)

HALF = 0.5  # of a softmax or a sigmoid: the threshold that users take without measuring


def largest_share(logits: np.ndarray) -> np.ndarray:
    """The logarithm of the largest softmax of a known class."""
    return log_shares(logits)[:, :CLASSES].max(1)


def largest_logit(logits: np.ndarray) -> np.ndarray:
    """Of the known classes. It has the ranks of the largest sigmoid."""
    return logits[:, :CLASSES].max(1)


def energy(logits: np.ndarray) -> np.ndarray:
    """The negative energy of Liu et al. 2020: log of the sum of exp over the known classes."""
    return np.logaddexp.reduce(logits[:, :CLASSES], axis=1)


def against_none(logits: np.ndarray) -> np.ndarray:
    """The sum of log(1 + exp) over K sigmoids, which is minus the logarithm of their 'no' to all classes (the joint
    energy of Wang et al. 2021).
    """
    return np.logaddexp(0, logits).sum(1)


def against_other(logits: np.ndarray) -> np.ndarray:
    """The logarithm of the odds against the extra class."""
    return energy(logits) - logits[:, CLASSES]


COMMON: dict[str, Score] = {"softmax": largest_share, "logit": largest_logit, "energy": energy}
SCORES: dict[str, dict[str, Score]] = {
    "softmax": COMMON,
    "extra_class": {**COMMON, "other": against_other},
    "one_vs_rest": {"logit": largest_logit, "energy": against_none},
}

# The rules without a measured threshold: whether a text is taken for one of the known classes.
RULES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softmax": lambda logits: largest_share(logits) >= np.log(HALF),
    "extra_class": lambda logits: logits.argmax(1) < CLASSES,
    "one_vs_rest": lambda logits: largest_logit(logits) >= 0,
}


def accepted(kind: str, score: str) -> str:
    """A score of a learning curve: the share of a kind of unknown text that is accepted at 95 % of known texts."""
    return f"accepted_{kind}_{score}"


def misordered(kind: str, score: str) -> str:
    """1 - AUROC: the share of pairs of a known and an unknown text in which the unknown text scores higher."""
    return f"misordered_{kind}_{score}"


def passed(kind: str) -> str:
    """The share of a kind of unknown text that the rule takes for known."""
    return f"passed_{kind}"


REFUSED = "refused"  # the share of known texts that the rule takes for unknown
ERRORS = "errors"  # the share of known texts with a wrong answer of the largest output, the extra class included
ERRORS_AMONG = "errors_among_known"  # with a wrong answer of the largest output of a known class


def placements(inside: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(share of `outside` below each of `inside`, share of `inside` above each of `outside`); equal scores count half.
    The mean of each is the AUROC.
    """
    return _below(np.sort(outside), inside), 1 - _below(np.sort(inside), outside)


def _below(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    sides = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return sum(sides, np.zeros(len(values))) / (2 * len(ordered))


def beyond(inside: np.ndarray, outside: np.ndarray, best_inside: np.ndarray, best_outside: np.ndarray) -> float:
    """Standard errors by which an AUROC exceeds the best possible on the same texts (DeLong et al. 1988); 0 where it
    does not.
    """
    own, best = placements(inside, outside), placements(best_inside, best_outside)
    differences = [one - other for one, other in zip(own, best, strict=True)]
    more = differences[0].mean()
    if more <= 0:
        return 0.0
    variance = sum(each.var(ddof=1) / len(each) for each in differences)
    return float(more / variance**0.5) if variance else float("inf")
