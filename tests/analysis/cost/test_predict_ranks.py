"""Memory and traffic of ranks that were not measured, from made-up rounds whose arithmetic is known."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.analysis.cost.rank_lacks import (
    NoRanks,
    NoSharedBatch,
    OneCaseOfRanks,
    OneMachine,
    OneMemory,
    RanksOnGpu,
    SeveralMachines,
    SingleProcess,
    UnevenRanks,
    WholeInEach,
)
from embbench.analysis.cost.ranks import least_ranks, predict_ranks
from embbench.cases.declared import Declared
from embbench.cases.update_path import Path
from embbench.store.round import Values
from embbench.workloads._footprint import footprint, sent_bytes
from tests.made_up import MACHINE, case, measured

BASE = 300e6
WAY = {"contender": "plain", "update": "default", "optimizer": "adagrad", "tokens": "uniform"}
ROUTED = {"copies": 2.0, "lookups": 6.0, "sent_routed": 1.0, "spread": "rows"}
TOGETHER = {"copies": 2.0, "lookups": 6.0, "spread": "rows", "in_one_memory": True}
WHOLE = {"copies": 5.0, "lookups": 0.0, "sent_tables": 2.0, "spread": "whole"}


def of(ranks, vocab, **more):
    return case(ranks=ranks, vocab=vocab, **{**WAY, **more})


def line(ranks, vocab, times=1.0, sent_times=1.0, told=ROUTED):
    """A round whose peak is `times` the arithmetic, and whose traffic is `sent_times` the arithmetic."""
    this = of(ranks, vocab)
    how = {name: told[name] for name in ("spread", "gathered", "in_one_memory") if name in told}
    theory = footprint(this, told["copies"], told["lookups"], **how).total
    metrics = {"host_step_peak": times * (theory + BASE), "host_base": BASE}
    if ranks > 1:
        others = ("spread", "in_one_memory")
        path = Path(semantic="exact", **{name: value for name, value in told.items() if name not in others})
        sent = sent_bytes(this, path, 2048, [1 / ranks] * ranks)
        metrics |= {"theoretical_sent": sent, "sent_bytes": sent_times * sent}
    (round_,) = measured(this, [0.1], declared=Declared(semantic="exact", **told))
    values = {name: Values("B", "process", "lower", (float(value),)) for name, value in metrics.items()}
    return msgspec.structs.replace(round_, metrics={**round_.metrics, **values})


def predict(asked, *lines):
    results = collapse(lines)
    return predict_ranks(asked, results, Measures(results))


def test_memory_is_the_part_of_a_rank_beside_what_a_process_takes_anyway():
    asked = of(64, 1_000_000_000, batch=128)
    told = predict(asked, line(1, 200_000), line(2, 200_000), line(2, 400_000))
    part = 2 * 1_000_000_000 * 128 * 4 / 64
    assert told.bytes.center == pytest.approx(part + BASE, rel=0.01)
    assert told.off == pytest.approx(0.0, abs=1e-6)
    assert told.measured == 3


def test_what_was_measured_beyond_the_arithmetic_goes_on():
    lines = [line(1, 200_000, 1.1), line(2, 200_000, 1.1), line(4, 200_000, 1.1)]
    plain = predict(of(8, 200_000), *(line(ranks, 200_000) for ranks in (1, 2, 4)))
    told = predict(of(8, 200_000), *lines)
    assert told.bytes.center == pytest.approx(1.1 * plain.bytes.center)


def test_intervals_hold_the_measured_cases_and_widen_with_the_distance():
    lines = [line(1, 200_000, 0.98), line(2, 200_000, 1.0), line(2, 400_000, 1.02)]
    widths = []
    for ranks in (2, 8, 32):
        size = predict(of(ranks, 400_000), *lines).bytes
        widths.append(size.high / size.center - 1)
    assert widths == pytest.approx([0.02, 0.04, 0.06])  # half of it more with each doubling beyond 2 ranks
    farther = predict(of(2, 1_600_000), *lines).bytes
    assert farther.high / farther.center - 1 == pytest.approx(0.04)


def test_each_measured_case_is_predicted_from_the_others():
    told = predict(of(8, 200_000), line(1, 200_000), line(2, 200_000), line(2, 400_000, 1.5))
    assert told.off == pytest.approx(1 / 3)  # the last, from two that are as arithmetic has them


def test_traffic_lies_between_even_parts_and_all_lookups_in_one_rank():
    told = predict(of(4, 200_000), line(2, 200_000), line(2, 400_000)).sent
    path = Path(semantic="exact", sent_routed=1.0)
    even, one = (sent_bytes(of(4, 200_000), path, 0, shares) for shares in ([0.25] * 4, [1.0]))
    assert told.low <= even * 1.001
    assert told.high >= one * 0.999
    assert told.high < 1.1 * one


def test_a_replica_sends_twice_its_table_whatever_the_ranks():
    told = predict(of(32, 200_000), line(2, 200_000, told=WHOLE), line(2, 400_000, told=WHOLE))
    assert told.sent.center == pytest.approx(2 * 31 / 32 * 200_000 * 128 * 4, rel=0.05)
    assert told.bytes.center > 5 * 200_000 * 128 * 4


def test_the_smallest_number_of_ranks_whose_memory_holds_the_table():
    results = collapse([line(1, 200_000), line(2, 200_000), line(2, 400_000)])
    asked = of(2, 100_000_000, batch=1024)  # 102 GB of table and state
    assert least_ranks(asked, results, Measures(results), 30e9) == 4
    assert least_ranks(asked, results, Measures(results), 1000e9) == 1
    for batch, room, least in (
        (2, 30e9, NoSharedBatch(2, 2)),
        (33, 40e9, 3),
        (35, 30e9, 5),
        (1, 30e9, NoSharedBatch(1, 1)),
    ):
        assert least_ranks(msgspec.structs.replace(asked, batch=batch), results, Measures(results), room) == least
    assert least_ranks(of(2, 1, update="other"), results, Measures(results), 30e9) is None


def test_a_case_that_was_not_measured_supports_nothing_and_breaks_nothing():
    skipped = msgspec.structs.replace(line(1, 800_000), status="skipped", metrics={})
    results = collapse([skipped, line(1, 200_000), line(2, 200_000), line(2, 400_000)])
    assert least_ranks(of(2, 100_000_000, batch=2), results, Measures(results), 30e9) == NoSharedBatch(2, 2)


@pytest.mark.parametrize(("told", "why"), [(WHOLE, WholeInEach()), (TOGETHER, OneMemory())], ids=["whole", "together"])
def test_more_ranks_do_not_help_where_each_process_has_the_whole_table(told, why):
    results = collapse([line(ranks, 200_000, told=told) for ranks in (1, 2, 4)])
    assert least_ranks(of(2, 100_000_000), results, Measures(results), 30e9) == why
    assert least_ranks(of(2, 200_000), results, Measures(results), 30e9) == 1


def test_a_process_that_has_all_ranks_has_the_bytes_of_all():
    told = predict(of(4, 1_000_000), line(1, 200_000, told=TOGETHER), line(2, 200_000, told=TOGETHER))
    whole = 2 * 1_000_000 * 128 * 4
    assert told.bytes.center == pytest.approx(whole + BASE, rel=0.05)
    assert told.time.lack == OneMachine()


def test_the_least_of_what_arithmetic_knows_is_never_nothing():
    lines = [line(1, 200_000, 0.6), line(2, 200_000, 1.0), line(2, 400_000, 1.4)]
    far = predict(of(16, 40_000_000, batch=64), *lines).bytes
    assert far.high / far.center == pytest.approx(far.center / far.low)
    assert far.high > 2 * far.center


@pytest.mark.parametrize(
    ("asked", "lines", "lack"),
    [
        (of(8, 200_000), [line(1, 200_000)], NoRanks()),
        (of(8, 200_000), [line(2, 200_000)], OneCaseOfRanks()),
        (of(64, 200_000), [line(1, 200_000), line(2, 200_000)], UnevenRanks(64, 32)),
        (of(8, 200_000, update="other"), [line(1, 200_000), line(2, 200_000)], NoRanks()),
        (of(8, 200_000), [line(1, 200_000, told={"copies": 2.0, "lookups": 0.0, "spread": ""})], SingleProcess()),
        (of(8, 200_000, device="cuda"), [], RanksOnGpu()),
    ],
    ids=["one process only", "a single case", "uneven", "another way", "a contender without ranks", "on a GPU"],
)
def test_what_nothing_supports_has_no_number(asked, lines, lack):
    told = predict(asked, *lines)
    assert (told.bytes, told.sent, told.lack) == (None, None, lack)


def test_machines_are_not_mixed():
    other = {**MACHINE, "cpu": "Another CPU", "fingerprint": "ffffffff"}
    lines = [line(1, 200_000), line(2, 200_000), msgspec.structs.replace(line(2, 400_000), machine=other)]
    assert predict(of(8, 200_000), *lines).lack == SeveralMachines(2)
    assert least_ranks(of(8, 200_000), collapse(lines), Measures(collapse(lines)), 30e9) is None


def test_rounds_without_a_declaration_support_nothing():
    lines = [msgspec.structs.replace(each, declared=None) for each in (line(1, 200_000), line(2, 200_000))]
    assert predict(of(8, 200_000), *lines).lack == NoRanks()


def test_what_to_measure_can_be_measured():
    sizes = {"vocab": (200_000, 400_000, 800_000), "ranks": (1, 2)}
    for batch, measured_batch in ((64, 64), (33, 32), (97, 32)):
        asked = predict(of(batch, 200_000, batch=batch), line(1, 200_000)).measure
        assert (asked.sizes, asked.case.batch) == (sizes, measured_batch)
