"""Texts of different lengths: what is drawn, and claims held against trials that are right and trials that lie."""

from types import SimpleNamespace

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.contender import Unsupported
from embbench.worker.batches import draw
from embbench.workloads import draw_batches, operations_of
from embbench.workloads._sequence_claims import loss_and_gradients, updated
from embbench.workloads._sequence_expected import (
    ENDS,
    LOSSES,
    NOT_ANEW,
    ONE_NETWORK,
    PAST_END,
    WEIGHTS,
    hidden_states,
)
from embbench.workloads._sequence_texts import (
    BATCHES,
    COLUMNS,
    SEVERAL,
    TextBatch,
    TextPasses,
    batches_of,
    bucket_ends,
    expected_padding,
    padding_read,
)
from embbench.workloads.sequence import AXES, padding_share, start, start_claims
from tests.workloads.sequence_trials import (
    STEPS,
    LeavesOut,
    NetworkPerLength,
    ReadsPaddedEnd,
    RightReader,
    StaysWhole,
    TracesAgain,
    by_loop,
    case_of,
)

WAYS = AXES["lengths"]["choices"]


def broken(trial_type, kind):
    """Names of the claims that do not hold."""
    case = case_of(kind)
    drawn = draw_batches(case, 32)
    trial = trial_type(case, drawn)
    finish = start_claims(case, drawn, trial)
    for _ in range(STEPS):
        trial.step()
    return {each.name for each in finish(STEPS) if not each.holds}


@pytest.mark.parametrize("kind", WAYS)
def test_right_trials_keep_all_claims(kind):
    assert broken(RightReader, kind) == set()


@pytest.mark.parametrize(
    ("lie", "kind", "expected"),
    [
        (ReadsPaddedEnd, "pad", [LOSSES, WEIGHTS, ENDS]),
        (ReadsPaddedEnd, "bucket", [LOSSES, WEIGHTS, ONE_NETWORK, ENDS]),
        (StaysWhole, "mask", [PAST_END["mask"]]),
        (StaysWhole, "pack", [PAST_END["pack"]]),
        (NetworkPerLength, "bucket", [LOSSES, WEIGHTS, ONE_NETWORK]),
        (TracesAgain, "dynamic", [NOT_ANEW]),
        (LeavesOut, "pad", [LOSSES, WEIGHTS]),
    ],
    ids=lambda each: getattr(each, "__name__", each if isinstance(each, str) else ""),
)
def test_every_lie_breaks_its_claim(lie, kind, expected):
    assert broken(lie, kind) == {each.name for each in expected}


def test_one_unit_has_the_hidden_states_of_the_formula():
    assert hidden_states(3) == pytest.approx([0.2310586, 0.3175745, 0.3519528], abs=1e-7)


@pytest.mark.parametrize("kind", ["pad", "mask", "pack"])
def test_a_mask_has_the_loss_of_a_head_that_reads_the_last_real_position(kind):
    case = case_of(kind)
    weights, batch = start(case, 1), next(batches_of(draw_batches(case, 4), 0))
    last = by_loop(weights, batch.inputs, batch.lengths, kind)[1]
    scores = last @ weights["head_weight"].T + weights["head_bias"]
    chances = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    want = -np.log(chances[np.arange(len(last)), batch.labels]).mean()
    assert loss_and_gradients(weights, batch)[0] == pytest.approx(want, abs=1e-12)


def test_the_gradient_by_texts_of_different_lengths_is_the_finite_difference():
    case = case_of("bucket")
    weights, batch = start(case, 1), next(batches_of(draw_batches(case, 4), 0))
    gradients = loss_and_gradients(weights, batch)[1]
    for name, array in weights.items():
        for index in list(np.ndindex(array.shape))[::9]:
            sides = []
            for by in (1e-6, -1e-6):
                moved = array.copy()
                moved[index] += by
                sides.append(loss_and_gradients({**weights, name: moved}, batch)[0])
            assert gradients[name][index] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-9)


def test_every_way_has_the_same_texts_in_a_step():
    def texts(kind):
        drawn = draw_batches(case_of(kind), 8)
        return [
            sorted(
                (*map(float, vectors[0]), int(length), int(label))
                for inputs, lengths, labels in batches_of(drawn, step)
                for vectors, length, label in zip(inputs, lengths, labels, strict=True)
            )
            for step in range(2)
        ]

    first, *others = [texts(kind) for kind in WAYS]
    assert len(first) == 2
    assert first[0] != first[1]
    assert len(first[0]) == BATCHES * 6
    assert all(each == first for each in others)


