"""A file that both sides load is compared with itself, and that is told."""

import msgspec
import pytest

from embbench.ab.shared_code import shared_code
from embbench.ab.sides import Contest, local_party
from embbench.contenders import read
from embbench.store.round import Code, Loaded
from tests.made_up import case, measured

DECLARES = 'DECLARES = {"summary": "s", "updates": {"default": {"sgd": {"semantic": "exact"}}}}\n'
HERE, THERE = ("python", "-m", "w"), ("other/python", "-m", "w")


@pytest.fixture
def shared(tmp_path):
    """What is told of a base and a head whose contenders stand in these files and load these others."""

    def go(base, head, base_loads, head_loads, commands=(HERE, HERE)):
        parties, lines = [], []
        for name, files, command in ((base, base_loads, commands[0]), (head, head_loads, commands[1])):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(DECLARES)
            parties.append(local_party(case(), read(path), command))
            code = {file: Code(str(tmp_path / file), "d") for file in files}
            lines += measured(case(), [1.0], loaded=Loaded(code))
        return shared_code(Contest("c", *parties), [tuple(lines)])

    return go


def test_a_file_that_both_load_from_elsewhere_is_named(shared, tmp_path):
    told = shared(".base/model.py", "bench/model.py", ["lib/net.py", ".base/h.py"], ["lib/net.py", "bench/h.py"])
    assert told == (f"base and head both load {tmp_path / 'lib/net.py'}: a change in that file cannot be detected",)


def test_a_link_to_the_same_file_is_the_same_file(shared, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "net.py").write_text("")
    (tmp_path / "link.py").symlink_to(tmp_path / "lib" / "net.py")
    assert len(shared("a/m.py", "b/m.py", ["link.py"], ["lib/net.py"])) == 1


def test_two_contenders_that_are_one_file_are_named(shared, tmp_path):
    (tmp_path / "before.py").symlink_to(tmp_path / "after.py")
    told = shared("before.py", "after.py", [], [])
    assert told == (f"base and head both load {tmp_path / 'after.py'}: a change in that file cannot be detected",)


def test_a_base_that_loads_the_heads_own_file_is_named(shared):
    assert len(shared(".base/model.py", "bench/model.py", ["bench/net.py"], ["bench/net.py"])) == 1


def test_what_lies_in_the_folder_of_both_or_of_one_side_only_is_no_news(shared):
    assert shared("before.py", "after.py", ["net.py"], ["net.py"]) == ()
    assert shared(".base/model.py", "bench/model.py", [".base/net.py"], ["bench/net.py"]) == ()


def test_where_the_contender_is_not_the_question_nothing_is_told(shared):
    assert shared("m.py", "m.py", ["lib/net.py"], ["lib/net.py"]) == ()
    assert len(shared("a/m.py", "a/m.py", ["lib/net.py"], ["lib/net.py"], (HERE, THERE))) == 1


def test_paths_are_those_seen_from_each_sides_own_folder(shared, tmp_path):
    parties = []
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "m.py").write_text(DECLARES)
        parties.append(local_party(case(), read(tmp_path / side / "m.py"), HERE))
    (line,) = measured(case(), [1.0], loaded=Loaded({"helper": Code("helper.py", "d")}))
    assert shared_code(Contest("c", *parties), [(line, msgspec.structs.replace(line, run="b"))]) == ()
