"""Counts, seconds and bytes as people write and read them. Base units inside; SI prefixes (1 GB = 1e9 B) outside."""

import math
import re
from decimal import Decimal

_COUNT = re.compile(r"(\d[\d_]*(?:\.\d+)?)([kKmMgG]?)")
_FACTOR = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_PREFIXES = ((1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"))


def parse_count(text: str) -> int:
    """'200k' -> 200000. Raises ValueError unless it is a whole number with an optional k, M or G."""
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a count; write a whole number such as 512, 200k or 2M")
    value = Decimal(match[1].replace("_", "")) * _FACTOR[match[2].lower()]  # 233.3M is no whole number in floats
    if value != int(value):
        raise ValueError(f"{text!r} is not a whole number")
    return int(value)


def format_count(value: int) -> str:
    """The shortest exact spelling that `parse_count` reads back: 200000 -> '200k', 2048 -> '2048'."""
    for factor, suffix in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= factor and value % (factor // 10) == 0:
            whole, tenth = divmod(value * 10 // factor, 10)
            return f"{whole}.{tenth}{suffix}" if tenth else f"{whole}{suffix}"
    return str(value)


def format_quantity(value: float, unit: str, digits: int = 3) -> str:
    """`value` in base units to `digits` significant figures with an SI prefix: (0.0123, 's') -> '12.3 ms'.

    Units without prefixes (ratios, rows, counts) are printed plain.
    """
    if unit not in ("s", "B", "B/step", "s/row"):
        text = f"{_significant(value, digits)}"
        return text if unit in ("1", "") else f"{text} {unit}"
    if value == 0:
        return f"0 {unit}"
    rounded = float(f"{value:.{digits - 1}e}")
    smallest = 3 if unit in ("B", "B/step") else 0
    scale, prefix = _PREFIXES[smallest]
    for candidate, name in _PREFIXES[smallest:]:
        if abs(rounded) >= candidate * (1 - 1e-12):
            scale, prefix = candidate, name
    if unit == "s" and prefix in "kMGT":
        scale, prefix = 1.0, ""
    return f"{_significant(rounded / scale, digits)} {prefix}{unit}"


def _significant(value: float, digits: int) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    value = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"
