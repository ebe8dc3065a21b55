"""How long `embbench report` takes over 10,000 rounds, Python's start included. Prints seconds; asserts nothing.

python -m tests.bench.report_speed [runs]
"""

import itertools
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from embbench.cases.case import case_id, make_case
from embbench.cases.protocol import PRESETS
from embbench.stats.summary import summarize
from embbench.store.round import Audit, Round, Values, encode

ROUNDS, SAMPLES = 10, 50
VOCABS = [10_000 * step for step in range(1, 26)]
PATHS = [("frozen", "none"), ("trainable", "default"), ("trainable", "sparse"), ("trainable", "compact")]
TOKENS = ["words", "uniform", "zipf:1", "same", "words:shuffled"]
BATCHES = [32, 64]
MACHINE = {"cpu": "made up", "cpus": 2, "memory": 25 * 10**9, "devices": [], "fingerprint": "00000000"}
SCRIPT = "import sys; from embbench.cli import main; sys.exit(main())"


def write(path: Path) -> int:
    """Writes the rounds; returns their number."""
    draw, number = random.Random(0), 0
    with path.open("wb") as file:
        for vocab, (table, update), tokens, batch in itertools.product(VOCABS, PATHS, TOKENS, BATCHES):
            values = {"vocab": vocab, "table": table, "tokens": tokens, "batch": batch, "threads": 2}
            case = make_case(values if table == "frozen" else {**values, "update": update})
            for round_number in range(ROUNDS):
                samples = tuple(0.01 * draw.lognormvariate(0, 0.05) for _ in range(SAMPLES))
                one = {"unique_rows": 900.0, "unique_share": 0.4, "multiplicity": 70.0}
                metrics = {name: Values("1", "workload", "none", (value,)) for name, value in one.items()}
                metrics["step_time"] = Values("s", "wall", "lower", samples)
                metrics["host_peak"] = Values("B", "process", "lower", (1e9 + draw.randrange(10**6),))
                line = Round(
                    run="made-up",
                    suite="sparse-updates",
                    case_id=case_id(case),
                    case=case,
                    round=round_number,
                    protocol=PRESETS["thorough"],
                    status="ok",
                    metrics=metrics,
                    audit=Audit("frozen" if table == "frozen" else "dense", True, 1e-7, 40),
                    ran={"lstm": "made up"},
                    conditions={"steal": 0.0, "pressure": draw.random(), "switches": draw.randrange(100)},
                    machine=MACHINE,
                    software={"python": "3.11", "torch": "2.13"},
                    started="2026-01-05T10:00:00Z",
                )
                file.write(encode(line))
                number += 1
    return number


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rounds.jsonl"
        number = write(path)
        print(f"{number} rounds, {path.stat().st_size / 1e6:.0f} MB")
        for told in (["--format", "text"], ["--format", "csv"]):
            seconds = []
            for _ in range(runs):
                before = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-c", SCRIPT, "report", str(path), *told], check=True, stdout=subprocess.DEVNULL
                )
                seconds.append(time.perf_counter() - before)
            found = summarize(seconds)
            print(f"report {' '.join(told)}: median {found.center:.2f} s, 95 % {found.low:.2f} to {found.high:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
