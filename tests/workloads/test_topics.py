"""Learning curves on planted texts, by the NumPy contender and by trials that are scripted."""

import msgspec
import numpy as np
import pytest

from embbench.cases.capabilities import Inside
from embbench.cases.case import make_case
from embbench.cases.workload import CLASSES, HYBRID_ROWS, hybrid_shape, initial_rows
from embbench.contenders import discover, load
from embbench.errors import UsageError
from embbench.workloads import draw_batches
from embbench.workloads._learning import POINTS, READ_BACK, Scored
from embbench.workloads._planted_lesson import PlantedLesson
from embbench.workloads._planted_worth import COMMON, SCALE
from embbench.workloads._scoring import accuracy
from embbench.workloads.topics import curves, logits, start

SMALL = {"workload": "topics", "vocab": 5000, "dim": 16, "hidden": 16, "seq": 4, "train_steps": 40, "texts": 1280}


def small(**axes):
    return make_case({**SMALL, "contender": "numpy", **axes})


@pytest.fixture(scope="module")
def learnt():
    module = load(discover()["numpy"])
    return list(curves(small(pretrained="strong"), range(2), module.prepare))


def test_a_curve_has_its_places_and_starts_at_a_guess(learnt):
    for found in learnt:
        assert found.steps == tuple(range(0, 41, 40 // POINTS))
        assert found.scores["excess"][0] + found.facts["floor"] == pytest.approx(np.log(CLASSES), abs=0.05)
        assert found.scores["errors"][0] == pytest.approx(1 - 1 / CLASSES, abs=0.12)


def test_training_lowers_the_excess_and_nobody_beats_the_floor(learnt):
    for found in learnt:
        assert found.scores["training"][-1] < found.scores["training"][0] - 0.02
        assert found.facts["beyond_floor"] == 0.0
        assert 0 < found.facts["floor_errors"] < 0.3


def test_the_parts_of_the_excess_add_up(learnt):
    bands = PlantedLesson(small(seed=0)).held_out.groups
    shares = np.array([here.mean() for here in bands.values()])
    parts = [learnt[0].scores[f"excess_{band}"][-1] for band in bands]
    assert shares @ parts == pytest.approx(learnt[0].scores["excess"][-1])


def test_seeds_have_different_texts_and_one_seed_has_the_same_for_every_update():
    one, other = PlantedLesson(small(seed=1)), PlantedLesson(small(seed=2))
    assert (one.batches.ids != other.batches.ids).any()
    again = PlantedLesson(small(seed=1, update="default", table="trainable", optimizer="sgd"))
    assert (one.batches.ids == again.batches.ids).all()


def test_the_timed_batches_are_texts_of_the_lesson():
    case = small()
    drawn = draw_batches(case, 4)
    assert drawn.ids.shape == (4, case.batch, case.seq)
    assert drawn.labels.shape == (4, case.batch)


class Knows:
    """Its rows and weights are the best answers: a row adds to the score of its class."""

    def __init__(self, lesson):
        self.rows = np.zeros((5000, CLASSES))
        for words in lesson._language.keywords:
            for each in range(CLASSES):
                self.rows[words[each], each] = 1.0

    def read_rows(self, ids):
        return self.rows[ids]

    def inspect(self, ids):
        return Inside(None, {"scale": np.array([1.0])}, {})


def test_a_model_that_adds_up_the_evidence_is_scored_as_the_best_answer():
    lesson = PlantedLesson(small())
    counted = lesson.held_out.answers(Knows(lesson), lambda weights, rows: np.log(35) * rows.sum(1))
    assert lesson.held_out.losses(counted) == pytest.approx(0, abs=1e-9)
    assert 1 - accuracy(counted, lesson.held_out.labels) == lesson.facts["floor_errors"]


def test_the_logits_are_those_of_the_last_time_step():
    case = small()
    weights = start(case, 1)
    inputs = np.random.default_rng(0).standard_normal((3, 4, 16))
    from embbench.workloads.topics import scores_and_gradients

    assert logits(weights, inputs) == pytest.approx(scores_and_gradients(weights, inputs, np.zeros(3, int))[0])


class Table:
    """Rows that can be read and written."""

    def __init__(self, case):
        self.rows = initial_rows(case, np.arange(case.vocab))
        self.before = self.rows.copy()

    def read_rows(self, ids):
        return self.rows[ids]

    def write_rows(self, ids, values):
        self.rows[ids] = values


@pytest.mark.parametrize("pretrained", ["weak", "strong"])
def test_pretrained_rows_have_the_share_in_common_that_is_said(pretrained):
    case = small(pretrained=pretrained, table="frozen", dim=256)
    lesson, table = PlantedLesson(case), Table(case)
    lesson.plant(case, table)
    words = np.concatenate(lesson._language.keywords, axis=1)  # by class
    centers = np.stack([table.rows[each].mean(0) for each in words])
    assert table.rows.std() == pytest.approx(SCALE, rel=0.02)
    assert (centers**2).mean() / SCALE**2 == pytest.approx(COMMON[pretrained], rel=0.15)


def test_only_the_frozen_part_of_a_hybrid_table_is_pretrained():
    case = small(pretrained="strong", table="hybrid", trainable_dim=5)
    table = Table(case)
    PlantedLesson(case).plant(case, table)
    assert (table.rows[:, -5:] == table.before[:, -5:]).all()
    assert (table.rows[:, :-5] != table.before[:, :-5]).any(1).all()


def test_rows_stay_random_without_pretraining():
    case = small()
    table = Table(case)
    PlantedLesson(case).plant(case, table)
    assert (table.rows == table.before).all()


def test_columns_of_a_hybrid_table():
    assert hybrid_shape(small(table="hybrid")) == (5000, 4)
    assert hybrid_shape(small(table="hybrid", trainable_dim=7)) == (5000, 7)
    assert hybrid_shape(small(table="hybrid", trainable_dim=7, vocab=20_000)) == (HYBRID_ROWS, 7)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"table": "hybrid", "trainable_dim": 16}, "trainable_dim: 16 of 16 columns leave no frozen part"),
        ({"table": "trainable", "trainable_dim": 4}, "trainable_dim: the table trainable has no such axis"),
        ({"tokens": "uniform"}, "tokens: uniform: the workload topics has words, labelled"),
        (
            {"tokens": "labelled#0123456789abcdef", "pretrained": "weak"},
            "pretrained: the token stream labelled has no such axis",
        ),
    ],
)
def test_axes_that_make_no_sense_are_refused(axes, message):
    with pytest.raises(UsageError, match=message):
        small(**axes)


class Numbers:
    """Its rows are their numbers."""

    def read_rows(self, ids):
        return ids[:, None]

    def inspect(self, ids):
        return Inside(None, {}, {})


def test_texts_are_read_back_from_the_training_texts():
    lesson = PlantedLesson(small())
    assert isinstance(lesson.read_back, Scored)
    assert (lesson.read_back.labels == lesson.batches.labels.reshape(-1)[:READ_BACK]).all()
    _, seen = lesson.read_back._asked(Numbers())
    assert (seen[..., 0] == lesson.batches.ids.reshape(-1, 4)[:READ_BACK]).all()


def test_a_case_of_another_network_is_unchanged():
    case = make_case({"table": "hybrid"})
    assert case.trainable_dim == 0
    assert hybrid_shape(case) == (10_000, 32)
    assert msgspec.structs.replace(case, trainable_dim=8) != case
