"""The sentences say what was measured, and nothing else."""

import pytest

from embbench.cases.suite import View
from embbench.report.answer import ENDED
from embbench.report.assemble import build
from embbench.report.table import STATUS_TEXT
from embbench.store.round import Audit
from tests.made_up import case, failed, measured

BIG = 2_000_000


def answer(rounds):
    return " ".join(build(rounds, View()).answer)


def test_the_scaling_suite(scaling):
    text = answer(scaling)
    assert "takes 11.3 (11.0 to 11.5) times as long at 2M rows as at 200k rows (3.28 s and 291 ms)" in text
    assert "Peak host memory goes from 1.20 GB to 7.00 GB" in text
    assert "a frozen table takes 24.1 ms, 136 (133 to 139) times as fast as trainable default" in text
    assert "the fastest trainable path, trainable sparse, takes 29.5 ms, 111 (108 to 114) times as fast" in text
    assert "This is another training: lazy (weights and optimizer state move only for rows in the batch)" in text
    assert "instead of dense (" in text


def test_overlapping_intervals_make_no_difference():
    rounds = [*measured(case(), [0.10, 0.11, 0.105]), *measured(case(vocab=BIG), [0.105, 0.107, 0.106])]
    assert "takes about as long at 2M rows as at 200k rows (106 ms and 105 ms)" in answer(rounds)


def test_single_rounds_that_look_alike_are_called_so():
    rounds = [*measured(case(), [0.1101]), *measured(case(vocab=BIG), [0.1099])]
    assert "takes about as long at 2M rows as at 200k rows (110 ms and 110 ms, from one round)" in answer(rounds)


def test_scattered_rounds_are_not_called_as_long():
    text = answer([*measured(case(), [0.1, 0.2]), *measured(case(vocab=BIG), [0.15, 0.1])])
    assert "as long" not in text
    assert "is not shown to differ between 2M and 200k rows (120 ms and 150 ms): the rounds scatter" in text
    text = answer([*measured(case(), [0.1, 0.2]), *measured(case("frozen"), [0.15, 0.1])])
    assert "a frozen table takes 120 ms (no difference shown: the rounds scatter)" in text


def test_a_path_that_is_not_shown_to_be_faster_is_not_called_faster():
    rounds = [*measured(case(), [0.10, 0.11, 0.105]), *measured(case(update="sparse"), [0.104, 0.102, 0.106])]
    text = answer(rounds)
    assert "no trainable path is shown to be faster than trainable default" in text
    assert "another training" not in text


def test_one_round_says_about():
    text = answer([*measured(case(), [0.1]), *measured(case(vocab=BIG), [0.9])])
    assert "takes about 9.0 times as long at 2M rows as at 200k rows (900 ms and 100 ms, from one round)" in text


def test_equally_fast_paths_are_named_together():
    rounds = [
        *measured(case(), [1.0, 1.01, 0.99]),
        *measured(case(update="sparse"), [0.1, 0.102, 0.101]),
        *measured(case(update="compact"), [0.1, 0.103, 0.102]),
    ]
    text = answer(rounds)
    assert "the fastest trainable path, trainable sparse, takes 101 ms" in text
    assert "trainable compact is not shown to be slower" in text


def test_the_same_class_is_said_to_be_the_same():
    rounds = [*measured(case(), [1.0, 1.01]), *measured(case(update="fused"), [0.1, 0.1])]
    assert "Both are dense: rows outside the batch move too" in answer(rounds)


def test_hybrid_is_another_training_whatever_its_class():
    rounds = [
        *measured(case("frozen", vocab=BIG), [0.015, 0.0151]),
        *measured(case(vocab=BIG), [2.3, 2.31]),
        *measured(case("hybrid", vocab=BIG), [0.016, 0.0161]),
    ]
    text = answer(rounds)
    part = "only a small part of the table trains (10k rows of 32 of its 128 columns)"
    assert f"hybrid default, another training, in which {part}, takes 16.1 ms, 144 (143 to 145) times as fast" in text
    assert "Both" not in text
    assert "fastest trainable path" not in text
    text = answer([*rounds, *measured(case(update="sparse", vocab=BIG), [0.0190, 0.0192])])
    assert part in text
    assert "the fastest trainable path, trainable sparse, takes 19.1 ms" in text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("oom_host", "ran out of memory"),
        ("oom_device", "ran out of device memory"),
        ("skipped", "was skipped"),
        ("timeout", "timed out"),
        ("crash", "crashed"),
        ("unsupported", "is not supported"),
        ("interrupted", "was interrupted"),
    ],
)
def test_a_default_without_a_number_is_said_with_its_reason(status, told):
    reason = "needs about 8.1 GB of host memory, 3.2 GB are free."
    rounds = [*measured(case(update="sparse", vocab=BIG), [0.1, 0.1]), failed(case(vocab=BIG), status, reason)]
    text = answer(rounds)
    assert f"At 2M rows, trainable default {told}: {reason}" in text
    assert "times as fast" not in text
    text = answer([*rounds, *measured(case("frozen", vocab=BIG), [0.05, 0.05])])
    assert "At 2M rows, a frozen table takes 50.0 ms" in text
    assert "trainable sparse takes 100 ms" in text


def test_an_invalid_default_is_said_with_its_first_difference():
    bad = Audit("dense", False, 0.5, 9, "step 3, row 7: 0.25 expected, 0.5 found")
    rounds = [*measured(case("frozen"), [0.1]), *measured(case(), [0.1], audit=bad, status="invalid")]
    text = answer([*rounds, *measured(case("frozen", vocab=100_000), [0.1])])
    assert "At 200k rows, trainable default is invalid: step 3, row 7: 0.25 expected, 0.5 found." in text


@pytest.mark.parametrize("status", sorted(STATUS_TEXT))
def test_every_status_has_its_word(status):
    assert status in ENDED


@pytest.mark.parametrize("audit", [None, Audit("dense", False, 1.0, 4, "row 3")])
def test_unaudited_cases_are_not_spoken_of(audit):
    assert answer([*measured(case(), [0.1], audit=audit), *measured(case(vocab=BIG), [0.9], audit=audit)]) == ""


def test_nothing_measured_says_nothing():
    assert answer([failed(case(), "crash", "x")]) == ""


def test_only_frozen_still_tells_what_the_vocabulary_costs():
    text = answer([*measured(case("frozen"), [0.1, 0.1]), *measured(case("frozen", vocab=BIG), [0.2, 0.2])])
    assert text.startswith("A step with a frozen table takes 2.00 times as long at 2M rows as at 200k rows")
    assert "times as fast" not in text


def test_groups_are_named_and_too_many_are_left_alone():
    two = [round_ for tokens in ("words", "same") for vocab in (1000, 2000)
           for round_ in measured(case(vocab=vocab, tokens=tokens), [0.1 * vocab] * 2)]  # fmt: skip
    report = build(two, View(row="tokens,vocab"))
    assert [sentence.partition(":")[0] for sentence in report.answer] == ["With tokens words", "With tokens same"]
    more = [round_ for vocab in (1000, 2000) for round_ in measured(case(vocab=vocab, tokens="uniform"), [0.1] * 2)]
    assert build([*two, *more], View(row="tokens,vocab")).answer == ()
