"""Mistyped commands, damaged files and killed processes: no traceback, the documented exit code, no lost round.

    python -m tests.bench.fuzz [--seed N] [--commands N] [--files N] [--faults N]

Commands and damaged files run in child processes of this program. A worker that ends at once replaces the real worker,
so nothing is measured. Faults strike real runs with real workers, one run at a time: 500 faults take about half an
hour. An input depends on the seed and its number only. A failure names the number, and `--only NUMBER` makes the input
again.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

from tests.bench.fuzz import commands, faults, files
from tests.bench.fuzz.verdict import Verdict

Part = Callable[[int, int, int], Iterator[Verdict]]
PARTS: dict[str, tuple[Part, int]] = {
    "commands": (commands.verdicts, 10_000),
    "files": (files.verdicts, 10_000),
    "faults": (faults.verdicts, 500),
}
SHOWN = 20  # failures of a part that are printed in full


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one input, of every part whose count is not 0")
    for name, (_, count) in PARTS.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    asked = parser.parse_args()
    failed = 0
    for name, (part, _) in PARTS.items():
        count = getattr(asked, name)
        first, last = (0, count) if asked.only is None else (asked.only, asked.only + bool(count))
        if last > first:
            failed += report(name, part(asked.seed, first, last))
    return 1 if failed else 0


def report(name: str, found: Iterator[Verdict]) -> int:
    """Prints the exit codes of each kind of input, and the failures. Returns the number of failures."""
    begun, ends, failures, kinds = time.perf_counter(), Counter(), 0, Counter()
    for each in found:
        kinds[each.kind] += 1
        ends[each.kind, each.code] += 1
        if each.failure:
            failures += 1
            if failures <= SHOWN:
                print(f"  FAILED {name} {each.number}: {each.failure}\n    {each.told}", flush=True)
    total = sum(kinds.values())
    print(f"{name}: {total} inputs, {failures} failures, {time.perf_counter() - begun:.0f} s")
    for kind, count in sorted(kinds.items()):
        codes = ", ".join(f"{code}: {ends[kind, code]}" for code in sorted({c for k, c in ends if k == kind}))
        print(f"  {kind}: {count} (exit codes {codes})")
    return failures


if __name__ == "__main__":
    sys.exit(main())
