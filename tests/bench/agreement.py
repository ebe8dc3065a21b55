"""Does the printed median agree with a hand-written loop of the same step? Prints ratios with intervals.

    python -m tests.bench.agreement [launches]

Per launch and case, a hand-written loop (its own process, plain PyTorch, a clock around each step) and a worker
round run one after the other, in alternating order; the median ratio stands with its 95 % interval over launches.
Last column: two readings of the clock as a share of a block, which is all that the worker adds to its steps.
"""

import statistics
import subprocess
import sys

import msgspec

from embbench.contenders import discover
from embbench.host.machine import usable_cpus
from embbench.spec.case import Case, label, make_case
from embbench.spec.protocol import Protocol
from embbench.stats.summary import summarize
from embbench.store.exchange import Answer, Request
from embbench.worker.clock import clock_cost, host_clock

LOOP = """
import sys, time
import statistics
import torch
from torch import nn
from embbench.spec.case import make_case
from embbench.spec.streams import draw_tokens
vocab, kind, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
torch.set_num_threads(int(sys.argv[4]))
tokens = draw_tokens(make_case({"vocab": vocab}), 64)
ids, labels = torch.from_numpy(tokens.ids), torch.from_numpy(tokens.labels)
embedding = nn.Embedding.from_pretrained(torch.empty(vocab, 128).normal_(0, 0.05), freeze=kind == "frozen",
                                         sparse=kind == "sparse")
lstm, head = nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 8)
rest = [*lstm.parameters(), *head.parameters()]
if kind == "sparse":
    optimizers = [torch.optim.Adam(rest), torch.optim.SparseAdam(embedding.parameters())]
elif kind == "frozen":
    optimizers = [torch.optim.Adam(rest)]
else:
    optimizers = [torch.optim.Adam([*embedding.parameters(), *rest], fused=kind == "fused")]

def step(batch):
    for optimizer in optimizers:
        optimizer.zero_grad()
    outputs, _ = lstm(embedding(ids[batch]))
    nn.functional.cross_entropy(head(outputs[:, -1]), labels[batch]).backward()
    for optimizer in optimizers:
        optimizer.step()

times, begin, count = [], time.perf_counter(), 0
while len(times) < 12 or time.perf_counter() - begin < seconds:
    start = time.perf_counter()
    step(count % 64)
    times.append(time.perf_counter() - start)
    count += 1
print(statistics.median(times[len(times) // 3:]))
"""

CASES = [(200_000, "frozen"), (200_000, "sparse"), (200_000, "fused"), (200_000, "default"), (2_000_000, "fused")]


def main(launches: int) -> None:
    threads, contender = usable_cpus(), discover()["pytorch"]
    print(f"{'case':48} {'loop':>9} {'embbench':>9}  ratio (95 % interval, {launches} launches)   clock share")
    for vocab, kind in CASES:
        table = {"table": "frozen"} if kind == "frozen" else {"update": kind}
        case = make_case({"vocab": vocab, "threads": threads, **table})
        loops, rounds, shares = [], [], []
        for launch in range(launches):
            measures = [(loops, lambda k=kind, v=vocab: loop(v, k, threads)), (rounds, lambda c=case: worker(c))]
            for into, measure in measures[:: 1 if launch % 2 == 0 else -1]:
                into.append(measure())
        rounds_medians = [seconds for seconds, _ in rounds]
        shares = [2 * clock_cost(host_clock) / (seconds * steps) for seconds, steps in rounds]
        told = summarize([one / other for one, other in zip(rounds_medians, loops, strict=True)])
        print(
            f"{label(case):48} {1e3 * statistics.median(loops):7.2f}ms {1e3 * statistics.median(rounds_medians):7.2f}ms"
            f"  {told.center:.3f} ({told.low:.3f} to {told.high:.3f}){'':20}{max(shares):.1e}",
            flush=True,
        )
    print(f"contender digest {contender.digest}")


def loop(vocab: int, kind: str, threads: int) -> float:
    command = [sys.executable, "-c", LOOP, str(vocab), kind, "2.0", str(threads)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def worker(case: Case) -> tuple[float, int]:
    """(median step_time, steps of a block) of one round."""
    asked = Request(
        run="bench",
        suite="bench",
        case=case,
        round=0,
        protocol=Protocol(budget=2.0, least_samples=6),
        contender=discover()["pytorch"].path,
    )
    command = [sys.executable, "-m", "embbench.worker"]
    done = subprocess.run(command, input=msgspec.json.encode(asked), capture_output=True, check=True)
    round_ = msgspec.json.decode(done.stdout.splitlines()[-1], type=Answer).round
    assert round_.status == "ok", round_.reason
    return statistics.median(round_.metrics["step_time"].values), round_.conditions["block_steps"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
