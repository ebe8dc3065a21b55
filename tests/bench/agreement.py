"""Does a sample agree with a hand-written loop of the same step? Prints ratios with intervals.

    python -m tests.bench.agreement [launches]

A launch is a separate process. In it, the contender's trial and a hand-written PyTorch step alternate, ABBA: a block
timed as in a worker, then the same number of hand-written steps with a clock reading around each step. Consecutive
blocks meet the same noise, so the ratio of a pair is sharp although whole processes scatter by a fifth. Last column:
two readings of the clock as a share of a block, which is all that the worker adds.
"""

import subprocess
import sys

CASES = [(200_000, "frozen"), (200_000, "sparse"), (200_000, "fused"), (200_000, "default"), (2_000_000, "fused")]
SECONDS = 12.0


def main(launches: int) -> None:
    from embbench.stats.summary import summarize

    print(
        f"{'case':24} {'by hand':>9} {'embbench':>9}  ratio, 95 % over {launches} launches of some pairs   clock share"
    )
    for vocab, kind in CASES:
        hands, blocks, ratios, shares, pairs = [], [], [], [], []
        for _ in range(launches):
            command = [sys.executable, "-m", "tests.bench.agreement", "--launch", str(vocab), kind]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            told = map(float, done.stdout.split())
            for into, value in zip((hands, blocks, ratios, shares, pairs), told, strict=True):
                into.append(value)
        ratio = summarize(ratios)
        name = f"{kind} vocab={vocab}"
        print(
            f"{name:24} {1e3 * summarize(hands).center:7.2f}ms {1e3 * summarize(blocks).center:7.2f}ms"
            f"  {ratio.center:.4f} ({ratio.low:.4f} to {ratio.high:.4f}), {int(sum(pairs))} pairs   {max(shares):.1e}",
            flush=True,
        )


def launch(vocab: int, kind: str) -> None:
    """Prints medians by hand and by block in seconds, the median ratio of pairs, the clock's share, number of pairs."""
    import statistics
    import time

    from embbench.cases.case import make_case
    from embbench.cases.protocol import PRESETS
    from embbench.contenders import discover, load
    from embbench.host.machine import usable_cpus
    from embbench.worker.clock import clock_cost, host_clock, time_block
    from embbench.worker.sampling import block_steps
    from embbench.workloads import draw_tokens

    table = {"table": "frozen"} if kind == "frozen" else {"update": kind}
    case = make_case({"vocab": vocab, "threads": usable_cpus(), **table})
    tokens = draw_tokens(case, 64)
    trial = load(discover()["pytorch"]).prepare(case, tokens)
    step = by_hand(vocab, kind, tokens)
    for _ in range(5):
        trial.step()
        step()
    one = min(time_block(trial, 1, host_clock) for _ in range(3))
    steps = block_steps(one, PRESETS["standard"], host_clock)

    def hand_block() -> float:
        times = []
        for _ in range(steps):
            begin = time.perf_counter()
            step()
            times.append(time.perf_counter() - begin)
        return sum(times) / steps

    hands, blocks, end = [], [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(hands) < 6:
        order = [(hands, hand_block), (blocks, lambda: time_block(trial, steps, host_clock) / steps)]
        for into, measure in order[:: 1 if len(hands) % 2 else -1]:
            into.append(measure())
    ratios = [block / hand for hand, block in zip(hands, blocks, strict=True)]
    share = 2 * clock_cost(host_clock) / (steps * statistics.median(blocks))
    print(statistics.median(hands), statistics.median(blocks), statistics.median(ratios), share, len(ratios))


def by_hand(vocab: int, kind: str, tokens):
    """The step as users write it, without embbench."""
    import torch
    from torch import nn

    ids, labels = torch.from_numpy(tokens.ids), torch.from_numpy(tokens.labels)
    weights = torch.empty(vocab, 128).uniform_(-0.05, 0.05)
    embedding = nn.Embedding.from_pretrained(weights, freeze=kind == "frozen", sparse=kind == "sparse")
    lstm, head = nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 8)
    rest = [*lstm.parameters(), *head.parameters()]
    if kind == "sparse":
        optimizers = [torch.optim.Adam(rest), torch.optim.SparseAdam(list(embedding.parameters()))]
    elif kind == "frozen":
        optimizers = [torch.optim.Adam(rest)]
    else:
        optimizers = [torch.optim.Adam([*embedding.parameters(), *rest], fused=kind == "fused")]
    made = iter(range(10**9))

    def step() -> None:
        batch = next(made) % 64
        for optimizer in optimizers:
            optimizer.zero_grad()
        outputs, _ = lstm(embedding(ids[batch]))
        nn.functional.cross_entropy(head(outputs[:, -1]), labels[batch]).backward()
        for optimizer in optimizers:
            optimizer.step()

    return step


if __name__ == "__main__":
    if sys.argv[1:2] == ["--launch"]:
        launch(int(sys.argv[2]), sys.argv[3])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
