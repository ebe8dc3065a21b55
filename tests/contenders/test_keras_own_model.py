"""The tables of a user's own Keras model on each backend: where they are, what moves, and why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embbench.contenders import discover, missing_packages
from tests import own_models

FOLDER = Path(own_models.__file__).parent
CONTENDERS = {"tensorflow": "keras_tf", "torch": "keras_torch", "jax": "keras_jax"}
BUILDS = ("build", "build_sequential", "build_subclassed", "build_raw", "build_glove")
CHANGED = ("build", "build_subclassed", "build_raw", "build_glove")  # whose changes are tried
LOOK = """
import sys
import msgspec
from embbench.engines.keras.own_model.tables import look_at
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder, engine_of
found = {}
file, *names = sys.argv[1:]  # a user's file gets arguments of its own
for name in names:
    builder = Builder(read_model(f"{file}:{name}"))
    whole = name != "build_sequential"  # of layers as `build`, so its changes are the same
    found[name] = engine_of(builder).look_at(builder, None) if whole else look_at(builder(None), name, builder.folder)
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


def trainings(found, change: str) -> dict[str, str]:
    """Name of a function -> the training with the change."""
    changes = {
        name: {each["name"]: each for each in told["changes"]} for name, told in found.items() if told["changes"]
    }
    return {name: each[change]["training"] for name, each in changes.items()}


def whys(found, change: str) -> set[str]:
    """What differs, of all models."""
    return {each["why"] for told in found.values() for each in told["changes"]
            if each["name"] == change and each["training"] == "other"}  # fmt: skip


def test_changes_are_held_to_the_unmodified_step(found) -> None:
    assert trainings(found, "frozen") == {**dict.fromkeys(CHANGED[:3], "other"), "build_glove": "refused"}
    assert whys(found, "frozen") == {"frozen instead of dense"}
    jit = set(trainings(found, "jit").values())  # of JAX XLA compiles every step already
    assert jit == ({"same"} if found["build"]["framework"] == "keras on tensorflow" else {"refused"})


LAYERED = ("build", "build_subclassed")  # models with an Embedding layer that trains


@pytest.mark.parametrize(
    ("change", "training", "why"),
    [
        ("occurring", "same", set()),
        ("beside", "other", {"1 instead of 8 columns train"}),
        ("bfloat16", "other", {"bfloat16 instead of float32"}),
    ],
)
def test_changes_of_the_table_need_an_embedding_layer(found, change: str, training: str, why: set[str]) -> None:
    assert trainings(found, change) == {**dict.fromkeys(CHANGED, "refused"), **dict.fromkeys(LAYERED, training)}
    assert whys(found, change) == why


def test_unique_rows_and_updates_of_the_table_alone(found) -> None:
    lazy = "refused" if found["build"]["framework"] == "keras on jax" else "other"
    assert trainings(found, "compact") == {**dict.fromkeys(CHANGED, "refused"), **dict.fromkeys(LAYERED, lazy)}
    assert whys(found, "compact") == (set() if lazy == "refused" else {"lazy instead of dense"})
    for change, why in (("table_sgd", "exact instead of dense"), ("rowwise", "rowwise instead of dense")):
        assert trainings(found, change) == {**dict.fromkeys(CHANGED, "refused"), **dict.fromkeys(LAYERED, "other")}
        assert whys(found, change) == {why}


PATCHED = """
import json, sys
from embbench.engines.keras.own_model.program import KerasProgram
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder
program = KerasProgram(Builder(read_model(f"{sys.argv[1]}:{sys.argv[2]}")).small(None), "build")
sys.stdout.write(json.dumps([program.model.jit_compile, [each.trainable for each in program.model.variables][0]]))
"""


def test_patches_are_the_changes(found, tmp_path: Path) -> None:
    backend = found["build"]["framework"].rpartition(" ")[2]
    patches = {each["name"]: each["patch"] for each in found["build"]["changes"]}
    patched = {"frozen", "jit"} if backend == "tensorflow" else {"frozen"}
    assert {name for name, patch in patches.items() if patch} == patched
    for name, patch in patches.items():
        if not patch:
            continue
        file = tmp_path / name / "keras_imdb.py"
        file.parent.mkdir()
        file.write_bytes((FOLDER / "keras_imdb.py").read_bytes())
        subprocess.run(["git", "apply", "-"], input=f"{patch}\n", text=True, cwd=file.parent, check=True)
        command = [sys.executable, "-c", PATCHED, str(file), "build"]
        ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KERAS_BACKEND": backend})
        assert ran.returncode == 0, ran.stderr
        compiled, trains = json.loads(ran.stdout)
        assert (compiled is True, trains) == ((True, True) if name == "jit" else (backend == "jax", False))


def test_a_step_that_is_not_compiled_has_parts(found) -> None:
    wanted = {"step", "forward", "backward", "clipping", "zero_grad", "update_table", "update_rest"}
    for name in BUILDS[:4]:
        parts = found[name]["parts"]
        assert set(parts) == (wanted if found[name]["framework"] == "keras on torch" else set())
        for number, step in enumerate(parts.get("step", ())):
            assert step == pytest.approx(sum(parts[part][number] for part in wanted - {"step"}))


def test_only_the_table_grows_with_the_rows(found) -> None:
    assert {tuple(each["grown"]) for each in found.values()} == {()}


def test_rows_in_the_data_are_counted(found) -> None:
    batches = keras_batches()
    expected = len(np.unique(np.concatenate([words for words, _ in batches])))
    assert {each["tables"][0]["in_data"] for each in found.values()} == {expected}


def keras_batches() -> list:
    """As `keras_imdb.batches_of(2000)`, which this process cannot import: it has no backend for Keras."""
    drawn = np.random.default_rng(3)
    return [(drawn.integers(1, 2000, (8, 12)), drawn.integers(0, 2, (8, 1))) for _ in range(12)]


GROW = """
import json
import sys
from embbench.cases.case import make_case
from embbench.engines.model_file import read_model
from embbench.engines.own_models import Builder, engine_of
builder = Builder(read_model(f"{sys.argv[1]}:build_fixed"))
case = make_case({"contender": "keras_imdb:build_fixed", "workload": "own_model", "vocab": 3000, "threads": 1})
trial = engine_of(builder).prepare(case, builder)
for _ in range(2):
    trial.step()
trial.sync()
sys.stdout.write(json.dumps([trial.moved(), builder.sized]))
"""


@pytest.mark.parametrize("backend", CONTENDERS)
def test_rows_are_added_where_the_function_takes_no_number(backend: str) -> None:
    if missing_packages(discover()[CONTENDERS[backend]]):
        pytest.skip(f"no Keras on {backend}")
    command = [sys.executable, "-c", GROW, str(FOLDER / "keras_imdb.py")]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KERAS_BACKEND": backend})
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [1.0, False]
