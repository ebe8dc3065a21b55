"""The verbs `explain` and `predict`: from files, and measured with a stub worker."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs

from embbench.analysis.collapse.collapse import collapse
from embbench.cases.declared import Declared
from embbench.cases.suite import load_suite, suite_path
from embbench.cli import declarations
from embbench.cli.explain import of_path
from embbench.contenders import discover
from embbench.host.machine import machine_facts, usable_cpus
from embbench.launch import machine_lock
from embbench.store.ceilings import Find, save_ceilings
from embbench.store.journal import read_rounds
from embbench.store.round import encode
from tests import made_up


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(b"".join(map(encode, made_up.sweep())))
    save_ceilings(made_up.ceilings(), Find("0a1b2c3d", "cpu", 2, tmp_path / "results" / "ceilings"))
    return str(path)


def words_of(told):
    assert told.code == 0, told.err
    return " ".join(told.out.split())


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


def test_the_details_have_parts_all_changes_and_claims(cli, saved):
    text = words_of(cli("explain", saved, "--details"))
    assert "nn.Embedding(V, D, sparse=True)" in text
    assert "optimizer on the table 1.6 s" in text
    assert "framework's profiler" not in text  # a single profile shows no difference
    assert "The case itself takes 208 steps." in text
    assert "only the rows of the batch should cost anything" in text
    assert "crosses" not in text
    assert text.startswith(words_of(cli("explain", saved)).partition(" grows ")[0])


DECLARED = Declared(semantic="dense", copies=5.0, passes=3.0, change="as it was then", packages=("torch",))


def carrying(tmp_path, declared, digest=None):
    """The sweep, saved; its lines carry `declared`, and their versions a contender's digest."""
    rounds = [
        structs.replace(
            each, declared=declared, software={**each.software, **({"contender": digest} if digest else {})}
        )
        for each in made_up.sweep()
    ]
    path = tmp_path / "carrying.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    return str(path)


def test_passes_and_changes_are_those_that_the_rounds_were_measured_by(cli, saved, tmp_path):
    path = carrying(tmp_path, DECLARED)
    text = words_of(cli("explain", path, "--details"))
    assert "should read or write the table of 1.02 GB 3 times a step." in text
    assert "as it was then" in text
    assert "fused=True" not in text
    assert "contender files" not in text
    told = json.loads(cli("explain", path, "--advise-only").out)
    assert (told["passes"]["derived"], told["declared"]) == (3.0, "rounds")
    assert {each["change"] for each in told["alternatives"]} == {"as it was then"}
    assert {each["declared"] for each in told["alternatives"]} == {"rounds"}


def test_of_older_rounds_it_is_said_that_today_s_files_tell_and_whether_they_are_the_same(cli, saved, tmp_path):
    digest = discover()["pytorch"].digest
    for given, source, words in (
        (digest, "same file", "come from today's contender files, which are the files of these rounds"),
        ("0123456789ab", "other file", "other files measured these rounds, so the values may be wrong"),
    ):
        path = carrying(tmp_path, None, given)
        text = words_of(cli("explain", path, "--details"))
        assert "should read or write the table of 1.02 GB 19 times a step." in text
        assert "declared passes and changes come from today's" in text
        assert words in text
        assert json.loads(cli("explain", path, "--advise-only").out)["declared"] == source


def test_of_a_contender_that_is_not_here_only_its_rounds_tell(cli, saved, tmp_path):
    for declared, source, derived in ((DECLARED, "rounds", 3.0), (None, "nothing", None)):
        rounds = [
            structs.replace(each, declared=declared, case=structs.replace(each.case, contender="gone"))
            for each in made_up.sweep()
        ]
        path = tmp_path / f"{source}.jsonl"
        path.write_bytes(b"".join(map(encode, rounds)))
        told = json.loads(cli("explain", str(path), "--advise-only").out)
        assert (told["declared"], told["passes"]["derived"]) == (source, derived)
        assert ("passes and changes are unknown" in words_of(cli("explain", str(path), "--details"))) is (
            source == "nothing"
        )


def test_rounds_of_a_contender_that_is_a_runtime_now_are_read_as_before(cli, saved, tmp_path):
    retained = structs.replace(made_up.case(), contender="pytorch_retained")
    rounds = [
        *(structs.replace(each, declared=None) for each in made_up.sweep()),
        *made_up.measured(structs.replace(retained, vocab=2_000_000), [0.5], suite="explain"),
    ]
    path = tmp_path / "former.jsonl"
    path.write_bytes(b"".join(map(encode, rounds)))
    told = json.loads(cli("explain", str(path), "--advise-only").out)
    (former,) = [each for each in told["alternatives"] if each["case"]["contender"] == "pytorch_retained"]
    assert former["case"]["runtime"] == "system", "as the line has it"
    assert former["declared"] == "other file"
    assert former["change"] == "MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=-1 in the environment, with glibc"


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


