"""The lead rank and its followers, in threads, over the real connection."""

import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from embbench.cases.case import make_case
from embbench.cases.streams import Tokens
from embbench.cases.update_path import Path
from embbench.store.exchange import RankPlace
from embbench.worker.audit import audit_case, audit_tokens
from embbench.worker.ceilings import SAMPLES
from embbench.worker.clock import time_block
from embbench.worker.ranks import trial as trial_of_rank
from embbench.worker.ranks.follow import follow
from embbench.worker.ranks.join import about_ranks, lookups_of
from embbench.worker.ranks.lead import LeadModule
from embbench.worker.ranks.link import Lead, meet
from embbench.worker.ranks.trial import SUMMED, RankFacts, RankTrials
from embbench.worker.steady import Invalid
from tests.fakes.clock import VirtualClock

CASE = make_case({"vocab": 100, "dim": 4, "hidden": 4, "batch": 6, "seq": 5, "ranks": 3, "threads": 6})
TOKENS = Tokens(np.arange(60).reshape(2, 6, 5), np.zeros((2, 6), dtype=np.int64))
COSTS = (0.01, 0.03, 0.02)  # seconds of a step, by rank


class Trial:
    """Costs of a rank on its own clock. Rows and loss are those of `told`."""

    def __init__(self, case, clock, cost, told):
        self.case, self.clock, self.cost, self.told = case, clock, cost, told
        self.steps = self.syncs = 0

    def step(self):
        self.steps += 1
        self.clock.advance(self.cost)

    def sync(self):
        self.syncs += 1

    def loss(self):
        return self.told["loss"]

    def read_rows(self, ids):
        return np.full((len(ids), 2), self.told["row"])

    def memory(self):
        return {"device_peak": self.told["memory"]}

    def rows_held(self):
        return self.told["held"]

    def array_sum(self, size):
        return lambda: self.clock.advance(self.cost * size / SUMMED)


class Ranks:
    """Three ranks, of which the first leads. told: what the trials of each rank show."""

    def __init__(self, folder, monkeypatch):
        self.clocks = [VirtualClock(0) for _ in range(3)]
        monkeypatch.setattr(os, "environ", dict(os.environ))
        rates = {clock: (rate, 1e9) for clock, rate in zip(self.clocks, (3e9, 2e9, 4e9), strict=True)}
        monkeypatch.setattr(
            trial_of_rank, "memory_rates", lambda threads, clock, most: rates[clock] if threads == 2 else ()
        )
        place = [RankPlace(number, 3, str(folder / "lead"), "secret") for number in range(3)]
        self.told = [{"loss": 1.0, "row": 2.0, "memory": 10 * (1 + n), "held": (34 * n, 34 + 34 * n)} for n in range(3)]
        self.made = [[] for _ in range(3)]
        self.errors = []
        self.followers = []
        modules = [SimpleNamespace(DECLARES={}, prepare=self.preparing(number)) for number in range(3)]

        def run(number):
            try:
                trials = RankTrials(modules[number], TOKENS)
                self.followers.append(trials)
                follow(trials, meet(place[number]), self.clocks[number])
            except Exception as error:  # noqa: BLE001 - the thread's error is the test's
                self.errors.append(error)

        self.threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in (1, 2)]
        for each in self.threads:
            each.start()
        self.lead = Lead(place[0])
        self.module = LeadModule(modules[0], self.lead, TOKENS)

    def preparing(self, number):
        def prepare(case, tokens):
            trial = Trial(case, self.clocks[number], COSTS[number], self.told[number])
            trial.tokens = tokens
            self.made[number].append(trial)
            return trial

        return prepare

    def close(self):
        for link in self.lead._links:
            link.close()
        for each in self.threads:
            each.join(10)
        assert not any(each.is_alive() for each in self.threads)


@pytest.fixture
def ranks(tmp_path, monkeypatch):
    made = Ranks(tmp_path, monkeypatch)
    yield made
    made.close()
    assert made.errors == []


def test_all_ranks_build_the_case_with_their_share_of_the_threads(ranks):
    ranks.module.prepare(CASE, TOKENS)
    small = audit_case(CASE)
    ranks.module.prepare(small, audit_tokens(small))
    for made in ranks.made:
        assert [trial.case.threads for trial in made] == [2, 2]
        assert made[0].tokens is TOKENS
        np.testing.assert_array_equal(made[1].tokens.ids, audit_tokens(small).ids)
    assert small.batch == 6  # the smallest batch from 4 on that three ranks share


