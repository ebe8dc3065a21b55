"""Is a timed step of the Keras contenders a step of Keras's `fit`? Prints ratios with intervals.

    python -m tests.bench.keras_fit [launches] [vocab]

A launch is a separate process. In it, a contender's trial and another model of the same kind alternate, ABBA: the steps
of an epoch as a worker times them, then `fit` over the same batches without callbacks of the user. The difference is
the part that embbench leaves out: fit's data pipeline and its own callbacks.
"""

import subprocess
import sys

KERAS = ("keras_tf", "keras_jax", "keras_torch")
PAIRS = 6


def main(launches: int, vocab: int) -> None:
    from embbench.stats.summary import summarize

    print(f"{'contender':14} {'fit':>10} {'embbench':>10}  ratio, 95 % over {launches} launches of {PAIRS} pairs")
    for name in KERAS:
        told = []
        for _ in range(launches):
            command = [sys.executable, "-m", "tests.bench.keras_fit", "--launch", name, str(vocab)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            told.append([float(text) for text in done.stdout.split()])
        fits, steps, ratios = (summarize(values) for values in zip(*told, strict=True))
        spread = f" ({ratios.low:.3f} to {ratios.high:.3f})" if launches > 1 else ""
        times = f"{1e3 * fits.center:8.1f}ms {1e3 * steps.center:8.1f}ms"
        print(f"{name:14} {times}  {ratios.center:.3f}{spread}", flush=True)


def launch(name: str, vocab: int) -> None:
    """Prints, in seconds, the medians of a step by fit and by the trial; then the median ratio of the pairs."""
    import statistics
    import time

    from embbench.cases.case import make_case
    from embbench.contenders import discover, load
    from embbench.host.machine import usable_cpus
    from embbench.worker.clock import host_clock, time_block
    from embbench.workloads import draw_tokens

    case = make_case({"contender": name, "vocab": vocab, "threads": usable_cpus()})
    tokens = draw_tokens(case, 64)
    trial = load(discover()[name]).prepare(case, tokens)
    from embbench.engines.keras.trial import make_model  # `load` has set the backend

    model = make_model(case, "auto")
    ids, labels = tokens.ids.reshape(-1, case.seq).astype("int32"), tokens.labels.reshape(-1).astype("int32")

    def by_fit() -> float:
        begin = time.perf_counter()
        model.fit(ids, labels, batch_size=case.batch, epochs=1, shuffle=False, verbose=0)
        return (time.perf_counter() - begin) / len(tokens.ids)

    def by_trial() -> float:
        return time_block(trial, len(tokens.ids), host_clock) / len(tokens.ids)

    by_fit(), by_trial()
    fits, steps = [], []
    for pair in range(PAIRS):
        order = [(fits, by_fit), (steps, by_trial)]
        for into, measure in order[:: 1 if pair % 2 else -1]:
            into.append(measure())
    ratio = statistics.median(step / fit for fit, step in zip(fits, steps, strict=True))
    print(statistics.median(fits), statistics.median(steps), ratio)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--launch"]:
        launch(sys.argv[2], int(sys.argv[3]))
    else:
        main(*(int(text) for text in (*sys.argv[1:], *("3", "20000")[len(sys.argv) - 1 :])))
