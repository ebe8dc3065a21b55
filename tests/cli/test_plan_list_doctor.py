"""`plan`, `list` and `doctor`: they run no case and load no framework."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import CASES, LAUNCH, PLAIN, SMALL

from embbench.cases.runtimes import RUNTIMES
from embbench.cases.semantics import ROW_CLASSES
from embbench.cli.doctor import look_at, try_to_load
from embbench.contenders import read
from embbench.host import noise as noises
from embbench.host.limits import Throttling
from embbench.host.noise import Noise, measure_noise
from embbench.launch import ceilings as launch_ceilings
from embbench.report.findings import contender_findings
from tests import made_up

QUICK = (*SMALL, "--preset", "quick", "--rounds", "2")


def test_plan_shows_each_case_and_the_sum(cli, tmp_path):
    ran = cli("plan", *CASES, "--seq", "8,16", "--optimizer", "sgd,adam")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[0].split() == ["case", "rounds", "memory", "passes", "time,", "about"]
    assert lines[1].startswith("plain trainable default sgd vocab=1k seq=8 ")
    assert lines[1].split()[6:8] == ["2", "503"]
    assert lines[1].split()[9] == "3"
    assert lines[1].endswith("fits")
    assert "unsupported: the test contender has no adam" in ran.out
    assert lines[-1].startswith("4 of 8 cases in 8 rounds (preset quick), about ")
    assert list(tmp_path.iterdir()) == []


def test_plan_in_json_adds_up(cli):
    told = json.loads(cli("plan", *QUICK, "--vocab", "1000,400G", "--format", "json").out)
    fits, big = told["cases"]
    assert told["seconds"] == fits["seconds"] > 0
    assert (fits["status"], fits["rounds"], fits["case"]["vocab"]) == ("run", 2, 1000)
    assert (big["status"], big["seconds"]) == ("skipped", 0)
    assert big["needed"] > 4e11 * 4 * 4
    assert told["plan_id"]
    assert told["schema"] == 1
    assert told["protocol"]["rounds"] == 2
    forced = json.loads(cli("plan", *QUICK, "--vocab", "400G", "--force", "--format", "json").out)
    assert forced["cases"][0]["status"] == "run"
    assert "does not fit; forced" in cli("plan", *QUICK, "--vocab", "400G", "--force").out


@pytest.mark.parametrize("flags", [("--within", "4m"), ("--rounds", "2")])
def test_a_plan_in_which_no_case_can_run_takes_no_time(cli, flags):
    plan = ("plan", *SMALL, "--preset", "quick", *flags, "--vocab", "400G")
    ran = cli(*plan)
    assert (ran.code, ran.out.splitlines()[-1]) == (5, "No case can run here; the table shows the reasons.")
    told = cli(*plan, "--format", "json")
    assert (told.code, json.loads(told.out)["seconds"]) == (5, 0)


def test_seed_is_an_axis_and_its_first_value_orders_the_rounds(cli):
    told = json.loads(cli("plan", *SMALL, "--vocab", "1k", "--seed", "7,8", "--format", "json").out)
    assert [case["case"]["seed"] for case in told["cases"]] == [7, 8]
    assert told["protocol"]["seed"] == 7


def test_list_shows_all_five_kinds(cli):
    ran = cli("list", "--contender", PLAIN)
    assert ran.code == 0
    for text in (
        "contenders\n",
        "\nworkloads\n",
        "\nruntimes\n",
        "\nsuites\n",
        "\nmetrics\n",
    ):
        assert text in ran.out
    lines = [line.split(maxsplit=1) for line in ran.out.splitlines()]
    facts = [tuple(line) for line in lines if len(line) == 2]
    assert any(name == "tagger" and text.startswith("LSTM tagger") for name, text in facts)
    assert any(name == "embedding-scaling" and text.endswith("(10 cases)") for name, text in facts)
    assert ("MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=-1") in facts
    assert any(name == "step_time" and text.startswith("[s] A training step in steady state") for name, text in facts)
    told = ran.out.split("\nplain ")[1].split("\n\n")[0].splitlines()
    assert [line.strip() for line in told[:5]] == [
        "NumPy only, for tests",
        "installed: needs nothing",
        "tables frozen, trainable · float32 · cpu · classifier, topics",
        "update default: sgd exact",
        "not adam: the test contender has no adam",
    ]


def test_list_words_has_a_meaning_for_each(cli):
    words = json.loads(cli("list", "words", "--format", "json").out)["words"]
    assert {"case", "round", "workload", "oracle", "compact", "unproven", "phase_*"} <= {each["name"] for each in words}
    assert set(ROW_CLASSES) <= {each["name"] for each in words}
    assert all(each["meaning"] for each in words)


def test_list_of_runtimes_says_what_each_sets_and_why_one_is_not_here(cli, monkeypatch):
    monkeypatch.setattr("embbench.launch.runtime_needs.c_library", lambda: ("glibc", (2, 31)))
    told = {each["name"]: each for each in json.loads(cli("list", "runtimes", "--format", "json").out)["runtimes"]}
    assert list(told) == list(RUNTIMES)
    assert told["system"]["variables"] == {}
    assert told["retained"]["variables"] == {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1"}
    assert (told["system"]["lacking"], told["retained"]["lacking"]) == ("", "")
    reason = "runtime=hugepages needs glibc 2.35 or later; this system has glibc 2.31"
    assert told["hugepages"]["lacking"] == reason
    assert f"    not here: {reason}\n" in cli("list", "runtimes").out


def test_a_plan_says_of_a_runtime_that_is_not_here(cli, monkeypatch):
    monkeypatch.setattr("embbench.launch.runtime_needs.huge_page_mode", lambda: "never")
    asked = ("plan", *SMALL, "--vocab", "1k", "--runtime", "system,hugepages", "--format", "json")
    system, huge = json.loads(cli(*asked).out)["cases"]
    assert (system["case"]["runtime"], system["status"]) == ("system", "run")
    assert (huge["case"]["runtime"], huge["status"]) == ("hugepages", "unsupported")
    assert "huge pages are off here" in huge["reason"]


def test_list_of_what_is_not_installed_says_how(cli):
    absent = str(LAUNCH / "fixtures" / "absent.py")
    data = json.loads(cli("list", "contenders", "--contender", absent, "--format", "json").out)
    assert list(data) == ["contenders"]
    (told,) = [each for each in data["contenders"] if each["name"] == "absent"]
    assert told["install"] == "not installed: pip install embbench-no-such-package"
    assert told["packages"] == {"embbench-no-such-package": None}


@pytest.mark.parametrize("verb", ["list", "plan"])
def test_no_framework_is_imported(verb):
    code = f"import sys; from embbench.cli import main; main(['{verb}']); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "tensorflow", "keras", "jax", "numpy"} & set(ran.stderr.split())


@pytest.fixture
def quiet(monkeypatch):
    monkeypatch.setattr(noises, "measure_noise", lambda: Noise(0.01, 0.0, 0.0, None))


def test_doctor_tries_to_load_each_contender(cli, quiet, monkeypatch):
    monkeypatch.setattr("embbench.contenders.HERE", LAUNCH / "fixtures")
    ran = cli("doctor")
    assert ran.code == 0
    assert "ok       contender plain (needs no package) loads\n" in ran.out
    assert (
        "note     contender absent (embbench-no-such-package missing): not installed\n"
        "         → pip install embbench-no-such-package\n"
    ) in ran.out
    assert (
        "warning  contender unloadable (needs no package) does not load: ModuleNotFoundError: "
        "No module named 'embbench_no_such_module'\n"
    ) in ran.out
    told = json.loads(cli("doctor", "--format", "json").out)
    assert {each["level"] for each in told} >= {"ok", "note", "warning"}
    assert set(told[0]) == {"level", "what", "advice"}


def test_doctor_tells_of_versions_that_are_known_to_be_bad(tmp_path, monkeypatch):
    known, path = tmp_path / "packages.toml", tmp_path / "old.py"
    known.write_text('[[numpy.beware]]\nversions = ">0"\ntext = "it counts in base 12"')
    monkeypatch.setattr("embbench.contenders.PACKAGES", known)
    path.write_text(Path(PLAIN).read_text().replace("DECLARES = {", "DECLARES = {'packages': ['numpy'],"))
    ok, warning = contender_findings([try_to_load(read(path))])
    assert (ok.level, warning.level) == ("ok", "warning")
    assert warning.what.startswith("numpy ")
    assert warning.what.endswith(": it counts in base 12")


def test_doctor_tries_what_workers_load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").write_text("raise SystemExit(9)")
    assert try_to_load(read(Path(PLAIN))).problem == ""


def test_doctor_looks_at_environment_quota_and_noise(quiet, monkeypatch):
    for name, value in (("LD_PRELOAD", "libjemalloc.so"), ("BLIS_NUM_THREADS", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("embbench.host.limits.throttling", lambda: Throttling(300, 12, 2.5))
    looked = look_at([])
    assert "LD_PRELOAD=libjemalloc.so" in looked.allocator
    assert "BLIS_NUM_THREADS=1" in looked.threads
    assert "OMP_NUM_THREADS" not in " ".join(looked.threads)
    assert looked.stopped == (12, 300)
    assert looked.noise == {"spread": 0.01, "queue": 0.0, "steal": 0.0, "pressure": None}


def test_noise_is_measured_against_the_clock_it_is_given():
    ticks = iter(range(10**6))
    noise = measure_noise(seconds=100.0, clock=lambda: float(next(ticks)))
    assert noise.spread == 0.0


def test_doctor_measures_ceilings_anew_and_keeps_them(cli, monkeypatch, tmp_path):
    measured = []
    monkeypatch.setattr(launch_ceilings, "measure_ceilings", lambda *of: measured.append(of) or made_up.ceilings())
    ran = cli("doctor", "--ceilings")
    assert ran.code == 0
    assert "update" in ran.out
    assert "matrix product  90 Gflop/s" in ran.out
    assert "saved: results/ceilings/" in ran.err
    assert len(list((tmp_path / "results" / "ceilings").glob("*.json"))) == 1
    told = json.loads(cli("doctor", "--ceilings", "--format", "json").out)
    assert told["rates"][0]["kind"] == "update"
    assert len(measured) == 2
    assert cli("doctor", "--ceilings", "--device", "tpu").code == 2


def test_thousands_of_cases_are_a_line_each_under_the_same_headings(cli):
    asked = ("plan", "--contender", "numpy", "--table", "trainable", "--update", "sparse", "--vocab")
    many, few = (cli(*asked, vocabs).out.splitlines() for vocabs in ("1k:600k:+1k", "1k:400k:+1k"))
    assert len(many) == 600 + 3
    assert [line.split() for line in many[:3]] == [line.split() for line in few[:3]]
    assert "600 of 600 cases in 600 or more rounds" in many[-1]


def test_data_is_the_workload_and_its_stream(cli, tmp_path):
    (tmp_path / "texts.tsv").write_text("good\ta cat\nbad\ta dog\n" * 40)
    plan = ("plan", "--suite", "convergence", "--contender", "pytorch", "--optimizer", "adam", "--format", "json")
    planned = json.loads(cli(*plan, "--data", "texts.tsv").out)["cases"]
    spelt = json.loads(cli(*plan, "--workload", "topics", "--tokens", "labelled:texts.tsv").out)["cases"]
    assert [each["case"] for each in planned] == [each["case"] for each in spelt]
    assert {each["case"]["tokens"].partition("#")[0] for each in planned} == {"labelled"}
    assert "--data sets the workload: leave --workload out" in cli(*plan, "--data", "t", "--workload", "topics").err
    assert "--data sets the tokens: leave --tokens out" in cli(*plan, "--data", "t", "--tokens", "words").err
    missing = cli(*plan, "--data", "none.tsv")
    assert (missing.code, missing.err.splitlines()[-1]) == (
        2,
        "embbench: labelled none.tsv: No such file or directory; give a readable text file: --tokens labelled:FILE "
        "(commas separate values, so a file name cannot have commas)",
    )
