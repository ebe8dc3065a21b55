"""A user's own loop against embbench's step of the same model, alternating: their ratio must be 1 within 1 %.

`python -m tests.bench.own_loop [ROWS]` prints the ratio of each of several fresh processes, and its median with an
interval. Both loops step the same objects on the same batches, a step of each in turn, in the order A B B A: a
disturbance that lasts longer than a step is in both.
"""

import math
import subprocess
import sys
import time
from statistics import median

from embbench.stats.summary import summarize

LAUNCHES, QUARTETS = 12, 40


def main() -> None:
    if sys.argv[1:2] == ["--launch"]:
        print(ratio(int(sys.argv[2])))
        return
    rows = sys.argv[1] if len(sys.argv) > 1 else "200000"
    ratios = []
    for _ in range(LAUNCHES):
        command = [sys.executable, "-m", "tests.bench.own_loop", "--launch", rows]
        ratios.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(f"embbench's step / own loop: {ratios[-1]:.4f}", flush=True)
    found = summarize(ratios)
    print(f"median of {LAUNCHES} processes at {rows} rows: {found.center:.4f} ({found.low:.4f} to {found.high:.4f})")


def ratio(rows: int) -> float:
    """The median ratio of embbench's step to the user's own step, over quartets of steps."""
    import torch
    from torch import nn

    from embbench.engines.torch.own_model.program import TorchProgram

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(rows, 128)
            self.rnn = nn.LSTM(128, 128, batch_first=True)
            self.head = nn.Linear(128, 8)

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            return self.head(self.rnn(self.table(words))[0][:, -1])

    model, cross_entropy = Classifier(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = [(torch.randint(0, rows, (32, 64)), torch.randint(0, 8, (32,))) for _ in range(64)]
    program = TorchProgram(
        (model, optimizer, lambda model, batch: cross_entropy(model(batch[0]), batch[1]), batches), ""
    )

    def own_step(number: int) -> None:
        words, right = batches[number]
        optimizer.zero_grad()
        cross_entropy(model(words), right).backward()
        optimizer.step()

    def seconds(step, number: int) -> float:
        begin = time.perf_counter()
        step(number)
        return time.perf_counter() - begin

    ratios = []
    for number in range(QUARTETS + 1):  # the first makes the optimizer's state
        order = (own_step, program.step_on, program.step_on, own_step)
        first, second, third, fourth = (seconds(step, number % len(batches)) for step in order)
        ratios.append(math.sqrt(second * third / (first * fourth)))
    return median(ratios[1:])


if __name__ == "__main__":
    main()
