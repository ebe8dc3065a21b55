"""The fake contender on a made-up GPU that works later: a step returns once its work is queued, and only the fence or
reading a result waits for the work. What the device allocates, it allocates when the work runs.
"""

from tests.fakes.clock import CLOCK
from tests.fakes.fake import FakeTrial

STEP = 2e-2  # seconds of the device per step
DISPATCH = 2e-5  # seconds of the host per queued work
TABLES = {"build": 2, "step": 5}  # table-sized arrays on the device at the peak of each
RESULT = 1 << 10  # further bytes of a step


class Queue:
    """Work of a device, one after the other. free: nanoseconds of the virtual clock at which all work is done."""

    def __init__(self):
        self.free, self.peaks, self.asked_early = 0, [], 0

    def put(self, seconds, peak):
        CLOCK.advance(DISPATCH)
        begin = max(CLOCK.now, self.free)
        self.free = begin + round(seconds * 1e9)
        self.peaks.append((begin, peak))

    @property
    def busy(self):
        return self.free > CLOCK.now

    def wait(self):
        CLOCK.now = max(CLOCK.now, self.free)

    def peak(self):
        """Of the work that began since the last call."""
        begun = [peak for begin, peak in self.peaks if begin <= CLOCK.now]
        self.asked_early += self.busy
        self.peaks = [each for each in self.peaks if each[0] > CLOCK.now]
        return max(begun, default=0)


class AsynchronousTrial(FakeTrial):
    def __init__(self, case, tokens):
        self.device, self.table = Queue(), case.table_bytes
        self.later(lambda: super(AsynchronousTrial, self).__init__(case, tokens), TABLES["build"] * self.table)

    def later(self, work, peak):
        """Does the arithmetic at once, and gives its time to the device."""
        begin = CLOCK.now
        work()
        spent, CLOCK.now = (CLOCK.now - begin) / 1e9, begin
        self.device.put(spent, peak)

    def step(self):
        self.later(super().step, TABLES["step"] * self.table + RESULT)

    def cost(self):
        return STEP

    def sync(self):
        self.device.wait()

    def loss(self):
        self.device.wait()
        return super().loss()

    def read_rows(self, ids):
        self.device.wait()
        return super().read_rows(ids)

    def inspect(self, ids):
        self.device.wait()
        return super().inspect(ids)

    def memory(self):
        return {"device_peak": self.device.peak()}

    def parts(self):
        costs = {"lookup": 1e-5, "network": 8e-4, "gradients": 9e-4, "update_table": 5e-5, "update_rest": 1e-4}
        return {
            name: lambda seconds=seconds: self.device.put(seconds, 9 * self.table) for name, seconds in costs.items()
        }


class WaitsForNothing(AsynchronousTrial):
    """Its fence returns at once."""

    def sync(self):
        pass


class WaitsForAllButTheLast(AsynchronousTrial):
    """Its fence is the event that the step before the last step left."""

    event = 0

    def step(self):
        self.event = self.device.free
        super().step()

    def sync(self):
        CLOCK.now = max(CLOCK.now, self.event)


class GivesUp(AsynchronousTrial):
    """Its fence waits for 30 ms at most, which is enough for a single step."""

    def sync(self):
        CLOCK.now = max(CLOCK.now, min(self.device.free, CLOCK.now + 30_000_000))


class WaitsForAnotherQueue(AsynchronousTrial):
    """Its fence waits for a queue without work, as a fence on another device or stream does."""

    def sync(self):
        Queue().wait()


class GivesUpBeforeTheEnd(GivesUp):
    """The same where the host takes half as long as the device: twice the steps take almost twice the time."""

    def later(self, work, peak):
        super().later(work, peak)
        CLOCK.advance(STEP / 2)