def test_a_block_takes_as_long_as_on_the_slowest_rank(ranks):
    trial = ranks.module.prepare(CASE, TOKENS)
    assert time_block(trial, 5, ranks.clocks[0]) == pytest.approx(5 * max(COSTS))
    assert [made[0].steps for made in ranks.made] == [5, 5, 5]
    trial.step()
    trial.sync()
    assert [made[0].steps for made in ranks.made] == [6, 6, 6]
    ((steps, every),) = trial.blocks
    assert (steps, [each.seconds for each in every]) == (5, pytest.approx([5 * cost for cost in COSTS]))


@pytest.mark.parametrize(("what", "named"), [("loss", "loss"), ("row", "rows of the table")])
def test_ranks_that_differ_are_no_valid_round(ranks, what, named):
    trial = ranks.module.prepare(CASE, TOKENS)
    assert trial.loss() == 1.0
    assert trial.read_rows(np.arange(3)).shape == (3, 2)
    ranks.told[2][what] += 1e-9
    with pytest.raises(Invalid, match=f"rank 2 has another {named} than rank 0"):
        trial.loss() if what == "loss" else trial.read_rows(np.arange(3))


def test_ranks_that_are_not_numbers_alike_agree(ranks):
    for each in ranks.told:
        each["loss"] = float("nan")
    assert np.isnan(ranks.module.prepare(CASE, TOKENS).loss())


def test_the_memory_is_that_of_the_rank_with_the_most(ranks):
    trial = ranks.module.prepare(CASE, TOKENS)
    assert trial.memory() == {"device_peak": 30}
    ranks.made[2][0].memory = dict  # an allocator that does not know the peak of a phase
    assert trial.memory() == {}


def test_a_trial_shows_what_its_contender_shows_and_no_more(ranks):
    trial = ranks.module.prepare(CASE, TOKENS)
    assert not hasattr(trial, "inspect")  # the contender has none
    assert not hasattr(trial, "rows_held")  # of a single rank


def test_trials_are_freed_on_all_ranks(ranks):
    trial = ranks.module.prepare(CASE, TOKENS)
    other = ranks.module.prepare(CASE, TOKENS)
    for made in ranks.made:
        made.clear()
    trials = [ranks.module._trials, *ranks.followers]
    del trial
    third = ranks.module.prepare(CASE, TOKENS)  # the followers free the first before they build this
    assert [sorted(each._trials) for each in trials] == [[1, 2]] * 3
    assert (other.loss(), third.loss()) == (1.0, 1.0)


def test_process_groups_find_each_other(ranks):
    assert (os.environ["WORLD_SIZE"], os.environ["MASTER_ADDR"]) == ("3", "127.0.0.1")
    assert int(os.environ["MASTER_PORT"]) > 1024


def test_what_is_noted_of_the_ranks(ranks):
    trial = ranks.module.prepare(CASE, TOKENS)
    for _ in range(3):
        time_block(trial, 2, ranks.clocks[0])
    made, note = about_ranks(trial, CASE, "rows", Path(semantic="exact", sent_lookups=2), TOKENS, 1, ranks.clocks[0])
    assert made == 0  # no profiler
    assert note.value("rank_wait") == pytest.approx(0.02)  # of the fastest for the slowest
    waits = [each["wait"] for each in note.conditions["ranks"]]
    assert waits == pytest.approx([0.02, 0.0, 0.01])
    assert [each["lookups"] for each in note.conditions["ranks"]] == [17.0, 13.0, 0.0]  # of 60 ids in two batches
    assert note.value("lookup_share") == 17 / 30
    weights = 2 * 4 * (4 * 4 * 4 + 4 * 4 * 4 + 2 * 4 * 4 + 8 * 4 + 8)  # summed in a ring; an LSTM with two biases
    assert note.value("theoretical_sent") == pytest.approx(2 / 3 * (weights + 30 * (2 * 4 * 4 + 8)))
    assert note.metrics["update_rate"].values == (2e9, 1e9)  # of the slowest rank in each sample
    assert note.metrics["link_rate"].values == pytest.approx([4 / 3 * SUMMED / max(COSTS)] * SAMPLES)


def test_lookups_by_the_way_a_table_is_spread():
    facts = [RankFacts(0, held) for held in ((0, 10), (10, 100), (100, 100))]
    assert lookups_of(CASE, "rows", facts, TOKENS) == [5.0, 25.0, 0.0]
    assert lookups_of(CASE, "whole", facts, TOKENS) == [10.0] * 3
    whole = [RankFacts(0, (0, 100))] * 3
    assert lookups_of(CASE, "columns", whole, TOKENS) == [30.0] * 3
