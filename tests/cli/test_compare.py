"""The verb `compare`: two files in, verdicts on stdout, a code that a script can trust."""

import json

import msgspec
import pytest

from embbench.cli import main
from embbench.store.round import encode
from tests.made_up import MACHINE, case, failed, measured, values

STEPS = [0.1000, 0.1002, 0.0999, 0.1001, 0.1000]
SLOWER = [1.2 * value for value in STEPS]
NOISY = [0.08, 0.12, 0.1, 0.09, 0.11]


@pytest.fixture
def compared(tmp_path, capsys):
    def run(base, candidate, *flags):
        """(exit code, stdout, stderr)"""
        paths = []
        for name, rounds in (("base", base), ("candidate", candidate)):
            path = tmp_path / f"{name}.jsonl"
            path.write_bytes(b"".join(map(encode, rounds)))
            paths.append(str(path))
        code = main(["compare", *paths, *flags])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("candidate", "flags", "code", "verdict"),
    [
        (STEPS, (), 0, "same"),
        (STEPS, ("--strict",), 0, "same"),
        (SLOWER, (), 1, "regression"),
        (SLOWER, ("--threshold", "step_time=30%"), 0, "same"),
        (NOISY, (), 0, "inconclusive"),
        (NOISY, ("--strict",), 3, "inconclusive"),
    ],
)
def test_verdicts_and_codes(compared, candidate, flags, code, verdict):
    got, out, err = compared(measured(case(), STEPS), measured(case(), candidate, run="b"), *flags)
    assert got == code
    assert verdict in out
    assert err == ""


def test_the_suites_own_thresholds_hold_unless_a_flag_says_otherwise(compared):
    slower = [1.07 * value for value in STEPS]
    mine = case(vocab=20_000, dim=32, hidden=16, batch=8, seq=16)
    sides = measured(mine, STEPS, suite="ci"), measured(mine, slower, run="b", suite="ci")
    assert compared(*sides)[0] == 0  # its [gate] says 10 %
    assert compared(*sides, "--threshold", "step_time=5%")[0] == 1
    others = measured(case(), STEPS, suite="ci"), measured(case(), slower, run="b", suite="ci")
    assert compared(*others)[0] == 1  # of a suite of the user's that has the same name
    assert compared(*others, "--suite", "ci")[0] == 0


def test_a_case_that_broke_is_graver_than_a_regression(compared):
    base = [*measured(case(), STEPS), *measured(case("frozen"), STEPS)]
    candidate = [*measured(case(), SLOWER, run="b"), failed(case("frozen"), "crash", "signal 11")]
    code, out, _ = compared(base, candidate)
    assert code == 4
    assert "signal 11" in " ".join(out.split())


def test_another_machine_never_passes(compared):
    elsewhere = {**MACHINE, "cpu": "Other CPU", "fingerprint": "ffffffff"}
    code, out, _ = compared(measured(case(), STEPS), measured(case(), STEPS, run="b", machine=elsewhere))
    assert code == 5
    assert "cpu Example CPU @ 2.10GHz → Other CPU" in out


def test_bytes_are_compared_too(compared):
    code, out, _ = compared(measured(case(), STEPS), measured(case(), STEPS, 1.01e9, run="b"))
    assert code == 1
    assert "host_peak  threshold 0.5%" in out


@pytest.mark.parametrize(("device", "code"), [("cpu", 0), ("cuda", 1)])
def test_the_memory_of_a_gpu_is_compared_for_cases_on_it(compared, device, code):
    sides = []
    for run, peak in (("a", 1e9), ("b", 2e9)):
        rounds = measured(case(device=device), STEPS, run=run)
        peaks = {"device_step_peak": values("device_step_peak", peak)}
        sides.append([msgspec.structs.replace(line, metrics={**line.metrics, **peaks}) for line in rounds])
    got, out, _ = compared(*sides)
    assert got == code
    assert ("device_step_peak" in out) == (device == "cuda")


def test_a_filter_chooses_cases(compared):
    base = [*measured(case(), STEPS), *measured(case("frozen"), STEPS)]
    candidate = [*measured(case(), SLOWER, run="b"), *measured(case("frozen"), STEPS, run="b")]
    assert compared(base, candidate, "--filter", "table=frozen")[0] == 0
    assert compared(base, candidate)[0] == 1


def test_json_is_for_programs(compared):
    _, out, _ = compared(measured(case(), STEPS), measured(case(), SLOWER, run="b"), "--format", "json")
    told = json.loads(out)
    assert told["schema"] == 1
    assert {each["verdict"] for each in told["comparisons"]} == {"regression", "same"}


