"""Rounds of several real processes: a single answer, whatever happens to one of them, and nothing left of them."""

import sys
from pathlib import Path

import pytest

from embbench.cases.case import make_case
from embbench.cases.protocol import PRESETS
from embbench.contenders import discover
from embbench.launch.attempt import WORKER, Job
from embbench.launch.executor import ProcessExecutor
from embbench.launch.origin import find_origin
from embbench.launch.process import WorkerProcess
from embbench.launch.ranks import jobs_of_ranks, round_of_ranks
from embbench.launch.requests import make_request
from tests.launch.real_sides import SMALL

SHARED = Path(__file__).parent / "fixtures" / "shared.py"


@pytest.fixture
def known():
    return discover([str(SHARED)])


@pytest.fixture
def request_of(known):
    """A request for a round of the contender that every rank steps alike."""

    def make(**axes):
        case = make_case({**SMALL, "contender": "shared", "optimizer": "sgd", **axes})
        return make_request("r", "s", case, 0, PRESETS["quick"], known["shared"])

    return make


@pytest.fixture
def measure(known, request_of, monkeypatch):
    """(the Round of two ranks, phases, ids of the processes)."""

    def go(fault="", **axes):
        monkeypatch.setenv("EMBBENCH_TEST_FAULT", fault)
        started, begin, phases = [], WorkerProcess.__init__, []

        def beginning(self, *arguments):
            begin(self, *arguments)
            started.append(self._process.pid)

        monkeypatch.setattr(WorkerProcess, "__init__", beginning)
        executor = ProcessExecutor(find_origin(known), None, WORKER, grace=0.5)
        return executor.execute(request_of(ranks=2, **axes), 60.0, phases.append), phases, started

    return go


def test_two_ranks_are_one_audited_round(measure):
    round_, phases, started = measure()
    assert (round_.status, round_.reason, round_.audit.passed) == ("ok", None, True)
    assert round_.ran["rendezvous"] == "2 at 127.0.0.1"
    assert len(started) == 2
    assert phases.count("measure") == 1  # of rank 0 alone
    lookups = [each["lookups"] for each in round_.conditions["ranks"]]
    assert lookups == [SMALL["batch"] * SMALL["seq"] / 2] * 2
    assert round_.metrics["lookup_share"].values == (0.5,)
    peaks = [each["peak"] for each in round_.conditions["ranks"]]
    assert round_.metrics["host_step_peak"].values == (max(peaks),)
    assert not any(map(is_there, started))


def is_there(process):
    return Path(f"/proc/{process}").exists() and "Z" not in Path(f"/proc/{process}/stat").read_text().split()[2]


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("raises", "crash", "rank 1: NotImplementedError: no such optimizer here"),
        ("dies", "crash", "rank 1: killed by SIGKILL during"),
        ("refuses", "unsupported", "rank 1 has no such device"),
        ("drifts", "invalid", "the ranks do not agree: rank 1 has another"),
    ],
)
def test_what_befalls_one_rank_ends_all_as_a_row(measure, fault, status, reason):
    round_, _, started = measure(fault)
    assert round_.status == status
    assert round_.reason.startswith(reason)
    assert len(started) == 2
    assert not any(map(is_there, started))


def test_a_case_with_one_rank_has_one_process(known, request_of, monkeypatch):
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "1")
    monkeypatch.setenv("MASTER_ADDR", "nowhere")
    round_ = ProcessExecutor(find_origin(known), None).execute(request_of(), 60.0, lambda phase: None)
    assert (round_.status, round_.ran["rendezvous"]) == ("ok", "1 at nowhere")
    assert "ranks" not in round_.conditions


def test_threads_are_divided_among_the_ranks(known, request_of):
    assert request_of(ranks=2, threads=5).case.threads_of_rank == 2
    assert request_of(ranks=4, threads=2).case.threads_of_rank == 1


def test_jobs_differ_in_their_rank_alone_and_share_a_secret(known, request_of):
    job = Job(request_of(ranks=3, batch=6), [sys.executable], find_origin(known))
    places = [each.request.rank for each in jobs_of_ranks(job, "/folder")]
    assert [place.number for place in places] == [0, 1, 2]
    assert {place.ranks for place in places} == {3}
    assert len({(place.address, place.key) for place in places}) == 1
    assert jobs_of_ranks(job, "/folder")[0].request.rank.key != places[0].key


def test_the_lead_is_the_round_unless_another_rank_ended_it(make_round):
    ok = make_round(make_case({**SMALL, "ranks": 2}))
    ended = make_round(make_case({**SMALL, "ranks": 2}), status="crash", reason="killed by SIGKILL", metrics={})
    left = make_round(make_case({**SMALL, "ranks": 2}), status="crash", reason="stopped after", metrics={})
    assert round_of_ranks([ok, ok], None) is ok
    assert round_of_ranks([ok, ended], 1) is ok  # it was done before
    assert round_of_ranks([left, ended], 1).reason == "rank 1: killed by SIGKILL"
    late = make_round(make_case({**SMALL, "ranks": 2}), status="timeout", reason="no answer", metrics={})
    assert round_of_ranks([late, left], 0).reason == "no answer"
