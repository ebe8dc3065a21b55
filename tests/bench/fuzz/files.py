"""Damaged files: suites, contender files and results with flipped bits, cuts, deep nesting, huge numbers and NaN.

Results are damaged in two ways. With changed bytes and an old checksum, the file must be refused, or lose only a torn
last line. With a changed value and a new checksum, as another program may write it, embbench reads the line: it may
show or refuse the line, and must not break.
"""

import copy
import functools
import json
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.fuzz.child import run_all
from tests.bench.fuzz.verdict import Verdict

ROOT = Path(__file__).parents[3]
SUITES = sorted((ROOT / "suites").glob("*.toml"))
CONTENDER = ROOT / "tests" / "launch" / "fixtures" / "plain.py"
RESULTS = [ROOT / "results" / f"{name}.jsonl" for name in ("embedding-scaling", "explain", "crossover", "left-out")]
LINES = 12  # lines of a results file
READING = [
    ["report"],
    ["report", "--format", "json"],
    ["report", "--format", "md", "--metric", "step_time,host_peak,peak_ratio"],
    ["report", "--format", "csv"],
    ["explain"],
    ["explain", "--format", "json"],
    ["predict", "--vocab", "700k"],
    ["compare", "whole.jsonl"],
    ["compare", "whole.jsonl", "--format", "json"],
    ["export", "--to", "pytest-benchmark"],
    ["export", "--to", "csv"],
    ["baseline", "promote", "--directory", "."],
]
ODD: list[Any] = [
    *(0, -1, 1, 2**31, 2**53 + 1, 2**63, 10**30, 10**400, -(2**63), 1e308, -1e308, 5e-324, True, None, [], {}, ""),
    *("a\x1b[2Jb", "\u202e", "\u2028", "<b>&", "|", "a" * 100_000, "@all", "\x00", "caf\u00e9", [[[[]]]]),
    *({"": {}}, "nan"),
]  # fmt: skip


def verdicts(seed: int, first: int, last: int) -> Iterator[Verdict]:
    return run_all(make, seed, first, last, check)


def make(seed: int, number: int) -> tuple[str, list[str]]:
    """(kind of damage, command line that reads the file in the current directory)."""
    what, rng = kind_of(seed, number)
    if what == "suite":
        Path("mine.toml").write_bytes(damaged(rng, rng.choice(SUITES).read_bytes()))
        return what, ["plan", "--suite", "./mine.toml"]
    if what == "contender":
        Path("mine.py").write_bytes(damaged(rng, CONTENDER.read_bytes()))
        return what, ["plan", "--contender", "./mine.py", "--vocab", "1k"]
    source = rng.choice(RESULTS)
    whole = lines_of(source)
    Path("whole.jsonl").write_bytes(b"".join(whole))
    if what == "results":
        Path("mine.jsonl").write_bytes(damaged(rng, b"".join(whole)))
    else:
        at = rng.randrange(len(whole))
        Path("mine.jsonl").write_bytes(b"".join([*whole[:at], resealed(rng, whole[at]), *whole[at + 1 :]]))
    verb, *words = rng.choice(READING)
    return what, [verb, "mine.jsonl", *words] if verb == "compare" else [verb, *words, "mine.jsonl"]


def check(seed: int, number: int, code: int, err: bytes) -> str:
    """A damaged line must not be read as a whole line."""
    from embbench.errors import FileError
    from embbench.store.journal import read_rounds

    if not Path("mine.jsonl").exists() or code not in (0, 5):
        return ""
    kind, _ = kind_of(seed, number)
    if kind != "results":
        return ""
    try:
        read = read_rounds(["mine.jsonl"])[0]
    except FileError:
        return ""
    whole = read_rounds(["whole.jsonl"])[0]
    strange = [each for each in read if each not in whole]
    return f"{len(strange)} damaged lines were read as whole" if strange else ""


def kind_of(seed: int, number: int) -> tuple[str, random.Random]:
    """The kind of an input, and its random generator, without making its files."""
    rng = random.Random(f"files/{seed}/{number}")
    return rng.choice(("suite", "contender", "results", "results", "sealed", "sealed")), rng


@functools.cache
def lines_of(path: Path) -> list[bytes]:
    """The first lines of a committed file."""
    return path.read_bytes().splitlines(keepends=True)[:LINES]


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The bytes with one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(DAMAGE)(rng, data)
    return data


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _hole(rng: random.Random, data: bytes) -> bytes:
    begin = rng.randrange(len(data) + 1)
    return data[:begin] + data[begin + rng.randrange(200) :]


def _zeros(rng: random.Random, data: bytes) -> bytes:
    begin = rng.randrange(len(data) + 1)
    return data[:begin] + b"\0" * rng.choice((1, 512, 4096)) + data[begin:]


def _twice(rng: random.Random, data: bytes) -> bytes:
    begin = rng.randrange(len(data) + 1)
    return data[:begin] + data[max(0, begin - rng.randrange(300)) :]


def _nested(rng: random.Random, data: bytes) -> bytes:
    begin, depth = rng.randrange(len(data) + 1), rng.choice((50, 2000, 100_000))
    opening, closing = rng.choice(((b"[", b"]"), (b"{'a':", b"}"), (b"(", b")"), (b"-", b""), (b'{"a":', b"}")))
    return data[:begin] + opening * depth + b"1" + closing * depth + data[begin:]


def _number(rng: random.Random, data: bytes) -> bytes:
    """Replaces a digit of the text by another number."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return data
    at = rng.choice(places)
    odd = (
        b"NaN",
        b"Infinity",
        b"-0",
        b"1e999",
        b"9" * 5000,
        b"0x1f",
        b"1_0",
        b"-1",
        b"1e-999",
        b"inf",
        b"2000000",
        b"'",
    )
    return data[:at] + rng.choice(odd) + data[at + 1 :]


def _text(rng: random.Random, data: bytes) -> bytes:
    begin = rng.randrange(len(data) + 1)
    odd = (
        "\x1b[2J",
        "\u202e",
        "\ufeff",
        "\udce9",
        "\r",
        "\u2028",
        '"',
        "'''",
        "\\",
        "#",
        "\u00e9",
        "[gate]",
        "[[cases]]",
    )
    return data[:begin] + rng.choice(odd).encode("utf-8", "surrogateescape") + data[begin:]


DAMAGE: list[Callable[[random.Random, bytes], bytes]] = [_flip, _cut, _hole, _zeros, _twice, _nested, _number, _text]


def resealed(rng: random.Random, line: bytes) -> bytes:
    """The line with one to three replaced values, and a correct checksum."""
    told = json.loads(line)
    told.pop("crc32", None)
    for _ in range(rng.choice((1, 1, 2, 3))):
        _replace(rng, told)
    body = json.dumps(told, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")[:-1]
    return body + b',"crc32":"%08x"}\n' % zlib.crc32(body)


def _replace(rng: random.Random, told: Any) -> None:
    """Replaces a value at some depth by an odd value, or deletes it."""
    while True:
        keys = list(told) if isinstance(told, dict) else range(len(told))
        if not keys:
            return
        key = rng.choice(list(keys))
        if isinstance(told[key], dict | list) and told[key] and rng.random() < 0.8:
            told = told[key]
            continue
        if rng.random() < 0.15:
            del told[key]
        else:
            told[key] = copy.deepcopy(rng.choice([*ODD, float("nan"), float("inf")]))
        return
