"""The verb `selftest` with real workers, and what it refuses before any is started."""

import json

import pytest

from embbench.ab.session import SessionOutcome
from embbench.analysis.compare.comparison import Comparison, Evidence, SideValues
from embbench.cli import main
from tests.made_up import case

TINY = ("--vocab", "300", "--dim", "4", "--hidden", "4", "--batch", "4", "--seq", "4", "--contender", "numpy")


@pytest.fixture
def selftest(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*flags):
        """(exit code, stdout, stderr)"""
        return main(["selftest", *flags]), *capsys.readouterr()

    return run


def test_it_tells_rates_and_the_smallest_slowdown_and_goes_on_with_what_is_saved(selftest):
    coarse = ("--threshold", "step_time=50%")  # few launches decide
    flags = (*TINY, "--comparisons", "1", "--slowdown", "900%", *coarse, "--budget", "600", "--out", "x")
    code, out, err = selftest(*flags)
    assert code == 0, err
    assert "called a regression: 1 of 1" in out
    assert "a gate here     detects a slowdown of " in out
    assert "A/A 1 · launch 1" in err

    code, again, err = selftest(*flags, "--format", "json")
    told = json.loads(again)
    assert code == 0
    assert "launch 1 ·" not in err
    assert told["trust"]["seen"]["center"] == 1.0
    assert told["about"]["slowdown"] == 9.0
    assert told["trust"]["alarms"]["n"] == 1


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--slowdown", "0.5%"), "--slowdown: 0.5% is not above the threshold of 1%"),
        (("--slowdown", "x"), "--slowdown: 'x' is no share"),
        (("--comparisons", "0"), "--comparisons: 0 is too few"),
        (("--budget", "-1"), "--budget: -1.0 is not a time"),
        (("--vocab", "1k,2k"), "a selftest has a single case, and the axes make 2"),
        (("--format", "csv"), "--format: unknown format 'csv'"),
    ],
)
def test_what_makes_no_sense_is_one_line(selftest, flags, told):
    code, out, err = selftest(*flags)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def compared(number, verdict):
    evidence = Evidence(0.5, 0.5, 0.5, 0.01, (0.5, 0.5, 0.5), 1)
    side = SideValues("ok", 9, (0.1,) * 9)
    return Comparison(
        name=f"A/A {number}", case_id="x", case=case(), metric="step_time", threshold=0.01, base=side, candidate=side,
        ratio=None, verdict=verdict, reason="", evidence=evidence,
    )  # fmt: skip


@pytest.mark.parametrize(("verdict", "expected"), [("same", 0), ("regression", 4), ("improvement", 4)])
def test_false_alarms_are_no_regression(selftest, monkeypatch, verdict, expected):
    """Exit code 1 means a regression of the user's programs, and nothing else."""
    finished = SessionOutcome(tuple(compared(number, verdict) for number in range(10)), False)
    monkeypatch.setattr("embbench.cli.selftest.measure", lambda *_: finished)
    monkeypatch.setattr("embbench.cli.selftest.read", lambda _: [])
    code, out, err = selftest(*TINY)
    assert code == expected, err
    assert f"called a change: {10 * (expected > 0)} of 10" in out
