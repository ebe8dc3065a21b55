"""Which Python runs a contender, and what is wrong with a Python that cannot: real environments are asked."""

import shutil
import sys
from pathlib import Path
from platform import python_version

import pytest

from embbench.cases.installed import Installed
from embbench.contenders import discover
from embbench.errors import UsageError
from embbench.host.packages import code_digest
from embbench.launch.executor import ProcessExecutor
from embbench.launch.inventory import PythonEnvironment, install_same, with_python
from embbench.launch.origin import find_origin
from embbench.launch.preflight import lacks_of
from embbench.launch.pythons import Pythons, ask_pythons, parse_pythons, place_in
from embbench.launch.requests import make_request
from embbench.store.exchange import VERSION, Inventory
from tests.launch.environments import ROOT, make_environment, site_of, write_contender

KNOWN = discover()


@pytest.fixture
def environment(tmp_path):
    """Makes an environment in a folder of this name."""
    return lambda name, **packages: make_environment(tmp_path / name, **packages)


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_each_name_has_its_path():
    assert parse_pythons("torch=a/python, fbgemm_gpu=b=c,keras_jax=d", KNOWN) == {
        "torch": "a/python", "fbgemm-gpu": "b=c", "keras_jax": "d"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("torch", "--python: 'torch' has no NAME or no PATH; write NAME=PATH,NAME=PATH"),
        ("torch=", "'torch=' has no NAME or no PATH"),
        ("=x", "'=x' has no NAME or no PATH"),
        ("torch=x,", "'' has no NAME or no PATH"),
        ("trch=x", "unknown contender or package 'trch': did you mean 'torch'"),
        ("torch=x,Torch=y", "Torch is named twice"),
    ],
)
def test_a_flag_of_another_form_is_refused(text, told):
    with pytest.raises(UsageError) as caught:
        parse_pythons(text, KNOWN)
    assert told in str(caught.value)


def test_the_name_of_a_contender_comes_before_its_packages_and_these_in_their_order():
    pythons = Pythons(dict.fromkeys(("torch", "keras", "jax", "tensorflow", "ddp"), None) | {"ddp": "own"})

    def named(contender, *names):
        told = {name: name for name in names}
        return Pythons(told).of(KNOWN[contender])

    assert pythons.of(KNOWN["ddp"]) == "own"
    assert named("ddp", "torch", "ddp") == "ddp"
    assert named("keras_torch", "keras", "torch") == "torch"
    assert named("keras_torch", "keras", "jax") == "keras"
    assert named("keras_tf", "keras", "tensorflow") == "tensorflow"
    assert named("fbgemm", "fbgemm-gpu") == "fbgemm-gpu"
    assert named("numpy", "torch", "jax") is None


def test_an_environment_is_asked_once_for_all_its_names(environment, tmp_path):
    python = environment("one")
    counting = script(tmp_path / "python", f'echo >> {tmp_path / "asked"}\nexec {python} "$@"')
    pythons = ask_pythons(f"torch={counting},jax={counting}", KNOWN)
    assert (tmp_path / "asked").read_text() == "\n"
    assert pythons.of(KNOWN["pytorch"]) is pythons.of(KNOWN["jax_optax"])
    assert pythons.of(KNOWN["numpy"]) is None


def test_the_environment_says_what_is_missing_and_the_command_is_for_it(environment, tmp_path, monkeypatch):
    environment("one", made_up_one="1.5")
    monkeypatch.chdir(tmp_path)
    files = [write_contender(tmp_path, name) for name in ("made-up-one", "made-up-two")]
    known = discover(files)
    pythons = ask_pythons("made-up-one=one/bin/python,made-up-two=one/bin/python,torch=one/bin/python", known)
    there, lacking, other = (
        pythons.of(known[name]) for name in ("made_up_one_contender", "made_up_two_contender", "pytorch")
    )
    assert there.of("made_up_one_contender").packages == {"made-up-one": "1.5"}
    assert lacks_of(known["made_up_one_contender"], there).packages == ""
    assert lacks_of(known["made_up_two_contender"], lacking).packages == (
        "not installed: one/bin/python -m pip install made-up-two"
    )
    assert lacks_of(known["pytorch"], other).packages.startswith("not installed: one/bin/python -m pip install 'torch")
    assert there.command[0] == str(tmp_path / "one" / "bin" / "python")
    assert Path(there.command[0]).resolve() != Path(there.command[0])  # a link, which was not followed


