"""The whole step in one CUDA graph, recorded and repeated by a made-up graph on the CPU."""

import pytest

from embbench.contenders import discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import make_jobs, work_off
from tests.contenders.covering import pairs
from tests.fakes import graphed

CONTENDER = discover([graphed.__file__])["graphed"]
MISSING = missing_packages(CONTENDER)
pytestmark = pytest.mark.skipif(bool(MISSING), reason=how_to_install(MISSING))


def test_every_pair_does_what_it_declares_and_is_what_its_optimizer_says(tmp_path):
    jobs, found = make_jobs(CONTENDER, pairs(CONTENDER.declaration)), []
    work_off(jobs, tmp_path, lambda job, told: found.append(told))
    refused = [each for each in found if "unsupported" in each]
    assert [(each["axes"]["table"], each["axes"]["optimizer"]) for each in refused] == [("frozen", "adagrad")]
    audits = [each for each in found if each not in refused]
    ran = {(each["axes"].get("update"), each["axes"]["optimizer"]): each["ran"]["optimizer"] for each in audits}
    assert ran == {
        (None, "sgd"): "SGD foreach",
        (None, "momentum"): "SGD foreach",
        (None, "adam"): "Adam foreach",
        (None, "adamw"): "AdamW foreach",
        ("default", "sgd"): "SGD foreach",
        ("default", "momentum"): "SGD foreach",
        ("default", "adam"): "Adam foreach",
        ("default", "adamw"): "AdamW foreach",
        ("fused", "sgd"): "SGD fused",
        ("fused", "momentum"): "SGD fused",
        ("fused", "adam"): "Adam fused",
        ("fused", "adamw"): "AdamW fused",
        ("fused", "adagrad"): "Adagrad fused",
    }
    for audit in audits:
        assert audit["passed"], audit
        assert audit["checks"] > 20
        assert audit["max_error"] < 1e-4
        assert audit["inside"]
