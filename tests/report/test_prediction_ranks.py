"""What a table of predicted ranks says where numbers are missing, and how to get them."""

import pytest

from embbench.analysis.cost.lacks import Measure
from embbench.analysis.cost.rank_lacks import (
    NoRates,
    NoSharedBatch,
    NoTimedRanks,
    OneCaseOfRanks,
    OneMachine,
    OneMemory,
    OneNumberOfRanks,
    OtherDims,
    ScatteredTimes,
    SharedCpus,
    TooFewForTime,
    WholeInEach,
)
from embbench.analysis.cost.rank_time import PredictedTime
from embbench.analysis.cost.ranks import PredictedRanks
from embbench.report.prediction_ranks import RankRow, ranks_grid, ranks_json, ranks_notes
from embbench.stats.summary import Summary
from tests.made_up import case

SIZES = {"vocab": (100_000, 200_000, 400_000), "ranks": (1, 2)}
COMMAND = (
    "embbench run --contender ddp --table trainable --update default --optimizer adam --vocab 100k,200k,400k "
    "--ranks 1,2 --threads 2 --rounds {rounds}"
)


def row(vocab=400_000, lack=None, time_lack=None, least=2, seconds=None, off=None):
    this = case(contender="ddp", ranks=2, vocab=vocab)
    size = None if lack else Summary(1e9, 0.9e9, 1.1e9, 3)
    time = None if lack else PredictedTime(seconds, off, 4, 1e10, 1e9, time_lack)
    return RankRow(PredictedRanks(this, size, size, 0.02, 4, time, lack, Measure(this, SIZES)), least)


@pytest.mark.parametrize(
    ("lack", "rounds"),
    [
        (OtherDims(128, (64,)), 3),
        (SharedCpus(), 3),
        (NoRates(), 3),
        (TooFewForTime(2, 4), 3),
        (NoTimedRanks(), 3),
        (OneNumberOfRanks(2), 3),
        (ScatteredTimes(), 10),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_missing_time_has_a_command_that_measures_what_it_needs(lack, rounds):
    note = ranks_notes([row(time_lack=lack)])[0]
    assert note.startswith("no time: ")
    assert note.endswith(f"; measure: {COMMAND.format(rounds=rounds)}")
    assert ranks_json(row(time_lack=lack))["why"] == note


@pytest.mark.parametrize(
    "least",
    [WholeInEach(), OneMemory(), NoSharedBatch(32, 32), NoSharedBatch(1, 1, gathered=True)],
    ids=lambda v: type(v).__name__,
)
def test_a_table_that_fits_nowhere_has_its_reason_and_no_command(least):
    rows = [row(least=least, time_lack=OneMachine())]
    assert [cells[-1] for cells in ranks_grid(rows).rows] == ["—"]
    (reason,) = [each for each in ranks_notes(rows) if each.startswith("fits from: ")]
    assert "measure:" not in reason
    assert ranks_json(rows[0])["least_ranks"] is None
    assert reason in ranks_json(rows[0])["why"]


def test_a_reason_of_some_rows_names_them():
    notes = ranks_notes([row(), row(vocab=800_000, lack=OneCaseOfRanks(), least=None)])
    assert notes[0].startswith("ddp trainable default adam vocab=800k: a single case")


def test_how_far_times_are_off_is_told_for_predicted_times_only():
    told, without = ranks_notes([row(seconds=Summary(1.0, 0.9, 1.1, 4), off=0.1)]), ranks_notes([row(off=0.6)])
    assert [each for each in told if "each measured time" in each] == [
        "each measured time, predicted from the other cases of its way, is off by 10% at most"
    ]
    assert not [each for each in without if "each measured time" in each]
