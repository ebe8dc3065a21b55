"""A trial on a virtual clock."""

import itertools


class Scripted:
    """A trial whose steps take the given seconds in turn, the last one for ever."""

    def __init__(self, clock, *seconds):
        self.clock, self.steps = clock, 0
        self.costs = itertools.chain(seconds, itertools.repeat(seconds[-1]))

    def step(self):
        self.steps += 1
        self.clock.advance(next(self.costs))

    def sync(self):
        pass
