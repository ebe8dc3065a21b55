"""How many fresh processes compute PyTorch's first square root of a table wrongly, as users call it and after `set_up`.

python -m tests.bench.first_sqrt [PROCESSES]: prints the share of processes with its 95 % interval (pytorch#188792).
"""

import subprocess
import sys
import tempfile

from scipy import stats

from embbench.launch.process import environment

PROCESSES = 60
ALLOWED = 1e-6  # relative error; float32 rounds at 6e-8
# Forked processes have loaded PyTorch and computed nothing, as fresh processes have (of 80 and 20, 8 and 2 were wrong).
# As in a step, the second thread has worked and MKL has multiplied before; other programs showed no wrong root. On a
# single CPU no root was wrong (of 80).
PROGRAM = """
import os, sys, torch
from embbench.engines.torch.device import set_up
from embbench.cases.case import make_case

def error():
    if sys.argv[1] == "set_up":
        set_up(make_case({"threads": 2}))
    torch.set_num_threads(2)
    values, square = torch.rand(200_000, 128) * 1e-10 + 1e-14, torch.rand(600, 600)
    square @ square
    first = values.sqrt()
    exact = values.double().sqrt()
    return float(((first.double() - exact).abs() / exact).max())

for seed in range(int(sys.argv[2])):
    if (child := os.fork()) == 0:
        torch.manual_seed(seed)
        print(error(), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def errors(how: str, processes: int) -> list[float]:
    """Largest relative error of the first square root of each process. how: 'set_up' or 'plain'."""
    command, env = [sys.executable, "-c", PROGRAM, how, str(processes)], environment(2, "cpu", tempfile.gettempdir())
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return [float(line) for line in ran.stdout.splitlines()]


def main() -> None:
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else PROCESSES
    for how in ("plain", "set_up"):
        found = errors(how, processes)
        wrong = sum(error > ALLOWED for error in found)
        known = stats.binomtest(wrong, processes).proportion_ci(0.95, method="wilson")
        print(f"{how}: {wrong} of {processes} processes ({known.low:.1%} to {known.high:.1%}), worst {max(found):.1e}")


if __name__ == "__main__":
    main()
