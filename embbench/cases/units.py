"""Counts, seconds and bytes as people write and read them. Base units inside; SI prefixes (1 GB = 1e9 B) outside."""

import math
import re
from decimal import Decimal

from embbench.errors import quoted

MOST_DIGITS = 18  # of a count: beyond any table, and short enough to parse quickly
MARKS = ".'’‘`´′·˙٬，．､‚ _\u00a0\u2007\u2009\u202f"  # separators of thousands; a comma separates values too
_COUNT = re.compile(r"([0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?)(?: ?([kKmMgG])|[eE]([0-9]{1,2}))?")
_GROUPED = rf"[0-9]{{1,3}}(?:[{MARKS},][0-9]{{3}})+|[0-9]{{1,2}}(?:[{MARKS},][0-9]{{2}})+[{MARKS},][0-9]{{3}}"
_SEPARATED = re.compile(rf"({_GROUPED})(?:[.,]0+)?( ?[kKmMgG])?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?|[+-]?(?:nan|inf)", re.I)
_FRACTION = re.compile(r"([0-9]+),([0-9]+)")
_PERIOD = re.compile(r"[0-9]{1,3}\.(?:[0-9]{3}|000 ?[kKmMgG])")  # thousands or a fraction: ambiguous
_DURATION = re.compile(
    r"([0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+) ?(s|secs?|seconds?|m|mins?|minutes?|h|hours?)?", re.IGNORECASE
)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_FACTOR = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_PREFIXES = (
    (1e-12, "p"),
    (1e-9, "n"),
    (1e-6, "µ"),
    (1e-3, "m"),
    (1.0, ""),
    (1e3, "k"),
    (1e6, "M"),
    (1e9, "G"),
    (1e12, "T"),
)


def parse_count(text: str) -> int:
    """'200k', '2_000_000', '2e6' -> a whole number. Raises ValueError with what to write instead."""
    text = text.strip()
    match = _COUNT.fullmatch(text)
    if match is None or _PERIOD.fullmatch(text):
        raise ValueError(_instead(text))
    digits, suffix, exponent = match[1].replace("_", ""), (match[2] or "").lower(), int(match[3] or 0)
    if len(digits) > 2 * MOST_DIGITS or exponent > MOST_DIGITS:
        raise ValueError(f"{shortened(text)} is too large")
    value = Decimal(digits) * _FACTOR[suffix] * 10**exponent  # 233.3M is no whole number in floats
    if value != int(value):
        raise ValueError(f"{quoted(text)} is not a whole number")
    if value >= 10**MOST_DIGITS:
        raise ValueError(f"{shortened(text)} is too large")
    return int(value)


def parse_seconds(text: str) -> float:
    """'0.5', '1_000', '1e3' -> seconds, without a check of their range. Raises ValueError with the text to write.
    Suffixes are errors: 2m would mean minutes.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    if match := _SEPARATED.fullmatch(text):
        digits, fraction = plain_digits(match[1]), _FRACTION.fullmatch(text)
        either = f", or for a fraction {fraction[1]}.{fraction[2]}" if fraction else ""
        raise ValueError(
            f"{shortened(text)} is not a number: write it without separators, {digits}, or with underscores, "
            f"{_underscored(digits)}{either}"
        )
    if match := _FRACTION.fullmatch(text):
        raise ValueError(f"{shortened(text)} is not a number: write {shortened(f'{match[1]}.{match[2]}')[1:-1]}")
    raise ValueError(f"{shortened(text)} is not a number; write seconds such as 0.5, 600, 1_000 or 1e3")


def parse_duration(text: str) -> float:
    """'4m', '4 min', '240', '240s', '1.5h' -> seconds. Raises ValueError with what to write instead."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{shortened(text)} is not a time; write for example 240, 90s, 4m or 1.5h")
    return float(match[1]) * _SECONDS[(match[2] or "s")[0].lower()]


def format_duration(seconds: float) -> str:
    """'20 s', '3 min 10 s', '4 min', '1 h 30 min': to the second below an hour, and to the minute above."""
    whole = max(1, round(seconds))
    if whole >= 3600:
        hours, minutes = divmod(round(seconds / 60), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    minutes, rest = divmod(whole, 60)
    return " ".join(part for part in (f"{minutes} min" if minutes else "", f"{rest} s" if rest else "") if part)


def rough_duration(seconds: float) -> str:
    """'40 s', '12 min', '2.5 h': rounded as an estimate deserves."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def shortened(text: str) -> str:
    """The text in quotation marks for a message; the beginning of a long text."""
    return quoted(text) if len(text) <= 40 else f"{quoted(text[:36])}…"


def plain_digits(text: str) -> str:
    """The digits of a number: '1,048,576' -> '1048576'."""
    return "".join(letter for letter in text if letter in "0123456789")


def _instead(text: str) -> str:
    if match := _SEPARATED.fullmatch(text):
        suffix = (match[2] or "").strip()
        digits = plain_digits(match[1])
        return (
            f"{shortened(text)} is not a count: write it without separators, {digits}{suffix}, or with underscores, "
            f"{_underscored(digits)}{suffix}"
        )
    if "_" in text and re.fullmatch(r"[0-9_]+[kKmMgG]?", text):
        return f"{shortened(text)} is not a count: an underscore stands between two digits, as in 2_000_000"
    if any(letter.isdigit() and letter not in "0123456789" for letter in text):
        return f"{shortened(text)} is not a count: write it with the digits 0 to 9"
    if re.fullmatch(r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?[eE][0-9]+", text):
        return f"{shortened(text)} is too large"
    return f"{shortened(text)} is not a count; write a whole number such as 512, 200k, 2M, 2e6 or 2_000_000"


def _underscored(digits: str) -> str:
    return f"{int(digits):_}" if len(digits) <= MOST_DIGITS else digits


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
    if unit not in ("s", "B", "B/step", "B/s", "s/row", "s/B"):
        text = f"{_significant(value, digits)}"
        return text if unit in ("1", "") else f"{text} {unit}"
    if value == 0:
        return f"0 {unit}"
    rounded = float(f"{value:.{digits - 1}e}")
    smallest = 4 if unit[0] == "B" else 0 if unit == "s/B" else 1
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
