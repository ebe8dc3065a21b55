"""The golden files' comparison."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from embbench.store.round import Round
from tests import made_up

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def scaling() -> list[Round]:
    return made_up.scaling()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares text with tests/report/golden/NAME. `EMBBENCH_REFRESH=1 pytest tests/report` writes the files anew:
    read their diff before committing it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("EMBBENCH_REFRESH"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
