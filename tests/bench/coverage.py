"""How often intervals of a few recorded rounds hold the median of the others. Prints figures; asserts nothing.

    python -m tests.bench.coverage results/embedding-scaling-epyc.jsonl --rounds 3

Uses all choices of the given number of rounds, the same rounds of every case: times, and ratios against default
updates. A median of a few other rounds is not the truth, so a correct 95 % interval holds it less often than in 95 %.
Made-up rounds with the same scatter (normal, with an effect of each round on all cases) show how often: once for the
median of their other rounds, and once for their truth.
"""

import argparse
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.measures import Absent, Measures
from embbench.stats.summary import Summary, median
from embbench.store.journal import read_rounds
from embbench.store.round import Round

Level = Callable[[Round], float]
DEFAULT = ("trainable", "default")
REPEATS = 20  # made-up files


def value(line: Round) -> float:
    return median(line.metrics["step_time"].values)


def intervals(lines: Sequence[Round]) -> Iterator[tuple[Result, Result | None, Summary]]:
    """(result, reference of the ratio or None for a time, time or ratio)."""
    results = collapse(lines)
    measures = Measures(results)
    for each in results:
        found = measures.summary(each, "step_time")
        if not isinstance(found, Absent):
            yield each, None, found
        same = [o for o in results if (o.case.table, o.case.update, o.case.vocab) == (*DEFAULT, each.case.vocab)]
        if len(same) == 1 and same[0] is not each and (ratio := measures.ratio(each, same[0], "step_time")):
            yield each, same[0], ratio


def held(lines: Sequence[Round], count: int, truth: Level | None = None) -> dict[str, list[bool]]:
    """Whether each interval of `count` rounds holds the median of the others, or `truth`, for times and for ratios."""
    told: dict[str, list[bool]] = {"times": [], "ratios": []}
    numbers = sorted({line.round for line in lines})
    by = {(line.case_id, line.round): line for line in lines}
    for chosen in itertools.combinations(numbers, count):
        others = [number for number in numbers if number not in chosen]
        for result, against, found in intervals([line for line in lines if line.round in chosen]):
            if found.low is None or found.high is None:
                continue

            def level(number: int, result: Result = result, against: Result | None = against) -> float:
                of = truth or value
                top = of(by[result.case_id, number])
                return top if against is None else top / of(by[against.case_id, number])

            wanted = median(map(level, others))
            told["times" if against is None else "ratios"].append(found.low <= wanted <= found.high)
    return told


def made_up(lines: Sequence[Round], rng: np.random.Generator) -> tuple[list[Round], Level]:
    """Rounds with the same scatter as `lines`, and their true times."""
    cases, numbers = sorted({line.case_id for line in lines}), sorted({line.round for line in lines})
    logs = {(line.case_id, line.round): math.log(value(line)) for line in lines}
    table = np.array([[logs[case, number] for number in numbers] for case in cases])
    centers = table.mean(axis=1, keepdims=True)
    visits = (table - centers).mean(axis=0).std(ddof=1)
    own = (table - centers - (table - centers).mean(axis=0)).std(axis=1, ddof=1)
    drawn = centers + rng.normal(0, visits, len(numbers)) + rng.normal(0, 1, table.shape) * own[:, None]
    found = []
    for line in lines:
        seconds = math.exp(drawn[cases.index(line.case_id), numbers.index(line.round)])
        values = msgspec.structs.replace(line.metrics["step_time"], values=(seconds,))
        found.append(msgspec.structs.replace(line, metrics={**line.metrics, "step_time": values}))
    true = {case: math.exp(center) for case, center in zip(cases, centers[:, 0], strict=True)}
    return found, lambda line: true[line.case_id]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    lines = [line for line in read_rounds([asked.file])[0] if line.status == "ok"]
    recorded = held(lines, asked.rounds)
    rng = np.random.default_rng(0)
    others: dict[str, list[bool]] = {"times": [], "ratios": []}
    truths: dict[str, list[bool]] = {"times": [], "ratios": []}
    for _ in range(REPEATS):
        drawn, truth = made_up(lines, rng)
        for kind, found in held(drawn, asked.rounds).items():
            others[kind] += found
        for kind, found in held(drawn, asked.rounds, truth).items():
            truths[kind] += found
    for kind in recorded:
        shares = [np.mean(each[kind]) for each in (recorded, others, truths)]
        print(
            f"{kind}: the median of the others is held by {shares[0]:.1%} of {len(recorded[kind])} intervals of "
            f"{asked.rounds} rounds; of made-up rounds by {shares[1]:.1%}, and the truth by {shares[2]:.1%}"
        )


if __name__ == "__main__":
    main()
