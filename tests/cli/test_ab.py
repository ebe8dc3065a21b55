"""The verb `ab` with real workers of the smallest contender, and what it refuses before any is started."""

import re
import sys
from pathlib import Path

import pytest

from embbench.cli import main
from embbench.contenders import discover
from embbench.store.exchange import VERSION
from embbench.store.journal import read_rounds

ROOT = Path(__file__).parents[2]
SMALL = ("--contender", "numpy", "--vocab", "20k", "--dim", "16", "--hidden", "8", "--batch", "8", "--seq", "8")


@pytest.fixture
def ab(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")  # in 80 columns a wide interval breaks the name of a case

    def run(*flags):
        """(exit code, stdout, stderr)"""
        return main(["ab", *SMALL, *flags]), *capsys.readouterr()

    return run


def test_a_slower_head_is_a_regression_and_is_not_measured_twice(ab, tmp_path):
    flags = (
        "--base-update",
        "sparse",
        "--head-update",
        "default",
        "--metric",
        "step_time",
        "--out",
        "x",
        "--budget",
        "600",
    )
    code, out, err = ab(*flags)
    assert code == 1, err
    assert "numpy trainable sparse → default adam" in " ".join(out.split())
    assert "regression" in out
    sides = [read_rounds([tmp_path / f"x.{side}.jsonl"])[0] for side in ("base", "head")]
    assert [line.launch for line in sides[0]] == [line.launch for line in sides[1]]
    assert {line.case.update for line in sides[0]} == {"sparse"}

    code, again, err = ab(*flags)
    assert (code, again) == (1, out)
    assert "launch" not in err.replace("launches", "")
    assert len(read_rounds([tmp_path / "x.base.jsonl"])[0]) == len(sides[0])


def test_another_environment_is_asked_and_used_and_finds_the_users_own_contender(tmp_path, monkeypatch, capsys):
    """Of a built-in contender: `test_two_environments_alternating` of the gate."""
    monkeypatch.chdir(tmp_path)
    source = Path(discover()["numpy"].path).read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    small = ("--vocab", "1k", "--dim", "8", "--hidden", "8", "--batch", "4", "--seq", "4")
    flags = ("--base-python", sys.executable, "--metric", "host_peak", "--threshold", "host_peak=50%")
    code = main(["ab", "--contender", "./mine.py", *small, *flags])
    out, err = capsys.readouterr()
    assert code == 0, err
    assert "same" in out
    assert Path("results/local").is_dir()


def test_an_environment_without_embbench(ab, tmp_path):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    code, out, err = ab("--base-python", str(bare))
    assert (code, out) == (2, "")
    assert f"--base-python: {bare} has no embbench, or an embbench too old to take turns" in err
    assert err.count("\n") == 1
    assert re.search(landing_skips(), err)


def landing_skips() -> str:
    """The pattern by which the landing check knows that a commit cannot alternate with the one before."""
    (pattern,) = re.findall(r'grep -q "([^"]+)"', (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    return pattern.replace(r"\|", "|")


def test_an_environment_whose_embbench_takes_turns_in_another_way(ab, tmp_path):
    other = tmp_path / "python"
    other.write_text("""#!/bin/sh\nprintf '{"contenders": {}, "exchange": 0}'\n""", encoding="utf-8")
    other.chmod(0o755)
    code, out, err = ab("--base-python", str(other))
    assert (code, out) == (2, "")
    assert f"has exchange version 0, this embbench {VERSION}: install the same embbench in both" in err
    assert re.search(landing_skips(), err)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), "base and head are the same: name a difference"),
        (("--base-update", "sparse", "--head-update", "sparse"), "base and head are the same"),
        (("--base-python", "/no/python"), "--base-python: /no/python: No such file"),
        (("--base-python", "/bin/echo"), "--base-python: /bin/echo is not a Python with embbench"),
        (("--head-update", "spars"), "did you mean 'sparse'"),
        (("--head-update", "default,sparse"), "give a single update per side"),
        (("--head-runtime", "retaind"), "did you mean 'retained'"),
        (("--base-runtime", "system,retained"), "give a single runtime per side"),
        (("--base-runtime", "retained", "--head-runtime", "retained"), "base and head are the same"),
        (("--runtime", "retained", "--head-runtime", "system"), "--runtime and --head-runtime cannot be combined"),
        (("--update", "default", "--head-update", "sparse"), "--update and --head-update cannot be combined"),
        (("--head-update", "sparse", "--budget", "0"), "--budget"),
        (("--head-update", "sparse", "--threshold", "step_time=x"), "write 5% or 0.05"),
        (("--head-update", "sparse", "--metric", "step_tim"), "--metric: unknown metric 'step_tim': did you mean"),
        (("--head-update", "sparse", "--metric", "update_cost"), "--metric: update_cost needs two cases"),
        (("--head-update", "sparse", "--metric", "build_time"), "--metric: build_time needs a worker that runs alone"),
        (("--head-update", "sparse", "--metric", "unique_rows"), "--metric: unique_rows has no better direction"),
        (("--head-update", "sparse", "--format", "jsn"), "did you mean 'json'"),
    ],
)
def test_what_makes_no_sense_is_one_line(ab, flags, told):
    code, out, err = ab(*flags)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_launches_of_another_protocol_are_not_gone_on_with(ab):
    assert ab("--head-update", "sparse", "--budget", "1", "--out", "x")[0] in (0, 1)
    code, _, err = ab("--head-update", "sparse", "--budget", "1", "--out", "x", "--preset", "thorough")
    assert code == 2
    assert "name another file: --out NAME" in err
