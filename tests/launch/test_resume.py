"""Which file a run goes on with, and when it refuses to."""

from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest

from embbench.errors import FileError
from embbench.host.code import digest
from embbench.launch.resume import check_same, choose_file, renewed
from embbench.store.round import Code, Loaded, encode

DAY = "2026-03-01"


def test_names_and_the_newest_file_of_the_same_plan(tmp_path, plan):
    mine, other = plan(), plan(budget=3.0)

    def choose(fresh=False, day=DAY, of=mine):
        return choose_file(of, None, fresh, day, tmp_path).name

    first = f"2026-03-01-test-{mine.plan_id}.jsonl"
    assert choose() == first
    (tmp_path / first).touch()
    (tmp_path / f"{first}.lock").touch()
    assert choose(day="2026-03-02") == first
    assert choose(of=other) == f"2026-03-01-test-{other.plan_id}.jsonl"
    assert choose(fresh=True) == first.replace(".jsonl", "-2.jsonl")
    assert choose(fresh=True, day="2026-03-02") == first.replace("03-01", "03-02")
    for number in range(2, 11):
        (tmp_path / first.replace(".jsonl", f"-{number}.jsonl")).touch()
    assert choose() == first.replace(".jsonl", "-10.jsonl")
    assert choose(fresh=True).endswith("-11.jsonl")
    (tmp_path / first.replace("03-01", "02-28")).touch()
    assert choose().endswith("-10.jsonl")


def test_a_file_named_by_the_user_is_gone_on_with_but_never_overwritten(tmp_path, plan):
    out = tmp_path / "mine.jsonl"
    assert choose_file(plan(), out, True, DAY) == out
    out.touch()
    assert choose_file(plan(), out, False, DAY) == out
    with pytest.raises(FileError, match="--fresh never overwrites"):
        choose_file(plan(), out, True, DAY)


def test_a_file_in_the_place_of_the_directory(tmp_path, plan):
    (tmp_path / "results").touch()
    with pytest.raises(FileError, match="cannot be read: Not a directory"):
        choose_file(plan(), None, False, DAY, tmp_path / "results")


def test_a_verb_that_starts_anew_by_itself_takes_a_new_file_for_other_code(tmp_path, plan, origin, make_round):
    mine = plan()
    path = choose_file(mine, None, False, DAY, tmp_path)
    assert renewed(path, mine, origin, DAY) == path
    software = dict(origin.software["plain"])
    for versions, number in ((software, ""), ({**software, "embbench": "0.1.0"}, "-2")):
        line = make_round(mine.cases[0], protocol=mine.protocol, machine=origin.machine, software=versions)
        path.write_bytes(encode(line))
        assert renewed(path, mine, origin, DAY).name == f"{path.stem}{number}.jsonl"
    path.write_bytes(b"damaged\n\n")
    with pytest.raises(FileError):
        renewed(path, mine, origin, DAY)


@pytest.fixture
def check(plan, origin, make_round):
    def go(machine=None, software=None, axes=None, **fields):
        mine = plan(axes=axes)
        given = {
            "protocol": mine.protocol,
            "machine": {**origin.machine, **(machine or {})},
            "software": {**origin.software["plain"], **(software or {})},
            **fields,
        }
        check_same(Path("f.jsonl"), [make_round(mine.cases[0], **given)], mine, origin)

    return go


def test_the_same_machine_and_software_go_on(check, plan):
    check()
    check(protocol=plan(rounds=9, timeout=10.0, seed=4).protocol)
    check(software={"cuda": "13.0"})


@pytest.mark.parametrize(
    ("fields", "difference"),
    [
        ({"machine": {"fingerprint": "x", "cpu": "Old 1"}}, "CPU Old 1, now it is "),
        ({"machine": {"fingerprint": "x", "devices": ["H100"]}}, r"devices \['H100'\], now it is \[\]"),
        ({"machine": {"id": "a" * 8, "boot": "b"}}, "machine a{8}, now it is "),
        ({"machine": {"memory": 5}}, "bytes of memory 5, now it is "),
        ({"machine": {"limit": 5}}, "a limit of bytes of memory of 5, now it is "),
        ({"software": {"python": "3.1"}}, "python 3.1, now it is 3"),
        ({"software": {"numpy": "1.0"}}, "numpy 1.0, now it is "),
        ({"software": {"contender": "00"}}, "the file of contender plain, 00, now it is "),
    ],
)
def test_each_difference_is_named_in_one_line(check, fields, difference):
    with pytest.raises(FileError, match=rf"f\.jsonl: .*measured with {difference}.*--fresh") as caught:
        check(**fields)
    assert "\n" not in str(caught.value)


def test_another_driver_matters_where_a_device_measured(check, plan):
    check(machine={"driver": "550.1"})
    with pytest.raises(FileError, match=r"measured with driver 550\.1, now it is None"):
        check(machine={"driver": "550.1"}, axes={"device": ["cuda"]})


def test_another_protocol_is_named(check, plan):
    protocol = msgspec.structs.replace(plan().protocol, budget=9.0)
    with pytest.raises(FileError, match=r"budget 9\.0, now it is 0\.5"):
        check(protocol=protocol)


def test_rounds_that_hold_no_number_do_not_hinder(check):
    check(software={"python": "3.1"}, status="interrupted")
    check(software={"python": "3.1"}, status="unsupported", conditions={"phase": "before start"})


def test_a_module_that_was_edited_or_is_gone_is_named(check, origin, tmp_path):
    helper = tmp_path / "helper.py"
    helper.write_text("X = 1\n")
    code = {"helper": Code(str(helper), digest(b"X = 1\n"))}
    check(loaded=Loaded(code))
    check(loaded=Loaded({"helper": Code(str(helper), f"000000000000+{digest(helper.read_bytes())}")}))
    helper.write_text("X = 2\n")
    with pytest.raises(FileError, match=rf"measured with the module helper, {helper}, .*, now it is .*--fresh"):
        check(loaded=Loaded(code))
    helper.unlink()
    with pytest.raises(FileError, match=r"helper\.py, .*, now it is gone"):
        check(loaded=Loaded(code))


def test_paths_are_seen_from_the_contenders_folder(check):
    with pytest.raises(FileError, match=r"the module plain, .*tests/launch/fixtures/plain\.py, 000, now it is"):
        check(loaded=Loaded({"plain": Code("plain.py", "000")}))


def test_another_version_of_a_package_that_is_not_declared_is_named(check):
    check(loaded=Loaded({}, {"numpy": version("numpy")}))
    with pytest.raises(FileError, match=r"measured with numpy 0\.1, now it is "):
        check(loaded=Loaded({}, {"numpy": "0.1"}))
    with pytest.raises(FileError, match=r"measured with no-such-thing 1\.0, now it is gone"):
        check(loaded=Loaded({}, {"no-such-thing": "1.0"}))
