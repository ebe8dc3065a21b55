"""Lies and honest programs tried on contenders: what is tried, and the verdict on each."""

import pytest

from embbench.contenders import discover
from embbench.launch.pythons import Pythons
from embbench.launch.tryout import carry_out, one_of_each, seconds_of, tries, verdict_of
from embbench.lies import plants
from embbench.store.round import Warning_

KNOWN = discover()
LIE, TOLD, HONEST = (plants()[name] for name in ("wrong-rate", "keeps-memory-each-step", "slow-fence"))


@pytest.mark.parametrize(
    ("plant", "status", "codes", "verdict"),
    [
        (LIE, "invalid", (), "caught"),
        (LIE, "ok", (), "passed"),
        (LIE, "ok", (TOLD.told,), "passed"),  # a warning of something else
        (LIE, "crash", (), "broke"),
        (LIE, "timeout", (), "broke"),
        (LIE, "unsupported", (), "absent"),
        (LIE, "skipped", (), "absent"),
        (TOLD, "ok", (TOLD.told,), "warned"),
        (TOLD, "ok", ("noisy",), "passed"),
        (TOLD, "invalid", (), "caught"),
        (HONEST, "ok", ("noisy",), "accepted"),
        (HONEST, "invalid", (), "refused"),
        (HONEST, "crash", (), "broke"),
    ],
)
def test_a_verdict_is_by_the_round(make_round, plant, status, codes, verdict):
    reason = None if status == "ok" else "why"
    warnings = tuple(Warning_(code, "text") for code in codes)
    assert verdict_of(plant, make_round(status=status, reason=reason, warnings=warnings))[0] == verdict


def test_a_program_that_knows_the_insides_of_one_contender_is_tried_there_alone():
    inside = plants()["second-moment-stays"]
    asked = tries([inside, LIE], [KNOWN["numpy"], KNOWN["pytorch"]], {"dim": 4})
    assert [(plant.name, case.contender, case.dim) for plant, _, case in asked] == [
        ("second-moment-stays", "numpy", 4),
        ("wrong-rate", "numpy", 4),
        ("wrong-rate", "pytorch", 4),
    ]


def test_a_case_that_a_contender_or_the_machine_has_not_starts_no_worker(monkeypatch):
    class Never:
        def execute(self, request, timeout, on_phase):
            raise AssertionError

    asked = tries([plants()["fused"]], [KNOWN["numpy"]], {})
    assert [each.verdict for each in carry_out(asked, Never(), lambda: False)] == ["absent"]
    assert seconds_of(asked) == 0
    monkeypatch.setattr("embbench.launch.tryout.lacking", lambda runtime, device: f"no {runtime} on {device}")
    (found,) = carry_out(tries([LIE], [KNOWN["numpy"]], {"runtime": "retained"}), Never(), lambda: False)
    assert (found.verdict, found.text) == ("absent", "no retained on cpu")


def test_the_request_names_what_is_planted_and_an_interruption_ends_it_all(make_round):
    planted = []

    class Interrupted:
        def execute(self, request, timeout, on_phase):
            planted.append(request.planted)
            return make_round(request.case, status="ok" if len(planted) < 2 else "interrupted")

    asked = tries([HONEST, LIE, TOLD], [KNOWN["numpy"]], {})
    found = list(carry_out(asked, Interrupted(), lambda: False))
    assert [(each.program, each.verdict) for each in found] == [("slow-fence", "accepted")]
    assert planted == ["slow-fence", "wrong-rate"]


def test_one_contender_stands_for_each_set_of_packages(monkeypatch):
    missing = {"fbgemm": ("fbgemm-gpu",)}
    monkeypatch.setattr("embbench.launch.preflight.missing_packages", lambda each: missing.get(each.name, ()))
    chosen = one_of_each(KNOWN, Pythons())
    packages = [set(KNOWN[name].declaration.packages) for name in chosen]
    assert {"numpy", "pytorch", "jax_optax"} <= set(chosen)
    assert "pytorch_compiled" not in chosen  # the same packages as pytorch's
    assert "keras_torch" not in chosen  # more than pytorch's
    assert not any(one < other for one in packages for other in packages)
