"""Is the host peak what arithmetic says? Prints peak over (theoretical bytes + base) for each mode.

python -m tests.bench.memory [vocab] [dim]
"""

import subprocess
import sys

import msgspec

from embbench.contenders import discover
from embbench.host.machine import usable_cpus
from embbench.spec.case import label, make_case
from embbench.spec.contender import Path
from embbench.spec.protocol import Protocol
from embbench.store.exchange import Answer, Request

MODES = [
    {"table": "frozen"},
    *({"update": "default", "optimizer": name} for name in ("sgd", "momentum", "adagrad", "adam", "adamw")),
    *({"update": "fused", "optimizer": name} for name in ("sgd", "momentum", "adagrad", "adam", "adamw")),
    *({"update": "sparse", "optimizer": name} for name in ("sgd", "adagrad", "adam")),
    *({"update": "compact", "optimizer": name} for name in ("sgd", "momentum", "adagrad", "adam", "adamw")),
    {"table": "hybrid", "update": "default"},
]


def main(vocab: int, dim: int) -> None:
    contender = discover()["pytorch"]
    print(f"{'case':48} {'base':>8} {'build':>9} {'step':>9} {'theory':>9}  ratio  tables")
    for mode in MODES:
        case = make_case({"vocab": vocab, "dim": dim, "threads": usable_cpus(), **mode})
        assert isinstance(contender.declaration.path(case), Path)
        asked = Request(
            run="bench",
            suite="bench",
            case=case,
            round=0,
            protocol=Protocol(budget=0.1, warmup=0.1),
            contender=contender.path,
        )
        command = [sys.executable, "-m", "embbench.worker"]
        done = subprocess.run(command, input=msgspec.json.encode(asked), capture_output=True, check=True)
        round_ = msgspec.json.decode(done.stdout.splitlines()[-1], type=Answer).round
        value = {name: metric.values[0] for name, metric in round_.metrics.items()}
        tables = (value["host_step_peak"] - value["host_base"]) / case.table_bytes
        sizes = ("host_base", "host_build_peak", "host_step_peak", "theoretical_peak")
        figures = " ".join(f"{value[name] / 1e6:7.0f}MB" for name in sizes)
        print(f"{label(case):48} {figures}  {value['peak_ratio']:.3f}  {tables:.2f}", flush=True)


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], *("1000000", "64")[len(sys.argv) - 1 :])))
