"""The first screens of the committed results fit a terminal, and have the rows that their answers speak of."""

from pathlib import Path

import pytest

RESULTS = sorted((Path(__file__).parents[2] / "results").glob("*.jsonl"))


def test_there_are_results():
    assert {"explain-epyc", "frameworks", "sparse-frameworks", "sparse-updates"} <= {path.stem for path in RESULTS}


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_first_screen_of_explain_has_25_lines(cli, path):
    told = cli("explain", str(path))
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert 0 < len(lines) <= 25
    assert max(map(len, lines)) <= 100
