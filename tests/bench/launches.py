"""The scatter of launches of a program against itself, in time and memory, by what the sides of a launch share.

python -m tests.bench.launches measure DIRECTORY [--programs example,sparse] [--conditions own,seed] [--busy]
python -m tests.bench.launches table DIRECTORY [--busy]

A launch is a launch of `embbench ab`: two resident workers that take turns. Times are shown unchanged and at equal page
faults and waits (see `analysis.compare.chance`). Conditions: `own`, each side has its own hash seed; `seed`, the sides
of a launch share a hash seed; `fixed`, the system also puts both at the same addresses (needs setarch). --busy: while
another process uses one core half of the time. Programs and conditions take turns. Repeat an interrupted command to
continue it. Prints the deviation of the log-ratios with its 95 % interval; asserts nothing.
"""

import argparse
import itertools
import math
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path

from scipy import stats

from embbench.ab.decision import Launch
from embbench.ab.launches import hash_seed
from embbench.ab.session import taking_turns
from embbench.ab.sides import Party, origin_of
from embbench.analysis.compare.chance import at_equal_chance
from embbench.cases.protocol import PRESETS
from embbench.host.machine import machine_facts
from embbench.launch.attempt import Job
from embbench.launch.pair import PairExecutor
from embbench.launch.requests import make_request
from embbench.stats.effects import alternating_ratio
from embbench.stats.summary import median
from embbench.store.journal import Journal, read_rounds
from tests.bench.programs import PROGRAMS, be_busy, party

CONDITIONS = ("own", "seed", "fixed")
METRICS = ("step_time", "host_peak")


def files(directory: Path, program: str, condition: str) -> tuple[Path, Path]:
    """The results files of base and head."""
    return directory / f"{program}-{condition}.base.jsonl", directory / f"{program}-{condition}.head.jsonl"


def launch(side: Party, condition: str, number: int, name: str) -> Launch:
    machine, protocol = machine_facts(), taking_turns(PRESETS["standard"])
    seeds = [hash_seed(f"{name}/{number}{'' if condition != 'own' else at}") for at in (0, 1)]
    before = ("setarch", "-R") if condition == "fixed" else ()
    sides = [
        Job(
            make_request(
                "launches",
                "",
                side.case,
                number,
                protocol,
                side.contender,
                f"{name}/{number}",
                hash_seed=seed,
                checked=number > 0,
                watched=number > 0,
            ),
            (*before, *side.command),
            origin_of(side, machine),
        )
        for seed in seeds
    ]
    one, other = PairExecutor().execute(*(sides if number % 2 == 0 else reversed(sides)), 600.0, lambda phase: None)
    return (one, other) if number % 2 == 0 else (other, one)


def measure(directory: Path, programs: Sequence[str], conditions: Sequence[str], launches: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for number, program, condition in itertools.product(range(launches), programs, conditions):
        base, head = (Journal(path) for path in files(directory, program, condition))
        with base, head:
            if len(head.rounds) > number:
                continue
            made = launch(party(program, directory), condition, number, f"{program}-{condition}")
            for journal, each in zip((base, head), made, strict=True):
                journal.append(each)
            print(number, program, condition, *(each.status for each in made), flush=True)


def ratios(launches: Sequence[Launch], metric: str) -> list[float]:
    found = []
    for both in launches:
        one, other = (each.metrics[metric].values for each in both)
        found.append(alternating_ratio(one, other) if len(one) > 1 else median(other) / median(one))
    return found


def deviation(values: Sequence[float]) -> tuple[float, float, float]:
    """The deviation of the logarithms, with its interval for normal values."""
    logs, freedom = list(map(math.log, values)), len(values) - 1
    mean = math.fsum(logs) / len(logs)
    squares = math.fsum((each - mean) ** 2 for each in logs)
    bounds = (stats.chi2.ppf(quantile, freedom) for quantile in (0.975, 0.025))
    return math.sqrt(squares / freedom), *(math.sqrt(squares / bound) for bound in bounds)


def recorded(directory: Path) -> Iterator[tuple[str, str, list[Launch]]]:
    """(program, condition, launches) per version of embbench, because launches of different programs do not mix."""
    for program, condition in itertools.product(PROGRAMS, CONDITIONS):
        paths = files(directory, program, condition)
        if not paths[1].exists():
            continue
        versions: dict[str, list[Launch]] = {}
        for each in zip(*(read_rounds([path])[0] for path in paths), strict=False):
            if {side.status for side in each} == {"ok"}:
                versions.setdefault(each[0].software["embbench"], []).append(each)
        for launches in versions.values():
            yield program, condition, launches


def table(directory: Path) -> None:
    for program, condition, launches in recorded(directory):
        if len(launches) < 2:
            continue
        equal = at_equal_chance(list(zip(*launches, strict=True)))
        tables = [(metric, launches) for metric in METRICS]
        if equal is not None:
            told = ", ".join(f"{kind} ({cost:.3g} s each)" for kind, cost in equal.costs.items())
            tables.append((f"at equal {told}", list(zip(*equal.lines, strict=True))))
        for name, lines in tables:
            found = ratios(lines, name if name in METRICS else "step_time")
            middle, low, high = deviation(found)
            print(
                f"{program:12} {condition:6} {name:10} {len(found):4d} launches, deviation {middle:.3%} "
                f"({low:.3%} to {high:.3%}), ratios {min(found):.4f} to {max(found):.4f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("measure", "table"))
    parser.add_argument("directory", type=Path)
    parser.add_argument("--programs", default="example,sparse", help=", ".join(PROGRAMS))
    parser.add_argument("--conditions", default=",".join(CONDITIONS))
    parser.add_argument("--launches", type=int, default=120)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    directory = asked.directory / ("busy" if asked.busy else "quiet")
    if asked.verb == "table":
        table(directory)
        return
    other = multiprocessing.Process(target=be_busy, daemon=True)
    if asked.busy:
        other.start()
    measure(directory, asked.programs.split(","), asked.conditions.split(","), asked.launches)


if __name__ == "__main__":
    main()
