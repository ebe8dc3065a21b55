"""How often the decisions are wrong: false alarms of equal programs, and detected slowdowns, beside the rules of other
tools on the same samples. Prints figures with intervals; asserts nothing.

python -m tests.bench.decisions measure DIRECTORY --program example --slowdown 0 --comparisons 20 [--busy]
python -m tests.bench.decisions memory DIRECTORY --growth 1 --comparisons 10
python -m tests.bench.decisions table DIRECTORY

A comparison is a comparison of `embbench selftest`: real workers, at most 60 s (180 s for Keras and TensorFlow), for
times and memory together. --program: see `tests.bench.programs`. --busy: while another process uses one core half of
the time. memory: for a table of 102 MB with Adam, the program against itself with --growth per cent more of its peak.
Repeat an interrupted command to continue it.
"""

import argparse
import multiprocessing
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
from embbench.analysis.compare.comparison import Comparison
from embbench.analysis.compare.evidence import CompareOptions
from embbench.cases.case import make_case
from embbench.cases.protocol import PRESETS
from embbench.cases.thresholds import default_threshold
from embbench.cli.ab_session import measure, side_files
from embbench.contenders import discover, read
from embbench.host.machine import machine_facts
from embbench.launch.attempt import WORKER
from embbench.launch.preflight import predicted_bytes
from embbench.stats.proportion import proportion
from embbench.store.journal import read_rounds
from embbench.store.round import Round
from tests.bench.programs import BUDGETS, PROGRAMS, SMALL, be_busy, party

LARGE = {"vocab": 200_000, "dim": 128}
OPTIONS = CompareOptions(THRESHOLDS | {"host_peak": default_threshold("host_peak")})
MEMORY = CompareOptions({"host_peak": default_threshold("host_peak")})
BUDGET = 60.0
Launches = Sequence[tuple[Sequence[float], Sequence[float]]]  # samples of base and of head, per launch


def contests(program: str, directory: Path, slowdown: float, comparisons: int) -> list[Contest]:
    plain, slow = (msgspec.structs.replace(party(program, directory), slowdown=share) for share in (0.0, slowdown))
    return [Contest(f"{slowdown:.0%} {number + 1}", plain, slow, f"c{number}") for number in range(comparisons)]


def take(directory: Path, program: str, slowdown: float, comparisons: int, busy: bool) -> None:
    name = str(directory / f"{program}-{'busy' if busy else 'quiet'}-{100 * slowdown:g}")
    other = multiprocessing.Process(target=be_busy, daemon=True)
    if busy:
        other.start()
    protocol, machine = taking_turns(PRESETS["standard"]), machine_facts()
    budget = BUDGETS.get(program, BUDGET)
    found = contests(program, directory, slowdown, comparisons)
    over = Path(f"{name}.over")  # a comparison whose time is spent gets no more time
    keys = over.read_text(encoding="utf-8").split() if over.exists() else []
    for each in found:
        if each.key in keys:
            continue
        if measure([Session("decisions", (each,), protocol, OPTIONS, budget, machine)], name, True).interrupted:
            break
        keys.append(each.key)
        over.write_text("\n".join(keys), encoding="utf-8")
    if busy:
        other.terminate()


def grow(name: str, growth: float, comparisons: int) -> None:
    """Prints the result. Its rounds are saved beside the other rounds, and are in no table of times."""
    case = make_case({"contender": "numpy", **SMALL, **LARGE, "threads": 2})
    contender = discover()["numpy"]
    grown = Path(f"{name}.contender") / "numpy.py"
    grown.parent.mkdir(parents=True, exist_ok=True)
    more = int(growth * predicted_bytes(case, contender.declaration))
    source = Path(contender.path).read_text(encoding="utf-8")
    grown.write_text(f"{source}\n\nimport numpy as np\n\nGROWN = np.ones({more}, dtype=np.uint8)\n", encoding="utf-8")
    base, head = (local_party(case, each, WORKER) for each in (contender, read(grown)))
    found = [Contest(f"grown {number + 1}", base, head, f"m{number}") for number in range(comparisons)]
    protocol, machine = taking_turns(PRESETS["standard"]), machine_facts()
    outcome = measure([Session("decisions", (each,), protocol, MEMORY, BUDGET, machine) for each in found], name, True)
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
        program, _, slowdown = name.split("-")
        budget, final, samples = BUDGETS.get(program, BUDGET), [], []
        for contest in contests(program, directory, float(slowdown) / 100, 10_000):
            launches = known_launches(contest, *sides)
            if not launches:
                break
            step = consult(contest.name, launches, OPTIONS, 1)
            seconds = launch_seconds([base for base, _ in launches])
            if step.go_on and seconds * (len(launches) + 1) < budget:
                continue  # the comparison was cut off
            final.append(consult(contest.name, launches, OPTIONS, 1, last=True).comparisons)
            samples.append([tuple(side.metrics["step_time"].values for side in launch) for launch in launches])
        _print(name, sides[0], final, samples)


def _print(
    name: str, base: Sequence[Round], final: Sequence[Sequence[Comparison]], samples: Sequence[Launches]
) -> None:
    print(f"\n{name}: {len(final)} comparisons, {median(map(len, samples))} launches in the median")
    print(f"  a launch every {launch_seconds(base):.2f} s, {base[0].started} to {base[-1].started}")
    for metric in OPTIONS.metrics:
        verdicts = [each.verdict for both in final for each in both if each.metric == metric]
        for kind, counted in (("regression", {"regression"}), ("any change", CHANGES), ("same", {"same"})):
            told_of = f"embbench, {metric}"
            print(f"  {told_of:28}{told(sum(each in counted for each in verdicts), len(verdicts))} {kind}")
    for tool, slower in OTHERS.items():
        print(f"  {tool:28}{told(sum(map(slower, samples)), len(samples))} slower")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("measure", "memory", "table"))
    parser.add_argument("directory", type=Path)
    parser.add_argument("--program", default="example", choices=PROGRAMS)
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
        take(asked.directory, asked.program, asked.slowdown / 100, asked.comparisons, asked.busy)


if __name__ == "__main__":
    main()
