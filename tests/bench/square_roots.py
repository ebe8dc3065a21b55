"""How long does PyTorch take for a square root, depending on the values? Prints seconds with intervals.

    python -m tests.bench.square_roots [numbers] [threads]

The root is written into existing memory, so that no page fault counts. The second moments of Adam and Adagrad are zero
in rows that no batch has touched. Adam's second moment decays to subnormal numbers in rows that no batch touches any
more.
"""

import sys
import time

from embbench.stats.summary import summarize

VALUES = {"ones": 1.0, "zeros": 0.0, "1e-40, below the normal numbers": 1e-40}
TURNS = 9


def main(numbers: int, threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    out = torch.ones(numbers)
    given = {name: torch.full((numbers,), value) for name, value in VALUES.items()}
    seconds: dict[str, list[float]] = {name: [] for name in given}
    for _ in range(TURNS):
        for name, values in given.items():
            begin = time.perf_counter()
            torch.sqrt(values, out=out)
            seconds[name].append(time.perf_counter() - begin)
    for name, found in seconds.items():
        told = summarize(found)
        print(f"{name:32} {1e3 * told.center:8.1f} ms ({1e3 * told.low:.1f} to {1e3 * told.high:.1f})")


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["50000000", "2"][len(sys.argv) - 1 :])))
