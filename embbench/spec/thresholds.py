"""Thresholds: from which change on a metric counts as worse. Written 'step_time=5%,host_peak=1%'."""

import re
from collections.abc import Iterable, Mapping

from embbench.errors import UsageError
from embbench.spec.metrics import find_metric

# A step may vary by some per cent with where the linker put it; bytes are what they are.
BY_KIND = {
    "wall": 0.05,
    "training": 0.05,
    "process": 0.005,
    "allocator": 0.005,
    "device": 0.005,
    "derived": 0.005,
    "workload": 0.0,
}
MOST = 10.0
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](-?[0-9]{1,2}))?\s*(%?)")
_COMMA = re.compile(r"=\s*[0-9]+,[0-9]+\s*%?")


def default_threshold(metric: str) -> float:
    """Of a known metric, as a share."""
    return BY_KIND[find_metric(metric).kind]


def parse_thresholds(text: str, where: str) -> dict[str, float]:
    """'step_time=5%,host_peak=0.01' -> shares. Raises UsageError starting with `where`."""
    told: dict[str, str] = {}
    if comma := _COMMA.search(text):
        raise UsageError(f"{where}: a comma ends a share here: write {comma[0].lstrip('= ').replace(',', '.')}")
    for part in filter(None, map(str.strip, text.split(","))):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign:
            raise UsageError(f"{where}: {part!r} is not metric=share; write such as step_time=5%,host_peak=1%")
        told[name] = value
    return check_thresholds(told, where)


def check_thresholds(told: Mapping[str, object], where: str) -> dict[str, float]:
    """Metric -> share, from '5%' or 0.05. Raises UsageError: an unknown metric, or no share between 0 and 10."""
    found = {}
    for name, value in told.items():
        try:
            metric = find_metric(name)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        if metric.better == "none":
            raise UsageError(f"{where}: {name} is neither better nor worse where it is larger; it has no threshold")
        found[name] = parse_share(value, f"{where}: {name}")
    return found


def with_defaults(metrics: Iterable[str], *layers: Mapping[str, float]) -> dict[str, float]:
    """Metric -> threshold; a later layer wins over an earlier one, any over the default of the metric's kind."""
    laid = {name: share for layer in layers for name, share in layer.items()}
    return {name: laid.get(name, default_threshold(name)) for name in metrics}


def parse_share(value: object, where: str) -> float:
    """From '5%' or 0.05. Raises UsageError starting with `where`: no share between 0 and 10."""
    match = _SHARE.fullmatch(str(value).strip())
    share = float(match[1]) * 10.0 ** int(match[2] or 0) / (100 if match[3] else 1) if match else -1.0
    if not 0 <= share < MOST:
        raise UsageError(f"{where}: {value!r} is no share; write 5% or 0.05")
    return share
