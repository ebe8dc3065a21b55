"""Contenders are found by listing and read without being run; one more is one file more."""

import shutil

import pytest

from embbench.cases.case import OPTIMIZERS, make_case
from embbench.cases.semantics import ROW_CLASSES
from embbench.contenders import Contender, discover, load, read, software
from embbench.engines import imported
from embbench.errors import UsageError

GOOD = """
import nowhere_to_be_found
DECLARES = {"summary": "mine", "updates": {"default": {"sgd": {"semantic": "exact"}, "adam": "not yet"},
    "fused": "never will be"}}
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.py"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_a_users_file_stands_beside_the_built_in_ones_and_is_not_run(write):
    found = discover([str(write(GOOD))])
    assert {"pytorch", "mine"} <= found.keys()
    with pytest.raises(ModuleNotFoundError):
        load(found["mine"])


def test_what_a_declaration_says_of_a_case(write):
    declaration = read(write(GOOD)).declaration
    case = make_case({"contender": "mine", "optimizer": "sgd"})
    assert declaration.path(case).semantic == declaration.semantic(case) == "exact"
    assert declaration.path(make_case({"optimizer": "adam"})) == "not yet"
    assert declaration.path(make_case({"update": "fused"})) == "never will be"
    assert declaration.path(make_case({"optimizer": "adagrad"})) == "update=default is not written for adagrad"
    assert "this contender has default" in declaration.path(make_case({"update": "sparse"}))
    assert "this contender has cpu" in declaration.path(make_case({"device": "cuda"}))
    assert declaration.semantic(make_case({"table": "frozen"})) == "frozen"


def test_a_pair_may_exist_on_some_devices_only(write):
    declared = '{"devices": ["cpu", "cuda"], "summary": "s", "updates": {"default": {"sgd": %s}}}'
    text = declared % '{"semantic": "exact", "devices": ["cuda"]}'
    declaration = read(write(f"DECLARES = {text}")).declaration
    on_device = make_case({"optimizer": "sgd", "device": "cuda"})
    assert declaration.semantic(on_device) == "exact"
    assert declaration.path(make_case({"optimizer": "sgd"})) == "update=default with sgd needs --device cuda"


def test_a_onehot_table_has_a_dense_gradient_whatever_the_lookup_has(write):
    text = """DECLARES = {"summary": "s", "tables": ["trainable", "onehot"], "updates": {
        "default": {"adam": {"semantic": "dense-apart"}}, "sparse": {"adam": {"semantic": "lazy"}}}}"""
    declaration = read(write(text)).declaration
    assert declaration.semantic(make_case({})) == "dense-apart"
    assert declaration.semantic(make_case({"table": "onehot"})) == "dense"
    assert "default only" in declaration.path(make_case({"table": "onehot", "update": "sparse"}))


def declares(more="", path=""):
    return (
        f"DECLARES = {{'summary': 's', 'updates': {{'default': {{'adam': {{'semantic': 'exact', {path}}}}}}}, {more}}}"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "no module-level DECLARES"),
        ("DECLARES = dict(summary='x')", "one plain literal"),
        ("DECLARES = {'summary': 'x'}", "updates"),
        ("DECLARES = {'summary': 'x', 'updates': {}, 'updtes': {}}", "updtes"),
        ("DECLARES = {'summary': 'x', 'updates': {'a': {'adam': {'semantic': 'sorta'}}}}", "sorta"),
        ("def (", "not valid Python"),
        (declares("'packages': ['']"), "DECLARES: packages: ''"),
        (declares("'packages': ['one|']"), "DECLARES: packages: 'one|'"),
        (declares("'packages': ['../x']"), "DECLARES: packages: '../x'"),
        (declares("'precisions': {'gone': {'table': 'bfloat16'}}"), "DECLARES: precisions: unknown name 'gone'"),
        (declares("'changes': {'gone': 'x'}"), "DECLARES: changes: unknown name 'gone'"),
        (declares("'epsilon': {'adem': 'inside'}"), "DECLARES: epsilon: unknown name 'adem': did you mean 'adam'?"),
        (declares("'devices': ['gpu']"), "DECLARES: devices: unknown name 'gpu'"),
        (declares("'environment': {'A=B': '1'}"), "DECLARES: environment: 'A=B'"),
        (declares("'environment': {'': '1'}"), "DECLARES: environment: ''"),
        (declares(r"'environment': {'A\0': '1'}"), r"DECLARES: environment: 'A\x00'"),
        (declares(r"'environment': {'A': '\0'}"), "DECLARES: environment: 'A'"),
        (declares(r"'environment': {'A': '\ud800'}"), "DECLARES: environment: 'A'"),
        (declares("'base': 1e999"), "$.base"),
        (declares("'start': 1e999"), "$.start"),
        (declares("'onehot': 1" + "0" * 400), "$.onehot"),
        *((declares(path=f"'{key}': 1e999"), f".{key}") for key in ("copies", "lookups", "passes", "start")),
        (declares(path="'devices': ['gpu']"), "DECLARES: updates: default: adam: devices: unknown name 'gpu'"),
    ],
)
def test_a_mistake_names_file_and_key(write, text, told):
    path = write(text)
    with pytest.raises(UsageError) as error:
        read(path)
    assert str(error.value).startswith(f"contender {path}: ")
    assert told in str(error.value)


def test_a_file_that_is_missing_or_takes_a_built_in_name_is_refused(write, tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        discover([str(tmp_path / "none.py")])
    with pytest.raises(UsageError, match="rename the file"):
        discover([str(write(GOOD, "pytorch.py"))])


def test_an_edited_file_has_another_digest(write):
    one = read(write(GOOD)).digest
    assert read(write(GOOD + "\n# more")).digest != one


def test_its_environment_is_set_before_it_is_executed(write, monkeypatch):
    known = write('[one.environment]\nFIRST = "a"\nSECOND = "b"\n[two.environment]\nTHIRD = "c"', "packages.toml")
    monkeypatch.setattr("embbench.contenders.PACKAGES", known)
    monkeypatch.setattr("os.environ", {"FIRST": "user's"})
    path = write("""import os
