"""How often the decisions are wrong: false alarms of equal programs, slowdowns that are seen; beside the rules of other
tools on the same samples. Prints figures with intervals; asserts nothing.

python -m tests.bench.decisions measure DIRECTORY --slowdown 0 --comparisons 200 [--busy]
python -m tests.bench.decisions memory DIRECTORY --growth 1 --comparisons 10
python -m tests.bench.decisions table DIRECTORY

Every comparison is one of `embbench selftest`: real workers, 60 s at most. --busy: while another process uses one core
half of the time. memory: of a table of 102 MB with Adam, its program against itself with --growth per cent of its peak
held besides. Interrupted, the same command goes on.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

import msgspec
from scipy import stats

from embbench.ab.decision import consult
from embbench.ab.launches import known_launches
from embbench.ab.selftest import CHANGES, launch_seconds
from embbench.ab.session import THRESHOLDS, Session, taking_turns
from embbench.ab.sides import Contest, local_party
from embbench.cli.alternating import measure, side_files
from embbench.compare.judge import Terms
from embbench.contenders import discover, read
from embbench.host.machine import machine_facts
from embbench.launch.attempt import WORKER
from embbench.launch.preflight import predicted_bytes
from embbench.spec.case import make_case
from embbench.spec.protocol import PRESETS
from embbench.spec.thresholds import default_threshold
from embbench.stats.proportion import proportion
from embbench.store.journal import read_rounds

LARGE = {"vocab": 200_000, "dim": 128}
AXES = {"contender": "numpy", "vocab": 20_000, "dim": 16, "hidden": 8, "batch": 8, "seq": 8, "threads": 2}
TERMS = Terms(THRESHOLDS)
MEMORY = Terms({"host_peak": default_threshold("host_peak")})
BUDGET = 60.0
PERIOD = 0.2  # seconds: half of it busy
Launches = Sequence[tuple[Sequence[float], Sequence[float]]]  # samples of base and of head, a launch each


def be_busy() -> None:
    while True:
        until = time.monotonic() + PERIOD / 2
        while time.monotonic() < until:
            pass
        time.sleep(PERIOD / 2)


def contests(slowdown: float, comparisons: int) -> list[Contest]:
    case = make_case({**AXES, "table": "trainable", "update": "default"})
    party = local_party(case, discover()["numpy"], WORKER)
    plain, slow = (msgspec.structs.replace(party, slowdown=share) for share in (0.0, slowdown))
    return [Contest(f"{slowdown:.0%} {number + 1}", plain, slow, f"c{number}") for number in range(comparisons)]


def take(name: str, slowdown: float, comparisons: int, busy: bool) -> None:
    other = multiprocessing.Process(target=be_busy, daemon=True)
    if busy:
        other.start()
    protocol, machine = taking_turns(PRESETS["standard"]), machine_facts()
    found = contests(slowdown, comparisons)
    measure([Session("decisions", (each,), protocol, TERMS, BUDGET, machine) for each in found], name)
    if busy:
        other.terminate()


def grow(name: str, growth: float, comparisons: int) -> None:
    """Prints what came out; the rounds lie beside the others' and are in no table of times."""
    case = make_case({**AXES, **LARGE, "table": "trainable", "update": "default"})
    contender = discover()["numpy"]
    grown = Path(f"{name}.contender") / "numpy.py"
    grown.parent.mkdir(parents=True, exist_ok=True)
    more = int(growth * predicted_bytes(case, contender.declaration))
    source = Path(contender.path).read_text(encoding="utf-8")
    grown.write_text(f"{source}\n\nGROWN = np.ones({more}, dtype=np.uint8)\n", encoding="utf-8")
    base, head = (local_party(case, each, WORKER) for each in (contender, read(grown)))
    found = [Contest(f"grown {number + 1}", base, head, f"m{number}") for number in range(comparisons)]
    protocol, machine = taking_turns(PRESETS["standard"]), machine_facts()
    outcome = measure([Session("decisions", (each,), protocol, MEMORY, BUDGET, machine) for each in found], name)
    ratios = [each.ratio.center for each in outcome.comparisons if each.ratio is not None]
    seen = sum(each.verdict == "regression" for each in outcome.comparisons)
    print(f"{more} bytes more, peaks {median(ratios):.4f} times as high ({min(ratios):.4f} to {max(ratios):.4f})")
    print(f"{'embbench':30}{told(seen, len(outcome.comparisons))} regression")


