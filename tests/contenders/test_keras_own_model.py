"""The tables of a user's own Keras model on each backend: where they are, what moves, and why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.contenders import discover, missing_packages
from tests import own_models

FOLDER = Path(own_models.__file__).parent
CONTENDERS = {"tensorflow": "keras_tf", "torch": "keras_torch", "jax": "keras_jax"}
BUILDS = ("build", "build_sequential", "build_subclassed", "build_raw", "build_glove")
LOOK = """
import sys
import msgspec
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder, engine_of
found = {}
file, *names = sys.argv[1:]  # a user's file gets arguments of its own
for name in names:
    builder = Builder(read_model(f"{file}:{name}"))
    found[name] = engine_of(builder).look_at(builder, None)
sys.stdout.write(msgspec.json.encode(found).decode())
"""


@pytest.fixture(scope="module", params=CONTENDERS)
def found(request) -> dict:
    """Name of a function -> what was found in its model."""
    if missing_packages(discover()[CONTENDERS[request.param]]):
        pytest.skip(f"no Keras on {request.param}")
    file = str(FOLDER / "keras_imdb.py")
    command = [sys.executable, "-c", LOOK, file, *BUILDS]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KERAS_BACKEND": request.param})
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_each_model_has_its_table(found) -> None:
    tables = {name: each["tables"] for name, each in found.items()}
    assert {name: len(each) for name, each in tables.items()} == dict.fromkeys(BUILDS, 1)
    for (table,) in tables.values():
        assert (table["rows"], table["columns"], table["size"]) == (2000, 8, 64000)
        assert table["lookups"] == 96
        assert 80 < table["unique"] <= 96


def test_adam_moves_rows_of_earlier_batches(found) -> None:
    for name in BUILDS[:4]:
        (table,) = found[name]["tables"]
        assert (table["moves"], table["semantic"], table["optimizer"]) == ("earlier", "dense", "Adam")


def test_a_frozen_table_is_frozen(found) -> None:
    (table,) = found["build_glove"]["tables"]
    assert (table["moves"], table["semantic"], table["trains"]) == ("none", "frozen", False)


def test_a_lookup_in_the_users_code_has_its_place(found) -> None:
    (table,) = found["build_raw"]["tables"]
    assert table["where"].startswith("keras_imdb.py:") or found["build_raw"]["framework"] == "keras on jax"


def test_changes_are_held_to_the_unmodified_step(found) -> None:
    changes = {name: {each["name"]: each for each in told["changes"]} for name, told in found.items()}
    frozen = {name: each["frozen"] for name, each in changes.items()}
    assert {name: each["training"] for name, each in frozen.items()} == {
        **dict.fromkeys(BUILDS[:4], "other"), "build_glove": "refused",
    }  # fmt: skip
    assert {frozen[name]["why"] for name in BUILDS[:4]} == {"frozen instead of dense"}
    jit = {each["jit"]["training"] for each in changes.values()}  # of JAX XLA compiles every step already
    assert jit == ({"same"} if found["build"]["framework"] == "keras on tensorflow" else {"refused"})
