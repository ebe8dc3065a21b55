"""Honest programs with odd time or memory: fences, jitter, warm-up, caches, children."""

import numpy as np

from embbench.lies import Setting, honest, wrapping
from embbench.lies.wrapping import Wrapped, start_child

WARM = 8  # steps in which a program may still grow


class Costly(Wrapped):
    """Takes `cost` further seconds per step."""

    def cost(self) -> float:
        """Seconds after the step that has just ended."""
        raise NotImplementedError

    def step(self) -> None:
        super().step()
        if self.setting.timed and (seconds := self.cost()):
            wrapping.wait(seconds)


@honest("compiles-at-first", "Compiles for half a second in its first step.")
class Compiles(Costly):
    def cost(self):
        return 0.5 if self.steps == 1 else 0.0


@honest("compiles-once-more", "Compiles again in its fourth step.")
class CompilesAgain(Costly):
    def cost(self):
        return 0.2 if self.steps in (1, 4) else 0.0


@honest("heavy-tails", "Has steps of which some take many times as long as most.")
class HeavyTails(Costly):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.random = np.random.default_rng(0)

    def cost(self):
        return min(5e-3, 2e-4 * float(self.random.pareto(1.5)))


@honest("every-eighth-step-is-long", "Writes its caches back every eighth step.")
class EighthLong(Costly):
    def cost(self):
        return 4e-3 if self.steps % 8 == 0 else 5e-4


@honest("every-second-step-is-short", "Has buffers for every second step at hand, so that half of the steps are short.")
class SecondShort(Costly):
    def cost(self):
        return 2e-3 if self.steps % 2 == 0 else 2e-4


@honest("slows-down", "Becomes slower with time, as a machine does that grows hot.")
class SlowsDown(Costly):
    def cost(self):
        return 1e-3 * (1 + min(self.steps, 200) / 200)


@honest("becomes-faster", "Becomes faster with time, as a compiler in tiers does.")
class BecomesFaster(Costly):
    def cost(self):
        return 1e-3 * (1 + 2 / (1 + self.steps))


@honest("slow-fence", "Has a fence that takes a millisecond.")
class SlowFence(Wrapped):
    def sync(self) -> None:
        self.trial.sync()
        if self.setting.timed:
            wrapping.wait(1e-3)


@honest("slow-readings", "Takes two milliseconds to give rows or the loss.")
class SlowReadings(Wrapped):
    def loss(self) -> float:
        wrapping.wait(2e-3)
        return self.trial.loss()

    def read_rows(self, ids: np.ndarray) -> np.ndarray:
        wrapping.wait(2e-3)
        return self.trial.read_rows(ids)


@honest("grows-while-it-warms-up", "Takes memory in its first steps and no more after them.")
class GrowsAtFirst(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.kept: list[np.ndarray] = []

    def step(self) -> None:
        super().step()
        if self.setting.timed and self.steps <= WARM:
            self.kept.append(np.ones(1 << 17))


@honest("keeps-each-batch-once", "Keeps each staged batch when it first comes, and no more after a cycle.")
class KeepsBatches(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.kept: dict[int, np.ndarray] = {}

    def step(self) -> None:
        place = self.steps % len(self.setting.tokens.ids)
        if place not in self.kept:
            self.kept[place] = self.batch.copy()
        super().step()


@honest("frees-what-it-takes", "Takes and frees 8 MB each step.")
class Frees(Wrapped):
    def step(self) -> None:
        super().step()
        if self.setting.timed:
            np.ones(1 << 20)


@honest("small-child", "Starts a process that only waits.")
class SmallChild(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        if setting.timed:
            start_child(self, "")


@honest("lazy-state", "Makes its optimizer's state in the first step.", only=("numpy",))
class LazyState(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.trial.of_table.state.clear()


@honest("accumulates-two-halves", "Sums the gradients of two halves of each batch.", only=("numpy",))
class Accumulates(Wrapped):
    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        trial = self.trial

        def find() -> None:
            ids, labels = trial._next()
            half = max(1, len(ids) // 2)
            trial.last, trial.gradients, flows = 0.0, {}, []
            for part in (slice(0, half), slice(half, None)):
                share = len(ids[part]) / len(ids)
                if not share:
                    continue
                _, loss, flow, gradients = trial.network(trial.weights, trial.look_up(ids[part]), labels[part])
                trial.last += share * loss
                flows.append(share * flow)
                for name, gradient in gradients.items():
                    trial.gradients[name] = trial.gradients.get(name, 0) + share * gradient
            flow = np.concatenate(flows)
            if trial.table.size:
                trial.rows, place = np.unique(trial._places(ids), return_inverse=True)
                trial.sums = np.zeros((len(trial.rows), trial.table.shape[1]), trial.table.dtype)
                np.add.at(trial.sums, place.reshape(ids.shape), flow[..., trial.fixed.shape[1] :])

        trial._find_gradients = find