def pytest_benchmark(statistic: Callable[[Sequence[float]], float]) -> Callable[[Launches], bool]:
    """--benchmark-compare-fail=STATISTIC:5%: one process a side (pytest-benchmark, Comparing past runs)."""
    return lambda launches: statistic(launches[0][1]) > 1.05 * statistic(launches[0][0])


def pyperf(launches: Launches) -> bool:
    """compare_to: all values of all processes, Student's t at 95 % (pyperf, Analyze benchmark results)."""
    base, head = _pooled(launches)
    return bool(fmean(head) > fmean(base) and stats.ttest_ind(base, head).pvalue < 0.05)


def asv(launches: Launches) -> bool:
    """compare, continuous: medians differ by a factor of 1.1 or more, and Mann and Whitney's p < 0.002 over all values
    (asv, Tuning timing measurements)."""
    base, head = _pooled(launches)
    return bool(median(head) > 1.1 * median(base) and stats.mannwhitneyu(base, head).pvalue < 0.002)


def benchstat(launches: Launches) -> bool:
    """One value a process, Mann and Whitney's p < 0.05 (golang.org/x/perf/cmd/benchstat)."""
    base, head = ([median(launch[index]) for launch in launches] for index in (0, 1))
    return bool(median(head) > median(base) and stats.mannwhitneyu(base, head).pvalue < 0.05)


OTHERS: dict[str, Callable[[Launches], bool]] = {
    "pytest-benchmark min:5%": pytest_benchmark(min),
    "pytest-benchmark median:5%": pytest_benchmark(median),
    "pytest-benchmark mean:5%": pytest_benchmark(fmean),
    "pyperf compare_to": pyperf,
    "asv continuous": asv,
    "benchstat": benchstat,
}


def _pooled(launches: Launches) -> tuple[list[float], list[float]]:
    return [v for base, _ in launches for v in base], [v for _, head in launches for v in head]


def told(count: int, n: int) -> str:
    share = proportion(count, n)
    return f"{count:4d} of {n:4d} = {share.center:6.1%} ({share.low:.1%} to {share.high:.1%})"


def table(directory: Path) -> None:
    for name in sorted({path.name.rpartition(".base.jsonl")[0] for path in directory.glob("*.base.jsonl")}):
        sides = [read_rounds([path])[0] for path in side_files(str(directory / name))]
        slowdown = float(name.rpartition("-")[2]) / 100
        final, samples = [], []
        for contest in contests(slowdown, 10_000):
            launches = known_launches(contest, *sides)
            if not launches:
                break
            step = consult(contest.name, launches, TERMS, 1)
            seconds = launch_seconds([base for base, _ in launches])
            if step.next is not None and seconds * (len(launches) + 1) < BUDGET:
                continue  # it was cut off
            final.append(consult(contest.name, launches, TERMS, 1, last=True).comparisons[0])
            samples.append([tuple(side.metrics["step_time"].values for side in launch) for launch in launches])
        print(f"\n{name}: {len(final)} comparisons, {median(map(len, samples))} launches in the median")
        print(f"  a launch every {launch_seconds(sides[0]):.2f} s, {sides[0][0].started} to {sides[0][-1].started}")
        print(f"  {'embbench':28}{told(sum(each.verdict == 'regression' for each in final), len(final))} regression")
        print(f"  {'':28}{told(sum(each.verdict in CHANGES for each in final), len(final))} any change")
        print(f"  {'':28}{told(sum(each.verdict == 'inconclusive' for each in final), len(final))} inconclusive")
        for tool, rule in OTHERS.items():
            print(f"  {tool:28}{told(sum(map(rule, samples)), len(samples))} slower")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("measure", "memory", "table"))
    parser.add_argument("directory", type=Path)
    parser.add_argument("--slowdown", type=float, default=0.0, help="per cent")
    parser.add_argument("--growth", type=float, default=1.0, help="per cent")
    parser.add_argument("--comparisons", type=int, default=20)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    if asked.verb == "table":
        table(asked.directory)
    elif asked.verb == "memory":
        grow(str(asked.directory / "memory" / f"{asked.growth:g}"), asked.growth / 100, asked.comparisons)
    else:
        name = f"{'busy' if asked.busy else 'quiet'}-{asked.slowdown:g}"
        take(str(asked.directory / name), asked.slowdown / 100, asked.comparisons, asked.busy)


if __name__ == "__main__":
    main()