def test_a_decision_is_explained(compared):
    sides = measured(case(), STEPS), measured(case(), SLOWER, run="b")
    code, out, _ = compared(*sides, "--explain", "pytorch trainable default adam vocab=200k")
    assert code == 1
    assert "if the candidate were not slower by more than 5%" in " ".join(out.split())
    told = json.loads(compared(*sides, "--explain", sides[0][0].case_id, "--format", "json")[1])
    assert told["schema"] == 1
    assert [each["metric"] for each in told["comparisons"]] == ["step_time", "host_peak"]
    code, _, err = compared(*sides, "--explain", "pytorch trainable default adam vocab=200")
    assert code == 2
    assert "did you mean 'pytorch trainable default adam vocab=200k'" in err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--metric", "step_tme"), "did you mean 'step_time'"),
        (("--metric", "unique_rows"), "has no better direction"),
        (("--metric", ","), "name at least one"),
        (("--threshold", "build_time=5%"), "--metric step_time,host_peak,build_time"),
        (("--threshold", "step_time=much"), "write 5% or 0.05"),
        (("--across", "machine"), "unknown difference 'machine'"),
        (("--filter", "vocb>1"), "did you mean 'vocab'"),
        (("--format", "jsn"), "did you mean 'json'"),
    ],
)
def test_what_makes_no_sense_is_one_line(compared, flags, told):
    code, out, err = compared(measured(case(), STEPS), measured(case(), STEPS, run="b"), *flags)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1


def test_nothing_left_to_compare(compared):
    code, _, err = compared(measured(case(), STEPS), measured(case(), STEPS), "--filter", "vocab>1M")
    assert code == 5
    assert "no case passes" in err


def test_empty_missing_and_the_same_file(compared, tmp_path, capsys):
    assert compared([], measured(case(), STEPS))[0] == 2
    assert main(["compare", str(tmp_path / "base.jsonl"), str(tmp_path / "none.jsonl")]) == 2
    assert "no rounds in it" in capsys.readouterr().err
    assert compared(measured(case(), STEPS), measured(case(), STEPS))[0] == 0
    path = str(tmp_path / "base.jsonl")
    assert main(["compare", path, path]) == 2
    assert "same file" in capsys.readouterr().err


def test_a_line_of_another_schema_is_named(compared, tmp_path, capsys):
    compared(measured(case(), STEPS), measured(case(), STEPS))
    path = tmp_path / "base.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"schema":1', b'"schema":9', 1))
    assert main(["compare", str(path), str(tmp_path / "candidate.jsonl")]) == 2
    assert "line 1: schema 9, this embbench reads 1" in capsys.readouterr().err


def test_a_file_takes_the_answer(compared, tmp_path):
    output = tmp_path / "out.md"
    code, out, _ = compared(
        measured(case(), STEPS), measured(case(), SLOWER), "--format", "md", "--output", str(output)
    )
    assert (code, out) == (1, "")
    assert "regression" in output.read_text(encoding="utf-8")


def with_rate(factor, **fields):
    rounds = measured(case(), STEPS, **fields)
    for each, noise in zip(rounds, STEPS, strict=True):
        each.metrics["update_rate"] = values("update_rate", *[factor * 1e11 * noise] * 3)
    return rounds


@pytest.mark.parametrize(("factor", "code", "verdict"), [(0.8, 1, "1 regression"), (1.25, 0, "1 improvement")])
def test_a_lower_rate_is_the_worse_one(compared, factor, code, verdict):
    sides = with_rate(1.0), with_rate(factor, run="b")
    got, out, _ = compared(*sides, "--metric", "update_rate", "--threshold", "update_rate=5%")
    assert got == code
    assert verdict in out
    _, out, _ = compared(*sides, "--metric", "update_rate", "--explain", sides[0][0].case_id)
    assert "if the candidate were not lower by more than 5%" in out


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        ("update_cost", "needs two cases, so no round has it; `report` shows it; valid: step_time, "),
        ("multiplicity", "has no better direction"),
    ],
)
def test_a_metric_whose_change_is_not_judged_is_refused(compared, metric, told):
    for flags in (("--metric", metric), ("--threshold", f"{metric}=5%")):
        code, out, err = compared(measured(case(), STEPS), measured(case(), STEPS, run="b"), *flags)
        assert (code, out) == (2, "")
        assert f"{flags[0]}: {metric} {told}" in err
        assert err.count("\n") == 1


def test_a_time_in_the_kernel_is_held_to_the_share_of_a_time(compared):
    sides = measured(case(), STEPS), measured(case(), STEPS, run="b")
    for side, factor in zip(sides, (1.0, 1.02), strict=True):
        for each, noise in zip(side, STEPS, strict=True):
            each.metrics["kernel_time"] = values("kernel_time", factor * noise)
    assert compared(*sides, "--metric", "kernel_time", "--strict")[0] == 0
