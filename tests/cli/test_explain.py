"""The verb `explain`: its screen from files, and what it measures by itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import words_of

from embbench.cases.suite import load_suite, suite_path
from embbench.cli.explain import of_path
from embbench.host.machine import machine_facts, usable_cpus
from embbench.launch import machine_lock
from embbench.store.ceilings import Find, save_ceilings
from embbench.store.journal import read_rounds
from embbench.store.round import encode
from tests import made_up


def test_the_first_screen_says_what_why_and_what_instead(cli, saved):
    told = cli("explain", saved)
    assert len(told.out.splitlines()) <= 25
    text = words_of(told)
    assert "pytorch trainable default adam vocab=2M: a step takes 2.1 s and at most 6.54 GB of memory" in text
    assert "should read or write the table of 1.02 GB 19 times a step." in text
    assert re.search(r"The measured growth equals 20 \(\d+ to \d+\) such passes\.", text)
    assert re.search(r"2 \(\d to \d\) of them are page faults", text)
    assert "square root" not in text
    assert "fused=True" in text
    assert "×1.08" in text
    assert "not reached" in text
    assert "optimizer on the table" not in text


def test_what_explain_measures_by_itself_fits_on_25_lines(cli, tmp_path):
    """Also away from its ceilings: its rounds hold the speed of a pass, so that only the least time is missing."""
    committed = Path(__file__).parents[2] / "results" / "explain.jsonl"
    (tmp_path / "alone.jsonl").write_bytes(committed.read_bytes())
    for path, missing in ((str(committed), False), ("alone.jsonl", True)):
        told = cli("explain", path)
        assert told.code == 0, told.err
        assert len(told.out.splitlines()) <= 25
        assert "should read or write the table of 1.02 GB 19 times" in " ".join(told.out.split())
        details = " ".join(cli("explain", path, "--details").out.split())
        assert ("least time: embbench doctor --ceilings --device cpu --threads 2" in details) == missing


def test_what_ranks_cost_and_save_is_on_the_first_screen(cli):
    committed = Path(__file__).parents[2] / "results" / "ranks-epyc.jsonl"
    told = cli("explain", str(committed), "--contender", "dtensor", "--ranks", "2")
    assert len(told.out.splitlines()) <= 25
    assert {"ranks", "exchange", "imbalance"} <= {line.split()[0] for line in told.out.splitlines() if line.split()}


def test_the_details_have_parts_all_changes_and_claims(cli, saved):
    text = words_of(cli("explain", saved, "--details"))
    assert "nn.Embedding(V, D, sparse=True)" in text
    assert "optimizer on the table 1.6 s" in text
    assert "framework's profiler" not in text  # a single profile shows no difference
    assert "The case itself takes 208 steps." in text
    assert "only the rows of the batch should cost anything" in text
    assert "crosses" not in text
    assert text.startswith(words_of(cli("explain", saved)).partition(" grows ")[0])


def test_square_roots_that_take_longer_than_their_memory_are_told(cli, saved, tmp_path):
    rounds = made_up.sweep()
    for each in rounds:
        if each.case.update == "default":
            each.metrics["phase_square_root"] = made_up.values("phase_square_root", 7 * 512 * each.case.vocab / 10e9)
    path = tmp_path / "roots.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    told = " ".join(cli("explain", str(path)).out.split())
    assert re.search(r"5 \(\d to \d\) of them are square roots of optimizer state that is still zero\.", told)
    found = json.loads(cli("explain", str(path), "--advise-only").out)["passes"]
    assert found["roots"]["center"] == pytest.approx(5, rel=0.1)


def test_where_updates_cross_is_told(cli, tmp_path):
    rounds = []
    for vocab, share, sparse in ((1000, 0.5, 2.0), (10_000, 0.05, 0.5)):
        for update, seconds in (("default", 1.0), ("sparse", sparse)):
            lines = made_up.measured(
                made_up.case(update=update, vocab=vocab), [seconds, 1.01 * seconds, 0.99 * seconds]
            )
            for each in lines:
                each.metrics["unique_rows"] = made_up.values("unique_rows", share * vocab)
            rounds += lines
    path = tmp_path / "crossing.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    text = " ".join(cli("explain", str(path)).out.split())
    assert "crosses sparse is faster up to 0.05 of the rows touched, default from 0.5 on (2 cases)" in text
    (found,) = json.loads(cli("explain", str(path), "--advise-only").out)["crossovers"]
    assert (found["faster"], found["slower"]) == ([0.05, 0.05], [0.5, 0.5])
    text = " ".join(cli("explain", str(path), "--update", "sparse").out.split())
    assert "crosses sparse is faster up to 0.05 of the rows touched, default from 0.5 on (2 cases)" in text


def test_how_a_step_grows_with_other_sizes_is_told_where_most_of_them_are(cli, tmp_path):
    rounds = []
    for axes in ({"dim": 32}, {"dim": 64}, {"dim": 128}, {"dim": 64, "vocab": 1000}, {"dim": 128, "vocab": 1000}):
        case = made_up.case("frozen", **{"vocab": 500_000, **axes})
        rounds += made_up.measured(case, [0.01 + 1e-4 * case.dim])
    for batch in (16, 64):
        rounds += made_up.measured(made_up.case("frozen", vocab=500_000, batch=batch), [0.0128 + 0.01 * batch / 32])
    path = tmp_path / "sizes.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    text = " ".join(cli("explain", str(path)).out.split())
    assert "sizes A step grows with dim: 10 ms + 100 µs (100 µs to 100 µs) per column (3 sizes, 32 to 128;" in text
    assert "A step grows with batch: 13 ms + 310 µs (310 µs to 310 µs) per text of a batch (3 sizes, 16 to 64;" in text
    told = json.loads(cli("explain", str(path), "--advise-only").out)["step_time_along"]
    assert told["dim"]["values"] == [32, 64, 128]
    assert told["dim"]["slope"]["center"] == pytest.approx(1e-4)


def test_axes_name_the_case(cli, saved):
    told = json.loads(cli("explain", saved, "--update", "fused", "--advise-only").out)
    assert told["case"]["update"] == "fused"
    assert {each["what"] for each in told["missing"]} >= {"growth", "parts of a step"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ["--vocab", "3M", "--update", "default"],
            5,
            "no result has vocab 3M; the results have 200k, 500k, 1M, 1.5M, 2M; "
            "`embbench predict {file} --update default --vocab 3M` estimates it\n",
        ),
        (["--vocab", "1M,2M"], 2, "--vocab: explain takes a single case"),
        (["--updat", "fused"], 2, "--update"),
    ],
)
def test_what_cannot_be_explained_is_one_line(cli, saved, arguments, code, told):
    found = cli("explain", saved, *arguments)
    assert found.code == code
    assert told.format(file=saved) in found.err
    assert len(found.err.strip().splitlines()) == 1


def test_validation_holds_each_size_against_the_others(cli, saved):
    out = cli("explain", saved, "--validate").out
    assert out.count("%") == 15
    assert "step_time outside the kernel" in out
    assert "host_peak" in out
    values = json.loads(cli("explain", saved, "--validate", "--format", "json").out)
    assert [each["vocab"] for each in values["step_time"]] == [200_000, 500_000, 1_000_000, 1_500_000, 2_000_000]
    two = cli("explain", saved, "--update", "fused", "--validate").out
    assert "Validation needs three vocabularies" in two


def test_a_single_case_says_what_to_measure(cli, tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_bytes(b"".join(map(encode, made_up.measured(made_up.case(), [0.3]))))
    text = words_of(cli("explain", str(path)))
    assert "embbench run --contender pytorch --table trainable --update default --optimizer adam" in text
    assert "--vocab 20k,50k,100k,200k" in text
    assert "not measured" in words_of(cli("explain", str(path), "--details"))


def test_without_ceilings_the_screen_says_how_to_measure_them(cli, tmp_path, saved):
    """The same file gives the same answer from any directory: `saved` has its ceilings in a directory below."""
    elsewhere = tmp_path / "elsewhere" / "sweep.jsonl"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(Path(saved).read_bytes())
    (tmp_path / "results").rename(tmp_path / "elsewhere" / "results")
    text = words_of(cli("explain", str(elsewhere)))
    assert "should read or write the table" not in text
    assert (
        "to measure why it grows, and the least time: embbench doctor --ceilings --device cpu --threads 2, on the "
        "machine of these results" in text
    )
    (tmp_path / "elsewhere" / "results" / "ceilings").rename(tmp_path / "elsewhere" / "ceilings")
    text = words_of(cli("explain", str(elsewhere)))
    assert "should read or write the table of 1.02 GB 19 times a step." in text
    assert "to measure" not in text


def test_a_path_and_a_runtime_are_of_the_explained_case():
    """Alternatives stay as they are, and the frozen table is measured in the same runtime."""
    flags = {"table": ["hybrid"], "update": [], "runtime": ["retained"]}
    first, frozen, other, kept = load_suite("explain").blocks
    assert of_path(flags, first, explained=True) == {"table": ("hybrid",), "runtime": ("retained",)}
    assert of_path(flags, frozen, explained=False) == {"runtime": ("retained",)}
    assert of_path(flags, other, explained=False) == of_path(flags, kept, explained=False) == {}


def test_without_results_it_measures_takes_apart_and_explains(tmp_path, own_lock):
    """Real workers, the contender that needs no framework, ceilings that are known already; the suite, without
    training and without time for what follows the first round of each case.
    """
    text = suite_path("explain").read_text(encoding="utf-8")
    for old, new in (("\nwithin = 165 ", "\nbudget = 0.1\nwithin = 1 "), ("\ntraining = true\n", "\n")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "brief.toml").write_text(text, encoding="utf-8")
    machine = machine_facts()
    known = made_up.ceilings(machine=machine, threads=usable_cpus())
    save_ceilings(known, Find(machine["fingerprint"], "cpu", usable_cpus(), tmp_path / "results" / "ceilings"))
    small = ["--contender", "numpy", "--vocab", "40k", "--dim", "16", "--hidden", "8", "--batch", "8", "--seq", "8"]
    script = (
        "import sys, importlib, pathlib; importlib.import_module('embbench.cli.explain').SUITE = 'brief.toml';"
        f"importlib.import_module('embbench.launch.machine_lock').LOCK = pathlib.Path({str(machine_lock.LOCK)!r});"
        "from embbench.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", script, "explain", *small, "--out", "mine.jsonl"]
    ran = subprocess.run([*command, "--advise-only"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["case"]["vocab"] == 40_000
    measured = read_rounds([tmp_path / "mine.jsonl"])[0]
    assert told["phases"], [(line.case.vocab, line.status, line.reason, line.conditions) for line in measured]
    assert set(told["phases"]) >= {"lookup", "network, loss", "optimizer on the table", "missing"}
    assert told["passes"]["derived"] == 41
    assert {each["case"]["update"] for each in told["alternatives"]} == {"none", "sparse"}
    rounds = (tmp_path / "mine.jsonl").read_bytes()
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0
    assert "numpy trainable default adam vocab=40k: a step takes" in again.stdout
    assert (tmp_path / "mine.jsonl").read_bytes() == rounds  # nothing was measured twice
