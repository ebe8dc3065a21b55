"""Few samples again and again: an LSTM's penalty and its learning curves, by trials in NumPy."""

import msgspec
import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.contender import Skip
from embbench.cases.workload import CLASSES
from embbench.workloads import draw_batches
from embbench.workloads._dropout_expected import COLUMNS, LOSSES, WEIGHTS
from embbench.workloads._dropout_learning import SIGNAL, DropLesson, NoisyClasses
from embbench.workloads._learning import HELD_OUT, POINTS
from embbench.workloads._scoring import log_losses
from embbench.workloads.dropout import curves, learning_steps, start_claims
from tests.workloads.dropping_trials import STEPS, Honest, case_of

PROOFS = {LOSSES.name, WEIGHTS.name}
SIZES = {"workload": "dropout", "hidden": 8, "batch": 16, "seq": 4, "samples": 64, "train_steps": 60}


class ForgetsPenalty(Honest):
    def strength(self):
        return 0.0


class HalfThePenalty(Honest):
    """Of a loss with s·|w|²/4."""

    def strength(self):
        return super().strength() / 2


class LosesItsNumbers(Honest):
    def learn(self, batch, masks):
        super().learn(batch, masks)
        self.held = {name: array * np.nan for name, array in self.held.items()}


@pytest.mark.parametrize(
    ("trial_type", "expected"), [(Honest, set()), (ForgetsPenalty, PROOFS), (HalfThePenalty, PROOFS)]
)
def test_the_penalty_is_part_of_the_step(trial_type, expected):
    case = case_of("off", l2="1e-2")
    drawn = draw_batches(case, 16)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    assert {each.name for each in finish(STEPS) if not each.holds} == expected


@pytest.fixture(scope="module")
def learnt():
    return list(curves(make_case(SIZES), range(2), trial))


def trial(case, drawn):
    made = Honest(case, drawn)
    made.sync = lambda: None
    return made


def test_a_curve_starts_at_a_guess_and_nobody_beats_the_floor(learnt):
    for found in learnt:
        assert found.steps == tuple(range(0, 61, 60 // POINTS))
        assert found.scores["excess"][0] + found.facts["floor"] == pytest.approx(np.log(CLASSES), abs=0.1)
        assert found.scores["training"][-1] < found.scores["training"][0] - 0.05
        assert found.facts["beyond_floor"] == 0.0
    assert learnt[0].scores != learnt[1].scores


def test_the_samples_of_a_seed_are_those_of_every_remedy():
    one, other = (DropLesson(make_case({**SIZES, "dropout": kind})) for kind in ("off", "input"))
    assert (one.batches["inputs"] == other.batches["inputs"]).all()
    assert one.batches["inputs"].shape == (4, 16, 4, COLUMNS)
    assert one.batches["labels"].shape == (4, 16)
    assert len(one.held_out.labels) == HELD_OUT


def test_the_best_answers_are_calibrated_and_those_of_the_definition():
    drawn = NoisyClasses(np.random.default_rng(0)).draw(40_000, 4)
    shares = np.exp(drawn.best)
    for each in range(CLASSES):
        error = ((drawn.labels == each) - shares[:, each]).mean()
        assert abs(error) < 4 * np.sqrt((shares[:, each] * (1 - shares[:, each])).mean() / 40_000)
    assert log_losses(drawn.best, drawn.labels).mean() == pytest.approx(-(shares * drawn.best).sum(1).mean(), abs=0.02)
    population = NoisyClasses(np.random.default_rng(1))
    assert np.linalg.norm(population.centers, axis=1) == pytest.approx(SIGNAL)
    few = population.draw(3, 4)
    apart = ((few.inputs[:, None].astype(float) - population.centers[:, None]) ** 2).sum((2, 3)) / 2
    assert few.best[:, 0] - few.best[:, 1] == pytest.approx(apart[:, 1] - apart[:, 0])


def test_without_samples_there_are_no_curves_and_fed_masks_have_none():
    without = make_case({name: value for name, value in SIZES.items() if name != "samples"})
    assert list(curves(without, range(2), trial)) == []
    assert (learning_steps(without), learning_steps(make_case(SIZES))) == (0, 60)
    with pytest.raises(Skip, match="masks that are fed do not change"):
        list(curves(make_case({**SIZES, "dropout": "fed"}), range(2), trial))


def test_a_training_that_fails_has_no_numbers_and_is_no_error():
    case = msgspec.structs.replace(make_case(SIZES), train_steps=3)

    def failing(given, drawn):
        made = LosesItsNumbers(given, drawn)
        made.sync = lambda: None
        return made

    (found,) = curves(case, [0], failing)
    assert found.scores["excess"][-1] is None
