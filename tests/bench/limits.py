"""The costs of the command itself, and the sizes that must work. Prints figures; asserts nothing.

    python -m tests.bench.limits [runs]

Run it on an idle machine with 24 GB: it measures the default run and the largest tables, which takes about 6 minutes.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from embbench.cases.units import format_quantity
from embbench.stats.summary import summarize
from embbench.store.journal import read_rounds

# The command, with the parent's own peak memory at its end. The peaks of workers do not count for the parent.
PARENT = """
import atexit, sys
from embbench.cli import main
from embbench.host.memory import peak_bytes
atexit.register(lambda: print("PEAK", peak_bytes(), file=sys.stderr))
sys.exit(main())
"""


def main(runs: int) -> None:
    starts = [timed(["--help"])[0] for _ in range(runs)]
    told = summarize(starts)
    print(f"embbench --help: median {told.center:.3f} s, 95 % {told.low:.3f} to {told.high:.3f} s ({runs} runs)")
    with tempfile.TemporaryDirectory() as directory:
        for number, (name, axes) in enumerate(
            {
                "a case that cannot fit is skipped": ["--vocab", "2G", "--table", "trainable", "--update", "default"],
                "2M x 128, trainable, default Adam": ["--vocab", "2M", "--table", "trainable", "--update", "default"],
                "20M x 128, frozen": ["--vocab", "20M", "--table", "frozen"],
                "the default run": [],
            }.items()
        ):
            preset = ["--preset", "quick"] if axes else []
            out = Path(directory) / f"{number}.jsonl"
            seconds, lines, parent = timed(["run", *axes, *preset, "--out", str(out)])
            first = next((when for when, line in lines if line.startswith("step ")), None)
            rounds = read_rounds([out])[0]
            statuses = sorted({round_.status for round_ in rounds})
            peaks = [round_.metrics["host_peak"].values[0] for round_ in rounds if "host_peak" in round_.metrics]
            peak = format_quantity(max(peaks), "B") if peaks else "none"
            print(
                f"{name}: {', '.join(statuses)}; {seconds:.1f} s, first finished case after "
                f"{'none' if first is None else f'{first:.1f} s'}, largest worker {peak}, parent "
                f"{format_quantity(parent, 'B')}",
                flush=True,
            )


def timed(arguments: list[str]) -> tuple[float, list[tuple[float, str]], int]:
    """(seconds of the command, stderr lines with their seconds, the parent's peak bytes)."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = [(time.perf_counter() - begin, line.strip()) for line in process.stderr]
    process.wait()
    peak = next((int(line.split()[1]) for _, line in reversed(lines) if line.startswith("PEAK")), 0)
    return time.perf_counter() - begin, lines, peak


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