DECLARES = {"summary": "s", "packages": ["one-cpu|one"], "environment": {"SECOND": "own"}, "updates": {}}
SEEN = dict(os.environ)
""")
    contender = read(path)
    assert load(contender).SEEN == {"FIRST": "a", "SECOND": "own"}
    known = write('[one.environment]\nFIRST = "z"', "other.toml")
    monkeypatch.setattr("embbench.contenders.PACKAGES", known)
    assert read(path).digest != contender.digest


def test_what_the_allocator_is_told_is_a_version_of_its_own(write, monkeypatch):
    contender = read(write(GOOD))
    monkeypatch.setattr("embbench.host.memory.ALLOCATOR_VARIABLES", ("TUNED_FOR_TEST",))
    plain = software(contender)
    monkeypatch.setenv("TUNED_FOR_TEST", "glibc.malloc.mmap_max=0")
    assert software(contender) == plain | {"allocator": "TUNED_FOR_TEST=glibc.malloc.mmap_max=0"}


def test_what_a_runtime_tells_the_allocator_is_an_axis_and_no_version(write, monkeypatch):
    contender = read(write(GOOD))
    plain = software(contender)
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    assert software(contender, "hugepages") == plain
    assert software(contender, "retained") == plain | {"allocator": "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"}


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
    users = {
        "torch/tables.py": {"pytorch", "pytorch_compiled", "fbgemm"},
        "torch/beside.py": {"pytorch"},
        "torch/eager.toml": {"pytorch"},
        "torch/device.py": {"pytorch", "pytorch_compiled", "fbgemm", "keras_torch"},
        "jax/device.py": {"jax_optax", "keras_jax"},
        "jax/steps.py": {"jax_optax"},
        "keras/jax.toml": {"keras_jax"},
        "keras/inside.py": {"keras_jax", "keras_tf", "keras_torch", "tf_function"},
        "tensorflow/device.py": {"keras_tf", "tf_function"},
        "numpy/trial.py": {"numpy"},
        "numpy/ceilings.py": set(),
        "profile.py": {"jax_optax", "keras_jax", "keras_tf", "tf_function"},
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


@pytest.mark.parametrize("contender", discover().values(), ids=lambda contender: contender.name)
class TestDeclarations:
    def test_names_are_known(self, contender: Contender):
        for optimizers in contender.declaration.updates.values():
            if not isinstance(optimizers, str):
                assert optimizers.keys() <= set(OPTIMIZERS)
                for path in optimizers.values():
                    assert isinstance(path, str) or path.semantic in ROW_CLASSES

    def test_changes_are_of_what_it_has(self, contender: Contender):
        declared = contender.declaration
        assert set(declared.changes) <= {*declared.updates, *declared.tables} - {"trainable"}
