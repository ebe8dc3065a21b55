"""What was not measured, from what was; and what cannot be said."""

import msgspec
import pytest

from embbench.cases.units import format_count
from embbench.report.lack_text import why_text, why_texts
from tests.analysis.cost.predicting import predicted
from tests.made_up import case, measured

SIZES = (200_000, 500_000, 1_000_000, 2_000_000)
NOISE = (1.01, 0.99, 1.0, 1.005)


def seconds(vocab, dim=128):
    return 0.002 + 1e-4 * dim + 1e-8 * vocab * dim


def line(dims=(128,), sizes=SIZES, update="default", **fields):
    rounds = []
    for dim in dims:
        for vocab, noise in zip(sizes, NOISE, strict=False):
            given = case(vocab=vocab, dim=dim, update=update)
            rounds += measured(given, [seconds(vocab, dim) * noise], 4e8 + 24 * vocab * dim, **fields)
    return rounds


def test_a_larger_vocabulary_lies_on_the_line():
    found = predicted(line(), vocab=20_000_000)
    assert found.lack is None
    assert found.seconds.low < seconds(20_000_000) < found.seconds.high
    assert found.bytes.center == pytest.approx(4e8 + 24 * 20e6 * 128, rel=1e-4)
    assert found.metric == "host_peak"
    assert found.measured == 4


@pytest.mark.parametrize(("vocab", "said"), [(20_000_000, False), (100_000, True), (1_500_000, True)])
def test_nothing_is_said_beyond_an_end_that_lies_on_no_line(vocab, said):
    rounds = line(sizes=SIZES[:3])
    for noise in NOISE:
        rounds += measured(case(vocab=2_000_000), [3 * seconds(2_000_000) * noise], 4e8 + 24 * 2_000_000 * 128)
    found = predicted([msgspec.structs.replace(each, round=place) for place, each in enumerate(rounds)], vocab=vocab)
    assert ("the other sizes: no line fits" in why_text(found)) is not said
    assert found.bytes is not None


def test_intervals_widen_with_the_distance():
    near, far = (predicted(line(), vocab=vocab).seconds for vocab in (2_000_000, 20_000_000))
    assert (far.high - far.low) > 5 * (near.high - near.low)


def test_other_columns_are_predicted_where_columns_were_varied():
    found = predicted(line(dims=(64, 128)), vocab=4_000_000, dim=256)
    assert found.seconds.low < seconds(4_000_000, 256) < found.seconds.high
    assert found.measured == 8


@pytest.mark.parametrize(
    ("rounds", "axes", "told"),
    [
        (
            line(),
            {"vocab": 2_000_000, "dim": 256},
            "dim was measured at 128 only; a prediction needs two sizes or more",
        ),
        (line(), {"vocab": 200_000_000}, "further than a factor of 32"),
        (line(sizes=SIZES[:1]), {"vocab": 2_000_000}, "vocab was measured at 200k only; a prediction needs two"),
        (line(sizes=SIZES[:1]), {"vocab": 200_000}, "200k was measured once, which gives no interval"),
        (line(sizes=SIZES[:2]), {"vocab": 2_000_000}, "2 sizes were measured once each, which gives no interval"),
        (line(), {"vocab": 2_000_000, "update": "sparse"}, "only of cases that differ in update"),
        (line(), {"vocab": 2_000_000, "hidden": 256}, "only of cases that differ in hidden"),
        ([*line(), *line(machine={"fingerprint": "ffffffff"})], {"vocab": 4_000_000}, "2 machines"),
    ],
)
def test_what_the_fit_does_not_support_is_refused_with_the_command_that_would(rounds, axes, told):
    found = predicted(rounds, **axes)
    assert found.seconds is None
    assert told in why_text(found)
    if "machines" not in told:
        assert "embbench run --contender pytorch --table trainable" in why_text(found)


@pytest.mark.parametrize(
    ("axes", "flags"),
    [
        ({"vocab": 100_000}, "--vocab 100k --dim 128 "),
        ({"vocab": 2_000_000}, "--vocab 80k,200k,400k --dim 128 "),
        ({"vocab": 200_000, "dim": 64}, "--vocab 200k --dim 64 "),
        ({"vocab": 200_000, "dim": 256}, "--vocab 200k --dim 64,128,256 "),
    ],
)
def test_of_one_measured_size_the_advice_names_the_cheapest_sizes_that_answer(axes, flags):
    assert flags in why_text(predicted(line(sizes=SIZES[:1]), **axes))


def test_cases_that_lack_the_same_are_one_note_with_one_command():
    rounds = [*line(), *line(sizes=SIZES[-1:], update="sparse"), *line(sizes=SIZES[-1:], update="fused")]
    wide = [predicted(rounds, vocab=vocab, dim=256) for vocab in SIZES]
    wanted = "dim was measured at 128 only; a prediction needs two sizes or more; measure: embbench run "
    (note,) = why_texts(wide)
    assert note.startswith(wanted)
    assert f"--vocab {','.join(map(format_count, SIZES))} --dim 64,128,256 " in note
    assert note.count("embbench run") == 1

    made = [predicted(rounds, vocab=SIZES[0], update=update) for update in ("default", "sparse", "fused")]
    last, first = format_count(SIZES[-1]), format_count(SIZES[0])
    (note,) = [each for each in why_texts(made) if "needs two sizes" in each]
    assert note.startswith(
        f"pytorch trainable sparse adam vocab={first}, pytorch trainable fused adam vocab={first}: vocab was measured "
        f"at {last} only; a prediction needs two sizes or more; measure: embbench run --contender pytorch "
        f"--table trainable --update sparse,fused --optimizer adam --vocab {first} --dim 128 "
    )


def test_times_that_tell_nothing_of_so_far_away_are_no_prediction():
    wild = [
        msgspec.structs.replace(each)
        for vocab, factor in zip(SIZES, (1.0, 3.0, 0.3, 1.0), strict=True)
        for each in measured(case(vocab=vocab), [seconds(vocab) * factor])
    ]
    found = predicted(wild, vocab=20_000_000)
    assert found.seconds is None
    assert "scatter too much" in why_text(found)


def test_a_size_that_is_all_that_was_measured_is_told_as_it_was():
    found = predicted(measured(case(), [0.60, 0.62, 0.64], 4e8), vocab=200_000)
    assert (found.lack, found.seconds.center, found.seconds.n) == (None, 0.62, 3)
    assert found.seconds.low < 0.60 < 0.64 < found.seconds.high
    assert found.bytes.center == pytest.approx(4e8, rel=1e-3)
