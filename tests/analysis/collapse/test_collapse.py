"""Which lines count, and what the rounds of one case say together."""

import msgspec

from embbench.analysis.collapse.collapse import collapse
from embbench.plain import one_line
from embbench.store.round import Audit
from tests.made_up import MACHINE, SOFTWARE, case, failed, measured


def test_a_measured_round_replaces_the_interrupted_one():
    rounds = [failed(case(), "interrupted", "", 1, started="2026-01-05T09:00:00Z"), *measured(case(), [1.0, 2.0])]
    (result,) = collapse(rounds)
    assert [round_.status for round_ in result.rounds] == ["ok", "ok"]


def test_an_interruption_after_a_number_does_not_erase_it():
    (result,) = collapse([*measured(case(), [1.0]), failed(case(), "interrupted", "", 0)])
    assert [round_.status for round_ in result.rounds] == ["ok", "interrupted"]
    assert result.status == "ok"


def test_the_latest_of_two_equal_places_counts_whatever_the_order_of_lines():
    old, new = measured(case(), [1.0])[0], measured(case(), [2.0], started="2026-02-01T00:00:00Z")[0]
    for lines in ([old, new], [new, old]):
        (result,) = collapse(lines)
        assert result.rounds == (new,)


def test_rounds_of_two_runs_are_all_kept():
    (result,) = collapse([*measured(case(), [1.0]), *measured(case(), [2.0], run="run2")])
    assert len(result.good) == 2


def test_one_invalid_round_makes_the_case_invalid():
    bad = measured(case(), [1.0, 1.0], status="invalid", audit=Audit("dense", False, 1.0, 3, "step 2, row 5: …"))[1]
    (result,) = collapse([measured(case(), [1.0])[0], bad])
    assert result.status == "invalid"
    assert not result.audited


def test_a_failed_audit_counts_even_where_the_status_says_ok():
    (result,) = collapse(measured(case(), [1.0], audit=Audit("dense", False, 1.0, 3, "row 5")))
    assert result.status == "invalid"


def test_no_audit_is_ok_but_not_audited():
    (result,) = collapse(measured(case(), [1.0], audit=None))
    assert (result.status, result.audited) == ("ok", False)


def test_without_a_number_the_most_frequent_reason_is_the_status():
    rounds = [failed(case(), "crash", "a", 0), failed(case(), "timeout", "b", 1), failed(case(), "timeout", "b", 2)]
    assert collapse(rounds)[0].status == "timeout"


def test_machines_and_versions_stay_apart():
    other = measured(case(), [2.0], machine={**MACHINE, "fingerprint": "ffff"})
    newer = measured(case(), [3.0], software={**SOFTWARE, "torch": "2.14.0"}, started="2026-02-01")
    results = collapse([*measured(case(), [1.0]), *other, *newer])
    assert [(result.machine, result.software) for result in results] == [
        ("0a1b2c3d", "torch 2.13.0"),
        ("0a1b2c3d", "torch 2.14.0"),
        ("ffff", "torch 2.13.0"),
    ]


def test_two_contenders_may_need_different_versions():
    other = measured(case(contender="other"), [1.0], software={"jax": "0.10"})
    assert [result.software for result in collapse([*measured(case(), [1.0]), *other])] == ["", ""]


def test_a_dead_process_belongs_to_the_versions_it_does_not_contradict():
    dead = failed(case(vocab=2_000_000), "crash", "signal 9", software={"python": "3.11.7"})
    results = collapse([*measured(case(), [1.0]), dead, failed(case(), "timeout", "slow", 5)])
    assert [result.software for result in results] == ["", ""]
    assert len(results[0].rounds) == 2


def test_text_of_other_programs_cannot_move_the_cursor():
    assert one_line("a\x1b[2J\r\n\tb  c") == "a b c"


def test_lines_of_a_case_are_found_by_their_values():
    rounds = measured(case(), [1.0, 2.0])
    renamed = msgspec.structs.replace(rounds[1], case_id="ffffffffff")
    assert len(collapse([rounds[0], renamed])) == 1
