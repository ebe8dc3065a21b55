"""Does the host peak agree with arithmetic? Prints peak over (theoretical bytes + base) for each case.

    python -m tests.bench.memory [contender,...] [vocab] [dim]

Without names: all installed contenders, with everything that they declare for the CPU.
"""

import subprocess
import sys

import msgspec

from embbench.cases.case import Case, label, make_case
from embbench.cases.protocol import Protocol
from embbench.contenders import Contender, discover, missing_packages
from embbench.host.machine import usable_cpus
from embbench.store.exchange import Answer, Request
from embbench.store.round import Round
from tests.contenders.covering import pairs


def main(names: list[str], vocab: int, dim: int) -> None:
    known = discover()
    print(f"{'case':60} {'base':>8} {'build':>9} {'step':>9} {'theory':>9}  ratio  tables")
    for contender in [known[name] for name in names] if names else known.values():
        if missing_packages(contender):
            continue
        for axes in pairs(contender.declaration):
            if axes["dtype"] == "float32" and axes["table"] != "onehot":
                fixed = {"vocab": vocab, "dim": dim, "threads": usable_cpus(), "contender": contender.name}
                show(measure(contender, make_case({**fixed, **axes})))


def measure(contender: Contender, case: Case) -> Round:
    """A round in a fresh worker."""
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
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Answer).round


def show(round_: Round) -> None:
    if round_.status != "ok":
        print(f"{label(round_.case):60} {round_.status}: {round_.reason}", flush=True)
        return
    value = {name: metric.values[0] for name, metric in round_.metrics.items()}
    sizes = ("host_base", "host_build_peak", "host_step_peak", "theoretical_peak")
    figures = " ".join(f"{value[name] / 1e6:7.0f}MB" for name in sizes)
    print(
        f"{label(round_.case):60} {figures}  {value['peak_ratio']:.3f}  {value.get('table_copies', 0):.2f}", flush=True
    )


if __name__ == "__main__":
    contenders, vocab, dim = (*sys.argv[1:], *("", "1000000", "64")[len(sys.argv) - 1 :])
    main([name for name in contenders.split(",") if name], int(vocab), int(dim))
