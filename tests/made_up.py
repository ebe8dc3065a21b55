"""Made-up rounds with the shape of real ones."""

from collections.abc import Sequence
from typing import Any

import msgspec

from embbench.cases.case import Case, case_id, make_case
from embbench.cases.metrics import METRICS
from embbench.cases.protocol import PRESETS
from embbench.store.ceilings import Ceilings, Rate
from embbench.store.round import Audit, Round, Values, Warning_

MACHINE = {
    "cpu": "Example CPU @ 2.10GHz",
    "cpus": 2,
    "memory": 25_200_000_000,
    "system": "Linux x86_64",
    "devices": [],
    "fingerprint": "0a1b2c3d",
    "kernel": "6.8.0",
    "huge_pages": "madvise",
    "governor": None,
}
SOFTWARE = {"python": "3.11.7", "torch": "2.13.0"}
CLASSES = {"none": "frozen", "default": "dense", "fused": "dense", "sparse": "lazy", "compact": "lazy"}
U = {200_000: 1037.0, 2_000_000: 1041.0}


def measured(case: Case, seconds: Sequence[float], memory: float = 1e9, **fields: Any) -> list[Round]:
    """One ok round per number, with that median step time."""
    semantic = CLASSES.get(case.update, "exact")
    rows = U.get(case.vocab, 1000.0)
    told = {"run": "run1", "suite": "embedding-scaling", "protocol": PRESETS["standard"], "status": "ok"}
    told |= {"machine": MACHINE, "software": SOFTWARE, "audit": Audit(semantic, True, 1e-7, 40)}
    told |= {"ran": {"lstm": "oneDNN", "optimizer": case.update}, **fields}
    rounds = []
    for number, value in enumerate(seconds):
        metrics = {
            "step_time": values("step_time", value * 0.9999, value, value * 1.0001),
            "host_peak": values("host_peak", memory + number * 4096),
            "unique_rows": values("unique_rows", rows),
            "unique_share": values("unique_share", rows / case.rows_per_step),
            "multiplicity": values("multiplicity", 133.0),
        }
        started = f"2026-01-05T10:{number:02d}:00Z"
        rounds.append(
            Round(**{"case_id": case_id(case), "case": case, "round": number, "metrics": metrics, "started": started}
                  | told)
        )  # fmt: skip
    return rounds


def in_state(line: Round, *latencies: float, samples: Sequence[int] = ()) -> Round:
    """The same round with looks at the core-to-core latency, in nanoseconds; without `samples`, one before the window
    and the others behind it.
    """
    count = len(line.metrics["step_time"].values)
    told = {"samples": [*(samples or [0, *[count] * (len(latencies) - 1)])], "ns": [[each] for each in latencies]}
    return msgspec.structs.replace(line, conditions={**line.conditions, "core_latency": told})


def in_turn(line: Round, reference: Case, *ratios: float) -> Round:
    """The same round with cycles of steps that took turns with steps of a reference, a cycle for each ratio."""
    sides = {"reference_time": [1.0] * 2 * len(ratios), "turn_time": [each for each in ratios for _ in range(2)]}
    metrics = {name: values(name, *samples) for name, samples in sides.items()}
    told = {**line.conditions, "reference": case_id(reference)}
    return msgspec.structs.replace(line, metrics={**line.metrics, **metrics}, conditions=told)


def failed(case: Case, status: str, reason: str, number: int = 0, **fields: Any) -> Round:
    """A round without numbers."""
    told = {"run": "run1", "suite": "embedding-scaling", "protocol": PRESETS["standard"], "machine": MACHINE}
    told |= {"started": "2026-01-05T11:00:00Z", "case_id": case_id(case), **fields}
    return Round(case=case, round=number, status=status, reason=reason, **told)


def values(metric: str, *samples: float) -> Values:
    """Samples of a metric with its own unit and kind."""
    known = METRICS[metric]
    return Values(known.unit, known.kind, known.better, samples)


def case(table: str = "trainable", update: str = "default", vocab: int = 200_000, **axes: Any) -> Case:
    """A valid case; the update of a frozen table is 'none'."""
    given = {} if table == "frozen" else {"update": update}
    return make_case({"table": table, "vocab": vocab, "threads": 2, **given, **axes})


