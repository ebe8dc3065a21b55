"""COLUMNS may hold any number; the answer is as wide as somebody can read."""

from pathlib import Path

import pytest

from embbench.store.round import encode
from tests.made_up import scaling


@pytest.mark.parametrize("columns", ["1000000000", "9" * 30, "1001"])
def test_more_columns_than_anybody_has_are_a_thousand(cli, monkeypatch, columns):
    Path("r.jsonl").write_bytes(b"".join(map(encode, scaling())))
    monkeypatch.setenv("COLUMNS", "1000")
    wanted = cli("report", "r.jsonl")
    monkeypatch.setenv("COLUMNS", columns)
    assert cli("report", "r.jsonl") == wanted
    assert wanted.code == 0
    assert max(map(len, wanted.out.splitlines())) <= 1000


@pytest.mark.parametrize("columns", ["1", "-5", "0"])
def test_fewer_columns_than_a_word_has(cli, monkeypatch, columns):
    Path("r.jsonl").write_bytes(b"".join(map(encode, scaling())))
    monkeypatch.setenv("COLUMNS", columns)
    assert cli("report", "r.jsonl").code == 0
