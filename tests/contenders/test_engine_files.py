"""The files of an engine: which of them a digest covers, and the facts that a contender takes from one."""

import shutil

import pytest

from embbench.contenders import discover, read
from embbench.engines import imported
from embbench.errors import UsageError
from tests.contenders.own_file import GOOD


@pytest.fixture
def engines(tmp_path, monkeypatch):
    """Two engines of made-up files: one.near imports one.far, and nothing imports one.other."""
    place = tmp_path / "engines"
    for name in ("facts", "imported"):
        monkeypatch.setattr(f"embbench.engines.{name}.HERE", place)
    texts = {
        "one/near.py": "from embbench.engines.one.far import y",
        "one/way.toml": FACTS,
        "one/other.toml": FACTS,
        **dict.fromkeys(("__init__.py", "one/__init__.py", "one/far.py", "one/other.py", "two/__init__.py"), "y = 1"),
    }
    for name, text in texts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


@pytest.mark.parametrize(
    "imports",
    [
        "from embbench.engines.one.near import x",
        "from embbench.engines.one import near",
        "import embbench.engines.one.near as x",
        "def prepare(case, tokens):\n    from embbench.engines.one.near import x",
    ],
)
@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("one/near.py", True),
        ("one/far.py", True),
        ("one/__init__.py", True),
        ("__init__.py", True),
        ("one/other.py", False),
        ("two/__init__.py", False),
        ("one/way.toml", False),
    ],
)
def test_a_digest_covers_the_parts_that_are_used_and_no_others(write, engines, imports, file, counts):
    path = write(f"{GOOD}\n{imports}")
    one = read(path).digest
    text = (engines / file).read_text()
    (engines / file).write_text(f"{text}\n# edited")
    assert (read(path).digest != one) == counts


@pytest.mark.parametrize("part", ["near", "far"])
def test_a_part_that_is_gone_or_broken_is_named(write, engines, part):
    path = write(GOOD + "\nfrom embbench.engines.one.near import x")
    (engines / "one" / f"{part}.py").write_text("def (")
    with pytest.raises(UsageError, match=r"mine\.py: not valid Python"):
        read(path)
    (engines / "one" / f"{part}.py").unlink()
    with pytest.raises(UsageError, match=r"mine\.py: No such file"):
        read(path)


def test_an_edit_of_a_part_changes_the_contenders_that_use_it_and_no_others(tmp_path, monkeypatch):
    place = tmp_path / "engines"
    shutil.copytree(imported.HERE, place)
    for name in ("facts", "imported"):
        monkeypatch.setattr(f"embbench.engines.{name}.HERE", place)
    before = {name: contender.digest for name, contender in discover().items()}
    in_ranks = {"ddp", "dtensor", "fsdp2", "torchrec"}
    users = {
        "torch/tables.py": {"pytorch", "pytorch_compiled", "pytorch_graph", "fbgemm", *in_ranks},
        "torch/beside.py": {"pytorch"},
        "torch/eager.toml": {"pytorch"},
        "torch/device.py": {"pytorch", "pytorch_compiled", "pytorch_graph", "fbgemm", "keras_torch", *in_ranks},
        "torch/ranks/rows.py": {"dtensor", "fsdp2", "torchrec"},
        "jax/device.py": {"jax_devices", "jax_optax", "jax_sharded", "keras_jax"},
        "jax/steps.py": {"jax_devices", "jax_optax", "jax_sharded"},
        "keras/jax.toml": {"keras_jax"},
        "keras/inside.py": {"keras_jax", "keras_tf", "keras_torch", "tf_function"},
        "tensorflow/device.py": {"keras_tf", "tf_function"},
        "numpy/trial.py": {"numpy"},
        "numpy/ceilings.py": set(),
        "profile.py": {"jax_devices", "jax_optax", "jax_sharded", "keras_jax", "keras_tf", "tf_function"},
    }
    for file, names in users.items():
        text = (place / file).read_text(encoding="utf-8")
        (place / file).write_text(f"{text}\n# edited\n", encoding="utf-8")
        assert {name for name, contender in discover().items() if contender.digest != before[name]} == names, file
        (place / file).write_text(text, encoding="utf-8")


FACTS = """
onehot = 4
[epsilon]
adam = "inside"
[changes]
frozen = "freeze it"
fused = "fuse it"
half = "halve it"
[precisions]
half = { table = "bfloat16" }
[updates]
fused = "nobody wrote it"
[updates.default]
adam = { semantic = "dense", copies = 4 }
[updates.half]
adam = { semantic = "dense", passes = 7 }
"""


def stands_on(more):
    return f'DECLARES = {{"summary": "s", "engine": "one/way", {more}}}'


def test_a_file_that_names_an_engine_has_the_updates_that_it_lists(write, engines):
    told = read(write(stands_on('"updates": ["half", "default"]'))).declaration
    full = """DECLARES = {"summary": "s", "onehot": 4, "epsilon": {"adam": "inside"}, "updates": {
        "half": {"adam": {"semantic": "dense", "passes": 7}}, "default": {"adam": {"semantic": "dense", "copies": 4}}},
        "changes": {"frozen": "freeze it", "half": "halve it"}, "precisions": {"half": {"table": "bfloat16"}}}"""
    assert told == read(write(full)).declaration
    assert list(told.updates) == ["half", "default"]


def test_what_a_file_says_itself_counts_before_its_engine(write, engines):
    own = '"updates": ["default"], "onehot": 8, "epsilon": {"adamw": "inside"}, "changes": {"default": "mine"}'
    told = read(write(stands_on(own))).declaration
    assert told.onehot == 8
    assert told.epsilon == {"adam": "inside", "adamw": "inside"}
    assert told.changes == {"frozen": "freeze it", "default": "mine"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('"updates": ["defualt"]', "DECLARES: updates: unknown name 'defualt': did you mean 'default'?"),
        ('"updates": {"default": {}}', "DECLARES: updates: with an engine, a list of names"),
        ('"updates": [1]', "DECLARES: updates: with an engine, a list of names"),
        ('"summary": "s"', "DECLARES: updates: with an engine, a list of names"),
        ('"updates": ["default"], "changes": "mine"', "$.changes"),
        ('"updates": ["default"], "engine": "one/wya"', "DECLARES: engine: unknown name 'one/wya': did you mean"),
        ('"updates": ["default"], "engine": 1', "DECLARES: engine: unknown name '1'"),
    ],
)
def test_a_mistake_about_an_engine_names_the_key(write, engines, more, told):
    path = write(stands_on(more))
    with pytest.raises(UsageError) as error:
        read(path)
    assert str(error.value).startswith(f"contender {path}: ")
    assert told in str(error.value)


def test_an_edit_of_an_engines_facts_changes_who_names_them(write, engines):
    path = write(stands_on('"updates": ["default"]'))
    one = read(path).digest
    (engines / "one" / "other.toml").write_text("")
    assert read(path).digest == one
    (engines / "one" / "way.toml").write_text(FACTS + "# edited")
    assert read(path).digest != one