def test_the_machines_ceilings_are_measured_where_their_package_is(environment):
    python = environment("one")
    assert ask_pythons(f"numpy={python}", KNOWN).for_ceilings("cpu").python == str(python)
    assert ask_pythons(f"torch={python}", KNOWN).for_ceilings("cpu") is None
    assert ask_pythons(f"torch={python}", KNOWN).for_ceilings("cuda").python == str(python)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("gone/python", "gone/python: No such file or directory; name the python of a virtual environment"),
        ("text", "text: Permission denied; name the python of a virtual environment"),
        ("bare", "bare: Permission denied; name the python of a virtual environment: bare/bin/python"),
        ("/bin/echo", "/bin/echo is not a Python with embbench"),
        ("/bin/false", "/bin/false is not a Python with embbench: ended with exit code 1"),
        ("bare/bin/python", "bare/bin/python has no embbench, or an embbench too old to take turns: bare/bin/py"),
        ("old", "old is no Python from 3.11 on, which embbench needs"),
        ("past", f"past has exchange version 0, this embbench {VERSION}: install the same embbench"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_python(environment, tmp_path, monkeypatch, path, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").touch()
    environment("bare", embbench=False)
    script(tmp_path / "old", "echo 'Unknown option: -P' >&2\necho 'Try `python -h` for more information.' >&2\nexit 2")
    script(tmp_path / "past", """printf '{"contenders": {}, "exchange": 0}'""")
    with pytest.raises(UsageError, match=r"^--python: ") as caught:
        ask_pythons(f"torch={path}", KNOWN)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def copied(environment, tmp_path):
    """The interpreter of an environment with a copy of embbench, and the copy."""
    python = environment("copy", embbench=False)
    copy = site_of(tmp_path / "copy") / "embbench"
    shutil.copytree(ROOT / "embbench", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return python, copy


def test_a_copy_of_this_embbench_does_and_its_own_files_are_executed(copied):
    python, copy = copied
    pythons = ask_pythons(f"numpy={python}", KNOWN)
    placed = place_in(KNOWN["numpy"], pythons.chosen(KNOWN)["numpy"])
    assert placed.path == str(copy / "contenders" / "numpy.py")
    assert placed.digest == KNOWN["numpy"].digest
    assert place_in(KNOWN["pytorch"], None) is KNOWN["pytorch"]


def test_another_embbench_is_refused(copied):
    python, copy = copied
    with (copy / "errors.py").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    with pytest.raises(UsageError) as caught:
        ask_pythons(f"numpy={python}", KNOWN)
    assert f"{code_digest()}: install the same embbench in both environments: {install_same(str(python))}" in str(
        caught.value
    )


def test_a_contender_with_other_code_is_refused_where_it_is_run(copied):
    python, copy = copied
    with (copy / "contenders" / "numpy.py").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    pythons = ask_pythons(f"numpy={python},torch={python}", KNOWN)
    assert set(pythons.chosen({"ddp": KNOWN["ddp"]})) == {"ddp"}
    with pytest.raises(UsageError, match=r"the contender numpy of .* has other code than here"):
        pythons.chosen({"numpy": KNOWN["numpy"]})


def test_a_worker_of_its_environment_does_the_round_and_its_versions_are_told(tmp_path, plan, contenders):
    """The Python of the environment starts the worker of these tests; the usual command could do nothing."""
    stub = Path(__file__).parent / "stub_worker.py"
    python = script(tmp_path / "python", f"exec {sys.executable} {stub} fine")
    there = Installed(contenders["plain"].path, {"python": "3.99"})
    environment = PythonEnvironment("python", str(python), Inventory({"plain": there}))
    origin = find_origin(contenders, {"plain": environment})
    assert (origin.software["plain"], origin.software["absent"]["python"]) == ({"python": "3.99"}, python_version())
    made = plan(rounds=1)
    request = make_request("r", "s", made.cases[0], 0, made.protocol, contenders["plain"])
    executor = ProcessExecutor(origin, None, ("/bin/false",))
    assert executor.execute(request, 60.0, lambda phase: None).status == "ok"


def test_commands_of_pip_are_for_the_environment():
    assert with_python("pip install a && pip uninstall -y b", "my env/python") == (
        "'my env/python' -m pip install a && 'my env/python' -m pip uninstall -y b"
    )
    assert with_python("pip install a", "") == "pip install a"
    assert install_same(sys.executable).startswith(f"{sys.executable} -m pip install ")
