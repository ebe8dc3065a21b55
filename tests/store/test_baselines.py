"""One current baseline for each machine and suite, and only what a gate may rest on."""

import msgspec
import pytest

from embbench.cases.protocol import PRESETS
from embbench.errors import FileError
from embbench.store.baselines import check, find, place, promote, protocol_of
from embbench.store.journal import read_rounds
from embbench.store.round import Audit, Code, Loaded, Warning_, encode
from tests.made_up import MACHINE, case, failed, measured

STEPS = [0.1, 0.101, 0.099]


def write(path, rounds):
    path.write_bytes(b"".join(map(encode, rounds)))
    return path


def test_the_newer_one_takes_the_place_of_the_older(tmp_path):
    first = write(tmp_path / "one.jsonl", measured(case(), STEPS))
    second = write(tmp_path / "two.jsonl", measured(case(), [0.2, 0.201]))
    path = place("0a1b2c3d", "embedding-scaling", tmp_path)
    assert promote(first, tmp_path) == (path, 3)
    assert promote(second, tmp_path) == (path, 2)
    assert read_rounds([path])[0] == measured(case(), [0.2, 0.201])
    assert list(path.parent.iterdir()) == [path]


def test_a_case_that_fails_here_may_be_part_of_a_baseline(tmp_path):
    rounds = [*measured(case(), STEPS), failed(case("frozen"), "oom_host", "needs 9 GB")]
    assert promote(write(tmp_path / "one.jsonl", rounds), tmp_path)[1] == 4


def edited(rounds):
    """Of which the last one loaded another content of a module."""
    digests = ["aaa"] * (len(rounds) - 1) + ["bbb"]
    loaded = (Loaded({"helper": Code("helper.py", each)}) for each in digests)
    return [msgspec.structs.replace(line, loaded=each) for line, each in zip(rounds, loaded, strict=True)]


ELSEWHERE = {**MACHINE, "fingerprint": "ffffffff"}


def test_a_contender_that_only_steps_may_have_a_baseline(tmp_path):
    warnings = (Warning_("unproven", "this contender has no loss"),)
    rounds = measured(case(), STEPS, audit=None, warnings=warnings)
    assert promote(write(tmp_path / "steps.jsonl", rounds), tmp_path)[0].exists()


@pytest.mark.parametrize(
    ("rounds", "told"),
    [
        (measured(case(), STEPS) + measured(case("frozen"), STEPS, machine=ELSEWHERE), "one machine; this file has 0a"),
        (measured(case(), STEPS) + measured(case("frozen"), STEPS, suite="x"), "one suite; this file has embedding-"),
        ([*measured(case(), STEPS), failed(case("frozen"), "interrupted", "by the user")], "was interrupted"),
        (measured(case(), STEPS, audit=None), "no passed audit"),
        (measured(case(), STEPS, audit=Audit("dense", False, 1.0, 3, "rows differ")), "no passed audit"),
        (measured(case(), STEPS, status="invalid", reason="rows differ"), "is invalid: rows differ"),
        (measured(case(), STEPS) + measured(case(), STEPS[:1]), "round 1 of .* comes twice"),
        (
            measured(case(), STEPS[:1]),
            "pytorch trainable default adam vocab=200k: one round gives no interval; measure it with --rounds 7",
        ),
        ([failed(case("frozen"), "oom_host", "needs 9 GB")], "no case has a number"),
        (edited(measured(case(), STEPS)), "was measured with helper aaa and with bbb, which do not mix"),
        (measured(case(), STEPS) + measured(case("frozen"), STEPS, protocol=PRESETS["thorough"]), "2 protocols"),
    ],
)
def test_what_no_gate_may_rest_on_is_refused_and_changes_nothing(tmp_path, rounds, told):
    good = write(tmp_path / "good.jsonl", measured(case(), STEPS))
    path, _ = promote(good, tmp_path)
    before = path.read_bytes()
    with pytest.raises(FileError, match=told):
        promote(write(tmp_path / "bad.jsonl", rounds), tmp_path)
    assert path.read_bytes() == before


NO_NAMES = ["../../../up", "/tmp/x", "a/b", "a\\b", ".", "..", "a\x1b[2Jb", "a\0b", "n" * 101, "\u4e00" * 100]


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("of", ["machine", "suite"])
def test_a_results_file_does_not_say_where_its_baseline_is_written(tmp_path, name, of):
    given = {"suite": name} if of == "suite" else {"machine": {**MACHINE, "fingerprint": name}}
    directory = tmp_path / "deep" / "er" / "baselines"
    with pytest.raises(FileError, match=f"^{of} '.*: no name for a file under"):
        promote(write(tmp_path / "one.jsonl", measured(case(), STEPS, **given)), directory)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["one.jsonl"]


@pytest.mark.parametrize("suite", ["[ab]", "*", "a?"])
def test_a_suite_is_found_by_its_name_and_not_by_a_pattern(tmp_path, suite):
    other = write(tmp_path / "other.jsonl", measured(case(), STEPS, suite="a"))
    promote(other, tmp_path / "kept")
    own, _ = promote(write(tmp_path / "own.jsonl", measured(case(), STEPS, suite=suite)), tmp_path / "kept")
    now = {**MACHINE, "fingerprint": "99999999", "id": "aaaaaaaa"}
    assert find(now, suite, tmp_path / "kept") == own
    own.unlink()
    assert find(now, suite, tmp_path / "kept") == place("99999999", suite, tmp_path / "kept")


def test_more_rounds_asked_for_later_are_the_same_protocol():
    few, more = (msgspec.structs.replace(PRESETS["standard"], rounds=number) for number in (3, 5))
    rounds = measured(case(), STEPS, protocol=few)
    rounds += [msgspec.structs.replace(line, round=line.round + 3, protocol=more) for line in rounds[:2]]
    check(rounds, "here")
    assert protocol_of(rounds, "here") == more


def test_a_baseline_is_found_on_its_machine_on_a_twin_and_under_the_name_of_an_earlier_embbench(tmp_path):
    told = {**MACHINE, "id": "aaaaaaaa", "boot": "b", "quota": None, "limit": None}
    now = {**told, "fingerprint": "99999999"}
    wanted = place("99999999", "embedding-scaling", tmp_path)
    assert find(now, "embedding-scaling", tmp_path) == wanted  # where it would be
    old, _ = promote(write(tmp_path / "old.jsonl", measured(case(), STEPS)), tmp_path)
    assert find(now, "embedding-scaling", tmp_path) == old
    assert find({**now, "cpu": "Other"}, "embedding-scaling", tmp_path) == wanted
    promote(write(tmp_path / "new.jsonl", measured(case(), STEPS, machine=now)), tmp_path)
    assert find({**now, "id": "bbbbbbbb"}, "embedding-scaling", tmp_path) == wanted
