"""Steps of the regression by NumPy, and the claims that a trial's steps equal them."""

from collections.abc import Iterator, Sequence

import numpy as np

from embbench.cases.claim import Claim, Expected, check
from embbench.workloads import ByName
from embbench.workloads._regression_plan import ADAM, BETAS, DenseLayer, DensePlan, OptimizerSetup, Regressing

CHECKED = 3  # steps that NumPy repeats

LOSSES = Expected(f"losses of {CHECKED} steps more: difference from NumPy's, as a share", [0], 2e-5, proof=True)
WEIGHTS = Expected(
    f"weights after {CHECKED} steps more: difference from NumPy's, as a share of their movement", [0], 5e-4, proof=True
)


def numbers_of(setup: OptimizerSetup) -> Expected:
    name = "Adam: rate, betas and epsilon" if setup.kind == ADAM else "SGD: rate"
    return Expected(name, setup.numbers, 1e-8)  # rates may be float32


def forward(
    layers: Sequence[DenseLayer], weights: ByName, inputs: np.ndarray, masks: Sequence[np.ndarray] = ()
) -> list[np.ndarray]:
    """The inputs (M, inputs), and the outputs of each layer (M, outputs). masks: factors of hidden units."""
    outputs = [inputs]
    for place, layer in enumerate(layers):
        made = outputs[-1] @ weights[f"kernel{place}"] + weights[f"bias{place}"]
        made = np.maximum(made, 0) if layer.relu else made
        outputs.append(made * masks[place] if place < len(masks) else made)
    return outputs


def loss_and_gradients(
    plan: DensePlan, weights: ByName, inputs: np.ndarray, targets: np.ndarray, masks: Sequence[np.ndarray] = ()
) -> tuple[float, ByName]:
    """Mean squared error plus l2 times the squares of the kernels, and its gradients by name."""
    outputs = forward(plan.layers, weights, inputs, masks)
    apart = outputs[-1] - targets
    loss, delta = float((apart**2).mean()), 2 * apart / apart.size
    gradients: ByName = {}
    for place in reversed(range(len(plan.layers))):
        kernel, made = weights[f"kernel{place}"], outputs[place + 1]
        if place < len(masks):
            delta = delta * masks[place]
        if plan.layers[place].relu:
            delta = delta * (made > 0)
        gradients[f"kernel{place}"] = outputs[place].T @ delta + 2 * plan.l2 * kernel
        gradients[f"bias{place}"] = delta.sum(0)
        loss += plan.l2 * float((kernel**2).sum())
        delta = delta @ kernel.T
    return loss, gradients


class Updated:
    """The update of weights by an optimizer. numbers: as a trial shows them. made: steps that were made before."""

    def __init__(self, setup: OptimizerSetup, trial: Regressing, made: int) -> None:
        self.setup, self.numbers, self.late = setup, trial.numbers(), trial.late_epsilon
        self.made = made
        self.weights, *self.slots = [
            {name: np.asarray(array, np.float64) for name, array in each.items()}
            for each in (trial.weights(), *trial.slots())
        ]

    def update(self, gradients: ByName) -> None:
        self.made += 1
        for name, gradient in gradients.items():
            direction = self._adam(name, gradient) if self.setup.kind == ADAM else gradient
            if name.startswith("kernel"):
                self.weights[name] = self.weights[name] * (1 - self.numbers[0] * self.setup.decay)
            self.weights[name] = self.weights[name] - self.numbers[0] * direction

    def _adam(self, name: str, gradient: np.ndarray) -> np.ndarray:
        firsts, seconds = self.slots
        firsts[name] = BETAS[0] * firsts[name] + (1 - BETAS[0]) * gradient
        seconds[name] = BETAS[1] * seconds[name] + (1 - BETAS[1]) * gradient**2
        first, corrected = 1 - BETAS[0] ** self.made, (1 - BETAS[1] ** self.made) ** 0.5
        epsilon = self.numbers[-1] / (corrected if self.late else 1)
        return firsts[name] / first / (np.sqrt(seconds[name]) / corrected + epsilon)


def of_steps(plan: DensePlan, drawn: ByName, trial: Regressing, steps: int) -> Iterator[Claim]:
    """Makes further steps after `steps` timed steps, and the same steps in NumPy, in float64 from the same weights."""
    ours, apart = Updated(plan.setup, trial, steps), []
    before = dict(ours.weights)
    for step in range(steps, steps + CHECKED):
        batch, masks = step % len(drawn["inputs"]), [np.asarray(each, np.float64) for each in trial.masks()]
        inputs, targets = (drawn[name][batch].astype(np.float64) for name in ("inputs", "targets"))
        loss, gradients = loss_and_gradients(plan, ours.weights, inputs, targets, masks)
        ours.update(gradients)
        trial.step()
        trial.sync()
        apart.append(abs(trial.loss() / loss - 1))
    yield check(LOSSES, lambda: [np.max(apart)])
    yield check(WEIGHTS, lambda: [_apart(before, ours.weights, trial.weights())])
    yield check(numbers_of(plan.setup), trial.numbers)


def _apart(before: ByName, want: ByName, got: ByName) -> float:
    """The largest difference beyond rounding to float32, as a share of the largest movement."""
    rounding = CHECKED * np.finfo(np.float32).eps
    beyond = [(np.abs(got[name] - array) - rounding * np.abs(array)).max() for name, array in want.items()]
    moved = np.max([np.abs(array - before[name]).max() for name, array in want.items()])
    return float(max(np.max(beyond), 0.0) / moved)
