"""From --metric, --threshold and --across to the terms of a comparison."""

from embbench.compare.judge import ACROSS, Terms
from embbench.errors import UsageError, unknown
from embbench.spec.metrics import METRICS
from embbench.spec.thresholds import parse_thresholds, with_defaults


def parse_terms(metric: str, threshold: str, across: str) -> Terms:
    """Raises UsageError naming the flag and the nearest valid name."""
    asked = parse_thresholds(threshold, "--threshold")
    names = [name.strip() for name in metric.split(",") if name.strip()]
    for name in names:
        if name not in METRICS:
            raise UsageError(f"--metric: {unknown('metric', name, METRICS)}")
        if METRICS[name].better == "none":
            raise UsageError(f"--metric: {name} is neither better nor worse where it is larger; `report` shows it")
    if not names:
        raise UsageError("--metric: name at least one, such as step_time")
    for name in asked:
        if name not in names:
            raise UsageError(f"--threshold: {name} is not compared; add it: --metric {','.join([*names, name])}")
    kinds = frozenset(kind.strip() for kind in across.split(",") if kind.strip())
    for kind in kinds - {*ACROSS}:
        raise UsageError(f"--across: {unknown('difference', kind, ACROSS)}")
    return Terms(with_defaults(names, asked), kinds)
