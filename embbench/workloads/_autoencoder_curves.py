"""Learning curves of the autoencoder. NumPy scores the trial's weights on held-out samples beside their floor."""

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np

from embbench.cases.case import Case
from embbench.cases.learning_curve import LearningCurve, finite
from embbench.workloads import ByName
from embbench.workloads._autoencoder_claims import outputs
from embbench.workloads._autoencoder_data import HELD_OUT, TRAINING, SampleSource, Scale, in_batches, scale_of
from embbench.workloads._autoencoder_trial import Autoencoding
from embbench.workloads._scoring import standard_error

POINTS = 10  # places of a curve after its start
READ_BACK = HELD_OUT  # training samples that are scored


class BesideFloor:
    """SampleSource beside the squared errors of the best code. samples: (M, 1000)."""

    def __init__(self, samples: np.ndarray, source: SampleSource, scale: Scale) -> None:
        self.samples, self.floors, self._scale = samples, source.floors(samples), scale
        self._inputs = scale.applied(samples)

    def excess(self, case: Case, weights: ByName) -> np.ndarray:
        """(M,): mean squared error of a sample over the best code's, on the scale of the samples."""
        answers = self._scale.undone(outputs(case, weights, self._inputs)[1])
        return ((answers - self.samples) ** 2).mean(-1) - self.floors


def curves(
    case: Case, seeds: Sequence[int], prepare: Callable[[Case, ByName], Autoencoding]
) -> Iterator[LearningCurve]:
    """A curve per seed. Scores: `excess`, the mean squared error of held-out samples over that of the best code for the
    same samples, and `training`, the same for training samples. Facts, of the held-out samples: `floor`, of the best
    code; `zeros`, of an output of zeros; `positive`, of the best output without negative numbers.
    """
    for seed in seeds:
        seeded = msgspec.structs.replace(case, seed=seed)
        source = SampleSource(seeded)
        training, held_out = source.draw(TRAINING), source.draw(HELD_OUT)
        scale = scale_of(seeded, training)
        trial = prepare(seeded, in_batches(seeded, scale.applied(training)))
        scored = BesideFloor(held_out, source, scale), BesideFloor(training[:READ_BACK], source, scale)
        yield _curve(seeded, trial, *scored)


def _curve(case: Case, trial: Autoencoding, held_out: BesideFloor, read_back: BesideFloor) -> LearningCurve:
    stops = sorted({round(case.train_steps * each / POINTS) for each in range(POINTS + 1)})
    excess, training, beyond, made = [], [], 0.0, 0
    for stop in stops:
        for _ in range(stop - made):
            trial.step()
        trial.sync()
        made = stop
        weights = {name: array.astype(np.float64) for name, array in trial.weights().items()}
        each = held_out.excess(case, weights)
        excess.append(each.mean())
        training.append(read_back.excess(case, weights).mean())
        if (error := standard_error(each)) > 0:
            beyond = max(beyond, -each.mean() / error)
    facts = {
        "floor": float(held_out.floors.mean()),
        "zeros": float((held_out.samples**2).mean()),
        "positive": float((np.minimum(held_out.samples, 0) ** 2).mean()),
        "beyond_floor": float(beyond),
    }
    scores = {"excess": finite(excess), "training": finite(training)}
    return LearningCurve(seed=case.seed, steps=tuple(stops), scores=scores, facts=facts)
