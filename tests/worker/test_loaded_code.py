"""What a worker has loaded is told with the digests of the very bytes that it executed, in real processes."""

import os
import py_compile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from embbench.worker import loaded_code
from tests.worker.loading import ROOT, digest


def test_modules_beside_the_contender_can_be_imported_and_count(load, tmp_path):
    (tmp_path / "helper.py").write_text("X = 1\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "part.py").write_text("Y = 2\n")  # of a namespace, which has no file itself
    found = load("import helper, pack.part\nTOLD = [helper.X, pack.part.Y]\n")
    assert found.told == [1, 2]
    assert found.code == {
        "helper": ("helper.py", digest("X = 1\n")),
        "pack.part": ("pack/part.py", digest("Y = 2\n")),
    }
    assert found.packages == {}


def test_an_engine_that_a_module_beside_the_contender_imports_counts(load, tmp_path):
    """The contender's own digest has the engines that it imports itself."""
    (tmp_path / "through.py").write_text("import embbench.engines.numpy.trial\n")
    found = load("import through\n").code
    engine = ROOT / "embbench" / "engines" / "numpy"
    assert found["embbench.engines.numpy.trial"] == (
        str(engine / "trial.py"),
        digest((engine / "trial.py").read_bytes()),
    )
    assert {name.partition(".")[0] for name in found} == {"through", "embbench"}
    assert load("import embbench.engines.numpy.trial\n", "other.py").code == {}
    assert load("import embbench.engines.numpy.ceilings\n", "third.py").code == {}


def test_a_file_beside_the_contender_stands_in_for_nothing_else(load, tmp_path):
    for name in ("random.py", "numpy.py", "msgspec.py", "embbench.py", "pytest.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n")
    found = load("import random, numpy, msgspec, embbench, pytest\nTOLD = random.randrange(1)\n")
    assert found.told == 0
    assert found.code == {}
    assert "pytest" in found.packages
    for name in ("random", "numpy", "msgspec", "embbench", "pytest"):
        (told,) = [each for each in found.shadowed if f"module {name} was" in each]
        assert str(tmp_path / f"{name}.py") in told


def test_what_is_loaded_anyway_is_told_of_where_the_contender_asks_for_it(load, tmp_path):
    for name in ("time.py", "queue.py", "regex.py"):
        (tmp_path / name).write_text("X = 1\n")
    assert [each.split()[2] for each in load("import time\nfrom queue import Queue\n").shadowed] == ["time", "queue"]
    assert load("import math\n").shadowed == []


def test_what_lies_elsewhere_has_its_whole_path(load, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shared.py").write_text("X = 1\n")
    found = load("import shared\n", "bench/mine.py", PYTHONPATH=f"{ROOT}:{tmp_path / 'lib'}")
    assert found.code == {"shared": (str(tmp_path / "lib" / "shared.py"), digest("X = 1\n"))}


def test_what_python_loads_before_anything_else_counts(load, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import tuned\n")
    (tmp_path / "site" / "tuned.py").write_text("X = 5\n")
    found = load("import tuned\nTOLD = tuned.X\n", PYTHONPATH=f"{ROOT}:{tmp_path / 'site'}")
    assert found.told == 5
    assert found.code == {
        "sitecustomize": ("site/sitecustomize.py", digest("import tuned\n")),
        "tuned": ("site/tuned.py", digest("X = 5\n")),
    }


def test_what_was_executed_counts_and_not_what_stands_there_now(load, tmp_path):
    (tmp_path / "helper.py").write_text("X = 1\n")
    found = load("import helper, pathlib\npathlib.Path(helper.__file__).write_text('X = 2\\n')\nTOLD = helper.X\n")
    assert (found.told, found.code["helper"][1]) == (1, digest("X = 1\n"))


def test_a_module_that_was_loaded_twice_has_both_digests(load, tmp_path):
    (tmp_path / "helper.py").write_text("X = 1\n")
    body = """
        import helper, importlib, pathlib
        pathlib.Path(helper.__file__).write_text("X = 2\\n")
        importlib.reload(helper)
        TOLD = helper.X
    """
    found = load(body)
    assert (found.told, found.code["helper"][1]) == (2, f"{digest('X = 1' + chr(10))}+{digest('X = 2' + chr(10))}")


def test_a_stale_compilation_is_not_executed(load, tmp_path):
    """An edit that leaves size and time: Python would execute what stood there before."""
    helper = tmp_path / "helper.py"
    helper.write_text("X = 1\n")
    py_compile.compile(str(helper), doraise=True)
    times = helper.stat().st_atime_ns, helper.stat().st_mtime_ns
    helper.write_text("X = 2\n")
    os.utime(helper, ns=times)
    found = load("import helper\nTOLD = helper.X\n")
    assert (found.told, found.code["helper"][1]) == (2, digest("X = 2\n"))


def test_a_module_that_took_itself_out_of_sight_counts(load, tmp_path):
    (tmp_path / "helper.py").write_text("X = 1\n")
    found = load("import helper, sys\ndel sys.modules['helper'], helper\n")
    assert found.code["helper"][0] == "helper.py"


@pytest.mark.parametrize(
    "body",
    [
        "import runpy\nstep = runpy.run_path({path!r})['step']\n",
        "scope = {{}}\nexec(compile(open({path!r}).read(), {path!r}, 'exec'), scope)\n",
    ],
)
def test_a_file_that_was_executed_without_an_import_counts(load, tmp_path, body):
    path = tmp_path / "odd.txt"
    path.write_text("def step():\n    return 1\n")
    found = load(body.format(path=str(path)))
    assert found.code == {str(path): ("odd.txt", digest(path.read_text()))}


def test_compiled_zipped_and_machine_code_count(load, tmp_path):
    source = tmp_path / "source.py"
    source.write_text("X = 1\n")
    py_compile.compile(str(source), cfile=str(tmp_path / "bare.pyc"), doraise=True)
    source.unlink()
    with zipfile.ZipFile(tmp_path / "parts.zip", "w") as archive:
        archive.writestr("zipped.py", "Y = 2\n")
    library = next(Path(np.__file__).parent.rglob("*.so"))
    (tmp_path / "own.so").write_bytes(library.read_bytes())
    body = "import sys\nsys.path.append(sys.path[-1] + '/parts.zip')\nimport bare, zipped\nTOLD = [bare.X, zipped.Y]\n"
    body += "import ctypes\nctypes.CDLL(sys.path[-2] + '/own.so')\n"
    found = load(body)
    assert found.told == [1, 2]
    assert found.code["bare"] == ("bare.pyc", digest((tmp_path / "bare.pyc").read_bytes()))
    assert found.code["zipped in parts.zip"] == ("parts.zip", digest((tmp_path / "parts.zip").read_bytes()))
    assert found.code[str(tmp_path / "own.so")] == ("own.so", digest(library.read_bytes()))


def test_machine_code_beside_a_contender_counts_in_the_systems_places_too(monkeypatch, tmp_path):
    code = "7f0000000000-7f0000001000 r-xp 00000000 00:1f 1 "
    paths = ["/usr/src/app/my code.so", "/usr/src/app/.venv/lib/b.so", "/usr/lib/c.so", "/opt/d.so", "[vdso]"]
    (tmp_path / "maps").write_text("".join(f"{code}{path}\n" for path in paths))
    monkeypatch.setattr(loaded_code, "MAPS", tmp_path / "maps")
    monkeypatch.setattr(loaded_code, "PREFIXES", ("/usr/src/app/.venv", "/usr"))
    assert loaded_code._mapped("/usr/src/app") == {"/usr/src/app/my code.so", "/opt/d.so"}
    assert loaded_code._mapped("/home/me") == {"/opt/d.so"}


def test_what_a_compiler_put_into_the_workers_own_place_does_not_count(load, tmp_path):
    (tmp_path / "made").mkdir()
    body = """
        import os, pathlib, sys
        sys.path.append(os.environ["TMPDIR"])
        (pathlib.Path(os.environ["TMPDIR"]) / "generated.py").write_text("def step(): pass\\n")
        import generated
    """
    assert load(body, TMPDIR=str(tmp_path / "made")).code == {}
