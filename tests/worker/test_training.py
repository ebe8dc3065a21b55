"""Steps to the same loss, with a trial whose loss is scripted and one that learns."""

import msgspec
import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import Protocol
from embbench.cases.training_task import MOST_LESSONS, SMALL, in_small
from embbench.cases.workload import CLASSES
from embbench.contenders import discover, load
from embbench.store.exchange import Request
from embbench.worker.training import WINDOW, lesson, train
from tests.fakes.clock import CLOCK

TAUGHT = Protocol(budget=0.06, warmup=0.01, block=0.0025, training=True)


@pytest.fixture
def scripted(tmp_path, run_round):
    """A round whose trial in small has the loss of an expression in `steps`."""

    def run(expression, **axes):
        from tests.fakes import fake

        class Scripted(fake.FakeTrial):
            def step(self):
                if self.case.vocab != SMALL["vocab"]:
                    return super().step()
                self.steps += 1
                self.last = expression(self.steps)

        fake.Scripted = Scripted
        try:
            return run_round("Scripted", protocol=TAUGHT, **axes)
        finally:
            del fake.Scripted

    return run


def test_it_has_learnt_when_the_mean_of_a_window_is_there(scripted):
    round_ = scripted(lambda steps: 2.0 - 0.01 * steps)
    assert round_.status == "ok", round_.reason
    # the mean of a falling line over a window is its middle: (WINDOW - 1) / 2 steps ago
    assert round_.metrics["steps_to_loss"].values == (50 + WINDOW // 2,)
    assert "unreached_loss" not in round_.metrics


def test_one_easy_batch_is_not_having_learnt(scripted):
    round_ = scripted(lambda steps: 0.1 if steps == 40 else 1.6)
    assert "steps_to_loss" not in round_.metrics
    assert round_.metrics["unreached_loss"].values == pytest.approx((1.6,))


def test_what_fails_in_small_loses_nothing_that_was_measured(scripted):
    def fail(steps):
        raise RuntimeError("no kernel for 64 columns")

    round_ = scripted(fail)
    assert round_.status == "ok"
    assert round_.conditions["training"] == "not trained: RuntimeError: no kernel for 64 columns"
    assert "step_time" in round_.metrics


def test_what_takes_too_long_in_small_is_given_up(scripted):
    def slow(steps):
        CLOCK.advance(7.0)
        return 2.0

    round_ = scripted(slow)
    assert round_.status == "ok"
    assert round_.conditions["training"] == "not trained: 9 small steps took 60 s"


def test_a_loss_that_is_no_number_is_none(scripted):
    round_ = scripted(lambda steps: float("nan"))
    assert "unreached_loss" not in round_.metrics
    assert round_.conditions["training"] == "not trained: the loss is nan"


def test_a_hybrid_table_is_not_trained_in_small(scripted):
    round_ = scripted(lambda steps: 1.0, table="hybrid")
    assert "steps_to_loss" not in round_.metrics
    assert "hybrid" in round_.conditions["training"]


def test_nothing_is_trained_unasked(run_round):
    assert not {"steps_to_loss", "unreached_loss"} & set(run_round().metrics)


def test_the_label_of_a_text_is_what_most_of_its_words_stand_for():
    small = msgspec.structs.replace(in_small(make_case({"contender": "numpy"}), 0), vocab=20)
    alone = lesson(msgspec.structs.replace(small, tokens="same"), 400)
    classes = np.full(small.vocab, -1)
    for text, label in zip(alone.ids.reshape(-1, small.seq), alone.labels.ravel(), strict=True):
        assert classes[text[0]] in (-1, label)  # a word stands for one class
        classes[text[0]] = label
    told = lesson(small, 4)
    for text, label in zip(told.ids.reshape(-1, small.seq), told.labels.ravel(), strict=True):
        assert label == np.bincount(classes[text], minlength=CLASSES).argmax()


def test_texts_are_the_same_for_every_path_and_others_in_every_round():
    default, sparse = (make_case({"contender": "numpy", "update": update}) for update in ("default", "sparse"))
    one, other, next_round = lesson(in_small(default, 0), 2), lesson(in_small(sparse, 0), 2), in_small(default, 1)
    assert (one.ids == other.ids).all()
    assert (one.labels == other.labels).all()
    assert (one.ids != lesson(next_round, 2).ids).any()


def learnt(**axes):
    contender = discover()["numpy"]
    case = make_case({"contender": "numpy", "threads": 1, **axes})
    request = Request(run="r", suite="s", case=case, round=0, protocol=Protocol(), contender=contender.path)
    note = train(request, 0.0, load(contender).prepare, lambda: 0)
    return {name: note.value(name) for name in note.metrics}


def test_what_is_the_same_training_takes_the_same_steps_and_another_one_others():
    dense, lazy = (learnt(update=update)["steps_to_loss"] for update in ("default", "sparse"))
    assert dense < lazy < MOST_LESSONS
    exact = [learnt(update=update, optimizer="adagrad")["steps_to_loss"] for update in ("default", "sparse")]
    assert exact[0] == exact[1]
    assert learnt(table="frozen", update="none")["unreached_loss"] > 1.5


def test_a_tagger_learns_the_class_of_each_word():
    small = in_small(make_case({"contender": "numpy", "workload": "tagger"}))
    told = lesson(small, 4)
    assert told.labels.shape == told.ids.shape
    classes = {}
    for word, label in zip(told.ids.ravel(), told.labels.ravel(), strict=True):
        assert classes.setdefault(word, label) == label
    assert learnt(workload="tagger", optimizer="adam")["steps_to_loss"] < MOST_LESSONS
