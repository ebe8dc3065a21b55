"""What the README tells of frameworks, each shown by a contender's own file that declares one pair in another way."""

from pathlib import Path
from typing import Any

import pytest

from embbench.contenders import discover, missing_packages
from embbench.launch.preflight import how_to_install
from tests.bench.first_sqrt import ALLOWED, worst_error
from tests.contenders.audit_all import audit_all


@pytest.fixture
def audit(tmp_path: Path):
    """The audit of one (update, optimizer) pair as of a semantic class of one's choice."""

    def audit(name: str, update: str, optimizer: str, semantic: str) -> dict[str, Any]:
        contender = discover()[name]
        if missing := missing_packages(contender):
            pytest.skip(how_to_install(missing))
        declares = {
            "summary": "one pair",
            "packages": list(contender.declaration.packages),
            "environment": contender.declaration.environment,
            "epsilon": contender.declaration.epsilon,
            "lstm_biases": contender.declaration.lstm_biases,
            "tables": ["trainable"],
            "updates": {update: {optimizer: {"semantic": semantic}}},
        }
        source = Path(contender.path).read_text(encoding="utf-8").replace("\nDECLARES = ", "\nBUILT_IN = ")
        path = tmp_path / f"{name}.py"
        path.write_text(f"DECLARES = {declares!r}\n{source}", encoding="utf-8")
        (line,) = audit_all(path, tmp_path)
        return line

    return audit


@pytest.mark.parametrize(("optimizer", "plain"), [("adam", "dense"), ("adagrad", "exact")])
def test_keras_on_tensorflow_squares_each_occurrence(audit, optimizer, plain):
    assert audit("keras_tf", "default", optimizer, f"{plain}-apart")["passed"]
    found = audit("keras_tf", "default", optimizer, plain)
    assert not found["passed"]
    assert found["max_error"] > 0.01
    assert found["difference"].startswith("step 1: row ")  # whose batch has repeated rows


def test_keras_on_jax_compiles_its_lstm_in_every_step_where_jit_is_off(audit):
    assert "compiled anew" in audit("keras_jax", "no_jit", "sgd", "exact")["ran"]["xla"]
    assert audit("keras_jax", "default", "sgd", "exact")["ran"]["xla"] == "on, one program"


def test_the_first_square_root_of_a_process_is_as_exact_as_any():
    """Without the calls in `set_up` some one process in ten fails: this sees them gone two times in three."""
    if missing := missing_packages(discover()["pytorch"]):
        pytest.skip(how_to_install(missing))
    assert max(worst_error("set_up") for _ in range(10)) < ALLOWED


@pytest.mark.parametrize(
    ("update", "optimizer", "semantic", "within"),
    [
        ("default", "adam", "dense", ["square_root"]),
        ("default", "adagrad", "exact", ["square_root"]),
        ("default", "momentum", "dense", []),
        ("fused", "adam", "dense", []),
    ],
)
def test_a_square_root_is_timed_by_itself_where_it_is_an_operator(audit, update, optimizer, semantic, within):
    assert audit("pytorch", update, optimizer, semantic)["parts"]["within"] == within


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pytorch", {"lookup", "gradient", "optimizer"}),
        ("jax_optax", {"lookup", "gradient", "optimizer"}),
        ("keras_jax", {"lookup", "gradient", "optimizer"}),
        ("tf_function", {"lookup", "optimizer"}),
        ("keras_tf", {"optimizer"}),
    ],
)
def test_what_each_framework_s_profiler_can_tell(audit, name, told):
    found = audit(name, "default", "adam", "dense-apart" if name == "keras_tf" else "dense")
    assert set(found["profile"]) == told
