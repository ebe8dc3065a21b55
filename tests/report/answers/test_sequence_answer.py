"""The answer about texts of different lengths, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.claim import Claim
from embbench.report.answers.sequence import answer, brief
from embbench.workloads._sequence_expected import (
    EACH_LENGTH,
    ENDS,
    LOSSES,
    NOT_ANEW,
    ONE_NETWORK,
    RELAXED,
    SIZE,
    UNKNOWN,
    WEIGHTS,
    past_end,
)
from tests.made_up import case, measured, values

PADDING = {"pad": 0.4922, "mask": 0.4922, "pack": 0.0, "bucket": 0.1875, "dynamic": 0.4844}
LENGTHS = {"bucket": 4, "dynamic": 6}
SKIPPED = "id 0 is skipped"


def claim(expected, wrong=False, known=""):
    got = (99.0,) if wrong or known else tuple(expected.want)
    return Claim(name=expected.name, got=got, want=tuple(expected.want), tolerance=expected.tolerance, known=known)


def reading(contender, way, seconds, first=0.5, traces=0, lstm="loop", wrong=(), scatter=1.001, **axes):
    given = case("none", workload="sequence", contender=contender, lengths=way, hidden=64, seq=64, **axes)
    lengths = LENGTHS.get(way, 1)
    told = [LOSSES, WEIGHTS, NOT_ANEW, ENDS, SIZE, past_end(way)]
    told += [ONE_NETWORK] if lengths > 1 else []
    if traces:
        told.append(RELAXED if lengths > 1 and traces == 2 else EACH_LENGTH)
    claims = [claim(each, wrong=each in wrong) for each in told]
    claims += [claim(UNKNOWN, known=SKIPPED)] if way == "mask" else []
    ran = {"lstm": lstm, "real tokens a step": "4000", "batch lengths": str(lengths), "traces": str(traces)}
    more = {"first_step_time": values("first_step_time", first), "padding_share": values("padding_share", PADDING[way])}
    return [
        msgspec.structs.replace(line, claims=tuple(claims), ran=ran, metrics={**line.metrics, **more})
        for line in measured(given, [seconds, seconds * scatter])
    ]


def texts(lines, make=answer):
    results = collapse(lines)
    return [statement.text for statement in make(results, Measures(results))]


@pytest.fixture
def lines():
    return [
        *reading("one", "pad", 0.020, lstm="fused"),
        *reading("one", "pack", 0.090, lstm="native loop"),
        *reading("one", "bucket", 0.013, lstm="fused"),
        *reading("one", "dynamic", 0.0201, lstm="fused"),
        *reading("two", "pad", 0.040, first=1.5, traces=1),
        *reading("two", "mask", 0.060, first=1.6, traces=1),
        *reading("two", "bucket", 0.020, first=5.5, traces=4),
        *reading("three", "pad", 0.050, first=0.7, traces=1),
        *reading("three", "dynamic", 0.060, first=1.9, traces=2),
    ]


def test_it_says_what_padding_masks_and_buckets_do(lines):
    found = texts(lines)
    assert found[0] == (
        "Padding among the positions that an LSTM reads, for lengths uniform from 1 on: 49.2% with pad and mask, "
        "48.4% with dynamic, 18.8% with bucket, 0.0% with pack."
    )
    assert found[1].endswith("those of a masked or packed LSTM, within rounding: all 3 contenders.")
    assert found[2] == (
        "Of a text that is shorter than its batch, the last output is not the result: it goes on over padding without "
        "a mask (one, two and three); it is zero in packed texts (one); it repeats in masked texts (two)."
    )
    assert found[3] == f"two: {SKIPPED}."
    assert found[4].endswith("a step on one bucket changes the losses of the others: all 3 contenders.")


def test_it_says_what_is_compiled(lines):
    found = texts(lines)
    assert found[5] == "Each new length of a batch is traced and compiled anew: two."
    assert found[6].endswith("no later length traces: three.")
    assert found[7] == "Nothing is compiled: one."


def test_it_gives_the_time_of_a_real_token_and_of_the_same_texts_in_other_ways(lines):
    one, two, three = texts(lines)[8:11]
    assert one.startswith("one: four batches padded to 64 take 20.0 ms (5.00 µs a real token); times as long for the ")
    assert "same texts: pack 4.5" in one
    assert "bucket 0.65" in one
    assert one.endswith("; the LSTM is computed with pack as native loop instead of fused.")
    assert "; LSTM: loop; first step: pad 1.5" in two
    assert "(1 length, 1 trace), bucket 5.5" in two
    assert two.endswith("s (4 lengths, 4 traces).")
    assert three.endswith("s (6 lengths, 2 traces).")


def test_a_ratio_whose_interval_includes_one_is_no_difference(lines):
    noisy = reading("four", "bucket", 0.0200, scatter=1.8)
    found = texts([*lines, *reading("four", "pad", 0.0202), *noisy])
    four = next(text for text in found if text.startswith("four: "))
    assert "(no difference is shown)" in four
    one = next(text for text in found if text.startswith("one: "))
    assert "bucket 0.65" in one.partition("(no difference is shown)")[0]


def test_the_report_of_slow_packed_texts_is_right_in_the_time_and_wrong_in_the_outputs(lines):
    last = texts(lines)[-1]
    assert "Here, with 64 tokens on cpu, a training step on packed texts takes 4.5 (one) times as long" in last
    assert last.endswith("is as right, so the report is wrong in that.")
    wrong = [*reading("one", "pad", 0.020), *reading("one", "pack", 0.090, wrong=[LOSSES])]
    assert "the report is wrong" not in texts(wrong)[-1]


def test_the_first_screen_has_times_facts_and_compilations(lines):
    costs, facts, traces = texts(lines, brief)
    assert costs == (
        "Times as long as padding to one length, for the same texts: bucket 0.50 (two) to 0.65 (one), dynamic 1.0 "
        "(one) to 1.2 (three), mask 1.5 (two), pack 4.5 (one)."
    )
    assert (
        facts
        == "Padding that is read: pad 49%, dynamic 48%, bucket 19%. One network serves all buckets: all 3 contenders."
    )
    assert traces.startswith("Each new length of a batch is traced and compiled anew: two. The second length")


def test_a_contender_whose_claim_fails_is_not_among_those_that_hold(lines):
    found = texts([*lines, *reading("four", "bucket", 0.1, wrong=[ONE_NETWORK])])
    assert next(text for text in found if "One network" in text).endswith("of the others: one, two and three.")


def test_without_texts_of_different_lengths_there_is_no_answer():
    assert texts(measured(case(), [0.1])) == []