def test_every_common_claim_has_an_answer(cli, saved):
    found = json.loads(cli("explain", saved, "--advise-only").out)["claims"]
    assert [each["answer"] for each in found] == ["in part", "no", "no"]


def test_scripts_get_numbers(cli, saved):
    told = json.loads(cli("explain", saved, "--advise-only").out)
    assert told["step_time"]["center"] == pytest.approx(2.093, rel=0.01)
    assert told["passes"]["derived"] == 19
    assert told["alternatives"][0]["class"] == "frozen"
    assert [each["reaches_loss"] for each in told["alternatives"]] == [False, True, True, True]
    assert told["alternatives"][1]["times_as_many_steps"]["center"] == pytest.approx(225 / 208)
    assert told["alternatives"][1]["change"].startswith("rows, place = ids.unique")


def test_scripts_get_what_the_text_begins_with(cli, saved):
    told = json.loads(cli("explain", saved, "--advise-only").out)
    growth = told["growth"]
    assert (told["schema"], growth["grows"]) == (1, True)
    assert growth["values"] == [200_000, 500_000, 1_000_000, 1_500_000, 2_000_000]
    for part, unit in (("step_time", 1.04e-6), ("host_peak", 3072)):
        slope, constant = growth[part]["slope"], growth[part]["constant"]
        assert slope["center"] == pytest.approx(unit, rel=0.02)
        assert slope["low"] <= slope["center"] <= slope["high"]
        assert 0 <= constant["low"] <= constant["center"] <= constant["high"]
        assert 0 <= growth[part]["off_by"] < 0.05
    assert growth["break_even"] == pytest.approx(
        growth["step_time"]["constant"]["center"] / growth["step_time"]["slope"]["center"]
    )
    assert told["machine"] == made_up.MACHINE
    assert told["machines"] == [made_up.MACHINE]
    assert told["software"] == made_up.SOFTWARE
    assert told["measured"] == {"first": "2026-01-05T10:00:00Z", "last": "2026-01-05T10:00:00Z", "rounds": 5}


def test_a_case_of_one_size_has_no_growth(cli, saved):
    told = json.loads(cli("explain", saved, "--update", "fused", "--vocab", "2M", "--advise-only").out)
    assert (told["growth"], told["schema"]) == (None, 1)


@pytest.mark.parametrize("flags", [("--validate",), ("--plot", "time"), ("--plot", "phases"), ("--plot", "crossover")])
def test_every_json_has_its_schema(cli, saved, flags):
    told = json.loads(cli("explain", saved, *flags, "--format", "json").out)
    assert told["schema"] == 1


def test_a_map_is_a_list_of_cells_for_scripts(cli, saved):
    told = json.loads(cli("explain", saved, "--plot", "crossover", "--format", "json").out)
    places = {(cell["row"], cell["column"]) for cell in told["cells"]}
    assert places <= {(row, column) for row in range(len(told["rows"])) for column in range(len(told["columns"]))}
    assert [cell["kind"] for cell in told["cells"]] == ["compact"]


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("x.png", "text", "as text to .txt"),
        ("x.pdf", "md", "as Markdown to .md"),
        ("x.txt", "json", "as JSON to .json"),
    ],
)
def test_a_plot_is_not_written_into_a_file_of_another_kind(cli, saved, tmp_path, name, form, written):
    told = cli("explain", saved, "--plot", "time", "--format", form, "--output", str(tmp_path / name))
    assert (told.code, told.out) == (2, "")
    assert told.err.strip() == f"embbench: --output {tmp_path / name}: a plot is written as .svg, or {written}"
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("name", "form"), [("x.txt", "text"), ("x.TXT", "text"), ("x.md", "md"), ("x", "text")])
def test_a_plot_is_written_into_a_file_of_its_kind(cli, saved, tmp_path, name, form):
    told = cli("explain", saved, "--plot", "time", "--format", form, "--output", str(tmp_path / name))
    assert told.code == 0
    assert "step time" in (tmp_path / name).read_text(encoding="utf-8")


def test_the_suffix_of_a_picture_may_be_in_capitals(cli, saved, tmp_path):
    assert cli("explain", saved, "--plot", "time", "--output", str(tmp_path / "x.SVG")).code == 0
    assert "<svg" in (tmp_path / "x.SVG").read_text(encoding="utf-8")


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


