"""The verb `predict`: sizes that were not measured, from the results of others."""

import json

import pytest
from msgspec import structs

from embbench.store.round import encode
from tests import made_up


def test_sizes_that_were_not_measured_are_predicted(cli, saved):
    told = cli("predict", saved, "--vocab", "20M", "--update", "default", "--format", "json")
    assert told.code == 0, told.err
    made = json.loads(told.out)
    (found,) = made["predictions"]
    assert made["schema"] == 1
    assert found["case"]["vocab"] == 20_000_000
    assert found["step_time"]["low"] < 21.0 < found["step_time"]["high"]
    assert found["host_peak"]["center"] == pytest.approx(4e8 + 3072 * 20e6, rel=0.01)
    assert found["needs"] == 64_000_000_000
    assert isinstance(found["fits"], bool)


def test_a_runtime_chooses_among_what_was_measured(cli, saved, tmp_path):
    retained = [structs.replace(each, case=structs.replace(each.case, runtime="retained")) for each in made_up.sweep()]
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join(map(encode, [*made_up.sweep(), *retained])))
    asked = ("predict", str(path), "--vocab", "20M", "--update", "default", "--format", "json")
    assert {each["case"]["runtime"] for each in json.loads(cli(*asked).out)["predictions"]} == {"system", "retained"}
    (found,) = json.loads(cli(*asked, "--runtime", "retained").out)["predictions"]
    assert found["case"]["runtime"] == "retained"
    assert cli(*asked, "--runtime", "hugepages").code == 5


def test_a_path_that_tells_too_little_says_so_beside_the_others(cli, saved):
    told = cli("predict", saved, "--vocab", "20M")
    assert told.code == 0
    text = " ".join(told.out.split())
    assert "from 5 sizes" in text or "5 sizes" in text
    assert "vocab was measured at 2M only" in text


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "name the sizes to predict"),
        (["--vocab", "20M", "--update", "sparse"], 5, "no case has a prediction"),
        (["--vocab", "20M", "--update", "nosuch"], 5, "no result has update=nosuch"),
        (["--vocab", "lots"], 2, "vocab"),
        (["--vocab", "20M", "--format", "xml"], 2, "--format"),
    ],
)
def test_what_cannot_be_predicted_is_one_line(cli, saved, arguments, code, told):
    found = cli("predict", saved, *arguments)
    assert found.code == code
    assert told in found.err
    assert len(found.err.strip().splitlines()) == 1


@pytest.mark.parametrize("rate", ["100Gbit/s", "fast", "12.5", "0"])
def test_a_link_has_bytes_per_second(cli, saved, rate):
    told = cli("predict", saved, "--vocab", "20M", "--ranks", "2", "--link", rate)
    assert told.code == 2
    assert told.err == f"embbench: --link {rate}: give bytes per second, such as 12.5G for 100 Gbit/s\n"


def test_a_contender_without_ranks_is_said_to_be_one_also_by_rounds_that_do_not_say_so(cli, saved):
    told = cli("predict", saved, "--vocab", "20M", "--ranks", "2")
    assert told.code == 5
    assert "this contender is a single process" in told.out
    assert "measure:" not in told.out
