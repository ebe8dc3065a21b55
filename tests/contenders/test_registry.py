"""Contenders are found by listing and read without being run; one more is one file more."""

import pytest

from embbench.cases.case import OPTIMIZERS, make_case
from embbench.cases.semantics import ROW_CLASSES
from embbench.contenders import Contender, discover, load, read, software
from embbench.errors import UsageError
from tests.contenders.own_file import GOOD


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
    assert declaration.path(make_case({"device": "cuda"})) == "device=cuda: this contender needs --device cpu"
    assert declaration.semantic(make_case({"table": "frozen"})) == "frozen"


def test_a_pair_may_exist_on_some_devices_only(write):
    declared = '{"devices": ["cpu", "cuda"], "summary": "s", "updates": {"default": {"sgd": %s}}}'
    text = declared % '{"semantic": "exact", "devices": ["cuda"]}'
    declaration = read(write(f"DECLARES = {text}")).declaration
    on_device = make_case({"optimizer": "sgd", "device": "cuda"})
    assert declaration.semantic(on_device) == "exact"
    assert declaration.path(make_case({"optimizer": "sgd"})) == "update=default with sgd needs --device cuda"


def test_a_pair_may_have_other_counts_on_a_gpu(write):
    declared = '{"devices": ["cpu", "cuda"], "summary": "s", "updates": {"default": {"sgd": %s, "adam": %s}}}'
    adam = '{"semantic": "dense", "copies": 6, "passes": 19, "on_gpu": {"copies": 5}}'
    text = declared % ('{"semantic": "exact", "copies": 2, "passes": 4, "on_gpu": {"passes": 3}}', adam)
    declaration = read(write(f"DECLARES = {text}")).declaration
    told = {
        (device, optimizer): declaration.path(make_case({"optimizer": optimizer, "device": device}))
        for device in ("cpu", "cuda")
        for optimizer in ("sgd", "adam")
    }
    assert {key: (path.copies, path.passes) for key, path in told.items()} == {
        ("cpu", "sgd"): (2, 4),
        ("cuda", "sgd"): (2, 3),
        ("cpu", "adam"): (6, 19),
        ("cuda", "adam"): (5, 19),
    }


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