@pytest.mark.parametrize(("package", "more"), [("plotille", []), ("matplotlib", ["--output", "time.svg"])])
def test_a_plot_without_its_package_is_one_line_with_the_install_command(cli, saved, monkeypatch, package, more):
    monkeypatch.setitem(sys.modules, package, None)
    told = cli("explain", saved, "--plot", "time", *more)
    line = f"embbench: --plot: {package} is not installed: pip install 'embbench[plots]'\n"
    assert (told.code, told.out, told.err) == (2, "", line)


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


def test_sizes_that_were_not_measured_are_predicted(cli, saved):
    told = cli("predict", saved, "--vocab", "20M", "--update", "default", "--format", "json")
    assert told.code == 0, told.err
    made = json.loads(told.out)
    (found,) = made["predictions"]
    assert made["schema"] == 1
    assert found["case"]["vocab"] == 20_000_000
    assert found["step_time"]["low"] < 21.0 < found["step_time"]["high"]
    assert found["host_peak"]["center"] == pytest.approx(4e8 + 3072 * 20e6, rel=0.01)
    assert found["needs"] == 64_000_000_000
    assert isinstance(found["fits"], bool)


def test_a_runtime_chooses_among_what_was_measured(cli, saved, tmp_path):
    retained = [structs.replace(each, case=structs.replace(each.case, runtime="retained")) for each in made_up.sweep()]
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join(map(encode, [*made_up.sweep(), *retained])))
    asked = ("predict", str(path), "--vocab", "20M", "--update", "default", "--format", "json")
    assert {each["case"]["runtime"] for each in json.loads(cli(*asked).out)["predictions"]} == {"system", "retained"}
    (found,) = json.loads(cli(*asked, "--runtime", "retained").out)["predictions"]
    assert found["case"]["runtime"] == "retained"
    assert cli(*asked, "--runtime", "hugepages").code == 5


def test_a_path_that_tells_too_little_says_so_beside_the_others(cli, saved):
    told = cli("predict", saved, "--vocab", "20M")
    assert told.code == 0
    text = " ".join(told.out.split())
    assert "from 5 sizes" in text or "5 sizes" in text
    assert "vocab was measured at 2M only" in text


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "name the sizes to predict"),
        (["--vocab", "20M", "--update", "sparse"], 5, "no case has a prediction"),
        (["--vocab", "20M", "--update", "nosuch"], 5, "no result has update=nosuch"),
        (["--vocab", "lots"], 2, "vocab"),
        (["--vocab", "20M", "--format", "xml"], 2, "--format"),
    ],
)
def test_what_cannot_be_predicted_is_one_line(cli, saved, arguments, code, told):
    found = cli("predict", saved, *arguments)
    assert found.code == code
    assert told in found.err
    assert len(found.err.strip().splitlines()) == 1


def test_every_file_that_a_change_of_committed_results_names_is_there():
    root = Path(__file__).parents[2]
    rounds, _ = read_rounds(sorted((root / "results").glob("*.jsonl")))
    texts = [known.change for each in collapse(rounds) if (known := declarations.declared(each)) is not None]
    named = {path for text in texts for path in re.findall(r"embbench/[\w/]+\.py", text)}
    assert {"embbench/engines/torch/tables.py", "embbench/engines/jax/steps.py"} <= named
    assert [path for path in sorted(named) if not (root / path).is_file()] == []


def test_a_path_and_a_runtime_are_of_the_explained_case():
    """Alternatives stay as they are, and the frozen table is measured in the same runtime."""
    flags = {"table": ["hybrid"], "update": [], "runtime": ["retained"]}
    first, frozen, other, kept = load_suite("explain").blocks
    assert of_path(flags, first, explained=True) == {"table": ("hybrid",), "runtime": ("retained",)}
    assert of_path(flags, frozen, explained=False) == {"runtime": ("retained",)}
    assert of_path(flags, other, explained=False) == of_path(flags, kept, explained=False) == {}


def test_without_results_it_measures_takes_apart_and_explains(tmp_path, own_lock):
    """Real workers, the contender that needs no framework, ceilings that are known already; the suite, with less time
    for what follows the first round of each case.
    """
    text = suite_path("explain").read_text(encoding="utf-8")
    assert text.count("\nwithin = 165 ") == 1
    (tmp_path / "brief.toml").write_text(text.replace("\nwithin = 165 ", "\nwithin = 10 "), encoding="utf-8")
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
    assert set(told["phases"]) >= {"lookup", "network, loss", "optimizer on the table", "missing"}
    assert told["passes"]["derived"] == 41
    assert {each["case"]["update"] for each in told["alternatives"]} == {"none", "sparse"}
    rounds = (tmp_path / "mine.jsonl").read_bytes()
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0
    assert "numpy trainable default adam vocab=40k: a step takes" in again.stdout
    assert (tmp_path / "mine.jsonl").read_bytes() == rounds  # nothing was measured twice
