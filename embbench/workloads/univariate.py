"""A forecast from one number per time step, without a table: inputs (B, T, 1) -> LSTM -> last hidden state -> linear
unit -> squared error, mean over the batch. `task` is a training step (plain SGD), or the evaluation of a data set.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from embbench.cases.case import Case
from embbench.cases.claim import Claim, Expected, check

if TYPE_CHECKING:
    import numpy as np

    from embbench.workloads import ByName

SUMMARY = "LSTM forecast from one number per time step, without a table: a training step, or an evaluation (--task)"
AXES = {
    "hidden": {"default": 128, "help": "Units of a layer of the network.", "unit": "hidden unit", "training": 32},
    "task": {
        "default": "train",
        "help": "train: a training step. evaluate: the loss of 131 samples, in batches with a smaller last batch.",
        "choices": ("train", "evaluate"),
    },
}
TABLES = ("none",)
UNUSED = ("vocab", "dim", "tokens", "ids", "optimizer")
WEIGHT_ARRAYS = 3  # weight, gradient, a temporary
SHOWN = ("weights", "loss", "evaluate", "further_claims")

SAMPLES = 131  # of an evaluation; a prime number, so that the last batch is smaller for every size but 1
RATE = 0.05
SIZES = (1, 7, 32, SAMPLES)
STEPS = 3  # compared with NumPy's, after the timed steps
CLOSE = 1e-5  # relative error of a float32 loss
LEAST = 0.01  # a loss below is compared with this loss: the difference of two numbers of about 1 is rounded
MOVED = 1e-3  # error of weights, as a share of their largest movement

LOSSES = Expected("losses of 3 steps more: difference from NumPy's, as a share", [0], CLOSE, proof=True)
WEIGHTS = Expected("weights after 3 steps more: difference from NumPy's, as a share", [0], MOVED, proof=True)
EVALUATED = Expected(
    f"evaluation in batches of {', '.join(map(str, SIZES))}: differences from NumPy's loss, as a share",
    [0] * len(SIZES),
    CLOSE,
    proof=True,
)
MEANS = Expected("evaluation of losses 10, 10 and 9 in batches of 2", [29 / 3], CLOSE)
_MASKED = "masked evaluation of lengths 1 and 3, token losses 4 and 1"
MASKED_TOGETHER = Expected(f"{_MASKED}: loss in a batch of 2", [1.75], CLOSE)
MASKED_APART = Expected(f"{_MASKED}: loss in batches of 1", [1.75], CLOSE)
MASKED_METRIC = Expected(f"{_MASKED}: metric in batches of 1", [1.75], CLOSE)
REGULARIZED = Expected("evaluation with L2 of 0.1 on a weight of 2, squared error 1: loss", [1.4], CLOSE)
PARTIAL = Expected("stateful LSTM of batches of 2, evaluation of 3 samples: whether it raises (1: yes)", [1])
ONE_ROW = Expected("batch norm in training, a batch of one sample: its output", [0])


Batched = Mapping[str, "np.ndarray"]


class Univariate(Protocol):
    """The trial of an engine. weights: copies by the names of `start`, and 'second_bias0' where a framework has two
    biases. loss: of the last training step, before its update. evaluate: mean squared error of all samples, in batches
    of `size` and a smaller last batch.
    """

    def step(self) -> None: ...

    def sync(self) -> None: ...

    def weights(self) -> "ByName": ...

    def loss(self) -> float: ...

    def evaluate(self, size: int) -> float: ...

    def further_claims(self) -> Iterable[Claim]:
        """Claims about the framework alone."""
        ...


def label_shape(case: Case) -> tuple[int, ...]:
    return (case.batch,)


def draw_inputs(case: Case, batches: int) -> "ByName":
    """inputs: (batches, B, T, 1) float32, or (1, SAMPLES, T, 1) to evaluate. targets: (batches, B) float32, the mean of
    the last inputs.
    """
    import numpy as np

    shape = (1, SAMPLES) if case.task == "evaluate" else (batches, case.batch)
    inputs = np.random.default_rng([case.seed, 8]).standard_normal((*shape, case.seq, 1), np.float32)
    return {"inputs": inputs, "targets": inputs[:, :, -4:, 0].mean(-1)}


def start(case: Case) -> "ByName":
    """The initial weights by name, float64: w_input0 (4H, 1), w_recurrent0 (4H, H), bias0 (4H,), head_weight (1, H) and
    head_bias (1,).
    """
    import msgspec

    from embbench.cases.workload import dense_weights

    weights = dense_weights(msgspec.structs.replace(case, dim=1, layers=1))
    w_input, w_recurrent, bias = weights.layers[0]
    lstm = {"w_input0": w_input, "w_recurrent0": w_recurrent, "bias0": bias}
    return lstm | {"head_weight": weights.head_weight[:1], "head_bias": weights.head_bias[:1]}


def loss_and_gradients(weights: "ByName", inputs: "np.ndarray", targets: "np.ndarray") -> "tuple[float, ByName]":
    """Mean squared error and its gradients by name, by NumPy. inputs: (B, T, 1). targets: (B,)."""
    from embbench.workloads._lstm import network, squared_error

    _, loss, _, gradients = network(weights, inputs, targets, at=slice(-1, None), loss=squared_error)
    return loss, gradients


def operations(case: Case) -> float:
    """24·N·H·(1+H) of a training step with N = B·T, a third of it without backward, for each sample."""
    samples = SAMPLES if case.task == "evaluate" else case.batch
    return (8 if case.task == "evaluate" else 24) * samples * case.seq * case.hidden * (1 + case.hidden)


def weight_count(case: Case) -> int:
    return 4 * case.hidden * (1 + case.hidden + 2) + case.hidden + 1


def activation_count(case: Case) -> int:
    """Per time step the input, four gates, cell, tanh of cell and hidden state; forward and gradient in training."""
    kept = case.batch * case.seq * (1 + 7 * case.hidden)
    return kept if case.task == "evaluate" else 2 * kept


def start_claims(case: Case, batches: Batched, trial: Univariate) -> Callable[[int], Iterator[Claim]]:
    def finish(steps: int) -> Iterator[Claim]:
        if case.task == "train":
            yield from _of_training(batches, trial, steps)
        else:
            yield check(EVALUATED, lambda: _of_evaluation(batches, trial))
            yield from trial.further_claims()

    return finish


def _of_training(batches: Batched, trial: Univariate, steps: int) -> Iterator[Claim]:
    """Continues from the trial's weights, in NumPy and in the trial."""
    import numpy as np

    weights = {name: array.astype(np.float64) for name, array in trial.weights().items()}
    before, off = dict(weights), []
    for step in range(steps, steps + STEPS):
        place = step % len(batches["inputs"])
        loss, gradients = loss_and_gradients(
            weights, batches["inputs"][place].astype(np.float64), batches["targets"][place].astype(np.float64)
        )
        weights = {name: array - RATE * gradients[name] for name, array in weights.items()}
        trial.step()
        trial.sync()
        off.append(abs(trial.loss() - loss) / max(loss, LEAST))
    after = trial.weights()
    yield check(LOSSES, lambda: [max(off)])
    yield check(WEIGHTS, lambda: [max(_apart(before[name], weights[name], after[name]) for name in weights)])


def _apart(before: "np.ndarray", want: "np.ndarray", got: "np.ndarray") -> float:
    """The largest difference beyond rounding, as a share of the largest movement."""
    import numpy as np

    rounding = 4 * STEPS * np.finfo(got.dtype).eps * np.abs(want).max()
    return float(max(np.abs(got - want).max() - rounding, 0.0) / np.abs(want - before).max())


def _of_evaluation(batches: Batched, trial: Univariate) -> list[float]:
    import numpy as np

    weights = {name: array.astype(np.float64) for name, array in trial.weights().items()}
    inputs, targets = (batches[name][0].astype(np.float64) for name in ("inputs", "targets"))
    want = loss_and_gradients(weights, inputs, targets)[0]
    return [trial.evaluate(size) / want - 1 for size in SIZES]
