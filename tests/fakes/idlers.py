"""Contenders that leave out work where they think that nobody looks, one class each."""

import copy

from tests.fakes.clock import CLOCK
from tests.fakes.fake import FakeTrial

BIG = 100  # rows; more than an audit's table, fewer than any timed one


class StopsWhenTimed(FakeTrial):
    """Does all that the audit looks at in small, and on a large table nothing after the first step."""

    def step(self):
        if self.case.vocab > BIG and self.steps:
            self.steps += 1
            CLOCK.advance(1e-4)
        else:
            super().step()


class RestsWhenTimed(FakeTrial):
    """On a large table nothing at all happens after the first step; whether the table is frozen or not."""

    def step(self):
        if self.case.vocab > BIG and self.steps:
            CLOCK.advance(1e-4)
        else:
            super().step()


class OneBatchWhenTimed(FakeTrial):
    """On a large table every step is on the first batch, whose rows stay in the cache."""

    def step(self):
        made = self.steps
        if self.case.vocab > BIG:
            self.steps = 0
        super().step()
        self.steps = made + 1


class NoFence(FakeTrial):
    """Queues its work; the fence returns at once, only reading a result waits for it."""

    queued = 0.0

    def step(self):
        before = CLOCK.now
        super().step()
        self.queued += (CLOCK.now - before) / 1e9
        CLOCK.now = before + 10_000

    def loss(self):
        CLOCK.advance(self.queued)
        self.queued = 0.0
        return super().loss()


class OnlyTheLast(FakeTrial):
    """Lazy evaluation that drops all steps but the last before a fence: K steps cost as much as one."""

    owed = 0.0

    def step(self):
        before = CLOCK.now
        super().step()
        self.owed = (CLOCK.now - before) / 1e9
        CLOCK.now = before

    def sync(self):
        CLOCK.advance(self.owed)
        self.owed = 0.0


AFTER = 30  # steps; more than an audit in small makes, fewer than a timed window


class EveryOther(FakeTrial):
    """After a while every other step is left out, its loss kept; the loss of a step is computed all the same."""

    asked = 0

    def step(self):
        self.asked += 1
        if self.asked > AFTER and self.asked % 2:
            kept = copy.deepcopy(self.oracle)
            batch = self.asked % len(self.tokens.ids)
            self.last = kept.step(self.tokens.ids[batch], self.tokens.labels[batch])
        else:
            batch = (self.asked - 1) % len(self.tokens.ids)
            self.last = self.oracle.step(self.tokens.ids[batch], self.tokens.labels[batch])
        CLOCK.advance(self.cost())


class EveryOtherAtOnce(FakeTrial):
    """Leaves out every other step that is not looked at: of those between two fences, all but the first and last."""

    since = 0

    def step(self):
        self.since += 1
        if self.since == 2:
            self.steps += 1
            self.oracle._table.step += 1
        else:
            super().step()

    def sync(self):
        self.since = 0


class ForgetsWeights(FakeTrial):
    """On a large table the network stands still, and the table alone is trained."""

    def step(self):
        kept = self.oracle.weights
        super().step()
        if self.case.vocab > BIG and self.steps > 1:
            self.oracle._dense = kept


class ForgetsLastWeights(FakeTrial):
    """The network's update of the last step before a fence is left out."""

    kept = None

    def step(self):
        self.kept = self.oracle.weights
        super().step()

    def sync(self):
        if self.case.vocab > BIG and self.steps > 1 and self.kept is not None:
            self.oracle._dense, self.kept = self.kept, None
