"""The verb `gate`: never a pass where nothing is shown, and reports whatever comes out."""

import json
import sys
import xml.etree.ElementTree as ElementTree

import msgspec
import pytest

from embbench.cases.protocol import PRESETS
from embbench.cli.ab_plan import SideFlags
from embbench.cli.ab_session import across
from embbench.store.journal import read_rounds
from embbench.store.round import encode
from tests.made_up import MACHINE, SOFTWARE, case, failed, measured

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]
SLOWER = [1.2 * value for value in STEPS]
NOISY = [0.08, 0.12, 0.1, 0.09, 0.11]
BASE = measured(case(), STEPS)
TWIN = {**MACHINE, "id": "bbbbbbbb", "boot": "b", "quota": None, "limit": None}
ON_ONE = measured(case(), STEPS, machine={**TWIN, "id": "aaaaaaaa", "boot": "a"})
BACKWARDS = [0.1, -0.1, 0.1001, 0.0999, 0.1002]


@pytest.fixture
def gate(cli, tmp_path):
    def run(base, candidate, *flags):
        for name, rounds in (("base", base), ("candidate", candidate)):
            data = rounds if isinstance(rounds, bytes) else b"".join(map(encode, rounds))
            (tmp_path / f"{name}.jsonl").write_bytes(data)
        files = ("--baseline", "base.jsonl", "--candidate", "candidate.jsonl", "--reports", "reports")
        return cli("gate", *files, *flags)

    return run


def new(steps, **fields):
    return measured(case(), steps, run="b", **fields)


def other_schema():
    return encode(BASE[0]).replace(b'"schema":1', b'"schema":9')


@pytest.mark.parametrize(
    ("base", "candidate", "flags", "code", "told"),
    [
        (BASE, new(STEPS), (), 0, "passed"),
        (BASE, new(SLOWER), (), 1, "regression"),
        (BASE, new(SLOWER), ("--threshold", "step_time=30%"), 0, "passed"),
        (BASE, new(NOISY), (), 0, "did not fail, but some comparisons are undecided"),
        (BASE, new(NOISY), ("--strict",), 3, "inconclusive"),
        (BASE, [failed(case(), "crash", "signal 11", number) for number in range(5)], (), 4, "signal 11"),
        (BASE, new(STEPS, machine={**MACHINE, "fingerprint": "ffffffff"}), (), 5, "different machines"),
        (ON_ONE, new(SLOWER, machine=TWIN), ("--metric", "step_time"), 5, "two machines of one kind"),
        (ON_ONE, new(SLOWER, machine=TWIN), ("--across", "twin"), 1, "regression"),
        (BASE, new(STEPS, software={**SOFTWARE, "torch": "2.14.0"}), (), 5, "different versions"),
        (BASE, new(NOISY, machine={**MACHINE, "fingerprint": "ffffffff"}), (), 5, "different machines"),
        (BASE, new(NOISY, software={**SOFTWARE, "torch": "2.14.0"}), (), 5, "different versions"),
        (BASE, [*new(SLOWER), failed(case(), "crash", "signal 11", 5, run="b")], (), 1, "regression"),
        (BASE, BASE, (), 2, "holds rounds of the baseline"),
        (BASE, new(STEPS, protocol=PRESETS["thorough"]), (), 5, "different protocols"),
        (BASE, measured(case("frozen"), STEPS, run="b"), (), 5, "removed"),
        (BASE, new([0.1] * 5), ("--metric", "step_time"), 5, "no clock measures that"),
        (BASE, new(BACKWARDS), ("--metric", "step_time"), 5, "the clock went back"),
        (BASE, new(STEPS), ("--metric", "phase_update"), 2, "no round has phase_update"),
        (BASE, new(STEPS), ("--metric", "update_cost"), 2, "needs two cases, so no round has it"),
        (b"", new(STEPS), (), 2, "no rounds in it"),
        (other_schema(), new(STEPS), (), 2, "schema 9"),
        (BASE + BASE[:1], new(STEPS), (), 2, "comes twice"),
    ],
)
def test_verdicts_codes_and_reports(gate, tmp_path, base, candidate, flags, code, told):
    ran = gate(base, candidate, *flags)
    assert ran.code == code, ran.err
    reports = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "reports").iterdir()}
    assert set(reports) == {"summary.md", "comment.md", "junit.xml", "gate.json", "report.html"}
    assert told in " ".join((reports["summary.md"] + ran.out + ran.err).split())
    decided = json.loads(reports["gate.json"])
    assert decided["exit_code"] == code
    assert (decided["meaning"] == "passed") == (told == "passed")
    bad = [case for case in ElementTree.fromstring(reports["junit.xml"]) if len(case)]
    assert bool(bad) == (told != "passed")


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (ZeroDivisionError("none"), 70, "decided nothing: embbench itself has a fault"),
        (OSError(28, "No space left on device", "x.jsonl"), 2, "No space left on device"),
        (KeyboardInterrupt(), 130, "was interrupted"),
    ],
)
def test_what_nobody_foresaw_leaves_no_report_of_an_earlier_gate(gate, tmp_path, monkeypatch, raised, code, told):
    assert gate(BASE, new(STEPS)).code == 0

    def gate_against_file(*_):
        raise raised

    monkeypatch.setattr("embbench.cli.gate_file.gate_against_file", gate_against_file)
    assert gate(BASE, new(STEPS)).code == code
    assert json.loads((tmp_path / "reports" / "gate.json").read_text())["exit_code"] == code
    for name in ("summary.md", "comment.md"):
        assert told in (tmp_path / "reports" / name).read_text()
    suite = ElementTree.parse(tmp_path / "reports" / "junit.xml").getroot()
    assert (suite.get("errors"), suite.get("tests")) == ("1", "1")


