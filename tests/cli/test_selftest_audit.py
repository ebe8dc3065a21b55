"""`selftest --audit` with real workers of the NumPy contender, and what it refuses before any is started."""

import json

import pytest

from embbench.cli import main
from embbench.store.tryout import Tryout

CAUGHT = Tryout("a", "Lies.", False, "numpy", "caught", "row 3 is off")
PASSED = Tryout("a", "Lies.", False, "pytorch", "passed")
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
