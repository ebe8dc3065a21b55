"""`--python`: contenders in environments of their own, and a table of all of them, from real workers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from embbench.host import noise
from embbench.store.journal import read_rounds
from tests.launch.environments import install, make_environment, site_of, write_contender

TINY = ("--vocab", "500", "--dim", "4", "--hidden", "4", "--batch", "4", "--seq", "4", "--table", "trainable",
        "--update", "default", "--threads", "1", "--preset", "quick", "--rounds", "1", "--budget", "0.02")  # fmt: skip
PYTHONS = ("--python", "made-up-one=one/bin/python,made-up-two=two/bin/python")
NAMES = "made_up_one_contender made_up_two_contender"
SCRIPT = "import sys; from embbench.cli import main; sys.exit(main())"


@pytest.fixture
def places(tmp_path):
    """Two environments, each with a package that no other Python has, and flags that name a contender for each."""
    make_environment(tmp_path / "one", made_up_one="1.5")
    make_environment(tmp_path / "two", made_up_two="2.5")
    files = [write_contender(tmp_path, name) for name in ("made-up-one", "made-up-two")]
    return ("--contender", ",".join(files))


def rounds_of(path):
    found, warnings = read_rounds([path])
    assert not warnings
    return {each.case.contender: each for each in found}


def test_each_contender_runs_in_its_own_environment_and_one_table_has_both(real, places, tmp_path):
    run = ("run", *places, *TINY, *PYTHONS, "--out", "r.jsonl")
    code, out, err = real(*run, "--format", "json")
    assert code == 0, err
    one, two = (rounds_of("r.jsonl")[name] for name in NAMES.split())
    told = json.loads(out)
    assert [cell["status"] for row in told["tables"][0]["rows"] for cell in row["cells"]] == ["ok", "ok"]
    assert list(told["software"]) == NAMES.split()
    assert one.ran == {"prefix": str(tmp_path / "one"), "made-up-one": "1.5"}
    assert two.ran == {"prefix": str(tmp_path / "two"), "made-up-two": "2.5"}
    assert (one.software["made-up-one"], two.software["made-up-two"]) == ("1.5", "2.5")
    assert "made-up-two" not in one.software
    assert (one.machine, one.audit.passed) == (two.machine, True)

    details = " ".join(real("report", "r.jsonl", "--details")[1].split())
    assert "made_up_one_contender: python" in details
    assert "made-up-one 1.5 made_up_two_contender: python" in details
    assert "mix package versions" not in details

    assert "nothing was run: r.jsonl has all rounds" in real(*run)[2]
    install(tmp_path / "two", "made_up_two", "2.6")
    code, out, err = real(*run)
    assert (code, out) == (2, "")
    assert "made_up_two_contender" in err
    assert "measured with made-up-two 2.5, now it is 2.6; the two do not mix" in err


def test_another_version_of_a_package_that_no_contender_declares_is_no_resumption_either(real, places, tmp_path):
    file = tmp_path / "made_up_one_contender.py"
    file.write_text("import helping\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    install(tmp_path / "one", "helping", "3.5")
    (site_of(tmp_path / "one") / "helping-3.5.dist-info" / "RECORD").write_text("helping.py,,\n", encoding="utf-8")
    only = ("--python", "made_up_one_contender=one/bin/python")
    run = ("run", "--contender", str(file), *TINY, *only, "--out", "r.jsonl")
    assert real(*run)[0] == 0
    assert rounds_of("r.jsonl")["made_up_one_contender"].loaded.packages == {"helping": "3.5"}
    (site_of(tmp_path / "one") / "helping-3.5.dist-info").rename(site_of(tmp_path / "one") / "helping-3.6.dist-info")
    code, _, err = real(*run)
    assert code == 2
    assert "measured with helping 3.5, now it is 3.6" in err


def test_all_ranks_of_a_case_run_in_its_environment(real, places, tmp_path):
    code, _, err = real("run", *places, *TINY, "--ranks", "2", *PYTHONS, "--out", "r.jsonl")
    assert code == 0, err
    for name, place in zip(NAMES.split(), ("one", "two"), strict=True):
        assert rounds_of("r.jsonl")[name].ran["prefix"] == str(tmp_path / place)
        assert len(rounds_of("r.jsonl")[name].conditions["ranks"]) == 2


def test_a_plan_says_which_python_runs_what_and_what_is_missing_there(real, places):
    code, out, _ = real("plan", *places, *TINY, "--python", "made-up-one=one/bin/python,made-up-two=one/bin/python")
    assert code == 0
    assert "unsupported: not installed: one/bin/python -m pip install made-up-two" in out
    assert f"one/bin/python runs {NAMES.replace(' ', ', ')}." in " ".join(out.split())
    told = json.loads(real("plan", *places, *TINY, *PYTHONS, "--format", "json")[1])
    assert told["pythons"] == dict(zip(NAMES.split(), ("one/bin/python", "two/bin/python"), strict=True))
    assert {each["status"] for each in told["cases"]} == {"run"}
    code, out, _ = real("plan", *places, *TINY)
    assert code == 5
    assert "unsupported: not installed: pip install made-up-one" in out


def test_the_doctor_tries_each_contender_in_its_own_environment(real, places, tmp_path, monkeypatch):
    monkeypatch.setattr("embbench.contenders.HERE", tmp_path / "none")
    monkeypatch.setattr(noise, "measure_noise", lambda: noise.Noise(0.01, 0.0, 0.0, None))
    (site_of(tmp_path / "two") / "made_up_two.py").write_text("raise ImportError('torn')\n", encoding="utf-8")
    files = (each for file in places[1].split(",") for each in ("--contender", file))
    code, out, _ = real("doctor", *files, *PYTHONS)
    assert code == 0
    assert "contender made_up_one_contender (made-up-one 1.5) loads in one/bin/python\n" in out
    assert "contender made_up_two_contender (made-up-two 2.5) does not load in two/bin/python: ImportError: torn" in out


@pytest.mark.parametrize("verb", ["run", "plan", "doctor", "explain"])
def test_a_wrong_python_is_an_error_before_anything_is_measured(real, tmp_path, verb):
    code, out, err = real(verb, "--python", "numpy=/bin/echo")
    assert (code, out) == (2, "")
    assert "--python: /bin/echo is not a Python with embbench" in err
    assert list(tmp_path.iterdir()) == []


def test_an_explanation_of_files_measures_nothing(real, saved):
    code, _, err = real("explain", saved, "--python", "numpy=/bin/echo")
    assert code == 2
    assert "leave --python out" in err


def test_a_parent_without_any_framework_measures_frameworks_elsewhere(tmp_path, own_lock):
    """Its own environment, one with the packages of these tests, and one with NumPy: as users do."""
    for name in ("parent", "whole", "lean"):
        make_environment(tmp_path / name)
    whole = [each for each in sys.path if Path(each).name == "site-packages"]
    site_of(tmp_path / "whole").joinpath("whole.pth").write_text("\n".join(whole), encoding="utf-8")
    parent = tmp_path / "parent" / "bin" / "python"
    assert subprocess.run([parent, "-c", "import torch"], capture_output=True, check=False).returncode == 1
    ran = subprocess.run(
        [
            parent, "-c", SCRIPT, "run", "--contender", "pytorch,numpy", *TINY, "--out", "r.jsonl",
            "--python", "torch=whole/bin/python,numpy=lean/bin/python",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = rounds_of(tmp_path / "r.jsonl")
    assert {each.status for each in found.values()} == {"ok"}
    assert "torch" in found["pytorch"].software
    assert "torch" not in found["numpy"].software
    assert len([line for line in ran.stdout.splitlines() if line.split()[:1] in (["pytorch"], ["numpy"])]) == 2
