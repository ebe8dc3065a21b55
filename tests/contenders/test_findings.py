"""What the README tells of frameworks, each shown by a pair as its contender declares it, or in another way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.bench.first_sqrt import ALLOWED, errors
from tests.contenders.auditing import Auditing
from tests.contenders.findings import Finding


@pytest.fixture
def audit(auditing: Auditing, findings_place: Path) -> Callable[[Finding], dict[str, Any]]:
    """The audit of a finding; a test names in its parameter `findings` those that it asks for."""

    def wait(finding: Finding) -> dict[str, Any]:
        if missing := missing_packages(discover()[finding.name]):
            pytest.skip(how_to_install(missing))
        told = auditing.result(finding.job(findings_place))
        assert "crash" not in told, told["crash"]
        return told

    return wait


@pytest.mark.parametrize(
    "findings",
    [
        [Finding("keras_tf", "default", optimizer, f"{plain}-apart"), Finding("keras_tf", "default", optimizer, plain)]
        for optimizer, plain in (("adam", "dense"), ("adagrad", "exact"))
    ],
    ids=str,
)
def test_keras_on_tensorflow_squares_each_occurrence(audit, findings):
    assert audit(findings[0])["passed"]
    found = audit(findings[1])
    assert not found["passed"]
    assert found["max_error"] > 0.01
    assert found["difference"].startswith("step 1: row ")  # whose batch has repeated rows


@pytest.mark.parametrize(
    "findings",
    [[Finding("keras_jax", update, "adam", "dense", deep=True) for update in ("no_jit", "default")]],
    ids=str,
)
def test_keras_on_jax_compiles_its_lstm_in_every_step_where_jit_is_off(audit, findings):
    assert "compiled anew" in audit(findings[0])["ran"]["xla"]
    assert audit(findings[1])["ran"]["xla"] == "on, one program"


def test_the_first_square_root_of_a_process_is_as_exact_as_any(all_cpus):
    """Without the calls in `set_up` some one process in ten fails: this sees them gone two times in three."""
    if missing := missing_packages(discover()["pytorch"]):
        pytest.skip(how_to_install(missing))
    found = errors("set_up", 10)
    assert len(found) == 10
    assert max(found) < ALLOWED


@pytest.mark.parametrize(
    ("findings", "within"),
    [
        ([Finding("pytorch", "default", "adam", "dense", deep=True)], ["square_root"]),
        ([Finding("pytorch", "default", "adagrad", "exact", deep=True)], ["square_root"]),
        ([Finding("pytorch", "default", "momentum", "dense", deep=True)], []),
        ([Finding("pytorch", "fused", "adam", "dense", deep=True)], []),
    ],
    ids=str,
)
def test_a_square_root_is_timed_by_itself_where_it_is_an_operator(audit, findings, within):
    assert audit(*findings)["parts"]["within"] == within


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        ([Finding("pytorch", "default", "adam", "dense", deep=True)], {"lookup", "gradient", "optimizer"}),
        ([Finding("jax_optax", "default", "adam", "dense", deep=True)], {"lookup", "gradient", "optimizer"}),
        ([Finding("keras_jax", "default", "adam", "dense", deep=True)], {"lookup", "gradient", "optimizer"}),
        ([Finding("tf_function", "default", "adagrad", "exact", deep=True)], {"lookup", "optimizer"}),
        ([Finding("keras_tf", "default", "adagrad", "exact-apart", deep=True)], {"optimizer"}),
    ],
    ids=lambda value: str(
        sorted(value) if isinstance(value, set) else value
    ),  # a set has another order in each process
)
def test_what_each_framework_s_profiler_can_tell(audit, findings, told):
    assert set(audit(*findings)["profile"]) == told
