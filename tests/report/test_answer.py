"""The sentences say what was measured, and nothing else."""

import pytest

from embbench.report import build
from embbench.spec.suite import View
from embbench.store.round import Audit
from tests.report.made_up import case, failed, measured

BIG = 2_000_000


def answer(rounds):
    return " ".join(build(rounds, View()).answer)


def test_the_scaling_suite(scaling):
    text = answer(scaling)
    assert "from 200k to 2M rows, a step takes 11.3 (10.6 to 11.8) times as long (291 ms and 3.28 s)" in text
    assert "peak host memory goes from 1.20 GB to 7.00 GB" in text
    assert "a frozen table takes 24.1 ms, shorter by a factor of 136 (130 to 142)" in text
    assert "the fastest trainable path, trainable sparse, takes 30 ms, shorter by a factor of 110" in text
    assert "That is another training: trainable sparse is lazy" in text
    assert "trainable default is dense" in text


def test_overlapping_intervals_make_no_difference():
    rounds = [*measured(case(), [0.10, 0.11, 0.105]), *measured(case(vocab=BIG), [0.105, 0.107, 0.106])]
    assert "takes about as long, without a measurable difference" in answer(rounds)


def test_scattered_rounds_are_not_called_as_long():
    text = answer([*measured(case(), [0.1, 0.2]), *measured(case(vocab=BIG), [0.15, 0.1])])
    assert "as long" not in text
    assert "no difference is shown between 200k and 2M rows (150 ms and 120 ms), since the rounds scatter" in text
    text = answer([*measured(case(), [0.1, 0.2]), *measured(case("frozen"), [0.15, 0.1])])
    assert "a frozen table takes 120 ms (no difference shown: the rounds scatter)" in text


def test_a_path_that_is_not_shown_to_be_faster_is_not_called_faster():
    rounds = [*measured(case(), [0.10, 0.11, 0.105]), *measured(case(update="sparse"), [0.104, 0.102, 0.106])]
    text = answer(rounds)
    assert "no trainable path is shown to be faster than trainable default" in text
    assert "another training" not in text


def test_one_round_says_about():
    text = answer([*measured(case(), [0.1]), *measured(case(vocab=BIG), [0.9])])
    assert "takes about 9.0 times as long (100 ms and 900 ms, from one round)" in text


def test_equally_fast_paths_are_named_together():
    rounds = [
        *measured(case(), [1.0, 1.01, 0.99]),
        *measured(case(update="sparse"), [0.1, 0.102, 0.101]),
        *measured(case(update="compact"), [0.1, 0.103, 0.102]),
    ]
    assert "trainable sparse, not shown to be faster than trainable compact, takes 101 ms" in answer(rounds)


def test_the_same_class_is_said_to_be_the_same():
    rounds = [*measured(case(), [1.0, 1.01]), *measured(case(update="fused"), [0.1, 0.1])]
    assert "Both trainable fused and trainable default are dense" in answer(rounds)


def test_the_default_out_of_memory_is_said():
    rounds = [*measured(case(update="sparse", vocab=BIG), [0.1, 0.1]), failed(case(vocab=BIG), "oom_host", "x")]
    text = answer(rounds)
    assert "At 2M rows, trainable default ran out of memory." in text
    assert "factor" not in text


@pytest.mark.parametrize("audit", [None, Audit("dense", False, 1.0, 4, "row 3")])
def test_unaudited_cases_are_not_spoken_of(audit):
    assert answer([*measured(case(), [0.1], audit=audit), *measured(case(vocab=BIG), [0.9], audit=audit)]) == ""


def test_nothing_measured_says_nothing():
    assert answer([failed(case(), "crash", "x")]) == ""


def test_only_frozen_still_tells_what_the_vocabulary_costs():
    text = answer([*measured(case("frozen"), [0.1, 0.1]), *measured(case("frozen", vocab=BIG), [0.2, 0.2])])
    assert text.startswith("A frozen table: from 200k to 2M rows, a step takes 2.00 times as long")
    assert "factor" not in text


def test_groups_are_named_and_too_many_are_left_alone():
    two = [round_ for tokens in ("words", "same") for vocab in (1000, 2000)
           for round_ in measured(case(vocab=vocab, tokens=tokens), [0.1 * vocab] * 2)]  # fmt: skip
    report = build(two, View(row="tokens,vocab"))
    assert [sentence.partition(":")[0] for sentence in report.answer] == ["With tokens words", "With tokens same"]
    more = [round_ for vocab in (1000, 2000) for round_ in measured(case(vocab=vocab, tokens="uniform"), [0.1] * 2)]
    assert build([*two, *more], View(row="tokens,vocab")).answer == ()
