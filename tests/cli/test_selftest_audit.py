"""`selftest --audit` with real workers of the NumPy contender, and what it refuses before any is started."""

import json

import pytest

from embbench.cli import main
from embbench.cli.selftest_audit import summary, tryout_document
from embbench.launch.tryout import Tryout
from embbench.report import write

CAUGHT = Tryout("a", "Lies.", False, "numpy", "caught", "row 3 is off")
WARNED = Tryout("d", "Keeps memory.", False, "numpy", "warned", "memory-grows")
PASSED = Tryout("a", "Lies.", False, "pytorch", "passed")
ABSENT = Tryout("b", "Lies more.", False, "numpy", "absent", "update=x: nobody wrote it")
REFUSED = Tryout("c", "Is odd.", True, "numpy", "refused", "row 4 is off")


@pytest.fixture
def selftest(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*flags):
        """(exit code, stdout, stderr)"""
        return main(["selftest", *flags]), *capsys.readouterr()

    return run


def test_lies_are_caught_and_the_honest_accepted_by_real_workers(selftest):
    names = "wrong-rate,second-moment-stays,works-when-read,as-it-is,fused"
    code, out, err = selftest("--audit", "--contender", "numpy", "--program", names, "--format", "json")
    assert code == 0, err
    told = {each["program"]: (each["verdict"], each["text"]) for each in json.loads(out)["tried"]}
    assert {name: verdict for name, (verdict, _) in told.items()} == {
        "wrong-rate": "caught",
        "second-moment-stays": "caught",
        "works-when-read": "caught",
        "as-it-is": "accepted",
        "fused": "absent",
    }
    assert "the oracle has" in told["wrong-rate"][1]
    assert "the fence does not" in told["works-when-read"][1]
    assert "[5/5] numpy fused: absent" in err


def test_a_lie_that_passes_ends_with_4_and_is_named(selftest, monkeypatch):
    monkeypatch.setattr("embbench.launch.tryout.carry_out", lambda *asked: iter([CAUGHT, PASSED, REFUSED]))
    code, out, _ = selftest("--audit", "--contender", "numpy")
    assert code == 4
    assert "! pytorch a: passed. Lies." in out
    assert "! numpy c: refused. Is odd. row 4 is off" in out


def test_the_table_has_a_row_for_each_program_and_a_column_for_each_contender():
    lines = write(tryout_document([CAUGHT, PASSED, ABSENT, REFUSED]), "text").splitlines()
    assert lines[0].split() == ["lies", "numpy", "pytorch", "finding"]
    assert lines[1].split() == ["a", "✓", "caught", "PASSED", "row", "3", "is", "off"]
    assert lines[2].split() == ["b", "–", "–"]
    assert lines[5].split() == ["c", "REFUSED", "–", "Is", "odd."]


def test_a_long_finding_takes_no_room_from_the_verdicts():
    long = Tryout("keeps-memory-each-step", "Lies.", False, "pytorch", "caught", "row 3 is off; " * 20)
    lines = write(tryout_document([long]), "text", 80).splitlines()
    assert lines[1].startswith("keeps-memory-each-step  ✓ caught")
    assert max(map(len, lines)) <= 80


def test_a_lie_that_a_warning_names_is_warned():
    lines = write(tryout_document([WARNED]), "text").splitlines()
    assert lines[1].split() == ["d", "✓", "warned", "memory-grows"]
    assert lines[-1] == "1 lies, 1 rounds: 1 warned."


def test_absent_programs_are_not_counted():
    assert summary([CAUGHT, PASSED, ABSENT])[0] == "1 lies, 2 rounds: 1 caught, 1 passed."


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--audit", "--program", "wrong-rat"), "did you mean 'wrong-rate'?"),
        (("--audit", "--contender", "nump"), "did you mean 'numpy'?"),
        (("--audit", "--vocab", "1k,2k"), "--vocab: the audit has a single case; give a single value, not 2"),
        (("--audit", "--out", "x"), "--out: --audit has its own rounds and saves none"),
        (("--program", "wrong-rate"), "--program names programs for --audit"),
    ],
)
def test_what_makes_no_sense_is_one_line(selftest, flags, told):
    code, out, err = selftest(*flags)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
