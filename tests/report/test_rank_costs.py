"""What is said of several processes that share a step, from made-up rounds."""

import msgspec
import pytest

from embbench.analysis.collapse.collapse import collapse
from embbench.analysis.collapse.measures import Measures
from embbench.cases.declared import Declared
from embbench.report.answer import make_answer
from embbench.report.rank_answer import about_ranks
from embbench.report.rank_costs import rank_costs, ranks_of, ranks_table
from embbench.store.round import Values, Warning_
from tests.made_up import case, measured

MB = 1e6


def values(**told):
    return {name: Values("", "wall", "lower", (float(value),)) for name, value in told.items()}


def rounds(
    ranks, step, peak=500, share=0.5, sent=1.0, theory=1.0, exchange=None, spread="rows", together=False, **axes
):
    """Two rounds of a case with `ranks`; bytes in MB."""
    of = case(contender="plain", update="default", ranks=ranks, **axes)
    more = values(host_step_peak=peak * MB)
    if ranks > 1:
        more |= values(lookup_share=share, sent_bytes=sent * MB, theoretical_sent=theory * MB)
        more |= values(exchange_time=exchange) if exchange else {}
    every = [{"peak": peak * MB, "lookups": 10.0, "wait": 0.001, "sent": 5.0, "received": None}] * ranks
    found = []
    for round_ in measured(of, [step, step * 1.001]):
        found.append(
            msgspec.structs.replace(
                round_,
                metrics={**round_.metrics, **more},
                conditions={**round_.conditions, **({"ranks": every} if ranks > 1 else {})},
                declared=Declared(semantic="exact", spread=spread, in_one_memory=together),
                ran={"process group": "gloo (its times say nothing about NCCL)"},
            )
        )
    return found


def told_of(*lines):
    results = collapse([line for several in lines for line in several])
    measures = Measures(results)
    shared = next(each for each in results if each.case.ranks > 1)
    return dict(rank_costs(shared, results, measures)), results, measures


def test_a_case_with_one_rank_has_nothing_to_say():
    results = collapse(rounds(1, 0.1))
    assert rank_costs(results[0], results, Measures(results)) == []
    assert about_ranks(results, Measures(results)) == []
    assert ranks_table(results[0]).rows == ()


@pytest.mark.parametrize(
    ("step", "verdict"), [(0.05, "sharding pays here"), (0.2, "sharding does not pay in time here")]
)
def test_ranks_against_one_process(step, verdict):
    told, *_ = told_of(rounds(1, 0.1, peak=900), rounds(2, step))
    assert verdict in told["ranks"]
    assert told["ranks"].startswith(f"2 ranks take {step / 0.1:g}")
    assert "Each needs at most 500 MB, one process 900 MB." in told["ranks"]


def test_ranks_that_share_cpus_are_said_to():
    crowded = [
        msgspec.structs.replace(each, warnings=(Warning_("ranks-share-cpus", ""),)) for each in rounds(4, 1.1, peak=300)
    ]
    told, results, measures = told_of(rounds(1, 0.1, peak=900), crowded)
    assert "The ranks share CPUs, so that this time holds for no other machine." in told["ranks"]
    assert "times as long as in one process (the ranks share CPUs), with" in make_answer(results, measures)[0]


def test_ranks_in_one_process_have_its_memory_together():
    told, results, measures = told_of(rounds(1, 0.1, peak=900), rounds(2, 0.2, peak=950, together=True))
    assert told["ranks"].endswith(" All together need 950 MB, one process 900 MB.")
    assert "with 950 MB in all ranks instead of 900 MB" in make_answer(results, measures)[0]


def test_without_the_case_in_one_process_nothing_is_compared():
    told, *_ = told_of(rounds(2, 0.1))
    assert set(told) == {"exchange"}


def test_the_bytes_that_are_sent_and_those_that_have_to_be():
    told, *_ = told_of(rounds(2, 0.1, sent=3, theory=1, exchange=0.04))
    assert told["exchange"] == (
        "a rank sends 3.00 MB/step, of which it has to send 1.00 MB/step by arithmetic; it exchanges or waits for "
        "40.0 ms of 100 ms, while it may also compute; gloo's times say nothing about NCCL."
    )
    told, *_ = told_of(rounds(2, 0.1, sent=1.1, theory=1))
    assert told["exchange"] == "a rank sends 1.10 MB/step; gloo's times say nothing about NCCL."


def test_words_in_one_rank_are_told_with_what_spreads_them():
    told, *_ = told_of(rounds(2, 0.1, share=0.95))
    assert told["imbalance"].startswith("one rank has 95% of the lookups, where even parts have 50%: frequent words")
    assert "--tokens words:shuffled" in told["imbalance"]
    told, *_ = told_of(rounds(2, 0.1, share=0.95, tokens="uniform"))
    assert told["imbalance"] == "one rank has 95% of the lookups, where even parts have 50%."
    assert "imbalance" not in told_of(rounds(2, 0.1, share=1.0, spread="columns"))[0]
    assert "imbalance" not in told_of(rounds(2, 0.1, share=0.6))[0]


def test_the_answer_has_the_fastest_and_the_streams_that_differ():
    lines = (
        rounds(1, 0.1, peak=900),
        rounds(2, 0.2, share=0.95),
        rounds(2, 0.15, share=0.52, tokens="words:shuffled"),
    )
    _, results, measures = told_of(*lines)
    fastest, words = make_answer(results, measures)
    assert fastest.startswith("dense, 200k rows in 2 ranks: plain default is the fastest and takes 150")
    assert fastest.endswith("; a rank sends 1.00 MB/step.")
    assert words == "plain default: with words, one rank has 95% of the lookups, with words:shuffled 52%."


def test_a_row_for_each_rank():
    _, results, _ = told_of(rounds(2, 0.1))
    table = ranks_table(results[0])
    assert table.headings == ("rank", "peak", "lookups", "sent", "received", "wait")
    assert table.rows[1] == ("1", "500 MB", "10.0", "5.00 B/step", "unknown", "1.00 ms")


@pytest.mark.parametrize("told", [None, "x", [1], [{"peak": 1}], [{"peak": "x", "lookups": 1, "wait": 1}]])
def test_a_file_from_outside_may_hold_anything_there(told):
    assert ranks_of({"ranks": told}) == []
