"""How often a comparison of some launches is right, from recorded launches of a program against itself.

    python -m tests.bench.resampled DIRECTORY --launches 7 [--busy] [--draws 400]

DIRECTORY: filled by `tests.bench.launches measure`. A draw takes whole launches in random order, without repeats, and
slows the head's steps by 0, 5 or 10 %. embbench's rule decides after each launch, as in a comparison; the rules of
other tools decide after all launches. Prints shares with their intervals; asserts nothing. Draws from one record are
not independent of each other: the size of the record, not the number of draws, limits the accuracy of the shares.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from embbench.ab.decision import Launch, consult
from embbench.ab.selftest import CHANGES
from embbench.store.round import Round
from tests.bench.decisions import OPTIONS, OTHERS, told
from tests.bench.launches import recorded

SLOWDOWNS = (0.0, 0.05, 0.10)


def slowed(line: Round, share: float) -> Round:
    """The round with steps that take longer by `share`."""
    times = line.metrics["step_time"]
    slower = msgspec.structs.replace(times, values=tuple(value * (1 + share) for value in times.values))
    return msgspec.structs.replace(line, metrics={**line.metrics, "step_time": slower})


def verdicts(launches: Sequence[Launch]) -> dict[str, str]:
    """Metric -> verdict, at the first launch that decides."""
    for count in range(1, len(launches) + 1):
        step = consult("", launches[:count], OPTIONS, 1, last=count == len(launches))
        if not step.go_on:
            return {each.metric: each.verdict for each in step.comparisons}
    raise AssertionError("the last launch decides")


def print_shares(name: str, launches: Sequence[Launch], count: int, draws: int) -> None:
    rng = np.random.default_rng(0)
    for share in SLOWDOWNS:
        heads = [(base, slowed(head, share)) for base, head in launches]
        found: list[dict[str, str]] = []
        others = dict.fromkeys(OTHERS, 0)
        for _ in range(draws):
            some = [heads[at] for at in rng.permutation(len(heads))[:count]]
            found.append(verdicts(some))
            samples = [tuple(side.metrics["step_time"].values for side in launch) for launch in some]
            for tool, decide in OTHERS.items():
                others[tool] += decide(samples)
        print(f"\n{name}, {share:.0%} slower: {count} launches of {len(launches)}, {draws} draws")
        seen = [
            sum(each["step_time"] == verdict for each in found) for verdict in ("regression", "improvement", "same")
        ]
        for verdict, number in zip(("regression", "improvement", "same"), seen, strict=True):
            print(f"  {'step_time ' + verdict:28}{told(number, draws)}")
        memory = sum(each["host_peak"] in CHANGES for each in found)
        either = sum(any(verdict in CHANGES for verdict in each.values()) for each in found)
        print(f"  {'host_peak changed':28}{told(memory, draws)}")
        print(f"  {'either changed':28}{told(either, draws)}")
        for tool, number in others.items():
            print(f"  {tool:28}{told(number, draws)} slower")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--launches", type=int, default=7)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    for program, condition, launches in recorded(asked.directory / ("busy" if asked.busy else "quiet")):
        if len(launches) >= asked.launches:
            print_shares(f"{program}, {condition}", launches, asked.launches, asked.draws)


if __name__ == "__main__":
    main()
