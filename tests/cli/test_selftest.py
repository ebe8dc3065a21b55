"""The verb `selftest` with real workers, and what it refuses before any is started."""

import json

import pytest

from embbench.cli import main

TINY = ("--vocab", "300", "--dim", "4", "--hidden", "4", "--batch", "4", "--seq", "4", "--contender", "numpy")


@pytest.fixture
def selftest(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*flags):
        """(exit code, stdout, stderr)"""
        return main(["selftest", *flags]), *capsys.readouterr()

    return run


def test_it_tells_rates_and_the_smallest_slowdown_and_goes_on_with_what_is_saved(selftest):
    flags = (*TINY, "--comparisons", "1", "--slowdown", "900%", "--budget", "600", "--out", "x")
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
