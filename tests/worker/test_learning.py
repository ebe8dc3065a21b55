"""Learning curves of a round: which seeds, what a failure loses, and the claim about the floor."""

import pytest

from embbench.cases.case import make_case
from embbench.cases.learning_curve import SEEDS, LearningCurve
from embbench.cases.protocol import Protocol
from embbench.store.exchange import Request
from embbench.worker.learning import HONEST, learning
from embbench.worker.note import NOTHING
from embbench.workloads import topics


def request(number: int = 0, workload: str = "topics") -> Request:
    case = make_case({"workload": workload, "seed": 3})
    return Request(run="r", suite="s", case=case, round=number, protocol=Protocol(), contender="c.py")


def curve(seed: int, beyond: float = 0.0) -> LearningCurve:
    return LearningCurve(seed=seed, steps=(0,), scores={"excess": (1.0,)}, facts={"beyond_floor": beyond})


@pytest.fixture
def scripted(monkeypatch):
    """Replaces the curves of the workload: seed -> a curve, or an exception."""

    def script(make):
        def curves(case, seeds, prepare):
            for seed in seeds:
                made = make(seed)
                if isinstance(made, Exception):
                    raise made
                yield made

        monkeypatch.setattr(topics, "curves", curves)

    return script


def test_every_round_has_seeds_of_its_own(scripted):
    scripted(curve)
    seeds = [[each.seed for each in learning(request(number), None, print).curves] for number in (0, 1)]
    assert seeds == [[*range(3, 3 + SEEDS)], [*range(3 + SEEDS, 3 + 2 * SEEDS)]]


def test_a_failure_keeps_the_curves_before_it(scripted):
    scripted(lambda seed: curve(seed) if seed < 5 else RuntimeError("no kernel"))
    note = learning(request(), None, print)
    assert [each.seed for each in note.curves] == [3, 4]
    assert note.conditions == {"learning": "not scored: RuntimeError: no kernel"}
    assert note.claims == ()


@pytest.mark.parametrize(("beyond", "holds"), [(3.9, True), (4.1, False)])
def test_a_loss_below_the_best_possible_is_a_claim_that_fails(scripted, beyond, holds):
    scripted(lambda seed: curve(seed, beyond if seed == 5 else 0.0))
    (claim,) = learning(request(), None, print).claims
    assert (claim.name, claim.holds) == (HONEST.name, holds)
    assert claim.got == pytest.approx((max(0.0, beyond - 4),))


def test_each_seed_is_a_phase(scripted):
    scripted(curve)
    phases = []
    learning(request(), None, phases.append)
    assert phases[:2] == [f"learning curve 1 of {SEEDS}", f"learning curve 2 of {SEEDS}"]


def test_a_workload_without_curves_has_none():
    assert learning(request(workload="classifier"), None, print) == NOTHING
