"""Launches that are made up, on a virtual clock."""

import msgspec

from embbench.contenders import discover
from embbench.launch.preflight import FreeMemory
from tests.made_up import failed, measured, values

PLENTY = FreeMemory(host=lambda: 10**12, devices=list)
STEPS = (0.1, 0.1001, 0.0999, 0.1)
NUMPY = discover()["numpy"]


def scattered(index):
    """A slowdown that three launches do not show, and four do."""
    return 1.3 + 0.05 * (index % 2)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Launcher:
    """Answers at once; `ratio(index)` of the head's step to the base's, or a status."""

    def __init__(self, clock, ratio=lambda index: 1.0, seconds=4.0):
        self.clock, self.ratio, self.seconds, self.asked = clock, ratio, seconds, []
        self.seeds, self.checked = [], []

    def execute(self, one, other, timeout, on_phase):
        self.clock.now += self.seconds
        self.asked.append((one.request.round, one.request.case.update))
        self.checked.append({side.request.case.update: side.request.checked for side in (one, other)})
        self.seeds.append((one.request.hash_seed, other.request.hash_seed))
        return self._round(one), self._round(other)

    def _round(self, side):
        told = {name: getattr(side.request, name) for name in ("run", "suite", "protocol", "launch")}
        factor = self.ratio(side.request.round) if side.request.case.update == "sparse" else 1.0
        if isinstance(factor, str):
            return failed(side.request.case, factor, "why", side.request.round, **told)
        (made,) = measured(side.request.case, [0.1], **told)
        noise = 1 + 0.001 * (side.request.round % 3)
        samples = values("step_time", *(value * factor * noise for value in STEPS))
        metrics = {**made.metrics, "step_time": samples}
        return msgspec.structs.replace(made, round=side.request.round, metrics=metrics)


class BackwardsLauncher(Launcher):
    """Whose clock went back in the head."""

    def _round(self, side):
        made = super()._round(side)
        if side.request.case.update == "sparse":
            made = msgspec.structs.replace(made, metrics={**made.metrics, "step_time": values("step_time", 0.1, -0.1)})
        return made


class KillingLauncher(Launcher):
    """Whose head is ended by a signal from outside in launch 1."""

    def _round(self, side):
        if side.request.case.update == "sparse" and side.request.round == 1:
            told = {name: getattr(side.request, name) for name in ("run", "suite", "protocol", "launch")}
            conditions = {"phase": "measure", "signal": "SIGKILL"}
            return failed(side.request.case, "crash", "killed by SIGKILL", 1, conditions=conditions, **told)
        return super()._round(side)


class Notes:
    def __init__(self):
        self.texts, self.verdicts = [], []

    def begin(self, contest, made): ...
    def phase(self, name): ...
    def end(self, contest, launch): ...

    def decided(self, comparisons):
        self.verdicts += [each.verdict for each in comparisons]

    def note(self, text):
        self.texts.append(text)