def test_a_github_job_gets_its_summary_and_annotations(gate, tmp_path, monkeypatch):
    summary = tmp_path / "github-summary.md"
    summary.write_text("of another step\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ran = gate(BASE, new(SLOWER), "--format", "json", "--name", "scaling")
    assert summary.read_text(encoding="utf-8").startswith("of another step\n### embbench gate scaling failed")
    assert any(line.startswith("::error title=pytorch") for line in ran.err.splitlines())
    assert json.loads(ran.out)["comparisons"][0]["verdict"] == "regression"


def test_the_thresholds_of_the_suite_hold_unless_the_flag_says_otherwise(gate, tmp_path):
    suite = tmp_path / "mine.toml"
    suite.write_text('[gate]\nstep_time = "30%"\n', encoding="utf-8")
    flags = ("--suite", str(suite))
    assert gate(BASE, new(SLOWER), *flags).code == 0
    assert gate(BASE, new(SLOWER), *flags, "--threshold", "step_time=5%").code == 1
    assert "host_peak" not in gate(BASE, new(SLOWER), *flags).out


SMALL = ("--contender", "numpy", "--vocab", "1k", "--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "4")


def test_measured_now_against_the_baseline_of_this_machine(real, tmp_path):
    suite = tmp_path / "small.toml"
    suite.write_text('title = "small"\n[gate]\nhost_peak = "50%"\n', encoding="utf-8")
    flags = ("--suite", str(suite), *SMALL)
    code, _, err = real("gate", *flags)
    assert code == 5
    assert f"this machine has no baseline of the suite {suite}; measure one: embbench run --suite {suite}" in err

    assert real("run", *flags, "--preset", "quick", "--rounds", "3", "--out", "new.jsonl")[0] == 0
    code, out, _ = real("baseline", "promote", "new.jsonl")
    assert code == 0
    assert out.endswith("/small.jsonl: 3 rounds; commit this file\n")
    code, out, err = real("gate", *flags, "--out", "again.jsonl")
    assert (code, "passed" in err) == (0, True), err
    assert (tmp_path / "results/local/gate/small/gate.json").exists()
    again = read_rounds([tmp_path / "again.jsonl"])[0]
    assert [line.protocol.preset for line in again] == ["quick"] * 3


def test_a_baseline_of_several_protocols_says_which_is_wrong(gate, cli):
    mixed = [*BASE, msgspec.structs.replace(BASE[0], round=7, protocol=PRESETS["thorough"])]
    gate(mixed, BASE)
    ran = cli("gate", "--baseline", "base.jsonl")
    assert ran.code == 2
    assert "2 protocols" in ran.err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--baseline", "x", "--budget", "5"), "--budget is for two sides that alternate"),
        (
            ("--head-update", "sparse", "--baseline", "x"),
            "--baseline and --candidate cannot be combined with two sides",
        ),
        (("--baseline", "missing.jsonl"), "missing.jsonl: no such file"),
        (("--suite", "framework"), "did you mean 'frameworks'"),
        (("--metric", "step_tim"), "did you mean 'step_time'"),
        (("--format", "jsn"), "did you mean 'json'"),
    ],
)
def test_what_makes_no_sense_is_one_line(cli, flags, told):
    ran = cli("gate", *flags)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_reports_that_cannot_be_written_are_said_before_anything_is_measured(gate, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = gate(BASE, new(STEPS), "--reports", "file/below")
    assert (ran.code, ran.out) == (2, "")
    assert "name another place: --reports DIRECTORY" in ran.err


def test_a_summary_that_cannot_be_written_changes_no_verdict(gate, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    ran = gate(BASE, new(SLOWER))
    assert ran.code == 1
    assert "warning: GITHUB_STEP_SUMMARY" in ran.err


def test_a_baseline_is_never_written_to(gate, cli):
    gate(BASE, BASE)
    ran = cli("gate", "--baseline", "base.jsonl", "--out", "base.jsonl")
    assert ran.code == 2
    assert "--out base.jsonl is the baseline itself" in ran.err


def test_nothing_is_measured_for_a_baseline_of_other_cases(gate, cli):
    gate(BASE, BASE)
    ran = cli("gate", "--baseline", "base.jsonl", "--suite", "ci")
    assert ran.code == 5
    assert "the baseline has none of the chosen cases" in ran.err


def test_two_files_of_one_name_are_two_versions():
    before, after = (SideFlags(side, None, f"./{side}/model.py") for side in ("base", "head"))
    assert across(before, after) == ""
    assert across(before, SideFlags("head", None, "./other.py")) == "class"
    assert across(before, SideFlags("head", None, "./base/model.py", "sparse")) == "class"


def test_two_environments_alternating(real, tmp_path):
    memory = ("--metric", "host_peak", "--threshold", "host_peak=50%", "--reports", "reports")
    code, _, err = real("gate", *SMALL, "--base-python", sys.executable, *memory)
    assert code == 0, err
    assert "passed" in (tmp_path / "reports/summary.md").read_text(encoding="utf-8")
