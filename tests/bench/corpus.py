"""The memory that a corpus takes: 100 MB of made-up words, read by the parent and drawn from by a worker.

    python -m tests.bench.corpus [--different]

Prints the peak of each process, and the worker's memory as predicted by `plan`. With --different, no word repeats: the
worst case for a text of this size.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

WORDS = 17_000_000
KNOWN = 2_000_000
PARENT = """
import os, sys
from embbench.cli import main
from embbench.host.memory import peak_bytes
case = ["--contender", "numpy", "--table", "frozen", "--vocab", "1000"]
code = main(["plan", *case, "--tokens", sys.argv[1], "--format", "json"])
print(peak_bytes(), file=sys.stderr)
sys.exit(code)
"""
WORKER = """
import sys, msgspec
from embbench.host.memory import peak_bytes, release_free, resident_bytes
from embbench.cases.case import Case
from embbench.cases.sources import Source
from embbench.cases.streams import count_tokens
from embbench.workloads import draw_tokens
source = msgspec.json.decode(sys.stdin.buffer.read(), type=Source)
import numpy, regex
before = resident_bytes()
counts = count_tokens(draw_tokens(Case(vocab=200_000, tokens=source.stream), 64, source).ids)
peak = peak_bytes()
release_free()
print(peak - before, resident_bytes() - before, counts.unique, counts.multiplicity)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "corpus.txt"
        write(path, "--different" in sys.argv)
        print(f"{path.stat().st_size / 1e6:.0f} MB, {WORDS / 1e6:g} million words")
        parent = subprocess.run(
            [sys.executable, "-c", PARENT, f"corpus:{path}"], capture_output=True, text=True, check=True
        )
        told = json.loads(parent.stdout)
        (source,) = told["sources"]
        print(f"parent: peak {int(parent.stderr.split()[-1]) / 1e6:.1f} MB")
        print(f"plan: {source['tokens']} tokens, about {source['different']} different")
        needed = told["cases"][0]["needed"]
        worker = subprocess.run(
            [sys.executable, "-c", WORKER], input=json.dumps(source), capture_output=True, text=True, check=True
        )
        peak, left, unique, most = map(float, worker.stdout.split())
        told = f"{left / 1e6:.1f} MB of which stayed; plan, with the worker's base: {needed / 1e6:.1f} MB"
        print(f"worker: drawing took {peak / 1e6:.1f} MB, {told}")
        print(f"U = {unique:g}, most {most:g}")


def write(path: Path, different: bool) -> None:
    """Writes a million words at a time, with five letters or more."""
    rng = np.random.default_rng(0)
    steps = np.cumsum(1 / np.arange(1, KNOWN + 1))
    with path.open("w", encoding="ascii") as file:
        for start in range(0, WORDS, 1_000_000):
            if different:
                ranks = np.arange(start, start + 1_000_000)
            else:
                ranks = np.searchsorted(steps, rng.random(1_000_000) * steps[-1])
            file.write(" ".join(map(_spelt, ranks.tolist())) + "\n")


def _spelt(number: int) -> str:
    letters, number = "", number + 26**4
    while True:
        number, letter = divmod(number, 26)
        letters += chr(97 + letter)
        if not number:
            return letters


if __name__ == "__main__":
    main()
