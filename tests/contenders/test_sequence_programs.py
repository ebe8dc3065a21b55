"""Texts of different lengths in real frameworks: which program ran, and how often it was traced. The audits are those
of `test_claims_held`.
"""

import pytest

from embbench.contenders import Contender, discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.contenders.auditing import Auditing, Job

# Contender, way -> what computes the LSTM, and the traces of a step; None: one for each length of a batch.
READERS = {
    ("pytorch", "pad"): ("oneDNN", 0),
    ("pytorch", "pack"): ("loop over time steps", 0),
    ("pytorch", "dynamic"): ("oneDNN", 0),
    ("keras_torch", "mask"): ("Python loop with 2 matrix products a time step", 0),
    ("keras_torch", "dynamic"): ("Python loop with 1 matrix product a time step", 0),
    ("keras_tf", "sorted"): ("while loop with 2 matrix products a time step", 2),
    ("keras_jax", "bucket"): ("lax.scan with 2 matrix products a time step", None),
    ("jax_optax", "mask"): ("lax.scan, 2 XLA loops", None),
    ("jax_optax", "dynamic"): ("lax.scan, 2 XLA loops", None),
    ("tf_function", "bucket"): ("while loop over time steps", None),
}
CASES = [
    (discover()[name], {"workload": "sequence", "table": "none", "lengths": way}, lstm, traces)
    for (name, way), (lstm, traces) in READERS.items()
]


@pytest.mark.parametrize(
    ("contender", "claimed", "lstm", "traces"),
    CASES,
    ids=[f"{each.name}-{axes['lengths']}" for each, axes, *_ in CASES],
)
def test_lengths_run_as_the_program_says(
    contender: Contender, claimed: dict, lstm: str, traces: int | None, auditing: Auditing
):
    if missing := missing_packages(contender):
        pytest.skip(how_to_install(missing))
    audit = auditing.result(Job(contender, claimed, False))
    assert "crash" not in audit, audit["crash"]
    ran = audit["ran"]
    several = claimed["lengths"] in ("bucket", "sorted", "dynamic")
    assert (ran["batch lengths"] > 1) == several
    assert ran["lstm"] == lstm
    assert ran["traces"] == (ran["batch lengths"] if traces is None else traces)
    assert ran["texts a step"] == 32
