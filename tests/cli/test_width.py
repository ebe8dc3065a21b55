"""COLUMNS may hold any number; the answer is as wide as somebody can read."""

from pathlib import Path

import pytest

from embbench.store.round import encode
from tests.made_up import scaling

ROOT = Path(__file__).parents[2]


@pytest.fixture
def report(cli, monkeypatch):
    """Shows a report in so many columns. Only while it does: pytest reads COLUMNS too."""
    Path("r.jsonl").write_bytes(b"".join(map(encode, scaling())))

    def go(columns: str):
        with monkeypatch.context() as patched:
            patched.setenv("COLUMNS", columns)
            return cli("report", "r.jsonl")

    return go


@pytest.mark.parametrize("columns", ["1000000000", "9" * 30, "1001"])
def test_more_columns_than_anybody_has_are_a_thousand(report, columns):
    wanted = report("1000")
    assert report(columns) == wanted
    assert wanted.code == 0
    assert max(map(len, wanted.out.splitlines())) <= 1000


@pytest.mark.parametrize("columns", ["1", "-5", "0"])
def test_fewer_columns_than_a_word_has(report, columns):
    assert report(columns).code == 0


@pytest.mark.parametrize("columns", [80, 100])
def test_a_table_with_many_labels_keeps_to_its_columns(cli, monkeypatch, columns):
    with monkeypatch.context() as patched:
        patched.setenv("COLUMNS", str(columns))
        told = cli("report", str(ROOT / "results" / "sparse-updates.jsonl"))
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= columns
    assert "compact_beside" in told.out
