"""Dropout in real frameworks: with two layers, where dropout between layers drops, and which program ran."""

import msgspec
import pytest

from embbench.cases.claim import Claim
from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from embbench.workloads._dropout_expected import timed_zeros
from tests.contenders.auditing import Auditing, Job

# Contender, kind of dropout -> what computes the LSTM, in a step.
PROGRAMS = {
    ("pytorch", "between_layers"): "oneDNN",
    ("pytorch", "recurrent"): "Python loop over LSTMCell",
    ("keras_torch", "off"): "Python loop with 1 matrix product a time step",
    ("keras_torch", "input"): "Python loop with 1 matrix product a time step",
    ("keras_torch", "recurrent"): "Python loop with 8 matrix products a time step",
    ("keras_torch", "fed"): "Python loop with 2 matrix products a time step",
    ("keras_tf", "input"): "while loop with 2 matrix products a time step",
    ("keras_tf", "recurrent_control"): "while loop with 8 matrix products a time step",
    ("keras_jax", "input"): "lax.scan with 2 matrix products a time step",
    ("keras_jax", "recurrent"): "lax.scan with 8 matrix products a time step",
    ("jax_optax", "fed"): "lax.scan, 4 XLA loops",
}
CASES = [
    (discover()[name], {"workload": "dropout", "table": "none", "dropout": kind, "layers": 2}, program)
    for (name, kind), program in PROGRAMS.items()
]


@pytest.mark.parametrize(
    ("contender", "claimed", "program"), CASES, ids=[f"{each.name}-{axes['dropout']}" for each, axes, _ in CASES]
)
def test_two_layers_keep_all_claims(contender: Contender, claimed: dict, program: str, auditing: Auditing):
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    audit = auditing.result(Job(contender, claimed, False))
    assert "crash" not in audit, audit["crash"]
    assert audit["passed"], audit["difference"]
    assert audit["ran"]["lstm"] == program
    claims = msgspec.convert(audit["claims"], list[Claim])
    assert [each for each in claims if not each.holds and not each.known] == []
    drops = timed_zeros(claimed["dropout"], 1).name in {each.name for each in claims}
    assert drops == (claimed["dropout"] not in ("off", "fed"))
