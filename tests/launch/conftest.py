"""A fake executor on a virtual clock, an observer that notes down, and what a run needs around them."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from embbench.cases.case import make_case
from embbench.cases.plan import Plan, make_plan
from embbench.cases.protocol import Protocol
from embbench.cases.suite import Suite, View
from embbench.contenders import discover
from embbench.launch.attempt import Job
from embbench.launch.origin import find_origin
from embbench.launch.preflight import FreeMemory
from embbench.launch.runner import Work, carry_out
from embbench.store.exchange import Request
from embbench.store.journal import Journal
from tests.fakes import fake
from tests.launch.real_sides import SMALL, STATE, WORKER

FIXTURES = Path(__file__).parent / "fixtures"
PLAIN = FIXTURES / "plain.py"


class VirtualClock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class FakeExecutor:
    """Answers at once with `status` of (case, round), and lets `seconds` of it pass on the virtual clock."""

    def __init__(self, make_round, origin, clock):
        self.status = lambda case, index: "ok"
        self.seconds = lambda case, index: 1.0
        self.asked = []
        self._make, self._origin, self._clock = make_round, origin, clock

    def execute(self, request, timeout, on_phase):
        case = request.case
        self.asked.append((request.round, case.vocab))
        on_phase("measure")
        self._clock.now += self.seconds(case, request.round)
        return self._make(
            case,
            run=request.run,
            suite=request.suite,
            round=request.round,
            protocol=request.protocol,
            status=self.status(case, request.round),
            machine=self._origin.machine,
            software=self._origin.software[case.contender],
        )


class Notes:
    def __init__(self):
        self.visits, self.rounds, self.texts, self.phases = [], [], [], []

    def begin(self, visit):
        self.visits.append(visit)

    def phase(self, name):
        self.phases.append(name)

    def end(self, round_):
        self.rounds.append(round_)

    def note(self, text):
        self.texts.append(text)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture(scope="session")
def contenders():
    return discover([str(PLAIN), str(FIXTURES / "absent.py")])


@pytest.fixture(scope="session")
def origin(contenders):
    return find_origin(contenders)


@pytest.fixture
def executor(make_round, origin, clock):
    return FakeExecutor(make_round, origin, clock)


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """A plan over the plain contender; protocol values by name, axes as lists."""

    def make(rounds: int = 2, axes: dict | None = None, **protocol: object) -> Plan:
        told = {"contender": ["plain"], "optimizer": ["sgd"], "dim": [4], "vocab": [1000, 2000, 4000], **(axes or {})}
        suite = Suite("test", "a test", (told,), {}, View())
        return make_plan(suite, {}, {"preset": "quick", "rounds": rounds, **protocol}).resolve(1)

    return make


@pytest.fixture
def work(contenders, origin) -> Callable[..., Work]:
    def make(plan: Plan, room: FreeMemory | None = None, **fields: object) -> Work:
        room = room or FreeMemory(host=lambda: 10**12, devices=list)
        work = Work(run="run", plan=plan, contenders=contenders, origin=origin, room=room)
        return msgspec.structs.replace(work, **fields)

    return make


@pytest.fixture
def run_with_needs(tmp_path, work, executor, notes, clock):
    """Carries a plan out, with needs that choose rounds."""

    def go(plan, needs=None, stopped=lambda: False):
        with Journal(tmp_path / "j.jsonl") as journal:
            return carry_out(work(plan), journal, executor, notes, stopped, clock, needs)

    go.path = tmp_path / "j.jsonl"
    return go


@pytest.fixture
def plan_within(plan):
    """A plan with a time; `plan` makes those of a fixed number."""

    def make(within, rounds=2, **fields):
        made = plan(rounds=rounds, **fields)
        return msgspec.structs.replace(made, protocol=msgspec.structs.replace(made.protocol, within=within))

    return make


@pytest.fixture
def side(tmp_path, origin):
    """The job of a side, a real worker with a fake contender. body: of the contender's file. name: of its folder."""

    def make(body, name, round_=0):
        path = tmp_path / name / "fake.py"
        path.parent.mkdir(exist_ok=True)
        # The real clock: a worker is a process of its own.
        path.write_text(f"DECLARES = {fake.DECLARES!r}\nfrom tests.fakes.fake import FakeTrial\n{STATE}{body}")
        case = make_case({**SMALL, "contender": "fake"})
        request = Request(
            run="r", suite="", case=case, round=round_, protocol=Protocol(budget=0.05, warmup=0.01),
            contender=str(path), launch="r/0/screen", hash_seed=42,
        )  # fmt: skip
        return Job(request, WORKER, origin)

    return make