def scaling() -> list[Round]:
    """The suite embedding-scaling as it may come out: one case out of memory, one failed round, one warning."""
    rounds = [
        *measured(case("frozen", vocab=200_000), [0.0240, 0.0242, 0.0239], 0.61e9),
        *measured(case(), [0.290, 0.291, 0.297], 1.2e9),
        *measured(case(update="fused"), [0.098, 0.097, 0.099], 1.1e9),
        *measured(case(update="sparse"), [0.031, 0.0312, 0.0309], 0.9e9),
        *measured(case("frozen", vocab=2_000_000), [0.0241, 0.0239, 0.0243], 1.5e9),
        *measured(case(vocab=2_000_000), [3.28, 3.31, 3.25], 7.0e9),
        failed(case(update="fused", vocab=2_000_000), "oom_host", "needs about 5.2 GB, 3.1 GB are free"),
        *measured(case(update="sparse", vocab=2_000_000), [0.029, 0.0301], 3.3e9),
        failed(case(update="sparse", vocab=2_000_000), "timeout", "no answer within 300 s (phase: warm-up)", 2),
    ]
    noisy = Warning_("steal", "3 % of the CPU went to other guests; use a quieter machine")
    return [with_warning(round_, noisy) if round_.round == 1 else round_ for round_ in rounds]


def with_warning(round_: Round, warning: Warning_) -> Round:
    """The same round with a warning."""
    return msgspec.structs.replace(round_, warnings=(*round_.warnings, warning))


def sweep() -> list[Round]:
    """The suite explain as it may come out: five sizes of the obvious path, taken apart at the largest, and others."""
    rounds = []
    for vocab, noise in ((200_000, 1.01), (500_000, 0.99), (1_000_000, 1.0), (1_500_000, 1.01), (2_000_000, 0.99)):
        (one,) = measured(case(vocab=vocab), [(0.014 + 1.05e-6 * vocab) * noise], 4e8 + 3072 * vocab, suite="explain")
        one.metrics["kernel_time"] = values("kernel_time", 0.1 * (0.014 + 1.05e-6 * vocab))
        rounds.append(one)
    parts = {
        "step": 2.09,
        "lookup": 3e-4,
        "network": 0.013,
        "gradients": 0.45,
        "update_table": 1.62,
        "update_rest": 1e-3,
    }
    rounds[-1].metrics.update({f"phase_{name}": values(f"phase_{name}", *[v] * 3) for name, v in parts.items()})
    rounds[-1].metrics["profiled_optimizer"] = values("profiled_optimizer", 1.7)
    for vocab, seconds in ((200_000, 0.0139), (500_000, 0.0141), (1_000_000, 0.0138), (2_000_000, 0.0139)):
        rounds += measured(case("frozen", vocab=vocab), [seconds], 4e8 + 512 * vocab, suite="explain")
    for update, seconds, copies in (("fused", 0.582, 4), ("sparse", 0.0171, 3), ("compact", 0.0169, 3)):
        given = case(update=update, vocab=2_000_000)
        rounds += measured(given, [seconds], 4e8 + copies * 512 * 2e6, suite="explain")
    steps = {"default": ("steps_to_loss", 208), "fused": ("steps_to_loss", 208), "none": ("unreached_loss", 1.85)}
    for each in rounds:
        name, value = steps.get(each.case.update, ("steps_to_loss", 225))
        each.metrics[name] = values(name, value)
    return rounds


def ceilings(**fields: Any) -> Ceilings:
    """Of MACHINE: 10 GB/s far from any cache."""
    rates = {"update": 10e9, "write": 8e9, "touch": 2e9, "gather": 3e9, "scatter": 2e9, "product": 90e9}
    told = {"machine": MACHINE, "device": "cpu", "threads": 2, "software": {"numpy": "2.4.6"}}
    made = tuple(Rate(kind, 1 << 30, 0, (rate * 0.98, rate, rate * 1.02)) for kind, rate in rates.items())
    return Ceilings(**{**told, "started": "2026-01-05T10:00:00Z", "rates": made, **fields})