@pytest.mark.parametrize("kind", WAYS)
def test_batches_end_where_their_way_says(kind):
    drawn = draw_batches(case_of(kind), 64)
    ends, longest = drawn["ends"], drawn["lengths"].max(2)
    assert (ends >= longest).all()
    if kind in ("sorted", "dynamic"):
        assert (ends == longest).all()
    elif kind == "bucket":
        assert (np.sort(ends, 1) == [2, 4, 6, 8]).all()
        assert (drawn["lengths"].min(2) > ends - 2).all()
        assert not (ends == np.sort(ends, 1)).all()  # in a random order
    else:
        assert (ends == 8).all()
    assert (len(np.unique(ends)) > 1) == (kind in SEVERAL)


def test_padding_is_zero_and_behind_the_text():
    for inputs, lengths, _ in batches_of(draw_batches(case_of("dynamic"), 4), 0):
        assert ((inputs != 0).all(2).sum(1) == lengths).all()
        assert all((vectors[length:] == 0).all() for vectors, length in zip(inputs, lengths, strict=True))


def test_lengths_are_uniform():
    lengths = draw_batches(case_of("pad", batch=64, seq=8), 256)["lengths"]
    assert (lengths.reshape(len(lengths), -1) <= 2).sum(1).tolist() == [64] * 64
    counts = np.bincount(lengths.ravel(), minlength=9)[1:]
    assert abs(counts / lengths.size - 1 / 8).max() < 0.01


@pytest.mark.parametrize(("kind", "real"), [("pad", 65 / 128), ("mask", 65 / 128), ("bucket", 0.8125), ("pack", 1)])
def test_the_share_of_real_tokens_of_64_positions(kind, real):
    case = case_of(kind, seq=64, batch=32)
    assert 1 - expected_padding(case) == pytest.approx(real, abs=1e-12)
    assert 1 - padding_share(case, draw_batches(case, 64)) == pytest.approx(real, abs=0.01)


@pytest.mark.parametrize(("buckets", "share"), [(1, 0.5078), (4, 0.8125), (8, 0.9028)])
def test_the_formula_of_the_real_share_is_the_mean_over_all_lengths(buckets, share):
    lengths = np.arange(1, 65)
    ends = np.ceil(lengths * buckets / 64) * 64 / buckets
    assert lengths.sum() / ends.sum() == pytest.approx(buckets * 65 / (64 * (buckets + 1)), abs=1e-12)
    assert lengths.sum() / ends.sum() == pytest.approx(share, abs=5e-5)


def test_unsorted_batches_gain_nothing_from_their_own_longest_text():
    case = case_of("dynamic", seq=64, batch=32)
    assert 1 - padding_read(case, draw_batches(case, 256)) == pytest.approx(0.52, abs=0.01)


def test_buckets_of_a_length_that_is_no_multiple_end_at_the_length():
    assert bucket_ends(10).tolist() == [3, 5, 8, 10]
    with pytest.raises(Unsupported, match="4 buckets need at least 4 tokens"):
        draw_batches(case_of("pad", seq=3), 64)


def test_the_first_step_visits_every_length_and_later_steps_do_not():
    case = case_of("bucket")
    passes = TextPasses(case, draw_batches(case, 8), lambda batch: batch.inputs.shape[1])
    passes.traced()
    first, second, third = passes.take(), passes.take(), passes.take()
    assert (sorted(first[:4]), len(first), len(second)) == ([2, 4, 6, 8], 8, 4)
    assert third == first[4:]
    assert (passes.distinct, passes.longest) == (4, 8)
    passes.traced()
    assert (passes.first_traces, passes.later_traces) == (1, 1)
    assert passes.facts()["batch lengths"] == 4


def test_a_step_on_one_bucket_changes_the_loss_of_another():
    case = case_of("bucket")
    weights = start(case, 1)
    one, *_, other = batches_of(draw_batches(case, 4), 0)
    assert one.inputs.shape != other.inputs.shape
    moved = updated(weights, loss_and_gradients(weights, one)[1])
    assert abs(loss_and_gradients(moved, other)[0] - loss_and_gradients(weights, other)[0]) > 1e-4


def test_its_operations_are_those_of_the_real_tokens():
    sizes = {"hidden": 5, "batch": 6, "seq": 8}
    padded = operations_of(make_case({"table": "frozen", "dim": COLUMNS, **sizes}))
    assert operations_of(case_of("pad")) == operations_of(case_of("bucket")) == 4 * padded * 9 / 16


def test_a_batch_is_cut_to_its_length():
    drawn = draw_batches(case_of("bucket"), 4)
    assert [batch.inputs.shape for batch in batches_of(drawn, 0)] == [(6, end, COLUMNS) for end in drawn["ends"][0]]
    assert isinstance(next(batches_of(drawn, 7)), TextBatch)


def test_a_round_records_the_share_of_padding_that_a_step_reads():
    case = case_of("bucket", seq=64, batch=32)
    request = SimpleNamespace(case=case, protocol=SimpleNamespace(batches=64), source=None)
    drawn, note = draw(request)
    assert note.metrics["padding_share"].values == (padding_read(case, drawn),)
