"""To pytest-benchmark's JSON, and back. A benchmark carries its rounds, so nothing is lost on the way.

Shape and statistics: pytest-benchmark 5, `--benchmark-json`. A benchmark is a case; its rounds, in that tool's sense,
are the samples of all processes.
"""

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from embbench import wire
from embbench.analysis.collapse.collapse import Result, collapse
from embbench.analysis.collapse.undisturbed import undisturbed
from embbench.cases.case import also_varying, label
from embbench.cases.regular_files import read_file
from embbench.errors import FileError
from embbench.report.cells import semantic_text
from embbench.stats.summary import median
from embbench.store.round import Round, decode, encode

KEY = "embbench"  # of the rounds in extra_info
VERSION = "5.3.1"  # of the format
MEMORY = ("host_peak", "host_step_peak", "device_step_peak")


def extra_info(rounds: Sequence[Round]) -> dict[str, Any]:
    """The fields of a benchmark besides its times. rounds: ok rounds of a single case."""
    (result,) = collapse(rounds)
    peaks = {
        name: max(median(line.metrics[name].values) for line in rounds if name in line.metrics)
        for name in MEMORY
        if any(name in line.metrics for line in rounds)
    }
    return {
        "case_id": result.case_id,
        "case": msgspec.to_builtins(result.case),
        "class": semantic_text(result),
        **peaks,
        KEY: [encode(line).decode().rstrip("\n") for line in rounds],
    }


def render_pytest_benchmark(rounds: Sequence[Round]) -> str:
    """All cases with timed steps, as `--benchmark-json` writes them. Ends with a newline."""
    results = collapse(rounds)
    named = zip(results, distinct_names(results), strict=True)
    first = rounds[0]
    data = {
        "machine_info": {**first.machine, "node": str(first.machine.get("fingerprint", "unknown"))},
        "commit_info": {"id": "unknown", "dirty": False},
        "benchmarks": [_benchmark(result, name, steps) for result, name in named if (steps := _steps(result))],
        "datetime": max(line.started for line in rounds),
        "version": VERSION,
    }
    return wire.document(data)


def read_pytest_benchmark(path: Path) -> list[Round]:
    """The rounds of the file's benchmarks. Raises FileError where the file cannot be read, is not a file of
    pytest-benchmark, carries no rounds, or a round was changed.
    """
    try:
        data = msgspec.json.decode(read_file(path, pipe=True))
        lines = [line.encode() for benchmark in data["benchmarks"] for line in benchmark["extra_info"].get(KEY, ())]
    except FileNotFoundError as error:
        raise FileError(f"{path}: {error.strerror}; name an existing file") from None
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        raise FileError(f"{path}: not a file of pytest-benchmark; write one with --benchmark-json FILE") from None
    if not lines:
        raise FileError(
            f"{path}: the file has no case of a suite; measure cases with `pytest suites/ --benchmark-json FILE`"
        )
    return [decode(line, f"{path} round {number}") for number, line in enumerate(lines, 1)]


def distinct_names(results: Sequence[Result]) -> list[str]:
    """The name of each result, with machine and versions where a case has several. The names depend on failed results
    too, so a case that fails in a run does not rename the others.
    """
    also = also_varying([result.case for result in results])
    names = [label(result.case, also) for result in results]
    return [
        name if names.count(name) == 1 else " ".join(filter(None, [name, result.machine, result.software]))
        for name, result in zip(names, results, strict=True)
    ]


def _steps(result: Result) -> list[float]:
    """Seconds of steps; [] for rounds without step times."""
    timed = [undisturbed(line).metrics["step_time"].values for line in result.good if "step_time" in line.metrics]
    return [value for values in timed for value in values]


def _benchmark(result: Result, text: str, steps: Sequence[float]) -> dict[str, Any]:
    name = text.replace(" ", "-")
    suite = result.rounds[0].suite or "embbench"
    return {
        "group": None,
        "name": f"test_step[{name}]",
        "fullname": f"suites/{suite}.toml::test_step[{name}]",
        "params": {"case": name},
        "param": name,
        "extra_info": extra_info(result.good),
        "options": {"timer": "embbench_worker"},
        "stats": _stats(steps),
    }


def _stats(data: Sequence[float]) -> dict[str, Any]:
    """The statistics of pytest-benchmark: quartiles by Tukey's hinges, outliers beyond 1.5 of their distance or
    beyond a standard deviation.
    """
    ordered, n = sorted(data), len(data)
    mean, deviation = statistics.mean(data), statistics.stdev(data) if n > 1 else 0
    q1, q3 = _quartile(ordered), _quartile(ordered[::-1])
    low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
    beyond = sum(value < mean - deviation or value > mean + deviation for value in data)
    outliers = sum(value < low or value > high for value in data)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": deviation,
        "rounds": n,
        "median": statistics.median(data),
        "iqr": q3 - q1,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": outliers,
        "stddev_outliers": beyond,
        "outliers": f"{beyond};{outliers}",
        "ld15iqr": ordered[bisect_left(ordered, low)],
        "hd15iqr": ordered[bisect_right(ordered, high) - 1],
        "ops": n / sum(data) if sum(data) else 0,  # the definition of pytest-benchmark
        "total": sum(data),
        "data": list(data),
        "iterations": 1,
    }


def _quartile(ordered: Sequence[float]) -> float:
    """The lower quartile; the upper quartile for values in descending order."""
    n, rest = divmod(len(ordered), 4)
    if len(ordered) == 1:
        return ordered[0]
    if rest % 2 == 0:
        return statistics.median(ordered[: len(ordered) // 2])
    if rest == 1:
        return 0.25 * ordered[n - 1] + 0.75 * ordered[n]
    return 0.75 * ordered[n] + 0.25 * ordered[n + 1]
