"""The tables of a user's own JAX step: where they are, and what moves. JAX is loaded in a process of its own: where it
is loaded, every later fork is warned of.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.contenders import discover, missing_packages
from tests import own_models

FOLDER = Path(own_models.__file__).parent
# The rows that a step moves, by the arithmetic of each optimizer with a gradient of zero.
MOVES = {
    "sgd": ["batch", "exact"],
    "momentum": ["earlier", "dense"],
    "adam": ["earlier", "dense"],
    "adamw": ["all", "dense"],
    "rmsprop": ["state", "dense"],
}
KINDS = ("plain", "scan")
OTHERS = {"tied": "sgd", "frozen": "adam"}
LOOK = """
import json
import sys
from pathlib import Path
import msgspec
from embbench.engines.jax.own_model.program import JaxProgram
from embbench.engines.jax.own_model.tables import look_at
from embbench.engines.own_models import framework_of
from embbench.errors import UsageError
from tests.own_models.jax_loop import build

found, folder = {}, Path(sys.argv[1])
for name in sys.argv[2:]:
    kind, optimizer = name.split()
    (table,) = look_at(build(kind=kind, optimizer=optimizer), "build", folder).tables
    found[name] = {**msgspec.to_builtins(table), "shared": table.shared}
state, step, batches = build()
refused = {}
for name, built in {
    "two values": (state, step),
    "no step": (state, 3, batches),
    "no state": (state, lambda state, batch: 0.0, batches),
}.items():
    try:
        JaxProgram(built, "build").step()
    except UsageError as error:
        refused[name] = str(error)
sys.stdout.write(json.dumps([found, refused, framework_of((state, step, batches), "build")]))
"""


@pytest.fixture(scope="module")
def seen() -> list:
    """[kind and optimizer -> table, mistake -> message, framework]"""
    if missing_packages(discover()["jax_optax"]):
        pytest.skip("no JAX")
    names = [
        *(f"{kind} {each}" for kind in KINDS for each in MOVES),
        *(f"{kind} {each}" for kind, each in OTHERS.items()),
    ]
    command = [sys.executable, "-c", LOOK, str(FOLDER), *names]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=FOLDER.parents[1])
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", MOVES)
def test_a_lookup_is_found_and_its_rows_move(kind: str, optimizer: str, seen) -> None:
    found = seen[0][f"{kind} {optimizer}"]
    assert (found["rows"], found["columns"], found["size"]) == (2000, 8, 2000 * 8 * 4)
    assert found["lookups"] == 48
    assert 40 < found["unique"] <= 48
    assert [found["moves"], found["semantic"]] == MOVES[optimizer]
    assert found["where"].startswith("jax_loop.py:")


def test_state_of_the_table_is_found(seen) -> None:
    assert seen[0]["plain sgd"]["states"] == {}
    assert sorted(seen[0]["plain adam"]["states"].values()) == [[2000, 8], [2000, 8]]


def test_a_tied_output_layer_moves_every_row(seen) -> None:
    found = seen[0]["tied sgd"]
    assert (found["moves"], found["semantic"], found["shared"]) == ("all", "dense", True)
    assert "the output layer shares the table" in found["because"][0]


def test_a_stopped_gradient_freezes_the_table(seen) -> None:
    found = seen[0]["frozen adam"]
    assert (found["moves"], found["semantic"], found["trains"]) == ("none", "frozen", False)


def test_the_framework_is_known_by_the_step(seen) -> None:
    assert seen[2] == "jax"


def test_what_cannot_be_stepped_is_refused(seen) -> None:
    assert "returned 2 values; return state, step, batches" in seen[1]["two values"]
    assert "returned int as step" in seen[1]["no step"]
    assert "returns no state" in seen[1]["no state"]
