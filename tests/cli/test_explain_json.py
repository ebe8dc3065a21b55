"""What `explain` tells scripts: the values of its JSON."""

import json

import pytest

from tests import made_up


def test_every_common_claim_has_an_answer(cli, saved):
    found = json.loads(cli("explain", saved, "--advise-only").out)["claims"]
    assert [each["answer"] for each in found] == ["in part", "no", "no"]


def test_scripts_get_numbers(cli, saved):
    told = json.loads(cli("explain", saved, "--advise-only").out)
    assert told["step_time"]["center"] == pytest.approx(2.093, rel=0.01)
    assert told["passes"]["derived"] == 19
    assert told["alternatives"][0]["class"] == "frozen"
    assert [each["reaches_loss"] for each in told["alternatives"]] == [False, True, True, True]
    assert told["alternatives"][1]["times_as_many_steps"]["center"] == pytest.approx(225 / 208)
    assert told["alternatives"][1]["change"].startswith("rows, place = ids.unique")


def test_scripts_get_what_the_text_begins_with(cli, saved):
    told = json.loads(cli("explain", saved, "--advise-only").out)
    growth = told["growth"]
    assert (told["schema"], growth["grows"]) == (1, True)
    assert growth["values"] == [200_000, 500_000, 1_000_000, 1_500_000, 2_000_000]
    for part, unit in (("step_time", 1.04e-6), ("host_peak", 3072)):
        slope, constant = growth[part]["slope"], growth[part]["constant"]
        assert slope["center"] == pytest.approx(unit, rel=0.02)
        assert slope["low"] <= slope["center"] <= slope["high"]
        assert 0 <= constant["low"] <= constant["center"] <= constant["high"]
        assert 0 <= growth[part]["off_by"] < 0.05
    assert growth["break_even"] == pytest.approx(
        growth["step_time"]["constant"]["center"] / growth["step_time"]["slope"]["center"]
    )
    assert told["machine"] == made_up.MACHINE
    assert told["machines"] == [made_up.MACHINE]
    assert told["software"] == made_up.SOFTWARE
    assert told["measured"] == {"first": "2026-01-05T10:00:00Z", "last": "2026-01-05T10:00:00Z", "rounds": 5}


def test_a_case_of_one_size_has_no_growth(cli, saved):
    told = json.loads(cli("explain", saved, "--update", "fused", "--vocab", "2M", "--advise-only").out)
    assert (told["growth"], told["schema"]) == (None, 1)


@pytest.mark.parametrize("flags", [("--validate",), ("--plot", "time"), ("--plot", "phases"), ("--plot", "crossover")])
def test_every_json_has_its_schema(cli, saved, flags):
    told = json.loads(cli("explain", saved, *flags, "--format", "json").out)
    assert told["schema"] == 1


def test_a_map_is_a_list_of_cells_for_scripts(cli, saved):
    told = json.loads(cli("explain", saved, "--plot", "crossover", "--format", "json").out)
    places = {(cell["row"], cell["column"]) for cell in told["cells"]}
    assert places <= {(row, column) for row in range(len(told["rows"])) for column in range(len(told["columns"]))}
    assert [cell["kind"] for cell in told["cells"]] == ["compact"]
