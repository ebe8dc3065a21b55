"""`--within` from the shell's side: a run that ends by its time or when it is sharp, and who does without."""

import json
import re

import msgspec
import pytest
from small_runs import SMALL

from embbench.cases.plan import make_plan
from embbench.cases.protocol import PRESETS
from embbench.cases.suite import View, load_suite
from embbench.cli.gate_file import _as_measured
from embbench.cli.next_rounds import Sharpening
from embbench.contenders import discover
from embbench.launch.origin import Origin
from embbench.launch.runner import Outcome, Work
from embbench.store.journal import read_rounds
from tests.made_up import case, measured

NUMPY = ("--contender", "numpy", "--vocab", "1k", "--update", "default", "--dim", "8", "--hidden", "8", "--batch", "8")
VERDICT = re.compile(
    r"embbench: (every time is known to ±30% and every ratio to ±15%, after \d+ s"
    r"|after (20 s|8 s|4 s), not yet known to ±30% of a time and ±15% of a ratio: .*; repeat the command with --within "
    r"(40s|16s|8s) to continue)$",
    re.MULTILINE,
)
STEADY = [0.100, 0.101, 0.099]


def outcome(*rounds, seconds=190.0):
    return Outcome(tuple(line for lines in rounds for line in lines), 1, False, (), seconds)


def sharpening(*cases):
    return Sharpening(View(), cases)


def test_a_real_run_ends_by_its_time_or_when_it_is_sharp(real, tmp_path):
    code, out, err = real("run", *NUMPY, "--budget", "0.1", "--within", "20s", "--out", "r.jsonl")
    rounds = read_rounds([tmp_path / "r.jsonl"])[0]
    assert code == 0, err
    assert "step_time" in out
    assert re.search(r"^\[1\] numpy .* · round 1 · about \d+ s left$", err, re.MULTILINE)
    assert VERDICT.search(err)
    counts = [sum(line.case.table == table for line in rounds) for table in ("frozen", "trainable")]
    assert min(counts) >= 2
    assert {line.protocol.within for line in rounds} == {20.0}
    assert sum(line.conditions["round_seconds"] for line in rounds) <= 25


def test_the_same_command_with_more_time_goes_on_in_the_same_file(cli, tmp_path):
    arguments = ("run", *SMALL, "--vocab", "1000,2000", "--out", "r.jsonl")
    first = cli(*arguments, "--within", "4s")
    before = read_rounds([tmp_path / "r.jsonl"])[0]
    assert (first.code, bool(VERDICT.search(first.err))) == (0, True)
    second = cli(*arguments, "--within", "8s")
    assert second.code == 0, second.err
    after = read_rounds([tmp_path / "r.jsonl"])[0]
    assert after[: len(before)] == before
    assert len({line.run for line in after}) == 1
    fixed = cli(*arguments, "--rounds", "1")
    assert fixed.err == "embbench: nothing was run: r.jsonl has all rounds; --fresh starts a new file\n"


def test_the_plan_says_what_the_time_means(cli):
    ran = cli("plan", *SMALL, "--vocab", "1000,2000")
    assert ran.out.count(" 2 or more ") == 2
    assert ran.out.splitlines()[-1].startswith("2 of 2 cases in 4 or more rounds (preset standard), in 4 min. Passes")
    short = cli("plan", *SMALL, "--vocab", "1000,2000", "--within", "1")
    assert short.out.count(" 1 or more ") == 2
    assert "2 of 2 cases in 2 or more rounds (preset standard), about " in short.out
    assert ": a first round of all cases takes longer than 1 s. Passes" in short.out
    told = json.loads(cli("plan", *SMALL, "--vocab", "1000", "--within", "2m", "--format", "json").out)
    assert (told["seconds"], told["protocol"]["within"], told["protocol"]["rounds"]) == (120.0, 120.0, 2)
    assert "or more" not in cli("plan", *SMALL, "--rounds", "3").out


@pytest.mark.parametrize("verb", ["ab", "gate", "explain"])
def test_who_cannot_spend_a_time_has_no_such_flag(cli, verb):
    ran = cli(verb, "--within", "4m")
    assert (ran.code, ran.out) == (2, "")
    assert "--within" in ran.err


def test_what_is_no_time_is_one_line(cli):
    ran = cli("run", "--within", "4 moons")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "'4 moons' is not a time; write for example 240, 90s, 4m or 1.5h" in ran.err


def test_a_gate_measures_as_many_rounds_as_the_case_with_the_fewest_has_in_its_baseline(tmp_path):
    contenders = discover()
    plan = make_plan(load_suite("embedding-scaling"), {}, {}).resolve(2)
    work = Work("run", plan, {"pytorch": contenders["pytorch"]}, Origin({}, {}))
    paced = msgspec.structs.replace(PRESETS["standard"], within=240.0, rounds=2)
    base = measured(case(), STEADY, protocol=paced) + measured(case("frozen"), [0.02] * 5, protocol=paced)
    protocol = _as_measured(work, base, tmp_path, {"timeout": None}).plan.protocol
    assert protocol == msgspec.structs.replace(PRESETS["standard"], rounds=3)
    fixed = measured(case(), STEADY, protocol=PRESETS["thorough"])
    assert _as_measured(work, fixed, tmp_path, {"timeout": None}).plan.protocol == PRESETS["thorough"]


def test_the_verdict_of_what_is_sharp():
    sharp = outcome(measured(case(), STEADY), measured(case("frozen"), STEADY))
    told = sharpening(case(), case("frozen")).verdict(sharp, 240.0)
    assert told == "every time is known to ±30% and every ratio to ±15%, after 3 min 10 s"


def test_the_verdict_names_the_three_widest_and_how_to_go_on():
    rounds = [measured(case(update=update), [0.1, 0.2, 0.14]) for update in ("default", "fused", "sparse")]
    told = sharpening().verdict(outcome(*rounds, measured(case("frozen"), [0.3, 0.1, 0.2])), 240.0)
    start, _, named = told.partition(": ")
    assert start == "after 4 min, not yet known to ±30% of a time and ±15% of a ratio"
    assert re.fullmatch(
        r"ratio of trainable fused ±100% or more, (.*), (.*), and \d more; "
        "repeat the command with --within 8m to continue",
        named,
    )


def test_the_verdict_of_single_rounds_and_of_nothing():
    told = sharpening().verdict(outcome(measured(case(), [0.1]), measured(case("frozen"), [0.1])), 7.5)
    assert "trainable default from a single round" in told
    assert told.endswith("--within 15s to continue")
    assert sharpening().verdict(outcome(), 240.0) == ""


def test_so_far_counts_what_is_sharp_and_names_the_widest():
    lines = [*measured(case(), STEADY), *measured(case("frozen"), STEADY), *measured(case(update="sparse"), [0.1, 0.4])]
    told = sharpening().so_far(lines)
    assert re.fullmatch(
        r"2 of 3 times within ±30%, 1 of 2 ratios within ±15%; widest: ratio of trainable sparse ±.*", told
    )
    assert sharpening().so_far([]) == ""
