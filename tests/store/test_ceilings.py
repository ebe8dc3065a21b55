"""Ceilings: kept, found again, and read by what they are nearest to."""

import math
from pathlib import Path

import pytest

from embbench.errors import FileError
from embbench.store.ceilings import Find, Rate, load_ceilings, nearest_ceilings, save_ceilings
from tests.made_up import MACHINE, ceilings

RATES = (
    Rate("update", 1 << 20, 0, (40e9, 41e9, 39e9)),
    Rate("update", 1 << 30, 0, (10e9, 11e9, 9e9)),
    Rate("gather", 1 << 30, 64, (1e9,)),
    Rate("gather", 1 << 30, 512, (4e9,)),
)
CEILINGS = ceilings(rates=RATES)


def find(directory):
    return Find(MACHINE["fingerprint"], "cpu", 2, directory)


def test_what_is_saved_is_found_again(tmp_path):
    assert load_ceilings(find(tmp_path)) is None
    path = save_ceilings(CEILINGS, find(tmp_path / "new"))
    assert path.name == "0a1b2c3d-cpu-2.json"
    assert load_ceilings(find(tmp_path / "new")) == CEILINGS
    save_ceilings(CEILINGS, find(tmp_path / "new"))
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("text", "told"), [("{", "delete it"), ('{"schema": 1}', "delete it")])
def test_what_cannot_be_read_says_what_to_do(tmp_path, text, told):
    find(tmp_path).path.write_text(text)
    with pytest.raises(FileError, match=told):
        load_ceilings(find(tmp_path))


@pytest.mark.parametrize("name", ["f" * 5000, "../x", "", "a/b", "a\0b"])
def test_a_fingerprint_that_names_no_file_has_no_ceilings(tmp_path, name):
    (tmp_path / "kept").mkdir()
    (tmp_path / "x-cpu-2.json").write_text("{")
    assert load_ceilings(Find(name, "cpu", 2, tmp_path / "kept")) is None


def test_another_schema_is_refused(tmp_path):
    save_ceilings(ceilings(schema=9), find(tmp_path))
    with pytest.raises(FileError, match="schema 9"):
        load_ceilings(find(tmp_path))


@pytest.mark.parametrize(
    ("kind", "size", "row", "rate"),
    [
        ("update", math.inf, 0, 10e9),
        ("update", 2 << 20, 0, 40e9),
        ("update", 200 << 20, 0, 10e9),
        ("gather", math.inf, 400, 4e9),
        ("gather", math.inf, 100, 1e9),
    ],
)
def test_a_rate_is_that_of_the_nearest_size(kind, size, row, rate):
    assert CEILINGS.rate(kind, size, row).center == pytest.approx(rate, rel=0.01)


def test_a_kind_that_was_not_measured_has_no_rate():
    assert CEILINGS.rate("product") is None


def test_ceilings_are_found_beside_results_from_any_directory(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there" / "results"
    for place in (here, there / "local"):
        place.mkdir(parents=True)
    monkeypatch.chdir(here)
    wanted = Find(MACHINE["fingerprint"], "cpu", 2)
    assert nearest_ceilings(wanted, [there / "new.jsonl"]) is None
    save_ceilings(ceilings(), wanted)
    assert nearest_ceilings(wanted, [there / "new.jsonl"]) == ceilings(), "of the current directory"
    save_ceilings(CEILINGS, find(there / "ceilings"))
    assert nearest_ceilings(wanted, [there / "new.jsonl"]) == CEILINGS
    assert nearest_ceilings(wanted, [there / "local" / "new.jsonl"]) == CEILINGS
    monkeypatch.chdir(there)
    assert nearest_ceilings(wanted, [Path("new.jsonl")]) == CEILINGS
