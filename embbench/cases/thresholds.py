"""Thresholds: the smallest change of a metric that counts. Written 'step_time=5%,host_peak=1%'."""

import re
from collections.abc import Iterable, Mapping

from embbench.cases.metrics import METRICS, Metric, find_metric
from embbench.errors import UsageError, quoted

MOST = 10.0
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](-?[0-9]{1,2}))?\s*(%?)")
_COMMA = re.compile(r"=\s*[0-9]+,[0-9]+\s*%?")


def decidable(name: str) -> Metric:
    """A metric that can be compared. Raises UsageError with the nearest valid name, or the reason why it cannot."""
    metric = find_metric(name)
    if metric.better == "none":
        raise UsageError(f"{name} has no better direction; `report` shows it")
    if metric.treatment.threshold is None:
        raise UsageError(f"{name} needs two cases, so no round has it; `report` shows it; {_valid()}")
    return metric


def launched(name: str) -> Metric:
    """A metric that can be compared where sides take turns. Raises UsageError as `decidable` does, and for a metric
    that needs a worker of its own.
    """
    metric = decidable(name)
    if not metric.treatment.launched:
        raise UsageError(
            f"{name} needs a worker that runs alone, and here two workers take turns; use `run` and `compare`; "
            f"{_valid(launched=True)}"
        )
    return metric


def default_threshold(metric: str) -> float:
    """The default threshold of a metric, as a share. Raises UsageError (see `decidable`)."""
    threshold = decidable(metric).treatment.threshold
    assert threshold is not None
    return threshold


def _valid(launched: bool = False) -> str:
    treated = ((name, metric.treatment) for name, metric in METRICS.items())
    names = (name for name, each in treated if each.threshold is not None and each.launched >= launched)
    return f"valid: {', '.join(names)}"


def parse_thresholds(text: str, where: str) -> dict[str, float]:
    """'step_time=5%,host_peak=0.01' -> shares. Raises UsageError starting with `where`."""
    shares: dict[str, str] = {}
    if comma := _COMMA.search(text):
        raise UsageError(f"{where}: a comma separates thresholds: write {comma[0].lstrip('= ').replace(',', '.')}")
    for part in filter(None, map(str.strip, text.split(","))):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign:
            raise UsageError(
                f"{where}: {quoted(part)} is not metric=share; write for example step_time=5%,host_peak=1%"
            )
        shares[name] = value
    return check_thresholds(shares, where)


def check_thresholds(shares: Mapping[str, object], where: str) -> dict[str, float]:
    """Metric -> share, from '5%' or 0.05. Raises UsageError for a metric that is unknown or cannot be compared, and for
    a share that is not between 0 and 10.
    """
    checked = {}
    for name, value in shares.items():
        try:
            decidable(name)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        checked[name] = parse_share(value, f"{where}: {name}")
    return checked


def with_defaults(metrics: Iterable[str], *layers: Mapping[str, float]) -> dict[str, float]:
    """Metric -> threshold; a later layer overrides an earlier layer, and any layer the metric's default."""
    laid = {name: share for layer in layers for name, share in layer.items()}
    return {name: laid.get(name, default_threshold(name)) for name in metrics}


def parse_share(value: object, where: str) -> float:
    """A share from '5%' or 0.05. Raises UsageError, which starts with `where`, for a share not between 0 and 10."""
    match = _SHARE.fullmatch(str(value).strip())
    share = float(match[1]) * 10.0 ** int(match[2] or 0) / (100 if match[3] else 1) if match else -1.0
    if not 0 <= share < MOST:
        raise UsageError(f"{where}: {quoted(value)} is no share; write 5% or 0.05")
    return share
