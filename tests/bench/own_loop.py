"""A user's own loop against embbench's step of the same model, alternating: their ratio must be 1 within 1 %.

`python -m tests.bench.own_loop [ROWS]` prints the ratio of each of several fresh processes, and its median with an
interval. Both loops step the same objects on the same batches, in blocks A B B A.
"""

import subprocess
import sys
import time
from statistics import median

from embbench.stats.summary import summarize

LAUNCHES, PAIRS, STEPS = 12, 6, 5


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
    """The median ratio of embbench's step to the user's own loop, over pairs of blocks."""
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

    def own_loop() -> None:
        for words, right in batches[:STEPS]:
            optimizer.zero_grad()
            cross_entropy(model(words), right).backward()
            optimizer.step()

    def embbenchs_loop() -> None:
        for number in range(STEPS):
            program.step_on(number)

    def seconds(run) -> float:
        begin = time.perf_counter()
        run()
        return time.perf_counter() - begin

    for run in (own_loop, embbenchs_loop):
        run()
    ratios = []
    for _ in range(PAIRS):
        first, second, third, fourth = (seconds(run) for run in (own_loop, embbenchs_loop, embbenchs_loop, own_loop))
        ratios.append(min(second, third) / min(first, fourth))  # disturbances only add time
    return median(ratios)


if __name__ == "__main__":
    main()
